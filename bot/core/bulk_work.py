"""Commands that move much: few at a time, and one for each member, so that nobody else waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.core.errors import LedgerBusy
from bot.core.not_done import StillBusyForYou

AT_ONCE = 2
PATIENCE_SECONDS = 120.0
"""Discord takes an answer for 15 minutes, but nobody waits so long."""


class BulkWork:
    """Turns for those who ask for much."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._patience = patience
        self._members: set[int] = set()

    @asynccontextmanager
    async def turn(self, member: int) -> AsyncIterator[None]:
        """Raises StillBusyForYou where the member has one already, and LedgerBusy where it does not come in time."""
        if member in self._members:
            raise StillBusyForYou
        self._members.add(member)
        try:
            await self._wait()
            try:
                yield
            finally:
                self._room.release()
        finally:
            self._members.discard(member)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._room.acquire()
        except TimeoutError as error:
            raise LedgerBusy from error
