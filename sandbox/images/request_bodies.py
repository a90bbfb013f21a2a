"""The body of a request, whichever way it comes, and the pictures in it or behind its links."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

_PICTURE_FIELDS = ("image", "images", "image[]", "image_url", "image_urls")
_FETCH_SECONDS = 10.0
_LARGEST = 50 * 1024 * 1024  # bytes of one picture


class PictureUnreadable(Exception):
    """A picture that is to be changed can't be fetched, or is none."""


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` as JSON has them: of a file that came along, its name and type; its bytes are in `files`."""

    fields: Any
    files: tuple[bytes, ...] = field(default=(), repr=False)


async def read_body(request: web.Request) -> Body:
    """JSON, or a form with files; `fields` is None where it is neither."""
    try:
        if request.content_type == "multipart/form-data":
            return await _read_form(request)
        return Body(await request.json())
    except ValueError:
        return Body(None)


async def _read_form(request: web.Request) -> Body:
    fields: dict[str, Any] = {}
    files: list[bytes] = []
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files.append(value.file.read())
            fields.setdefault(name, []).append(f"{value.filename} ({value.content_type})")
        else:
            fields[name] = int(value) if isinstance(value, str) and value.isdecimal() else value
    return Body(fields, tuple(files))


async def pictures_of(body: Body) -> tuple[bytes, ...]:
    """The pictures that are to be changed, in their order. Raises PictureUnreadable."""
    return (*body.files, *(await asyncio.gather(*map(_fetch, _links(body.fields)))))


def _links(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in _PICTURE_FIELDS:
        value = fields.get(name)
        for one in value if isinstance(value, list) else [value]:
            link = one.get("url") if isinstance(one, dict) else one
            if isinstance(link, str) and link.startswith(("http://", "https://", "data:")):
                yield link


async def _fetch(link: str) -> bytes:
    try:
        if link.startswith("data:"):
            return base64.b64decode(link.partition(",")[2], validate=True)
        timeout = aiohttp.ClientTimeout(total=_FETCH_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(link) as response:
            response.raise_for_status()
            content = await response.read()
            if len(content) > _LARGEST:
                raise PictureUnreadable(f"{link[:80]}: more than {_LARGEST} bytes")
            return content
    except (aiohttp.ClientError, TimeoutError, binascii.Error) as error:
        raise PictureUnreadable(f"{link[:80]}: {error}") from error
