"""The use case behind “Report this picture”: a member tells the moderators, who read it in their log."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from bot.core.chronicle import Chronicle, Reported
from bot.core.errors import LedgerBusy
from bot.core.ledger import Clock
from bot.core.limits import Caller
from bot.core.moderation import Policies
from bot.core.not_done import AlreadyReported, NobodyToTell, TooManyReports
from bot.core.reservation import RESERVE_SECONDS

MOST_REPORTS = 5
"""Of one member in REPORT_SPAN: whoever sees more than that should speak with a moderator."""
REPORT_SPAN = timedelta(minutes=10)
# In memory alone: after a restart, or through another process, somebody can report a picture twice, and no more
# comes of it than a second line in the log.
REPORTS_REMEMBERED = 10_000
MEMBERS_REMEMBERED = 1_000


class Reports:
    """One report for each member and picture, and not too many of one member."""

    def __init__(self, policies: Policies, chronicle: Chronicle, clock: Clock) -> None:
        self._policies = policies
        self._chronicle = chronicle
        self._clock = clock
        self._made: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._times: OrderedDict[tuple[int, int], deque[datetime]] = OrderedDict()

    async def admit(self, by: Caller, message: int) -> None:
        """Whether a report would be taken: raises AlreadyReported, TooManyReports, NobodyToTell, LedgerBusy."""
        if (by.member, message) in self._made:
            raise AlreadyReported
        times = self._times.get((by.server, by.member), ())
        recent = [at for at in times if at > self._clock() - REPORT_SPAN]
        if len(recent) >= MOST_REPORTS:
            raise TooManyReports(recent[0] + REPORT_SPAN)
        await self._require_readers(by.server)

    async def report(self, report: Reported) -> None:
        """Raises as `admit`."""
        await self.admit(report.by, report.message)
        self._remember(report)
        self._chronicle.note(report)

    async def _require_readers(self, server: int) -> None:
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                revision = await self._policies.of(server)
        except TimeoutError:
            raise LedgerBusy from None
        if revision.policy.log is None or not self._chronicle.reaches(server, revision.number):
            raise NobodyToTell(chosen=revision.policy.log is not None)

    def _remember(self, report: Reported) -> None:
        self._made[report.by.member, report.message] = None
        if len(self._made) > REPORTS_REMEMBERED:
            self._made.popitem(last=False)
        member = (report.by.server, report.by.member)
        self._times.setdefault(member, deque(maxlen=MOST_REPORTS)).append(self._clock())
        self._times.move_to_end(member)
        if len(self._times) > MEMBERS_REMEMBERED:
            self._times.popitem(last=False)
