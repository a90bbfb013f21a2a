"""Monitors the operator's budgets in the background: an alert when little is left of one, and when it is used up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from bot.core.background import repeat
from bot.core.clock import Clock
from bot.core.health.alerts import Alert, BudgetLow, BudgetUsedUp
from bot.core.limits.budgets import BudgetReading
from bot.core.limits.counters import Counters

log = logging.getLogger(__name__)

LITTLE_LEFT, USED_UP = 80, 100
"""Percent of a budget that the operator is alerted at."""
PAUSE_SECONDS = 1.0
"""After something was spent: whatever else is spent meanwhile is looked at together with it."""
LONGEST_PAUSE_SECONDS = 3600.0


class BudgetStore(Protocol):
    """What the budgets have to remember. Raises DatabaseUnavailable."""

    @property
    def is_limited(self) -> bool:
        """Whether any of them has a limit."""
        ...

    async def count_missed(self, now: datetime) -> int:
        """Count what a copy of the version before, which knows of no budgets, has settled since the month began.

        How many generations that was; none once all are counted.
        """
        ...

    async def is_first_alert(self, budget: BudgetReading, percent: int) -> bool:
        """Whether no copy has alerted the operator yet to so much of that budget, in its window and with its limit."""
        ...


class BudgetMonitor:
    """Alerts the operator once for each window of a budget, whichever copy notices first.

    `alert` returns at once and never raises.
    """

    def __init__(
        self,
        store: BudgetStore,
        counters: Counters,
        alert: Callable[[Alert], None],
        clock: Clock,
        *,
        pause: float = PAUSE_SECONDS,
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._store = store
        self._counters = counters
        self._alert = alert
        self._clock = clock
        self._pause = pause
        self._longest_pause = longest_pause
        self._spent = asyncio.Event()

    def something_was_spent(self, _event: object = None) -> None:
        """Or given back, or refused: a generation has ended."""
        self._spent.set()

    async def run(self) -> None:
        """Until it is cancelled; where no budget has a limit, there is nothing to do."""
        if not self._store.is_limited:
            return
        await repeat(self._check, self._rest, log, "the budgets can't be read")

    async def _rest(self, _failing: bool) -> None:
        await asyncio.sleep(self._pause)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest_pause):
                await self._spent.wait()

    async def _check(self) -> None:
        self._spent.clear()
        missed = 0
        while found := await self._store.count_missed(self._clock()):
            missed += found
        if missed:
            log.info(
                "images that another version of the bot has painted count on the budgets now: %d commands",
                missed,
            )
        for budget in await self._counters.budgets(self._clock()):
            if not budget.reading.meter.limit:
                continue  # it was meant that nobody gets any
            is_used_up = not budget.images_left
            if not is_used_up and budget.reading.percent < LITTLE_LEFT:
                continue
            first = await self._store.is_first_alert(budget, LITTLE_LEFT)
            if is_used_up:
                first = await self._store.is_first_alert(budget, USED_UP)
            if first:
                about = (budget.reading.meter.period, budget.reading.used, budget.reading.meter.limit or 0)
                self._alert(BudgetUsedUp(*about) if is_used_up else BudgetLow(*about))
