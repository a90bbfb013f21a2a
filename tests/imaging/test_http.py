"""Bodies that are too large, too slow, packed or hostile: each ends in time, and none holds up the event loop."""

from __future__ import annotations

import asyncio
import base64
import gzip
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import get_ident
from time import process_time

import httpx
import pytest
from aiohttp import web

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import PicturesLost, RequestRejected, ResponseLost
from bot.core.generation.model import ImageSpec, Order, Source
from bot.imaging.client import ImageClient, ImagingSettings
from bot.imaging.http import BodyLost, BodyTooLarge, off_loop, open_client, parse_json, read_body
from bot.imaging.pictures import Broken, inspect
from sandbox.images.broken_images import empty_chunks, gzip_of_spaces
from sandbox.images.painter import encoded
from tests.imaging.conftest import GROK, Pauses, serving

MB = 1_000_000
LONGEST_STALL = 0.3
"""Seconds of this process's own time, so that a busy machine makes no difference."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Stalls:
    """The longest time for which the event loop did nothing else."""

    longest: float = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Stalls]:
    stalls = Stalls()

    async def tick() -> None:
        last = process_time()
        while True:
            await asyncio.sleep(0.001)
            now = process_time()
            stalls.longest, last = max(stalls.longest, now - last), now

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.01)
    try:
        yield stalls
        await asyncio.sleep(0.01)
    finally:
        ticking.cancel()


def saying(
    pieces: Callable[[], list[bytes]], status: int = 200, headers: dict[str, str] | None = None
) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        for piece in pieces():
            for at in range(0, len(piece), MB):
                await response.write(piece[at : at + MB])
        return response

    return handle


def client_of(origin: str) -> ImageClient:
    settings = ImagingSettings(f"{origin}/v1", "key", (GROK,), timeout_seconds=60, download_seconds=60)
    return ImageClient(settings, sleep=Pauses(), random=lambda: 1.0)


def rows(row: bytes, count: int) -> list[bytes]:
    """An answer with so many rows."""
    whole, rest = divmod(count, MB)
    return [b'{"data":[', *[row * MB] * whole, row * rest, b"{}]}"]


def picture_of(size: int) -> list[bytes]:
    return [b'{"data":[{"b64_json":"', base64.b64encode(bytes(size)), b'"}]}']


HOSTILE: dict[str, tuple[Handler, type[GenerationFailed]]] = {
    "an error of 48 MB": (saying(lambda: [b'{"message":"', b"so " * 16 * MB], 400), RequestRejected),
    "an error of 48 MB of brackets": (saying(lambda: [b"[" * 48 * MB], 400), RequestRejected),
    "fifteen million empty rows": (saying(lambda: rows(b"{},", 15 * MB)), ResponseLost),
    "ten million rows in ten": (saying(lambda: rows(b"[],", 10 * MB)), ResponseLost),
    "a million rows": (saying(lambda: rows(b'{"a":1},', MB)), ResponseLost),
    "ten million numbers": (saying(lambda: rows(b"1,", 10 * MB)), ResponseLost),
    "a number of 30 MB": (saying(lambda: [b'{"data":[],"n":0.', b"1" * 30 * MB, b"}"]), GenerationFailed),
    "brackets within brackets": (
        saying(lambda: [b'{"data":' + b"[" * 90_000 + b"]" * 90_000 + b"}"]),
        ResponseLost,
    ),
    "escapes": (saying(lambda: [b'{"data":"', b"\\u0041" * 3 * MB, b'"}']), ResponseLost),
    "96 MB in 96 KB": (
        saying(lambda: [gzip_of_spaces(96)], headers={"Content-Encoding": "gzip"}),
        ResponseLost,
    ),
    "packed twice": (
        saying(lambda: [gzip.compress(gzip_of_spaces(96))], headers={"Content-Encoding": "gzip, gzip"}),
        ResponseLost,
    ),
    "packed three times": (
        saying(lambda: [b"?"], headers={"Content-Encoding": "gzip, gzip, gzip"}),
        ResponseLost,
    ),
    "an encoding that nobody asked for": (
        saying(lambda: [b"{}"], headers={"Content-Encoding": "br"}),
        ResponseLost,
    ),
    "half a packed body": (
        saying(lambda: [gzip.compress(b'{"data":[]}' * 99)[:-9]], headers={"Content-Encoding": "gzip"}),
        ResponseLost,
    ),
}


@pytest.mark.parametrize(("handler", "error"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_answer_fails_and_holds_up_nobody(
    handler: Handler, error: type[GenerationFailed]
) -> None:
    gzip_of_spaces(96)  # takes its time when it is made
    async with serving(handler) as origin, client_of(origin) as client, watched() as stalls:
        with pytest.raises(error):
            await client.order(ImageSpec("a fox"), "1")

    assert stalls.longest < LONGEST_STALL


async def test_a_picture_of_24_mb_in_the_answer_holds_up_nobody() -> None:
    handler = saying(lambda: picture_of(24 * MB))
    async with serving(handler) as origin, client_of(origin) as client, watched() as stalls:
        order = await client.order(ImageSpec("a fox"), "1")

    assert order.sources[0].content == bytes(24 * MB)
    assert stalls.longest < LONGEST_STALL


def segments() -> bytes:
    """A JPEG of 25 MB in empty segments."""
    return b"\xff\xd8" + b"\xff\xe1\x00\x02" * (6 * MB) + b"\xff\xd9"


def fill() -> bytes:
    """A JPEG of 25 MB of fill bytes."""
    return b"\xff\xd8" + b"\xff" * (24 * MB) + b"\xd9"


@pytest.mark.parametrize("content", [empty_chunks, segments, fill])
async def test_a_picture_in_millions_of_pieces_is_lost_and_holds_up_nobody(
    content: Callable[[], bytes],
) -> None:
    body = content()
    async with serving(saying(lambda: [body])) as origin, client_of(origin) as client, watched() as stalls:
        with pytest.raises(PicturesLost):
            await client.fetch(Order(GROK, (Source(f"{origin}/a.png"),)))

    assert stalls.longest < LONGEST_STALL


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        (lambda: [b'{"data":[', b'{"id":"x"},' * 3 * MB], {}),
        (lambda: [gzip_of_spaces(96)], {"Content-Encoding": "gzip"}),
        (lambda: [b"[" * MB], {}),
    ],
    ids=["33 MB", "96 MB packed", "brackets"],
)
async def test_what_is_asked_without_buying_is_bounded_as_well(
    pieces: Callable[[], list[bytes]], headers: dict[str, str], status: int
) -> None:
    body = pieces()
    handler = saying(lambda: body, status, headers)
    async with serving(handler) as origin, client_of(origin) as client, watched() as stalls:
        found = await client.probe.inspect()
        assert await client.logged_cost("1", 1) is None

    assert (found.balance, found.models[0].served) == (None, None)
    assert stalls.longest < LONGEST_STALL


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, bare": lambda body: zlib.compress(body, wbits=-15),
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
    "identity": bytes,
}


@pytest.mark.parametrize("name", PACKED)
async def test_a_packed_answer_is_read_though_none_was_asked_for(name: str) -> None:
    body = PACKED[name](b'{"data":[{"url":"https://cdn.aimlapi.com/a.png"}]}')
    encoding = {"Content-Encoding": name.removesuffix(", bare")}
    async with serving(saying(lambda: [body], headers=encoding)) as origin, client_of(origin) as client:
        order = await client.order(ImageSpec("a fox"), "1")

    assert order.sources[0].url == "https://cdn.aimlapi.com/a.png"


async def test_a_packed_picture_is_unpacked() -> None:
    body = encoded("a fox", 0, "jpeg")
    handler = saying(lambda: [gzip.compress(body)], headers={"Content-Encoding": "gzip"})
    async with serving(handler) as origin, client_of(origin) as client:
        (picture,) = await client.fetch(Order(GROK, (Source(f"{origin}/a.png"),)))

    assert picture.content == body


async def test_a_body_that_stops_coming_is_given_up_on() -> None:
    async def stop(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"data":')
        await asyncio.sleep(60)
        return response

    async with serving(stop) as origin, open_client(60) as http, http.stream("GET", origin) as response:
        with pytest.raises(BodyLost, match="nothing came"):
            await read_body(response, MB, idle=0.05)


async def test_of_an_error_there_is_what_came_before_it_broke() -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "99"})
        await response.prepare(request)
        await response.write(b"the beginning")
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(cut) as origin, open_client(60) as http:
        async with http.stream("GET", origin) as response:
            assert await read_body(response, MB, beginning=True) == b"the beginning"
        async with http.stream("GET", origin) as response:
            with pytest.raises(httpx.HTTPError):
                await read_body(response, MB)


async def test_the_largest_body_is_whole_and_one_byte_more_is_too_much() -> None:
    handler = saying(lambda: [bytes(1000)])
    async with serving(handler) as origin, open_client(60) as http:
        async with http.stream("GET", origin) as response:
            assert len(await read_body(response, 1000)) == 1000
        async with http.stream("GET", origin) as response:
            with pytest.raises(BodyTooLarge):
                await read_body(response, 999)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" + b"1," * 100_001 + b"1]",
        b'"' + b"\\n" * 2_000_001 + b'"',
        b"",
        b"nonsense",
    ],
)
def test_json_that_is_too_deep_too_much_or_none_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)


def test_brackets_in_a_text_are_not_nested() -> None:
    assert parse_json(b'["' + b"[" * 500 + b'", "\\"[{"]') == ["[" * 500, '"[{']


def test_a_picture_in_the_usual_pieces_is_whole() -> None:
    """8 KB each, as most programs write them."""
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    many = chunk(b"IDAT", bytes(8192)) * 3000
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + many + chunk(b"IEND", b"")
    assert inspect(content).width == 64


@pytest.mark.parametrize(("size", "here"), [(64 * 1024, True), (64 * 1024 + 1, False)])
async def test_what_is_large_is_read_in_another_thread(size: int, here: bool) -> None:
    assert (await off_loop(size, get_ident) == get_ident()) is here


@pytest.mark.parametrize("content", [empty_chunks, segments])
def test_pieces_are_counted(content: Callable[[], bytes]) -> None:
    with pytest.raises(Broken, match="more than 20000"):
        inspect(content())
