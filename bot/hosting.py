"""Hosts that forget their files: with an SQLite file there, all counters start again at each restart."""

from __future__ import annotations

from collections.abc import Mapping

# A variable that the platform sets in every process, and one that it sets where a disk that lasts is mounted.
_PLATFORMS = {
    "DYNO": ("Heroku", None),
    "RENDER": ("Render", None),
    "RAILWAY_ENVIRONMENT_NAME": ("Railway", "RAILWAY_VOLUME_MOUNT_PATH"),
    "FLY_APP_NAME": ("Fly", None),
    "SCALINGO_APP": ("Scalingo", None),
}


def forgetful_host(environ: Mapping[str, str]) -> str | None:
    """The platform's name, where nobody has said in DATABASE_URL that the counters are kept elsewhere."""
    if environ.get("DATABASE_URL", "").strip():
        return None
    for sign, (name, lasting_disk) in _PLATFORMS.items():
        if environ.get(sign):
            return None if lasting_disk and environ.get(lasting_disk) else name
    return None
