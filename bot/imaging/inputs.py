"""Pictures that members want changed: fetched from Discord's own hosts alone, and checked before anything is reserved.

They are never decoded here but for the small copy that stands beside the result.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from weakref import WeakValueDictionary

import httpx

from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.errors import CopyUnavailable, InputLost, InputRefused, InputTrouble, PicturesLost
from bot.core.generation.image_api import LARGEST_INPUT
from bot.core.generation.model import ATTACHMENT_FOLDERS, InputImage, Picture
from bot.core.place import Caller, Place
from bot.core.retries import READ_INPUT
from bot.imaging.http import REQUEST_FAILURES, BodyLost, BodyTooLarge, off_loop, read_body
from bot.imaging.pictures import Animated, Broken, NotAPicture, TooManyPixels, inspect, inspect_still, small

log = logging.getLogger(__name__)

ORIGINS = ("https://cdn.discordapp.com", "https://media.discordapp.net")
"""Discord's hosts of attachments: https://docs.discord.com/developers/reference#signed-attachment-cdn-urls"""
CHECK_SECONDS = 1.2
"""For all pictures of one command. Discord waits 3 s for a first answer, and reserving has its part of them."""
COPY_SECONDS = 5.0
READ_SECONDS = 30.0
"""For all pictures that a request has to hold."""
AT_ONCE = 8
"""Pictures in memory, each of which may have LARGEST_INPUT bytes."""
AT_ONCE_OF_ONE = 3
"""Of one member: nobody has to wait for another's many large ones."""
_IDLE = {"timeout": httpx.Timeout(COPY_SECONDS).as_dict()}
_HEADERS = {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}
_WHAT_IS_WRONG: dict[type[Broken], InputTrouble] = {
    NotAPicture: InputTrouble.NOT_A_PICTURE,
    Animated: InputTrouble.ANIMATED,
    TooManyPixels: InputTrouble.TOO_MANY_PIXELS,
}


class DiscordPictures:
    """`origins` are hosts of attachments beside Discord's own, `seconds` what a check may take."""

    def __init__(
        self, http: httpx.AsyncClient, origins: Iterable[str] = (), *, seconds: float = CHECK_SECONDS
    ) -> None:
        self._http = http
        self._headers = httpx.Headers(http.headers)
        self._headers.update(_HEADERS)
        self._allowed = {(url.scheme, url.netloc) for url in map(httpx.URL, (*ORIGINS, *origins))}
        self._seconds = seconds
        self._of_member: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        self._limiter = FairLimiter(AT_ONCE, name="Discord's host of attachments")

    async def check(self, images: Sequence[InputImage], caller: Caller[Place]) -> tuple[InputImage, ...]:
        """The same, each with the type that its bytes have. Raises InputRefused."""
        numbers = range(1, len(images) + 1) if len(images) > 1 else (0,)
        own = self._of_member.setdefault(caller.member, asyncio.Semaphore(AT_ONCE_OF_ONE))
        checks = [
            asyncio.create_task(self._check(image, caller, number, own))
            for image, number in zip(images, numbers, strict=True)
        ]
        try:
            _, late = await asyncio.wait(checks, timeout=self._seconds)
            for number, check in zip(numbers, checks, strict=True):
                if check in late:
                    raise InputRefused(InputTrouble.TOO_SLOW, number)
                check.result()  # raises what is wrong with that one
            return tuple(check.result() for check in checks)
        finally:
            for check in checks:
                check.cancel()
            await asyncio.gather(*checks, return_exceptions=True)

    async def _check(
        self, image: InputImage, caller: Caller[Place], number: int, own: asyncio.Semaphore
    ) -> InputImage:
        try:
            async with own, Turn(self._limiter, caller.tenant, caller.member):
                content = await self._fetch(image)
                found = await off_loop(len(content), partial(inspect_still, content))
        except InputRefused as refused:
            raise InputRefused(refused.trouble, number) from refused
        except Broken as broken:
            log.info("a picture that was to be changed is refused: %s", broken)
            trouble = _WHAT_IS_WRONG.get(type(broken), InputTrouble.BROKEN)
            raise InputRefused(trouble, number) from broken
        return InputImage(image.url, found.media_type, found.width, found.height)

    async def small_copy(self, image: InputImage) -> Picture | None:
        """To be shown beside what became of it; None where it can't be had any more."""
        try:
            async with asyncio.timeout(COPY_SECONDS):
                return await small(await self._fetch(image))
        except (InputRefused, PicturesLost, TimeoutError) as error:
            log.info("the picture that was changed can't be shown beside the result: %s", error)
            return None

    async def shown(self, url: str) -> Picture:
        """One that a message of Discord's shows. Raises CopyUnavailable."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                content = await READ_INPUT(partial(self._fetch, InputImage(url, "")), _may_come)
                found = await off_loop(len(content), partial(inspect, content))
        except (InputRefused, Broken, TimeoutError) as error:
            log.info("a picture can't be copied: %s", error)
            raise CopyUnavailable from error
        return Picture(content, found.media_type)

    async def read(self, images: Sequence[InputImage]) -> tuple[InputImage, ...]:
        """The same with their files, for a request that has to hold them. Raises InputLost."""

        async def with_content(image: InputImage) -> InputImage:
            return replace(image, content=await READ_INPUT(partial(self._fetch, image), _may_come))

        try:
            async with asyncio.timeout(READ_SECONDS):
                return tuple(await asyncio.gather(*map(with_content, images)))
        except (InputRefused, TimeoutError) as error:
            raise InputLost(str(error)) from error

    async def _fetch(self, image: InputImage) -> bytes:
        """In one try. Raises InputRefused."""
        request = httpx.Request("GET", self._checked(image.url), headers=self._headers, extensions=_IDLE)
        try:
            async with aclosing(await self._http.send(request, stream=True)) as response:
                if response.status_code in (401, 403, 404, 410):
                    raise InputRefused(InputTrouble.GONE)
                if response.status_code != httpx.codes.OK:
                    raise InputRefused(InputTrouble.UNAVAILABLE)
                if int(response.headers.get("Content-Length", "0")) > LARGEST_INPUT:
                    raise InputRefused(InputTrouble.TOO_LARGE)
                return await read_body(response, LARGEST_INPUT)
        except BodyTooLarge:
            raise InputRefused(InputTrouble.TOO_LARGE) from None
        except (BodyLost, *REQUEST_FAILURES, ValueError) as error:
            raise InputRefused(InputTrouble.UNAVAILABLE) from error

    def _checked(self, address: str) -> httpx.URL:
        """Only what was uploaded to Discord: anything else would let members have the bot ask hosts of theirs.

        Raises InputRefused.
        """
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            raise InputRefused(InputTrouble.ELSEWHERE) from None
        discords = (url.scheme, url.netloc) in self._allowed and not url.userinfo
        if not (discords and url.path.startswith(ATTACHMENT_FOLDERS) and ".." not in url.path):
            raise InputRefused(InputTrouble.ELSEWHERE)
        return url


def _may_come(error: Exception) -> bool:
    return isinstance(error, InputRefused) and error.trouble is InputTrouble.UNAVAILABLE
