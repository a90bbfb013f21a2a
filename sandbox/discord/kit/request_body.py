"""Reads what was sent: JSON, or multipart with `payload_json` and files."""

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
    """A file on its way in."""

    filename: str
    data: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Form:
    payload: Json
    files: dict[int, Upload] = field(default_factory=dict)
    items: list[Json] | None = None
    """What was sent when it was a list at the top, as bulk command registration does."""


def read_form(content_type: str, body: bytes) -> Form:
    if content_type.startswith("multipart/form-data"):
        return _read_multipart(content_type, body)
    return _form_of(json.loads(body) if body else {}, {})


def parse(content_type: str, body: bytes) -> Form:
    """As read_form, with Discord's answer to what cannot be read."""
    try:
        return read_form(content_type, body)
    except ValueError:
        raise errors.not_json() from None


def _form_of(value: object, files: dict[int, Upload]) -> Form:
    if isinstance(value, list):
        return Form({}, files, value)
    if not isinstance(value, dict):
        raise ValueError("neither an object nor a list")
    return Form(value, files)


def _read_multipart(content_type: str, body: bytes) -> Form:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("multipart without a boundary")
    payload: object = {}
    files: dict[int, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        name = _first(_NAME, head)
        if name == "payload_json":
            payload = json.loads(data)
        else:
            index = _INDEX.fullmatch(name)
            position = int(index[1]) if index and index[1] else len(files)
            files[position] = Upload(clean_name(_first(_FILE_NAME, head)), data)
    return _form_of(payload, files)


def _first(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    return found[1].decode("utf-8", "replace") if found else ""


def clean_name(name: str) -> str:
    """A file's name as Discord stores it: nothing that needs quoting in a URL."""
    return re.sub(r"[^A-Za-z0-9_.\-]+", "_", name).strip("_") or "unknown"
