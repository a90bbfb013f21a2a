"""Which hosts forget their files."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from bot.hosting import forgetful_host

RELATIVE, ABSOLUTE = "sqlite:///data/imagine.db", "sqlite:////volume/imagine.db"
SERVER = "postgres://me@db/x"
HOSTS = {
    "Heroku": {"DYNO": "worker.1"},
    "Scalingo": {"SCALINGO_APP": "imagine"},
    "Railway": {"RAILWAY_ENVIRONMENT_NAME": "production"},
    "Render": {"RENDER": "true"},
    "Fly": {"FLY_APP_NAME": "imagine"},
}


def forgets(environ: dict[str, str], url: str) -> str | None:
    return forgetful_host(environ, url, PurePosixPath("/app"))


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_in_the_projects_folder_is_forgotten_and_a_server_is_not(name: str) -> None:
    assert forgets(HOSTS[name], RELATIVE) == name
    assert forgets(HOSTS[name], SERVER) is None


@pytest.mark.parametrize(
    ("name", "forgotten"),
    [("Heroku", True), ("Scalingo", True), ("Railway", True), ("Render", False), ("Fly", False)],
)
def test_an_absolute_path_is_believed_where_a_disk_may_be_mounted_and_nobody_says_where(
    name: str, forgotten: bool
) -> None:
    assert forgets(HOSTS[name], ABSOLUTE) == (name if forgotten else None)


@pytest.mark.parametrize(
    ("mount", "url", "forgotten"),
    [
        ("/volume", ABSOLUTE, False),
        ("/volume", RELATIVE, True),
        ("/app/data", RELATIVE, False),
        ("/vol", ABSOLUTE, True),
    ],
)
def test_on_railway_the_file_has_to_be_on_the_volume(mount: str, url: str, forgotten: bool) -> None:
    environ = {**HOSTS["Railway"], "RAILWAY_VOLUME_MOUNT_PATH": mount}
    assert forgets(environ, url) == ("Railway" if forgotten else None)


def test_at_home_nothing_is_forgotten() -> None:
    assert forgets({}, RELATIVE) is None
