"""Faults on demand: by route, a number of times, before or after the request took effect."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

ANY = "any"


@dataclass
class Fault:
    """What happens to a request instead of, or after, its being served."""

    status: int | None = None
    code: int = 0
    retry_after: float | None = None
    via: bool = True
    is_global: bool = False
    cut: bool = False
    after_effect: bool = False
    delay: float = 0.0
    bytes_per_second: float | None = None
    held: asyncio.Event | None = None
    body: bytes | None = None
    content_type: str = "application/json"
    times: int | None = 1
    """None: until cleared."""


@dataclass
class Faults:
    """`faults.fail("callback", status=500, times=2)`: the next two acknowledgements fail."""

    _planned: dict[str, deque[Fault]] = field(default_factory=dict)

    def fail(
        self,
        route: str,
        *,
        status: int,
        code: int = 0,
        times: int | None = 1,
        after_effect: bool = False,
    ) -> None:
        self._plan(route, Fault(status=status, code=code, times=times, after_effect=after_effect))

    def respond(
        self,
        route: str,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        times: int | None = 1,
        after_effect: bool = False,
    ) -> None:
        """Respond with this body instead of the correct one."""
        fault = Fault(
            status=status, body=body, content_type=content_type, times=times, after_effect=after_effect
        )
        self._plan(route, fault)

    def rate_limit(
        self,
        route: str,
        *,
        retry_after: float = 1.0,
        times: int | None = 1,
        via: bool = True,
        is_global: bool = False,
    ) -> None:
        """429; without `via` it is the ban of an address, not one of Discord's own limits."""
        fault = Fault(status=429, retry_after=retry_after, via=via, is_global=is_global, times=times)
        self._plan(route, fault)

    def cut(self, route: str, *, times: int | None = 1, after_effect: bool = False) -> None:
        """Close the connection without an answer."""
        self._plan(route, Fault(cut=True, times=times, after_effect=after_effect))

    def delay(self, route: str, seconds: float, *, times: int | None = 1) -> None:
        self._plan(route, Fault(delay=seconds, times=times))

    def throttle(self, route: str, bytes_per_second: float, *, times: int | None = None) -> None:
        """Read request bodies no faster than that, like a slow uplink."""
        self._plan(route, Fault(bytes_per_second=bytes_per_second, times=times))

    def hold(self, route: str, *, times: int | None = 1) -> asyncio.Event:
        """Hold the request until the returned event is set."""
        held = asyncio.Event()
        self._plan(route, Fault(held=held, times=times))
        return held

    @property
    def pending(self) -> int:
        """Faults that have not happened yet; one that lasts until cleared counts once."""
        return sum(fault.times or 1 for queue in self._planned.values() for fault in queue)

    def clear(self) -> None:
        self._planned.clear()

    def take(self, route: str) -> Fault | None:
        for name in (route, ANY):
            queue = self._planned.get(name)
            if queue:
                fault = queue[0]
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        queue.popleft()
                return fault
        return None

    def _plan(self, route: str, fault: Fault) -> None:
        self._planned.setdefault(route, deque()).append(fault)
