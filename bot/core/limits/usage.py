"""The use case behind `/usage`: every limit that holds for a member now, and what they have used.

And what a generation that another process began is delivered with: its meters, by the limits of then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.clock import RESERVE_SECONDS, Clock
from bot.core.errors import DatabaseBusy
from bot.core.limits.budgets import BudgetReading
from bot.core.limits.counters import Counters
from bot.core.limits.meters import FailedToday, Limit, MeterReading, days_until, member_today
from bot.core.limits.offer import Offer
from bot.core.limits.policy import NOTHING_DECIDED, Operator, Policy, offer_of
from bot.core.limits.policy_store import PolicyStore
from bot.core.limits.rules import Terms, check_served, meters_for, terms_for, windows_of
from bot.core.place import Caller, InServer, Place

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """`readings`: of every meter of `terms`. `days`: ISO dates, oldest first, with images used on each.

    `running`: generations that are not finished. `next_at`: the end of a cooldown that has not ended.
    `failed`: what came to nothing today although it may have been paid for. `budgets`: those that have a limit.
    """

    terms: Terms
    readings: tuple[MeterReading, ...]
    days: tuple[tuple[str, int], ...]
    running: int = 0
    next_at: datetime | None = None
    failed: tuple[FailedToday, ...] = ()
    budgets: tuple[BudgetReading, ...] = ()


class UsageService:
    """Reads policies and counters on behalf of a member."""

    def __init__(self, counters: Counters, policies: PolicyStore, operator: Operator, clock: Clock) -> None:
        self._counters = counters
        self._policies = policies
        self._operator = operator
        self._clock = clock

    async def of(self, caller: Caller[Place]) -> Usage:
        """Raises ServerNotAllowed, DatabaseUnavailable, and DatabaseBusy where it would come too late for Discord."""
        check_served(self._operator, caller.place)
        now = self._clock()
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                policy = await self.policy_in(caller.place)
                terms = terms_for(policy, self._operator, caller, now)
                readings = await self._counters.usage(terms.meters)
                keys = days_until(windows_of(policy, self._operator, now).day, DAYS_SHOWN)
                used = await self._counters.history(member_today(readings).meter.name, keys)
                pace = await self._counters.pace(caller, terms.cooldown, now)
                failed = await self._counters.failed_today(caller, now)
                budgets = await self._counters.budgets(now)
        except TimeoutError:
            raise DatabaseBusy from None
        days = tuple((key, used[key]) for key in keys)
        next_at = pace.next_at(terms.cooldown, now)
        return Usage(terms, readings, days, pace.running, next_at, failed, budgets)

    async def policy_in(self, place: Place) -> Policy:
        """What is in force there now. Raises DatabaseUnavailable."""
        return await self._policies.in_force(place.server) if isinstance(place, InServer) else NOTHING_DECIDED

    async def offer_in(self, place: Place) -> Offer:
        """What can be asked for there beside the prompt.

        Raises DatabaseUnavailable, and DatabaseBusy where it would come too late for Discord.
        """
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                return offer_of(await self.policy_in(place), self._operator)
        except TimeoutError:
            raise DatabaseBusy from None

    async def readings_at(
        self, instant: datetime, caller: Caller[Place], limits: Mapping[tuple[str, str], Limit]
    ) -> tuple[MeterReading, ...]:
        """Of what counted the caller's images at `instant`, with the `limits` of each meter's name and window then.

        For the roles that decided them are not on record. Raises DatabaseUnavailable.
        """
        policy = await self.policy_in(caller.place)
        meters = meters_for(policy, self._operator, caller, instant)
        return await self._counters.usage(
            [
                replace(it, ruling=replace(it.ruling, value=limits.get((it.name, it.window.key), it.limit)))
                for it in meters
            ]
        )
