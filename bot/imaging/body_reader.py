"""Reads every body that comes from outside: bounded in bytes, in time, in what it unpacks to and in what is in it."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import aiohttp
import httpx

ERROR_TEXT = 64 * 1024
"""Bytes. An error is a sentence or two; of a longer one the beginning is read."""
CATALOGUE = 8 * 1024 * 1024
"""Bytes. All models of the largest reseller are half a megabyte."""
IDLE_SECONDS = 20.0
"""Between two pieces of one body."""
MOST_ITEMS = 100_000
"""Values in one JSON text: what a tenth of a second is enough for."""
MOST_ESCAPES = 2_000_000
DEEPEST = 100
_INLINE = 64 * 1024
_PIECE = 1024 * 1024
_MOST_LAYERS = 2
_LONGEST_NUMBER = 400  # digits; a float has 17 that count, and no more than 308 before its point

# Not the loop's own executor: resolving a name must not wait for an answer of 34 MB.
_PARSERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="parse")
_WINDOW_BITS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)

T = TypeVar("T")


class BodyLost(Exception):
    """A body that stopped coming, can't be unpacked, or is too large. The text says which."""


class BodyTooLarge(BodyLost):
    """It has more bytes, packed or unpacked, than it may have, and so it will the next time."""


async def read_body(
    response: httpx.Response, most: int, *, beginning: bool = False, idle: float = IDLE_SECONDS
) -> bytes:
    """The body of a streamed response, unpacked, of at most `most` bytes. Raises BodyLost, and what httpx raises.

    With `beginning`, what there is of a longer or a broken one. `idle`: seconds without a byte.
    """
    body, now, timeout = bytearray(), asyncio.get_running_loop().time, asyncio.timeout(idle)
    try:
        named = response.headers.get("Content-Encoding", "").lower().replace(" ", "").split(",")
        packed = [name for name in reversed(named) if name not in ("", "identity")]  # the outermost first
        if len(packed) > _MOST_LAYERS or any(name not in _WINDOW_BITS for name in packed):
            raise BodyLost("a body in an encoding that was not asked for")
        unpackers = [_Unpacker(_WINDOW_BITS[name], most) for name in packed]
        async with timeout:
            async for chunk in response.aiter_raw():
                timeout.reschedule(now() + idle)
                for piece in _unpacked(unpackers, chunk) if unpackers else (chunk,):
                    body += piece
                    if len(body) > most:
                        raise BodyTooLarge(f"a body of more than {most} bytes")
                    if unpackers:  # a few bytes may unpack to megabytes: let others have their turn
                        await asyncio.sleep(0)
        if not all(unpacker.is_whole for unpacker in unpackers):
            raise BodyLost("a packed body that is cut short")
    except (BodyLost, httpx.HTTPError, aiohttp.ClientError, OSError) as error:
        if not beginning and timeout.expired():
            raise BodyLost(f"nothing came for {idle:g} s") from error
        if not beginning:
            raise
    return bytes(body[:most])


def _unpacked(unpackers: list[_Unpacker], chunk: bytes) -> Iterator[bytes]:
    if not unpackers:
        yield chunk
        return
    first, *rest = unpackers
    for piece in first.unpack(chunk):
        yield from _unpacked(rest, piece)


class _Unpacker:
    """zlib by pieces: a bomb is noticed when `most` bytes have come out of it, and not when all have."""

    def __init__(self, window_bits: tuple[int, ...], most: int) -> None:
        self._choices = list(window_bits)
        self._most = most
        self._came_out = 0
        self._zlib = zlib.decompressobj(self._choices.pop(0))
        self._begun = False

    @property
    def is_whole(self) -> bool:
        return self._zlib.eof or not self._begun

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            piece = self._piece(chunk)
            self._came_out += len(piece)
            if self._came_out > self._most:
                raise BodyTooLarge(f"a body that unpacks to more than {self._most} bytes")
            if piece:
                yield piece
            chunk = self._zlib.unconsumed_tail
            if self._zlib.eof:
                return  # whatever follows is not the body

    def _piece(self, chunk: bytes) -> bytes:
        try:
            piece = self._zlib.decompress(chunk, _PIECE)
        except zlib.error as error:
            if self._begun or not self._choices:
                raise BodyLost("a packed body that can't be unpacked") from error
            # `deflate` means zlib's format, and some servers send the bare one.
            self._zlib = zlib.decompressobj(self._choices.pop(0))
            return self._piece(chunk)
        self._begun = True
        return piece


async def off_loop(size: int, work: Callable[[], T]) -> T:
    """`work` on `size` bytes: here where they are few, else in a thread."""
    if size <= _INLINE:
        return work()
    return await asyncio.get_running_loop().run_in_executor(_PARSERS, work)


def parse_json(content: bytes) -> Any:
    """The first JSON value in `content`, however careless: control characters in strings, bytes that are no UTF-8, a
    tail that is no JSON. Raises ValueError, also where there is too much in it.

    The scanner of the standard library keeps every other thread waiting while it runs, so what it gets is bounded.
    """
    items = sum(content.count(sign) for sign in (b",", b"[", b"{"))
    if items > MOST_ITEMS or content.count(b"\\") > MOST_ESCAPES:
        raise ValueError("too much in one JSON text")
    if content.count(b"[") + content.count(b"{") > DEEPEST and _depth(content) > DEEPEST:
        raise ValueError("JSON nested too deeply")
    text = content.decode(json.detect_encoding(content), "replace").lstrip("\ufeff \t\r\n")
    value, _ = _DECODER.raw_decode(text)
    return value


def _depth(content: bytes) -> int:
    depth = deepest = 0
    for found in _BRACKETS.finditer(content):
        if found[0] in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in (b"]", b"}"):
            depth -= 1
    return deepest


def _whole_number(digits: str) -> int | float:
    """Nobody counts beyond 64 bits, and Python refuses to read thousands of digits."""
    return int(digits) if len(digits) < 20 else _number(digits)


def _number(text: str) -> float:
    return float(text) if len(text) <= _LONGEST_NUMBER else float("nan")


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_float=_number, strict=False)
