"""Waiting for something to become true, without asking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Changes:
    """Wakes whoever waits, each time something is announced."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: list[Callable[[], None]] = []

    def announce(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for listener in list(self._listeners):
            listener()

    def tell(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call it at each announcement, until what this returns is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def until(self, holds: Callable[[], bool], seconds: float | None) -> None:
        """Return as soon as `holds()`; raise TimeoutError after that many seconds."""
        if holds():
            return
        async with asyncio.timeout(seconds):
            while not holds():
                await self._next()

    async def _next(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
