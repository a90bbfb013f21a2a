"""Hosts that forget their files: with an SQLite file there, all counters start again at each restart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from bot.database_url import PostgresServer, parse_url

# By a variable that the platform sets in every process.
_PLATFORMS = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
    "FLY_APP_NAME": "Fly",
    "SCALINGO_APP": "Scalingo",
}
# Where a disk that lasts is mounted: some say so in a variable, elsewhere the operator alone knows.
_SAID_IN = {"Railway": "RAILWAY_VOLUME_MOUNT_PATH"}
_NOT_SAID = {"Render", "Fly"}


def forgetful_host(environ: Mapping[str, str], database_url: str, folder: PurePath) -> str | None:
    """The platform's name, where the database is a file that it forgets; a relative one is in `folder`."""
    place = parse_url(database_url)
    name = next((name for sign, name in _PLATFORMS.items() if environ.get(sign)), None)
    if name is None or isinstance(place, PostgresServer):
        return None
    return None if _lasts(name, PurePath(place.path), folder, environ) else name


def _lasts(platform: str, file: PurePath, folder: PurePath, environ: Mapping[str, str]) -> bool:
    if platform in _NOT_SAID:
        return file.is_absolute()  # nobody writes one there without a disk in mind
    mount = environ.get(_SAID_IN.get(platform, ""), "")
    return mount != "" and (folder / file).is_relative_to(mount)
