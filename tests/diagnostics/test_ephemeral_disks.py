"""Which hosts forget their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest

from bot.diagnostics.ephemeral_disks import disks_in, ephemeral_host

RELATIVE, ABSOLUTE = "sqlite:///data/imagine.db", "sqlite:////volume/imagine.db"
SERVER = "postgres://me@db/x"
KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
HOSTS = {
    "Heroku": {"DYNO": "worker.1"},
    "Scalingo": {"SCALINGO_APP": "imagine"},
    "Railway": {"RAILWAY_ENVIRONMENT_NAME": "production"},
    "Render": {"RENDER": "true"},
    "Fly": {"FLY_APP_NAME": "imagine"},
    "Koyeb": {"KOYEB_SERVICE_NAME": "imagine"},
    "Cloud Run": {"K_SERVICE": "imagine", "K_REVISION": "imagine-1"},
    "App Engine": {"GAE_ENV": "standard"},
    "Replit": {"REPLIT_DEPLOYMENT": "1", "REPL_ID": "a"},
    "Northflank": {"NF_PROJECT_ID": "imagine", **KUBERNETES},
    "Azure Container Apps": {"CONTAINER_APP_NAME": "imagine", **KUBERNETES},
    "Azure App Service": {"WEBSITE_SITE_NAME": "imagine"},
    "Clever Cloud": {"CC_DEPLOYMENT_ID": "1"},
    "Amazon ECS": {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1"},
    "Kubernetes": KUBERNETES,
    "Podman": {"container": "podman"},
}
WITHOUT_DISKS = {"Heroku", "Scalingo", "App Engine", "Replit"}


def forgets(environ: dict[str, str], url: str, mounted: Sequence[str] | None = None) -> str | None:
    disks = None if mounted is None else [PurePosixPath(one) for one in mounted]
    return ephemeral_host(environ, url, PurePosixPath("/app"), mounted=disks)


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_in_the_projects_folder_is_forgotten_and_a_server_is_not(name: str) -> None:
    assert forgets(HOSTS[name], RELATIVE) == forgets(HOSTS[name], RELATIVE, []) == name
    assert forgets(HOSTS[name], SERVER) is None


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_on_a_mounted_disk_lasts_where_there_are_such_disks(name: str) -> None:
    forgotten = name if name in WITHOUT_DISKS else None
    assert forgets(HOSTS[name], ABSOLUTE, ["/volume"]) == forgotten
    assert forgets(HOSTS[name], RELATIVE, ["/app/data"]) == forgotten
    seen = None if name == "Podman" else name  # at home, a container's absolute path is believed
    assert forgets(HOSTS[name], ABSOLUTE, ["/other"]) == forgets(HOSTS[name], ABSOLUTE, []) == seen


@pytest.mark.parametrize("name", HOSTS)
def test_an_absolute_path_is_believed_where_a_disk_may_be_mounted_and_nobody_says_where(name: str) -> None:
    assert forgets(HOSTS[name], ABSOLUTE) == (name if name in {*WITHOUT_DISKS, "Railway"} else None)


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


def test_app_service_keeps_its_home_folder_unless_that_is_switched_off() -> None:
    environ, home = HOSTS["Azure App Service"], "sqlite:///" + str(PurePosixPath("/home") / "imagine.db")
    assert forgets(environ, home, []) is None
    assert (
        forgets({**environ, "WEBSITES_ENABLE_APP_SERVICE_STORAGE": "false"}, home, []) == "Azure App Service"
    )


def test_a_container_is_known_by_its_mark() -> None:
    folder = PurePosixPath("/app")
    assert ephemeral_host({}, RELATIVE, folder, mounted=[], in_container=True) == "Docker"
    assert ephemeral_host({}, RELATIVE, folder, mounted=[folder / "data"], in_container=True) is None


def test_at_home_nothing_is_forgotten() -> None:
    assert forgets({}, RELATIVE) is None


def test_disks_are_what_is_mounted_beside_the_root_and_is_more_than_memory() -> None:
    mountinfo = """\
1 0 0:1 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l
2 1 0:2 / /proc rw - proc proc rw
3 1 0:3 / /dev/shm rw - tmpfs shm rw
4 1 0:4 / /sys/fs/cgroup ro - cgroup2 cgroup rw
5 1 8:1 /volumes/a /app/my\\040data rw,relatime - ext4 /dev/sda1 rw
6 1 0:9 / /mnt/share rw - nfs4 10.0.0.1:/ rw
odd line
"""
    assert disks_in(mountinfo) == (PurePosixPath("/app/my data"), PurePosixPath("/mnt/share"))
