"""Fair turns: so many purchases at once, and no server's queue keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """At most `places` at once; those who wait are called server by server in rotation, each in its own order."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lines: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def take(self, server: int) -> AsyncIterator[None]:
        await self._enter(server)
        try:
            yield
        finally:
            self._hand_over()

    async def _enter(self, server: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(server, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # called in the same moment: the place must not be lost
                self._hand_over()
            raise

    def _hand_over(self) -> None:
        """Give a place to whoever is next; nobody can push in between, so it counts as free only if nobody waits."""
        while self._lines:
            turn = self._call_next()
            if not turn.cancelled():
                turn.set_result(None)
                return
        self._free += 1

    def _call_next(self) -> asyncio.Future[None]:
        server, line = self._lines.popitem(last=False)
        turn = line.popleft()
        if line:
            self._lines[server] = line
        return turn
