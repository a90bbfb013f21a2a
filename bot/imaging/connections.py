"""The one pooled HTTP client: httpx over aiohttp's transport, which takes a burst at a tenth of the CPU."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

# Shorter than any server's usual patience: a paid request on a connection that is just being closed has an unknown end.
_KEEPALIVE_SECONDS = 4.0
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def open_client(concurrency: int) -> httpx.AsyncClient:
    """A client for `concurrency` orders at once and the downloads beside them; without cookies or redirects."""
    trust = httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=4 * concurrency, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=trust
        )
        # Proxies as the environment names them: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=True)

    return httpx.AsyncClient(
        transport=AiohttpTransport(verify=trust, client=session),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
    )


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
