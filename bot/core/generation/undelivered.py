"""The use case behind `/gallery`: paid pictures that found no place to be shown, for whoever asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.core.generation.errors import PicturesLost
from bot.core.generation.generations import Generations, Page, Undelivered
from bot.core.generation.image_api import ImageApi
from bot.core.generation.model import Generation, Picture, Source
from bot.core.place import Caller, InServer, Place

MOST_PICTURES_SHOWN = 10
"""Pictures at a time, those of the newest generations first: as many as a message of Discord holds."""
FETCHED_WITHIN = 20.0
"""Seconds for one picture."""
ALL_FETCHED_WITHIN = 60.0
"""Seconds for all of them: somebody waits, and after them those who wait for their turn, for twice as long."""


@dataclass(frozen=True, slots=True)
class UndeliveredPicture:
    """One picture of an order, and where it is."""

    generation: Generation
    source: Source


class UndeliveredPictures:
    """Fetches what is kept, whenever somebody wants to see it: one picture after the other, for each may be large."""

    def __init__(
        self,
        generations: Generations,
        image_api: ImageApi,
        *,
        within: float = FETCHED_WITHIN,
        all_within: float = ALL_FETCHED_WITHIN,
    ) -> None:
        self._generations = generations
        self._image_api = image_api
        self._within = within
        self._all_within = all_within

    async def of(self, caller: Caller[Place]) -> tuple[UndeliveredPicture, ...]:
        """What there is to be seen. Raises DatabaseUnavailable."""
        server = caller.place.server if isinstance(caller.place, InServer) else None
        found = await self._generations.find(Undelivered(caller.member, server), Page(MOST_PICTURES_SHOWN))
        return tuple(UndeliveredPicture(one, source) for one in found for source in one.order.sources)[
            :MOST_PICTURES_SHOWN
        ]

    async def fetch(
        self,
        undelivered: Sequence[UndeliveredPicture],
        fit: Callable[[Picture, int], Awaitable[Picture]],
        size: int,
    ) -> list[Picture | None]:
        """Each re-encoded by `fit` to at most `size` bytes. None where it can't be had: the address may have expired,
        or its host takes too long.

        One that can't be decoded comes as it is: it must not keep the others from being shown. Raises
        DatabaseUnavailable.
        """
        end = asyncio.get_running_loop().time() + self._all_within
        return [await self._fetch_one(one, fit, size, end) for one in undelivered]

    async def _fetch_one(
        self,
        undelivered: UndeliveredPicture,
        fit: Callable[[Picture, int], Awaitable[Picture]],
        size: int,
        end: float,
    ) -> Picture | None:
        generation = undelivered.generation
        source = await self._generations.load(generation.id, undelivered.source)
        alone = replace(generation.order, sources=(source,))
        try:
            async with asyncio.timeout_at(min(end, asyncio.get_running_loop().time() + self._within)):
                [picture, *_] = await self._image_api.fetch(alone)
        except (PicturesLost, TimeoutError):
            return None
        with suppress(PicturesLost):
            picture = await fit(picture, size)
        return picture
