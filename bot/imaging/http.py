"""HTTP with servers that are not trusted: one pooled client, and bounds on the size of every body, the time it takes,
what it unpacks to, and how much JSON is in it.

The client is httpx over aiohttp's transport, which takes a burst at a tenth of the CPU.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any, TypeVar

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.settings.proxies import proxy_for

# Shorter than any server's usual patience: a paid request on a connection that is just being closed has an unknown end.
_KEEPALIVE_SECONDS = 4.0
_READ_AT_ONCE = 256 * 1024  # bytes; httpx-aiohttp hands a picture on in pieces of 16 KB
REQUEST_FAILURES = (httpx.HTTPError, aiohttp.ClientError, OSError)
"""What a request fails with: aiohttp's own errors come through the transport where it knows no word of httpx for them.
"""
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)

ERROR_TEXT = 64 * 1024
"""Bytes that are read of an error, which is a sentence or two; the rest of a longer one is left unread."""
CATALOGUE = 8 * 1024 * 1024
"""Bytes of a list of models: that of the largest reseller has half a megabyte."""
IDLE_SECONDS = 20.0
"""Between two pieces of one body."""
MOST_ITEMS = 100_000
"""Values in one JSON text: as many as are parsed in a tenth of a second."""
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


def open_client(
    concurrency: int, proxy: Callable[[str], str | None] = lambda url: proxy_for(url, os.environ)
) -> httpx.AsyncClient:
    """A client for `concurrency` orders at once and the downloads beside them; without cookies or redirects.

    `proxy` says through which proxy a URL is reached; None: directly.
    """
    return _Plain(_Routes(4 * concurrency, proxy))


@lru_cache(maxsize=1)
def trusted(_file: str | None, _folder: str | None) -> SSLContext:
    """The certificates to trust: those of SSL_CERT_FILE and SSL_CERT_DIR, or else certifi's.

    Read once, for that takes longer than a request.
    """
    return httpx.create_ssl_context()


class _Plain(httpx.AsyncClient):
    def __init__(self, routes: _Routes) -> None:
        super().__init__(
            transport=routes,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
        )
        self._routes = routes

    async def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        """A streamed request goes out as it is: what httpx does about cookies, redirects and credentials, to no
        effect here, takes as long as all the rest."""
        if stream and not options:
            return await self._routes.handle_async_request(request)
        return await super().send(request, stream=stream, **options)


class _Routes(httpx.AsyncBaseTransport):
    """One pool of connections for each way out: directly, and through each proxy."""

    def __init__(self, most: int, proxy: Callable[[str], str | None]) -> None:
        self._trust = trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        self._most = most
        self._proxy = proxy
        self._pools: dict[str | None, AiohttpTransport] = {}
        self._to: dict[tuple[str, bytes], AiohttpTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        origin = request.url.scheme, request.url.netloc  # few: only allowed ones are asked
        if origin not in self._to:
            proxy = self._proxy(str(request.url))
            if proxy not in self._pools:
                self._pools[proxy] = _pool(self._trust, self._most, proxy)
            self._to[origin] = self._pools[proxy]
        response = await self._to[origin].handle_async_request(request)
        response.stream.CHUNK_SIZE = _READ_AT_ONCE  # type: ignore[union-attr]
        return response

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


def _pool(trust: SSLContext, most: int, proxy_url: str | None) -> AiohttpTransport:
    proxy = httpx.Proxy(proxy_url) if proxy_url else None
    if proxy and proxy.auth is not None:
        # As a header: aiohttp is about to drop the other way, which httpx-aiohttp takes.
        name_and_password = b64encode(":".join(proxy.auth).encode()).decode()
        proxy = httpx.Proxy(proxy.url, headers={"Proxy-Authorization": f"Basic {name_and_password}"})

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=most, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=trust)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=trust, client=session, proxy=proxy)


def was_never_sent(error: BaseException | None) -> bool:
    """Whether a request failed before its first byte left.

    httpx-aiohttp 0.2 calls a connection lost *after* sending `ConnectTimeout` as well, so httpx's word for it proves
    nothing; only aiohttp's own error behind it does.
    """
    while error is not None:
        if isinstance(error, _NEVER_SENT):
            return True
        error = error.__cause__
    return False


def api_headers(http: httpx.AsyncClient, key: str) -> httpx.Headers:
    """Of a request to the image API that takes the operator's `key`, and is answered in JSON."""
    headers = httpx.Headers(http.headers)
    headers.update(
        {"Authorization": f"Bearer {key}", "Accept": "application/json", "Accept-Encoding": "identity"}
    )
    return headers


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, most: int
) -> tuple[httpx.Response, bytes]:
    """Send it, and read the answer: of a success at most `most` bytes, of an error the first ERROR_TEXT.

    Raises BodyLost and REQUEST_FAILURES.
    """
    async with aclosing(await http.send(request, stream=True)) as response:
        success = response.is_success
        return response, await read_body(response, most if success else ERROR_TEXT, beginning=not success)


class BodyLost(Exception):
    """A body that stopped coming, can't be unpacked, or is too large. The text says which."""


class BodyTooLarge(BodyLost):
    """It has more bytes, packed or unpacked, than it may have, and so it will the next time."""


async def read_body(
    response: httpx.Response, most: int, *, beginning: bool = False, idle: float = IDLE_SECONDS
) -> bytes:
    """The body of a streamed response, unpacked, of at most `most` bytes. Raises BodyLost, and what httpx raises.

    With `beginning`, of a longer or a broken one what has come. `idle`: seconds without a byte before it is given up.
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
    except (BodyLost, *REQUEST_FAILURES) as error:
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
    """zlib by pieces: BodyTooLarge is raised as soon as `most` bytes have come out, however many are still packed."""

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
    """The result of `work` on `size` bytes: done here where they are few, else in a thread."""
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
    depth, opened = 0, content.count(b"[") + content.count(b"{")
    for found in _BRACKETS.finditer(content) if opened > DEEPEST else ():
        if found[0] in (b"[", b"{"):
            depth += 1
        elif found[0] in (b"]", b"}"):  # else it is a string
            depth -= 1
        if depth > DEEPEST:
            raise ValueError("JSON nested too deeply")
    text = content.decode(json.detect_encoding(content), "replace").lstrip("\ufeff \t\r\n")
    value, _ = _DECODER.raw_decode(text)
    return value


def _number(text: str) -> int | float:
    """Of long numbers a float, or NaN: nothing here needs more than 64 bits, and Python refuses thousands of digits."""
    if len(text) < 20 and text.removeprefix("-").isdecimal():
        return int(text)
    return float(text) if len(text) <= _LONGEST_NUMBER else float("nan")


_DECODER = json.JSONDecoder(parse_int=_number, parse_float=_number, strict=False)
