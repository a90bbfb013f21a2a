"""The use case behind `/usage`: what a member has used, today and in the days before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.errors import LedgerBusy
from bot.core.limits import Policy, Scope, Standing, days_until, meters_for, standing_of
from bot.core.reservation import RESERVE_SECONDS, Clock, Ledger

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """`today`: the member's own standing. `days`: ISO dates, oldest first, with images used on each."""

    today: Standing
    days: tuple[tuple[str, int], ...]


class UsageBook:
    """Reads the ledger on behalf of a member."""

    def __init__(self, ledger: Ledger, policy: Policy, clock: Clock) -> None:
        self._ledger = ledger
        self._policy = policy
        self._clock = clock

    async def of(self, server: int, member: int) -> Usage:
        """Raises LedgerUnavailable, and LedgerBusy where the answer would come too late for Discord."""
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                return await self._read(server, member)
        except TimeoutError:
            raise LedgerBusy from None

    async def _read(self, server: int, member: int) -> Usage:
        meters = meters_for(self._policy, server, member, self._clock())
        today = standing_of(Scope.MEMBER, await self._ledger.usage(meters))
        keys = days_until(today.meter.window, DAYS_SHOWN)
        used = await self._ledger.history(today.meter.name, keys)
        # Today stands in both answers, and may have changed in between.
        used[today.meter.window.key] = today.used
        return Usage(today, tuple((key, used[key]) for key in keys))
