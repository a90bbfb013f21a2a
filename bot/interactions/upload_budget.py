"""How much a delivery may put on the line to Discord at a time, from what earlier ones brought through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.interactions.rest_guard import CUT_OFF, DEADLINES, RequestTimeouts
from bot.interactions.sending import Sending

T = TypeVar("T")

LEAST = 64 * 1024
"""Bytes; below that pictures are not worth sending."""
SLOW_SECONDS = 20.0
"""A connection that was cut sooner was not cut for being slow."""


class StillOnItsWay(OSError):
    """The same upload has not ended yet; a second beside it would make both slower."""


class UploadBudget:
    """Shared by all deliveries of a process, as the line is."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, deadlines: RequestTimeouts = DEADLINES
    ) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._in_flight: set[int] = set()
        self.limit: int | None = None
        """Bytes of files in one request; None as long as nothing was too slow."""

    async def carry(self, generation: int, sending: Sending, upload: Coroutine[Any, Any, T]) -> T:
        """The result of `upload`, which goes on when whoever waits for it is cancelled.

        Raises StillOnItsWay where another one of the same generation has not ended, and what `upload` raises.
        """
        if generation in self._in_flight:
            upload.close()
            raise StillOnItsWay

        def ended(task: asyncio.Task[Any]) -> None:
            self._in_flight.discard(generation)
            if not task.cancelled():
                task.exception()  # seen, though nobody may wait for it any more

        self._in_flight.add(generation)
        task = asyncio.create_task(self._measured(sending, upload), name=f"upload of generation {generation}")
        task.add_done_callback(ended)
        await asyncio.wait({task})
        return task.result()

    async def _measured(self, sending: Sending, upload: Coroutine[Any, Any, T]) -> T:
        began, size = self._clock(), sending.message.upload_size
        try:
            result = await upload
        except CUT_OFF as error:
            if isinstance(error, TimeoutError) or self._clock() - began > SLOW_SECONDS:
                self.too_slow(size, sending.bytes_sent)
            raise
        self.went_through(size, self._clock() - began)
        return result

    def too_slow(self, size: int, sent: int) -> None:
        """Of `size` bytes, `sent` went out before it was given up: half of that has a chance."""
        self.limit = max(LEAST, min(size, sent) // 2)

    def went_through(self, size: int, seconds: float) -> None:
        """A line that was slow for a while is found to be fast again."""
        if self.limit is not None and size > self.limit // 2:
            allowed = self._deadlines.of(size).total or 0
            self.limit = self.limit * 2 if seconds < allowed / 4 else self.limit
