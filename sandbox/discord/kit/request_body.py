"""Parses the body of a request: JSON, or multipart with `payload_json` and files."""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass, field

from sandbox.discord.kit import errors
from sandbox.discord.kit.errors import Json

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_NAME = re.compile(rb'[; ]name="([^"]*)"')
_FILE_NAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')
_INDEX = re.compile(r"files?\[?(\d*)\]?")


@dataclass(frozen=True)
class Upload:
    """A file in a request."""

    filename: str
    data: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


@dataclass(frozen=True)
class RequestBody:
    payload: Json
    files: dict[int, Upload] = field(default_factory=dict)
    items: list[Json] | None = None
    """The payload when it is a list, as in bulk command registration."""


def parse(content_type: str, body: bytes) -> RequestBody:
    """Raise RestError 50109 for what cannot be read."""
    try:
        if content_type.startswith("multipart/form-data"):
            return _read_multipart(content_type, body)
        return _body_of(json.loads(body) if body else {}, {})
    except ValueError:
        raise errors.not_json() from None


def _body_of(value: object, files: dict[int, Upload]) -> RequestBody:
    if isinstance(value, list):
        return RequestBody({}, files, value)
    if not isinstance(value, dict):
        raise ValueError("neither an object nor a list")
    return RequestBody(value, files)


def _read_multipart(content_type: str, body: bytes) -> RequestBody:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("multipart without a boundary")
    payload: object = {}
    files: dict[int, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        name = _first_match(_NAME, head)
        if name == "payload_json":
            payload = json.loads(data)
        else:
            index = _INDEX.fullmatch(name)
            position = int(index[1]) if index and index[1] else len(files)
            files[position] = Upload(stored_filename(_first_match(_FILE_NAME, head)), data)
    return _body_of(payload, files)


def _first_match(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    return found[1].decode("utf-8", "replace") if found else ""


def stored_filename(name: str) -> str:
    """A file's name as Discord stores it: nothing that needs quoting in a URL."""
    return re.sub(r"[^A-Za-z0-9_.\-]+", "_", name).strip("_") or "unknown"
