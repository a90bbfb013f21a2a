"""Commands that move much: few at a time, and one for each member, so that nobody else waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.core.errors import BulkWorkRunning, DatabaseBusy
from bot.core.fair_limiter import FairLimiter, Turn

MOST_RUNNING = 2
PATIENCE_SECONDS = 120.0
"""An interaction's token is valid for 15 minutes, but nobody waits so long."""


class BulkWork:
    """Turns for those who ask for much: the servers in rotation, and one of each member."""

    def __init__(self, at_once: int = MOST_RUNNING, patience: float = PATIENCE_SECONDS) -> None:
        self._limiter = FairLimiter(at_once)
        self._patience = patience
        self._members: set[int] = set()

    @asynccontextmanager
    async def turn(self, server: int | None, member: int) -> AsyncIterator[None]:
        """Raises BulkWorkRunning where the member has one already, and DatabaseBusy where it does not come in time."""
        if member in self._members:
            raise BulkWorkRunning
        self._members.add(member)
        turn = Turn(self._limiter, server, member)
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await turn.acquire()
            except TimeoutError as error:
                raise DatabaseBusy from error
            yield
        finally:
            turn.release()
            self._members.discard(member)
