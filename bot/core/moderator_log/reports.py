"""The use case behind “Report this picture”: a member reports a picture, and the moderators work through the list."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.clock import RESERVE_SECONDS, Clock
from bot.core.errors import DatabaseBusy
from bot.core.generation.events import EventSink
from bot.core.limits.policy_store import PolicyStore
from bot.core.moderator_log.errors import AlreadyReported, ReportingTooFast
from bot.core.place import ServerCaller

MOST_REPORTS = 5
"""Of one member in REPORT_SPAN: a member with more to report should talk to a moderator."""
REPORT_SPAN = timedelta(minutes=10)
# In memory alone: after a restart, or through another process, somebody gets five more.
MEMBERS_KEPT = 1_000
MOST_WAITING = 200
"""In one server, for a crowd must not fill the database."""
MOST_OF_ONE = 20
"""Of those: nobody alone can fill the list, so that others find no room on it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """`by` does not like the picture on `message`, which `owner` asked for (None: unknown)."""

    by: ServerCaller
    message: int
    owner: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """A report that no moderator has dismissed: `by` does not like what is on `message`, which `owner` asked for."""

    message: int
    channel: int
    by: int
    owner: int | None
    reason: str
    at: datetime


class ReportStore(Protocol):
    """Reports, whoever reads them. Raises DatabaseUnavailable."""

    async def has(self, message: int, reporter: int) -> bool:
        """Whether this member has reported this picture before."""
        ...

    async def add(self, report: Reported, now: datetime) -> bool:
        """False where this member has reported this picture before. Raises ReportQueueFull."""
        ...

    async def count(self, server: int) -> int:
        """How many wait; at most MOST_WAITING."""
        ...

    async def waiting(self, server: int) -> Sequence[WaitingReport]:
        """The oldest first; at most MOST_WAITING."""
        ...

    async def dismiss(self, server: int, message: int, now: datetime) -> int:
        """All reports of one picture; how many it was."""
        ...

    async def dismiss_all(self, server: int, until: datetime, now: datetime) -> int:
        """Those that were made up to `until`; how many it was."""
        ...


class LogChannels(Protocol):
    """The channels that moderators chose for their log."""

    def is_writable(self, server: int, revision: int) -> bool:
        """False where the channel that was chosen in that revision of the policy has refused what was written."""
        ...


class Reports:
    """One report for each member and picture, and not too many of one member."""

    def __init__(
        self,
        store: ReportStore,
        policies: PolicyStore,
        events: EventSink[Reported],
        log_channels: LogChannels,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._policies = policies
        self._events = events
        self._log_channels = log_channels
        self._clock = clock
        self._monotonic = monotonic  # nobody is kept waiting for longer where the host's clock is set back
        self._times: OrderedDict[tuple[int, int], deque[float]] = OrderedDict()

    async def check(self, server: int, member: int, message: int) -> None:
        """Before anything is written: raises ReportingTooFast, AlreadyReported, DatabaseBusy."""
        self._check_pace(server, member)
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                if await self._store.has(message, member):
                    raise AlreadyReported
        except TimeoutError:
            raise DatabaseBusy from None

    def _check_pace(self, server: int, member: int) -> None:
        now = self._monotonic()
        ends = [at + REPORT_SPAN.total_seconds() for at in self._times.get((server, member), ())]
        left = [end - now for end in ends if end > now]
        if len(left) >= MOST_REPORTS:
            raise ReportingTooFast(self._clock() + timedelta(seconds=left[0]))

    async def report(self, report: Reported) -> bool:
        """Store it for the moderators. Returns whether it is written to their log channel, too.

        Raises ReportingTooFast, ReportQueueFull, AlreadyReported. It waits for as long as the database takes, which
        stores it even if nobody does.
        """
        server, member = report.by.place.server, report.by.member
        self._check_pace(server, member)
        # Counted before the database is waited for, or many at once would all be counted too late.
        times = self._times.setdefault((server, member), deque(maxlen=MOST_REPORTS))
        times.append(reported := self._monotonic())
        self._times.move_to_end((server, member))
        if len(self._times) > MEMBERS_KEPT:
            self._times.popitem(last=False)
        added = False
        try:
            # First: where it can't be read, the member is told truly that nothing was stored.
            revision = await self._policies.of(server)
            added = await self._store.add(report, self._clock())
        finally:
            if not added:
                with suppress(ValueError):  # so many others may have come since that it is not kept any more
                    times.remove(reported)
        if not added:
            raise AlreadyReported
        self._events.publish(report)
        return revision.policy.log is not None and self._log_channels.is_writable(server, revision.number)

    async def count(self, server: int) -> int:
        """How many wait for the moderators. Whoever calls this, and what follows, has checked their right."""
        return await self._store.count(server)

    async def waiting(self, server: int) -> Sequence[WaitingReport]:
        return await self._store.waiting(server)

    async def dismiss(self, server: int, message: int) -> int:
        """All reports of one picture."""
        return await self._store.dismiss(server, message, self._clock())

    async def dismiss_all(self, server: int, until: datetime) -> int:
        """Those that were made up to `until`: whatever came later was not seen yet."""
        return await self._store.dismiss_all(server, until, self._clock())
