"""Which hosts forget their files."""

from __future__ import annotations

import pytest

from bot.hosting import forgetful_host


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, None),
        ({"DYNO": "worker.1"}, "Heroku"),
        ({"RENDER": "true"}, "Render"),
        ({"FLY_APP_NAME": "imagine"}, "Fly"),
        ({"SCALINGO_APP": "imagine"}, "Scalingo"),
        ({"RAILWAY_ENVIRONMENT_NAME": "production"}, "Railway"),
        ({"RAILWAY_ENVIRONMENT_NAME": "production", "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, None),
        ({"DYNO": "worker.1", "DATABASE_URL": "postgres://me@db/x"}, None),
        ({"FLY_APP_NAME": "imagine", "DATABASE_URL": "sqlite:////volume/imagine.db"}, None),
        ({"DYNO": "worker.1", "DATABASE_URL": " "}, "Heroku"),
    ],
)
def test_a_host_without_a_database_forgets(environ: dict[str, str], name: str | None) -> None:
    assert forgetful_host(environ) == name
