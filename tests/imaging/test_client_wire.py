"""The client against a server written by hand, byte by byte: nothing on the wire makes it pay twice or crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import ApiUnavailable, OutcomeUnknown
from bot.core.generation.model import ImageSpec
from bot.imaging.client import ImageClient, ImagingSettings
from tests.imaging.conftest import GROK, Pauses
from tests.patience import PATIENCE

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Raw:
    """Reads each request whole, then lets `serve` write whatever it likes."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.orders = 0
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((line for line in lines if line.startswith(b"content-length:")), b":0")
            await reader.readexactly(int(length.partition(b":")[2]))
            self.orders += lines[0].startswith(b"post ")
            await self._serve(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def raw(serve: Serve) -> AsyncIterator[Raw]:
    wire = Raw(serve)
    server = await asyncio.start_server(wire.handle, "127.0.0.1", 0)
    async with server:
        wire.url = "http://{}:{}/v1".format(*server.sockets[0].getsockname())
        yield wire


def says(content: bytes) -> Serve:
    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return serve


async def _ordered(url: str, timeout: float = 5.0) -> None:
    settings = ImagingSettings(url, "secret-key", (GROK,), timeout_seconds=timeout)
    async with ImageClient(settings, sleep=Pauses(), random=lambda: 1.0) as client:
        await client.fetch(await client.order(ImageSpec("a fox"), "1"))


NONSENSE = {
    "nothing at all": b"",
    "half a status line": b"HTTP/1.1 20",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "half of the headers": b"HTTP/1.1 200 OK\r\nContent-Type: app",
    "a chunk that is no chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "a chunk cut short": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
    "a body cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    "gzip that is none": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "an endless header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("content", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_after_the_order_is_an_unknown_outcome_and_one_order(content: bytes) -> None:
    async with raw(says(content)) as wire:
        with pytest.raises(OutcomeUnknown):
            await _ordered(wire.url)

    assert wire.orders == 1


async def test_a_reset_after_the_order_is_an_unknown_outcome_and_one_order() -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with raw(reset) as wire:
        with pytest.raises(OutcomeUnknown):
            await _ordered(wire.url)

    assert wire.orders == 1


async def test_headers_that_drip_end_at_the_deadline() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw(drip) as wire:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(OutcomeUnknown):
                await _ordered(wire.url, timeout=0.3)

    assert wire.orders == 1


async def test_a_port_where_nobody_listens_is_an_api_that_is_down() -> None:
    async with raw(says(b"")) as wire:
        url = wire.url

    with pytest.raises(ApiUnavailable):
        await _ordered(url)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(status=st.integers(200, 599), body=st.binary(max_size=200))
def test_no_bytes_on_the_wire_raise_anything_but_a_failed_generation(status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"

    async def once() -> None:
        async with raw(says(head.encode() + body)) as wire:
            with pytest.raises(GenerationFailed):
                await _ordered(wire.url, timeout=0.2)

    asyncio.run(once())
