"""The use case behind `/gallery`: pictures page by page, and the index that they are found by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.background import repeat
from bot.core.clock import Clock
from bot.core.errors import DatabaseBusy
from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.gallery.search import GallerySearch, PictureIndex, ServerPictures, Whose
from bot.core.generation.earlier_pictures import is_seen_at
from bot.core.generation.model import DISCORDS_EPOCH, Generation, State
from bot.core.place import Place

log = logging.getLogger(__name__)

PICTURES_ON_A_PAGE = 10
AT_ONCE = 2
"""Searches: each may take 50 ms of a database, and every command waits for that."""
PATIENCE_SECONDS = 20.0
"""Nobody looks at an empty message for longer."""
INDEXED_AT_ONCE = 100
"""Generations in one transaction: members must not wait for it."""
PAUSE_SECONDS = 0.05
"""Between two of those: the years before this version must not keep the database busy."""
MANY = 1000
"""Generations, of which the operator is told: after an update, and after a long time without this process."""
SETTLED_AFTER = timedelta(seconds=30)
"""What is younger may yet be followed by an older one: most commands are over by then."""
RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """The newest first; and whether there are newer and older ones than these."""

    pictures: tuple[Generation, ...]
    has_newer: bool = False
    has_older: bool = False


class PictureGallery:
    """Delivered pictures, for those who may see them: whoever asks has been found to be one."""

    def __init__(self, index: PictureIndex, patience: float = PATIENCE_SECONDS) -> None:
        self._index = index
        self._limiter = FairLimiter(AT_ONCE, name="searches for pictures")
        self._patience = patience

    async def page(
        self, search: GallerySearch, beside: int | None = None, *, newer: bool = False
    ) -> GalleryPage:
        """The newest, or those right after the picture `beside`, or right before it.

        Raises DatabaseUnavailable, and DatabaseBusy where its turn does not come in time.
        """
        async with self._turn(search.whose):
            return await self._page(search, beside, newer=newer)

    async def _page(
        self, search: GallerySearch, beside: int | None = None, *, newer: bool = False
    ) -> GalleryPage:
        if beside is None:
            await self._index.catch_up(search.whose)
        found = await self._index.find(search, PICTURES_ON_A_PAGE + 1, beside, newer=newer)
        if newer and len(found) <= PICTURES_ON_A_PAGE:
            return await self._page(search)  # a whole page, from the beginning
        if newer:
            return GalleryPage(tuple(found[-PICTURES_ON_A_PAGE:]), has_newer=True, has_older=True)
        shown = tuple(found[:PICTURES_ON_A_PAGE])
        return GalleryPage(shown, beside is not None, len(found) > len(shown))

    async def suggest(self, search: GallerySearch, count: int) -> Sequence[Generation]:
        """The newest few, without looking for what was delivered just now. Raises as `page`."""
        async with self._turn(search.whose):
            return await self._index.find(search, count)

    @asynccontextmanager
    async def _turn(self, whose: Whose) -> AsyncIterator[None]:
        """Members in rotation, and servers, whose moderators look at all of theirs."""
        server, member = (whose.server, 0) if isinstance(whose, ServerPictures) else (None, whose.member)
        turn = Turn(self._limiter, server, member)
        try:
            async with asyncio.timeout(self._patience):
                await turn.acquire()
        except TimeoutError:
            raise DatabaseBusy from None
        try:
            yield
        finally:
            turn.release()

    async def shown(self, generation: Generation, place: Place, message: int) -> None:
        """Record where all that waited to be shown is to be seen now: what was private, and is shown where it was asked
        for, is so no more. Raises DatabaseUnavailable.
        """
        if generation.state is not State.UNDELIVERED:
            return
        request = generation.request
        public = replace(request, spec=replace(request.spec, private=False))
        if is_seen_at(place, shown := replace(generation, request=public)):
            generation = shown
        await self._index.shown(generation, place.channel, message)


class Indexing:
    """Adds to the index what was delivered, in the background; and once, bit by bit, all that was before."""

    def __init__(self, index: PictureIndex, discord_clock: Clock, pause: float = PAUSE_SECONDS) -> None:
        self._index = index
        self._discord_clock = discord_clock
        self._pause = pause
        self._delivered = asyncio.Event()

    def something_happened(self, _event: object = None) -> None:
        """A generation has ended."""
        self._delivered.set()

    async def run(self) -> None:
        """Until it is cancelled. A database that is used by nobody is left alone."""
        await repeat(self.catch_up, self._rest, log, "pictures can't be indexed for the gallery")

    async def catch_up(self) -> int:
        """Index what is there; how many generations that were."""
        self._delivered.clear()
        until, indexed = snowflake_at(self._discord_clock() - SETTLED_AFTER), 0
        while found := await self._index.index_next(until, INDEXED_AT_ONCE):
            if indexed < MANY <= indexed + found:
                log.info("adding earlier pictures to the gallery; until that is done, a search may miss some")
            indexed += found
            await asyncio.sleep(self._pause)
        if indexed >= MANY:
            log.info("earlier pictures were added to the gallery: %d generations", indexed)
        return indexed

    async def _rest(self, failing: bool) -> None:
        if failing:
            await asyncio.sleep(RETRY_SECONDS)
            return
        await self._delivered.wait()
        await asyncio.sleep(2 * SETTLED_AFTER.total_seconds())


def snowflake_at(instant: datetime) -> int:
    """The first id that Discord makes at an aware instant."""
    return max(0, (instant - DISCORDS_EPOCH) // timedelta(milliseconds=1)) << 22
