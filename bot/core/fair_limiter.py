"""Bounds how much runs at once: fair to servers and their members, and as much as the other side takes.

`FairLimiter` has the slots and who waits for them; a `Turn` is one slot, from `acquire` to `release`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

log = logging.getLogger(__name__)

START = 8
GROWTH = 7
"""Slots that each success adds before the first throttling: once all slots have succeeded, there are eight times as
many. So a burst learns how much is taken within the time of one answer; doubling would need several."""

_Queue = deque[asyncio.Future[None]]


class FairLimiter:
    """At most `width` turns at once, rounded down. Those who wait are called in rotation: server by server, in each of
    them member by member, and for each member in the order in which they came.

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
        self.width = float(most if start is None else min(start, most))
        self._name = name
        self._sleep = sleep
        self._running = 0
        self._times_shrunk = 0
        self._resumes_at = 0.0  # on the loop's clock; nothing is sent before
        # Turns that gave their slot back because the width shrank while they ran: called before all others.
        self._overtaken: _Queue = deque()
        self._waiting: OrderedDict[int | None, OrderedDict[int, _Queue]] = OrderedDict()
        self._places: dict[asyncio.Future[None], int] | None = None

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now has to wait: for a slot, or for a pause to end."""
        full = self._running + 1 > self.width
        return full or self._resumes_at > asyncio.get_running_loop().time()

    def place_of(self, call: asyncio.Future[None]) -> int | None:
        """In the line of those who wait for a slot, as it would move on if nobody else came: 1 is the next.

        The places of all are found out at once, and hold until the line moves.
        """
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self._in_line(), start=1)}
        return self._places.get(call)

    def _in_line(self) -> Iterator[asyncio.Future[None]]:
        """Whoever still waits, in the order in which `_call_waiting` would call them."""
        yield from (call for call in self._overtaken if not call.done())
        servers = deque(
            deque(deque(call for call in queue if not call.done()) for queue in members.values())
            for members in self._waiting.values()
        )
        while servers:
            members = servers.popleft()
            while members and not members[0]:
                members.popleft()
            if not members:
                continue
            queue = members.popleft()
            yield queue.popleft()
            members.append(queue)
            servers.append(members)

    async def _wait_in(self, queue: _Queue, turn: Turn) -> None:
        turn._call = call = asyncio.get_running_loop().create_future()
        queue.append(call)
        self._places = None
        try:
            await call
        except asyncio.CancelledError:
            if call.done() and not call.cancelled() and call.exception() is None:
                # Called in the same moment: the slot must not be lost.
                self._running -= 1
                self._call_waiting()
            raise
        finally:
            turn._call = self._places = None

    def _call_waiting(self) -> None:
        """Give free slots to those who wait. Each is taken at once for whoever is called, so nobody else can get it."""
        while self._running + 1 <= self.width and (self._overtaken or self._waiting):
            call = self._overtaken.popleft() if self._overtaken else self._next_in_rotation()
            if not call.done():
                self._running += 1
                call.set_result(None)

    def _next_in_rotation(self) -> asyncio.Future[None]:
        server, members = self._waiting.popitem(last=False)
        member, queue = members.popitem(last=False)
        call = queue.popleft()
        had_its_turn = not call.done()
        if queue:
            members[member] = queue
            members.move_to_end(member, last=had_its_turn)
        if members:
            self._waiting[server] = members
            self._waiting.move_to_end(server, last=had_its_turn)
        return call


@dataclass(slots=True, eq=False)
class Turn:
    """One slot of `limiter`, from when it is acquired until it is released: in a block, or by hand.

    Turns share the state of their limiter, and change it; what is kept here is about this one.
    """

    limiter: FairLimiter
    server: int | None
    member: int
    _holds_slot: bool = False
    _sent_after: int = 0
    """How often the width had shrunk when the last request was sent."""
    _call: asyncio.Future[None] | None = None

    @property
    def place(self) -> int | None:
        """In line, as long as it waits for a slot: 1 is the next."""
        return self.limiter.place_of(self._call) if self._call else None

    def leave(self, reason: Exception) -> None:
        """Where it waits for a slot: it waits no more, and `reason` is raised there."""
        if self._call and not self._call.done():
            self._call.set_exception(reason)

    async def acquire(self) -> None:
        """Wait until there is a slot. Raises what it is told to `leave` for."""
        limiter = self.limiter
        if limiter._running + 1 <= limiter.width:  # so nobody waits
            limiter._running += 1
        else:
            members = limiter._waiting.setdefault(self.server, OrderedDict())
            await limiter._wait_in(members.setdefault(self.member, deque()), self)
        self._holds_slot = True

    async def wait_to_send(self, until: float) -> None:
        """Before each request: wait while the other side wants a pause, and for a slot where fewer are left than run.

        Raises TimeoutError where that takes until `until`, on the loop's clock.
        """
        limiter, loop = self.limiter, asyncio.get_running_loop()
        if limiter._running > limiter.width:
            self.release()
            async with asyncio.timeout_at(until):
                await limiter._wait_in(limiter._overtaken, self)
            self._holds_slot = True
        waited_for = 0.0
        while limiter._resumes_at > max(waited_for, loop.time()):
            waited_for = limiter._resumes_at
            if waited_for >= until:
                raise TimeoutError
            async with asyncio.timeout_at(until):
                await limiter._sleep(waited_for - loop.time())
        self._sent_after = limiter._times_shrunk

    def succeeded(self) -> None:
        """The other side has taken what was sent."""
        limiter = self.limiter
        if self._sent_after != limiter._times_shrunk:
            return
        before = limiter.width
        limiter.width = min(float(limiter.most), before + (1 / before if limiter._times_shrunk else GROWTH))
        if limiter._times_shrunk and before < limiter.width == limiter.most:
            log.info("%s takes as much as before: %d at a time", limiter._name, limiter.width)
        limiter._call_waiting()

    def throttled(self, seconds: float) -> None:
        """The other side has refused what was sent because it was too much, and asks everybody to wait for so long."""
        limiter = self.limiter
        if self._sent_after == limiter._times_shrunk:
            limiter._times_shrunk += 1
            before, limiter.width = int(limiter.width), max(1.0, limiter.width / 2)
            if limiter.width < before:
                log.warning(
                    "%s asks to slow down: nothing is sent for %.1f s, then at most %d at a time",
                    limiter._name,
                    seconds,
                    limiter.width,
                )
        limiter._resumes_at = max(limiter._resumes_at, asyncio.get_running_loop().time() + seconds)

    def release(self) -> None:
        """Give the slot back, where it is still held."""
        if self._holds_slot:
            self._holds_slot = False
            self.limiter._running -= 1
            self.limiter._call_waiting()

    async def __aenter__(self) -> Turn:
        await self.acquire()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.release()
