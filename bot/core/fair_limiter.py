"""Bounds how much runs at once: fair to servers and to their members, and as wide as the other side takes it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

START = 8
GROWTH = 7
"""Places that each success adds before the first throttling: a full round of successes makes eight times as many. A
burst spends the time of one answer on finding out what is taken, rather than one for each doubling."""

_Queue = deque[asyncio.Future[None]]


class FairLimiter:
    """At most `width` turns at once. Those who wait are called in rotation: the servers, in each of them its members,
    and of each member whoever came first.

    Given a `start`, the width grows from there to `most` with every success, and is halved when the other side
    throttles: additive increase, multiplicative decrease (Chiu and Jain, 1989) after a slow start, as in TCP (RFC
    5681). One round trip decides once: what was sent before the width last shrank says nothing about the width since.
    """

    def __init__(
        self,
        most: int,
        start: int | None = None,
        *,
        name: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.most = most
        self._name = name
        self._sleep = sleep
        self._width = float(most if start is None else min(start, most))
        self._running = 0
        self._times_shrunk = 0
        self._resumes_at = 0.0
        self._overtaken: _Queue = (
            deque()
        )  # running before the width shrank below them: served before all others
        self._waiting: OrderedDict[int | None, OrderedDict[int, _Queue]] = OrderedDict()

    @property
    def width(self) -> int:
        """Turns at once, 1 or more."""
        return int(self._width)

    @property
    def is_full(self) -> bool:
        """Whether a new turn would have to wait: for a place, or for a pause to end."""
        return self._running >= self.width or self._pause() > 0

    @asynccontextmanager
    async def turn(self, server: int | None, member: int) -> AsyncIterator[Turn]:
        """A place, held until the block is left."""
        turn = Turn(self)
        if self._running < self.width:  # so nobody waits
            self._running += 1
        else:
            place = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(server, OrderedDict()).setdefault(member, deque()).append(place)
            await self._called(place)
        turn.holds_place = True
        try:
            yield turn
        finally:
            if turn.holds_place:
                self._release()

    async def wait_to_send(self, turn: Turn, until: float) -> None:
        async with asyncio.timeout_at(until):
            if self._running > self.width:
                turn.holds_place = False
                place = asyncio.get_running_loop().create_future()
                self._overtaken.append(place)
                self._release()
                await self._called(place)
                turn.holds_place = True
            waited_for = 0.0
            while self._pause() > 0 and self._resumes_at > waited_for:
                waited_for = self._resumes_at
                if waited_for >= until:
                    raise TimeoutError
                await self._sleep(self._pause())
        turn.sent_at_width = self._times_shrunk

    def succeeded(self, turn: Turn) -> None:
        if turn.sent_at_width != self._times_shrunk:
            return
        before = self._width
        self._width = min(self.most, before + (1 / before if self._times_shrunk else GROWTH))
        if self._times_shrunk and before < self._width == self.most:
            log.info("%s takes as much as before: %d at once", self._name, self.width)
        self._call_waiting()

    def throttled(self, turn: Turn, seconds: float) -> None:
        if turn.sent_at_width == self._times_shrunk:
            self._times_shrunk += 1
            before, self._width = self.width, max(1.0, self._width / 2)
            if self.width < before:
                log.warning("%s asks to slow down: %d at once, after %.1f s", self._name, self.width, seconds)
        self._resumes_at = max(self._resumes_at, asyncio.get_running_loop().time() + seconds)

    def _pause(self) -> float:
        return self._resumes_at - asyncio.get_running_loop().time()

    async def _called(self, place: asyncio.Future[None]) -> None:
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # called in the same moment: the place must not be lost
                self._release()
            raise

    def _release(self) -> None:
        self._running -= 1
        self._call_waiting()

    def _call_waiting(self) -> None:
        """Nobody can push in: the place is taken on behalf of whoever is called."""
        while self._running < self.width and (self._overtaken or self._waiting):
            place = self._overtaken.popleft() if self._overtaken else self._next_in_rotation()
            if not place.cancelled():
                self._running += 1
                place.set_result(None)

    def _next_in_rotation(self) -> asyncio.Future[None]:
        server, members = self._waiting.popitem(last=False)
        member, queue = members.popitem(last=False)
        place = queue.popleft()
        had_its_turn = not place.cancelled()
        if queue:
            members[member] = queue
            members.move_to_end(member, last=had_its_turn)
        if members:
            self._waiting[server] = members
            self._waiting.move_to_end(server, last=had_its_turn)
        return place


class Turn:
    """One of the places of a limiter: what was sent on it, and what came of it."""

    def __init__(self, limiter: FairLimiter) -> None:
        self._limiter = limiter
        self.holds_place = False
        self.sent_at_width = 0

    async def wait_to_send(self, until: float) -> None:
        """Before each request: wait while the other side wants a pause, and for a place where fewer are left than run.

        Raises TimeoutError where that takes until `until`, on the loop's clock.
        """
        await self._limiter.wait_to_send(self, until)

    def succeeded(self) -> None:
        """The other side has taken what was sent."""
        self._limiter.succeeded(self)

    def throttled(self, seconds: float) -> None:
        """The other side has refused what was sent because it was too much, and asks everybody to wait for so long."""
        self._limiter.throttled(self, seconds)
