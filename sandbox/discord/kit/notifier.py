"""Waits for a condition without polling it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Notifier:
    """Wakes every waiter and calls every subscriber at each `notify()`."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: list[Callable[[], None]] = []

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for listener in list(self._listeners):
            listener()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each notification; returns what ends the subscription."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait_for(self, predicate: Callable[[], bool], seconds: float | None) -> None:
        """Return as soon as the predicate is true; raise TimeoutError after that many seconds (None: never)."""
        async with asyncio.timeout(seconds):
            while not predicate():
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await future
                finally:
                    self._waiting.discard(future)
