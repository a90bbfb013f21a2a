"""How often a process that nobody uses asks the database: rarely, so that one that bills by the hour can sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

BUSY_SECONDS = 45.0
"""After any activity: longer than a lease, so that the death of whoever was active is noticed meanwhile."""
LONGEST_PAUSE_SECONDS = 1800.0


def pause_after(quiet: float, pause: float) -> float:
    """Seconds until the next look: `pause` while there is work, and more the longer it has been quiet (in seconds)."""
    return max(pause, min(quiet - BUSY_SECONDS, LONGEST_PAUSE_SECONDS))


class IdlePolling:
    """Since when nothing has happened; `clock` in seconds, as monotonic as `time.monotonic`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """There is work, or there may be: a command was given, or may have been missed."""
        self._since = self._clock()
        self._ended.set()

    @property
    def is_long(self) -> bool:
        return self._clock() - self._since >= BUSY_SECONDS

    async def rest(self, pause: float) -> None:
        """Until the next look is due, or at once when a long rest is ended."""
        self._ended.clear()
        longer = pause_after(self._clock() - self._since, pause)
        if longer <= pause:
            await asyncio.sleep(pause)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), longer)
