"""Fetching what was paid for: from allowed origins only, never more than a cap, and again when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import aiohttp
import httpx

from bot.core.generation.model import Picture, Source
from bot.core.retries import DOWNLOAD
from bot.imaging import image_format
from bot.imaging.body_reader import BodyLost, BodyTooLarge, off_loop, read_body
from bot.settings.proxies import is_loopback

LARGEST_PICTURE = 25 * 1024 * 1024
MOST_REDIRECTS = 3
LONGEST_ORIGIN = 300  # a host's name has 253 characters at most
DEADLINE_SECONDS = 30.0  # for one try, redirects included
_IDLE = {"timeout": httpx.Timeout(10.0, connect=5.0, pool=DEADLINE_SECONDS).as_dict()}
_HEADERS = {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}

Origin = tuple[str, str, int]


class Lost(Exception):
    """One picture can't be had. `again`: another try may find it; `out_of_reach`: so may one in some minutes.

    `origin` is where it is, and that is not allowed.
    """

    def __init__(
        self, reason: str, *, again: bool, out_of_reach: bool = False, origin: str | None = None
    ) -> None:
        super().__init__(reason)
        self.again = again
        self.out_of_reach = out_of_reach
        self.origin = origin


def origin_of(url: httpx.URL) -> Origin:
    """Scheme, host and port, the port filled in."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


class Downloads:
    """Fetches single pictures. `api_url`'s own origin is always allowed."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_url: str,
        origins: Iterable[str],
        *,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        api = httpx.URL(api_url)
        self._http = http
        self._headers = httpx.Headers(http.headers)
        self._headers.update(_HEADERS)
        self._api = api
        self._allowed = {origin_of(url) for url in (api, *map(httpx.URL, origins))}
        self._plain_allowed = api.scheme == "http"
        self._sleep = sleep
        self._random = random
        self._deadline = deadline

    def allows(self, origin: str) -> bool:
        """Whether pictures may be fetched from there; `origin` as a `Lost` has it."""
        try:
            self._check(httpx.URL(origin))
        except (Lost, httpx.InvalidURL):
            return False
        return True

    async def fetch(self, source: Source) -> Picture:
        """The picture, whole. Raises Lost."""
        if source.content is not None:
            try:
                return await _picture(source.content, source)
            except Lost:
                if not source.url:
                    raise

        async def download() -> Picture:
            return await _picture(await self._get(source.url or ""), source)

        return await DOWNLOAD(
            download,
            lambda error: isinstance(error, Lost) and error.again,
            sleep=self._sleep,
            random=self._random,
        )

    async def _get(self, address: str) -> bytes:
        """One try, redirects included. Raises Lost."""
        try:
            async with asyncio.timeout(self._deadline):
                url = httpx.URL(address)
                url = url if url.is_absolute_url else self._api.join(url)
                for hop in range(MOST_REDIRECTS + 1):
                    self._check(url, redirected=hop > 0)
                    request = httpx.Request("GET", url, headers=self._headers, extensions=_IDLE)
                    response = await self._http.send(request, stream=True)
                    try:
                        if not response.has_redirect_location:
                            status = response.status_code
                            if status == httpx.codes.OK:
                                return await read_body(response, LARGEST_PICTURE)
                            later = status >= 500 or status in (408, 425, 429)
                            raise Lost(f"status {status}", again=True, out_of_reach=later)
                        url = url.join(response.headers["Location"])
                    finally:
                        await response.aclose()
                raise Lost(f"more than {MOST_REDIRECTS} redirects", again=True)
        except TimeoutError as error:
            raise Lost(f"not there within {self._deadline:g} s", again=True, out_of_reach=True) from error
        except (httpx.InvalidURL, ValueError) as error:  # also of a redirect
            raise Lost("no address", again=False) from error
        except BodyLost as error:
            raise Lost(str(error), again=not isinstance(error, BodyTooLarge)) from error
        # aiohttp's own errors come through the transport where it knows no word of httpx for them.
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            raise Lost(type(error).__name__, again=True, out_of_reach=True) from error

    def _check(self, url: httpx.URL, *, redirected: bool = False) -> None:
        """Raises Lost. A host that sends somewhere else for once may be asked again: all buying stops for this."""
        plain = url.scheme == "http" and (self._plain_allowed or is_loopback(url.host))
        if origin_of(url) not in self._allowed or url.userinfo or not (plain or url.scheme == "https"):
            origin = f"{url.scheme}://{url.netloc.decode('ascii')}"[:LONGEST_ORIGIN]
            theirs = url.scheme in ("http", "https") and url.host and not url.userinfo
            raise Lost(
                f"not an allowed origin: {origin}", again=redirected, origin=origin if theirs else None
            )


async def _picture(content: bytes, source: Source) -> Picture:
    try:
        found = await off_loop(len(content), partial(image_format.inspect, content))
    except image_format.Broken as error:
        raise Lost(str(error), again=True) from error
    return Picture(content, found.media_type, source.revised_prompt)
