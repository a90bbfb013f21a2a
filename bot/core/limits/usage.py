"""The use case behind `/usage`: every limit that holds for a member now, and what they have used."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import DatabaseBusy
from bot.core.generation.ledger import Clock, Ledger
from bot.core.generation.reservation import RESERVE_SECONDS
from bot.core.limits.errors import ServerNotAllowed
from bot.core.limits.meters import FailedToday, Standing, member_meter_name, member_today
from bot.core.limits.policy import Operator
from bot.core.limits.rules import Caller, Terms, terms_for, windows_of
from bot.core.limits.windows import days_until
from bot.core.moderation.service import Policies

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """`standings`: of every meter of `terms`. `days`: ISO dates, oldest first, with images used on each.

    `running`: generations that are not finished. `next_at`: the end of a cooldown that has not ended.
    `failed`: what came to nothing today although it may have been paid for.
    """

    terms: Terms
    standings: tuple[Standing, ...]
    days: tuple[tuple[str, int], ...]
    running: int = 0
    next_at: datetime | None = None
    failed: tuple[FailedToday, ...] = ()

    @property
    def today(self) -> Standing:
        return member_today(self.standings)


class UsageService:
    """Reads policies and the ledger on behalf of a member."""

    def __init__(self, ledger: Ledger, policies: Policies, operator: Operator, clock: Clock) -> None:
        self._ledger = ledger
        self._policies = policies
        self._operator = operator
        self._clock = clock

    async def of(self, caller: Caller) -> Usage:
        """Raises DatabaseUnavailable, and DatabaseBusy where the answer would come too late for Discord."""
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                return await self._read(caller)
        except TimeoutError:
            raise DatabaseBusy from None

    async def _read(self, caller: Caller) -> Usage:
        if not self._operator.serves(caller.server):
            raise ServerNotAllowed
        now = self._clock()
        policy = (await self._policies.of(caller.server)).policy
        terms = terms_for(policy, self._operator, caller, now)
        standings = await self._ledger.usage(terms.meters)
        today, _ = windows_of(policy, self._operator, now)
        keys = days_until(today, DAYS_SHOWN)
        used = await self._ledger.history(member_meter_name(caller.server, caller.member), keys)
        pace = await self._ledger.pace(caller, terms.cooldown, now)
        failed = await self._ledger.failed_today(caller, now)
        days = tuple((key, used[key]) for key in keys)
        return Usage(terms, standings, days, pace.running, pace.next_at(terms.cooldown, now), failed)
