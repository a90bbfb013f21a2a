"""The pace of all orders together: when the image API says that there are too many, all of them slow down."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.core.generation.errors import RateLimited

log = logging.getLogger(__name__)

TOO_LATE = "its turn did not come in time"


class Pace:
    """Additive increase, multiplicative decrease (Chiu and Jain, 1989), as TCP does it: `most` orders at once at best.

    A 429 halves how many run at once and has everybody wait; each order that goes well adds a fraction of a place.
    """

    def __init__(self, most: int, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._most = float(most)
        self._allowed = float(most)
        self._sleep = sleep
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._resumes_at = 0.0

    @property
    def allowed(self) -> int:
        """Orders at once."""
        return max(1, int(self._allowed))

    @asynccontextmanager
    async def place(self, until: float) -> AsyncIterator[None]:
        """Held while one request is under way. Raises RateLimited if there is none by `until`, on the loop's clock."""
        try:
            async with asyncio.timeout_at(until):
                await self._enter()
        except TimeoutError as error:
            raise RateLimited(TOO_LATE) from error
        try:
            await self._wait_for_all(until)
            yield
        finally:
            self._running -= 1
            self._call_next()

    def went_well(self) -> None:
        before = self._allowed
        self._allowed = min(self._most, self._allowed + 1 / self._allowed)
        if before < self._allowed == self._most:
            log.info("back to the full pace: %d at once", self.allowed)
        self._call_next()

    def slow_down(self, seconds: float) -> None:
        """The API asked for it: nobody sends anything for so long."""
        now = asyncio.get_running_loop().time()
        if now >= self._resumes_at:  # orders that were under way together say it together
            before, self._allowed = self.allowed, max(1.0, self._allowed / 2)
            if self.allowed < before:
                log.warning(
                    "the image API asks to slow down: %d at once, after %.1f s", self.allowed, seconds
                )
        self._resumes_at = max(self._resumes_at, now + seconds)

    async def _enter(self) -> None:
        if self._running < self.allowed and not self._waiting:
            self._running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._running -= 1
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._running < self.allowed and self._waiting:
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._running += 1
                turn.set_result(None)

    async def _wait_for_all(self, until: float) -> None:
        slept_until = 0.0
        while self._resumes_at > max(slept_until, asyncio.get_running_loop().time()):
            if self._resumes_at >= until:
                raise RateLimited(TOO_LATE)
            slept_until = self._resumes_at
            await self._sleep(slept_until - asyncio.get_running_loop().time())
