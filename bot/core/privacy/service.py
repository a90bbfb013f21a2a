"""The use case behind `/privacy`: what is kept about a member, for how long, and its end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.background import repeat
from bot.core.clock import Clock
from bot.core.generation.model import Generation
from bot.core.limits.policy import Policy
from bot.core.preferences.preferences import NO_PREFERENCES, MemberPreferences, Preferences

log = logging.getLogger(__name__)

KEEP_RECORDS = timedelta(days=400)
"""A year and a month, so that a server can compare a month with the same of the year before."""

KEEP_REPORTS = timedelta(days=30)
"""Whether a moderator has dealt with them or not."""

KEEP_FOR_LIMITS = timedelta(days=2)
"""A cooldown and a day in any time zone are over by then."""

ERASURE_TAKES = timedelta(days=35)
"""A month in any time zone, and with it the last counter, is over by then."""

KEEP_REVISIONS = 200
"""Of each server's policy; older ones are kept as long as other records, up to MOST_REVISIONS."""

MOST_REVISIONS = 500
"""Of each server's policy, however new they are; more than can be made in a day."""

MOST_GENERATIONS_SHOWN = 250_000
"""Generations: more do not fit into the largest file that Discord takes, however well they are packed."""

SWEEP_SECONDS = 3600.0
RETRY_SECONDS = 300.0
SWEPT_AT_ONCE = 100
"""Rows in one transaction: members must not wait for it."""
PAUSE_SECONDS = 0.05
"""Between two of those: a backlog of years must not keep the database busy."""


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """`used` images on the meter of that name, in the window of that key."""

    meter: str
    window: str
    used: int


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What the moderators of `server` decided about the member: the policy, without what is about others."""

    server: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change that the member made as a moderator."""

    server: int
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A report of the picture on `message`; without a reason where it is about the member, and not by them."""

    server: int
    message: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberData:
    """Everything about one member, in all servers. `reports` they made; pictures of theirs were `reported`."""

    member: int
    generations: tuple[Generation, ...]
    counters: tuple[CounterRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    changes: tuple[ChangeRecord, ...]
    reports: tuple[ReportRecord, ...] = ()
    reported: tuple[ReportRecord, ...] = ()
    preferences: Preferences = NO_PREFERENCES


@dataclass(frozen=True, slots=True)
class Erased:
    """`prompts` of so many generations, and the member's id on `generations` of them; `running` are not settled yet.

    `preferences`: whether they had any.
    """

    prompts: int
    generations: int
    counters: int
    running: int
    preferences: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """What ended before each of these instants is kept no longer."""

    prompts_before: datetime
    records_before: datetime
    reports_before: datetime


class MemberDataStore(Protocol):
    """Everything that is kept about members. Raises DatabaseUnavailable."""

    async def about(self, member: int) -> MemberData:
        """Raises MemberDataTooLarge."""
        ...

    async def erase(self, member: int, now: datetime) -> Erased:
        """Erase at once what can be, in batches, and record that the rest has to be erased later."""
        ...

    async def finish_erasures(self, now: datetime) -> int:
        """Continue the erasures that were requested; returns how many are finished."""
        ...


class RetentionStore(Protocol):
    """Everything that is kept for a time. Raises DatabaseUnavailable."""

    async def sweep(self, retention: Retention, at_most: int) -> int:
        """Delete at most `at_most` rows that are past their retention; returns how many it was."""
        ...


class Privacy:
    """Exports and erases one member's data, and deletes what is past its retention."""

    def __init__(
        self,
        member_data: MemberDataStore,
        retained: RetentionStore,
        clock: Clock,
        *,
        keep_prompts: timedelta,
        preferences: MemberPreferences,
    ) -> None:
        self._member_data = member_data
        self._retained = retained
        self._clock = clock
        self.keep_prompts = keep_prompts
        self._preferences = preferences

    async def about(self, member: int) -> MemberData:
        return await self._member_data.about(member)

    async def erase(self, member: int) -> Erased:
        """May be asked for again at any time."""
        try:
            return await self._member_data.erase(member, self._clock())
        finally:
            self._preferences.forget(member)

    async def keep_sweeping(self, seconds: float = SWEEP_SECONDS) -> None:
        """Until it is cancelled. Several processes may do it at once."""
        await repeat(
            self.sweep,
            lambda failing: asyncio.sleep(min(seconds, RETRY_SECONDS) if failing else seconds),
            log,
            "records past their retention could not be erased yet",
        )

    async def sweep(self) -> int:
        now = self._clock()
        retention = Retention(now - self.keep_prompts, now - KEEP_RECORDS, now - KEEP_REPORTS)
        swept = await self._member_data.finish_erasures(now)
        while found := await self._retained.sweep(retention, SWEPT_AT_ONCE):
            swept += found
            await asyncio.sleep(PAUSE_SECONDS)
        return swept


def about_member(policy: Policy, member: int) -> Policy:
    """What of a policy is about one member."""
    return Policy(
        members={key: limit for key, limit in policy.members.items() if key == member},
        blocks={key: block for key, block in policy.blocks.items() if key == member},
        top_ups={key: top_up for key, top_up in policy.top_ups.items() if key == member},
        counter_resets={key: reset for key, reset in policy.counter_resets.items() if key == member},
    )
