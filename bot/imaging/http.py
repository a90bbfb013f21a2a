"""The one pooled HTTP client: httpx over aiohttp's transport, which takes a burst at a tenth of the CPU."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.settings.proxies import proxy_for

# Shorter than any server's usual patience: a paid request on a connection that is just being closed has an unknown end.
_KEEPALIVE_SECONDS = 4.0
_READ_AT_ONCE = 256 * 1024  # bytes; httpx-aiohttp hands a picture on in pieces of 16 KB
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


def open_client(
    concurrency: int, proxy: Callable[[str], str | None] = lambda url: proxy_for(url, os.environ)
) -> httpx.AsyncClient:
    """A client for `concurrency` orders at once and the downloads beside them; without cookies or redirects.

    `proxy` says through which proxy a URL is reached; None: directly.
    """
    return _Plain(_Routes(4 * concurrency, proxy))


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
        self._trust = httpx.create_ssl_context()
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


def _pool(trust: SSLContext, most: int, proxy: str | None) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=most, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=trust)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=trust, client=session, proxy=_proxy(proxy) if proxy else None)


def _proxy(url: str) -> httpx.Proxy:
    """With a name and a password as a header: aiohttp is about to drop the other way, which httpx-aiohttp takes."""
    given = httpx.Proxy(url)
    if given.auth is None:
        return given
    name_and_password = b64encode(":".join(given.auth).encode()).decode()
    return httpx.Proxy(given.url, headers={"Proxy-Authorization": f"Basic {name_and_password}"})


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
