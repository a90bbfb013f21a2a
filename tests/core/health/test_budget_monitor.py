"""The operator is alerted once for each window of a budget: when little is left, and when it is used up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.health.alerts import Alert, BudgetLow, BudgetUsedUp
from bot.core.health.budget_monitor import BudgetMonitor
from bot.core.limits.budgets import BudgetReading, Budgets
from bot.core.limits.meters import MeterReading, Period
from tests.core.background import running
from tests.core.fakes import FakeLedger, noon
from tests.patience import until

LIMIT, PRICE = 1000, 70
DAY, MONTH = Budgets(LIMIT, LIMIT, ZoneInfo("UTC")).meters(noon())


class FakeBudgetStore:
    """Remembers what was alerted to; fails the next `failures` times."""

    is_limited = True

    def __init__(self) -> None:
        self.alerted: set[tuple[str, int]] = set()
        self.missed: list[int] = []
        self.failures = 0

    async def count_missed(self, now: datetime) -> int:
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("down")
        return self.missed.pop(0) if self.missed else 0

    async def is_first_alert(self, budget: BudgetReading, percent: int) -> bool:
        about = (budget.reading.meter.window.key, percent)
        first = about not in self.alerted
        self.alerted.add(about)
        return first


class MonitorSetup:
    def __init__(self, store: FakeBudgetStore | None = None) -> None:
        self.store = store or FakeBudgetStore()
        self.counters = FakeLedger()
        self.alerts: list[Alert] = []
        self.monitor = BudgetMonitor(self.store, self.counters, self.alerts.append, noon, pause=0)

    async def spend(self, used: int) -> None:
        self.counters.budget_readings = (BudgetReading(MeterReading(DAY, used), PRICE),)
        checks = self.counters.budget_checks
        self.monitor.something_was_spent()
        await until(lambda: self.counters.budget_checks > checks)
        await asyncio.sleep(0)


async def test_the_operator_is_told_once_at_80_percent_and_once_when_no_picture_fits_any_more() -> None:
    setup = MonitorSetup()
    async with running(setup.monitor.run()):
        for used in (0, 799, 800, 870, 930, 931, 980, 930, 1000, 1200):
            await setup.spend(used)
    assert setup.alerts == [BudgetLow(Period.DAY, 800, LIMIT), BudgetUsedUp(Period.DAY, 931, LIMIT)]


async def test_of_two_copies_one_tells() -> None:
    store = FakeBudgetStore()
    one, other = MonitorSetup(store), MonitorSetup(store)
    async with running(one.monitor.run()), running(other.monitor.run()):
        for setup in (one, other):
            await setup.spend(850)
    assert len(one.alerts + other.alerts) == 1


async def test_what_is_used_up_at_once_is_told_once() -> None:
    setup = MonitorSetup()
    async with running(setup.monitor.run()):
        await setup.spend(1000)
        await setup.spend(900)
    assert setup.alerts == [BudgetUsedUp(Period.DAY, 1000, LIMIT)]


async def test_what_is_left_from_an_earlier_start_is_told_at_the_start() -> None:
    setup = MonitorSetup()
    setup.counters.budget_readings = (BudgetReading(MeterReading(MONTH, 820), PRICE),)
    async with running(setup.monitor.run()):
        await until(lambda: setup.alerts != [])
    assert setup.alerts == [BudgetLow(Period.MONTH, 820, LIMIT)]


async def test_a_budget_of_nothing_is_meant_and_told_to_nobody() -> None:
    setup = MonitorSetup()
    nothing = replace(DAY, ruling=replace(DAY.ruling, value=0))
    setup.counters.budget_readings = (BudgetReading(MeterReading(nothing, 0), PRICE),)
    async with running(setup.monitor.run()):
        await until(lambda: setup.counters.budget_checks > 0)
    assert setup.alerts == []


async def test_without_a_limit_nobody_is_asked() -> None:
    setup = MonitorSetup()
    setup.store.is_limited = False
    await setup.monitor.run()
    assert setup.counters.budget_checks == 0


async def test_what_another_version_has_painted_is_counted_before_the_budgets_are_looked_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setup = MonitorSetup()
    setup.store.missed = [50, 50, 3]
    with caplog.at_level("INFO"):
        async with running(setup.monitor.run()):
            await until(lambda: setup.counters.budget_checks > 0)
    assert setup.store.missed == []
    assert "103 commands" in caplog.text


async def test_a_database_that_is_down_is_asked_again_when_something_is_spent() -> None:
    setup = MonitorSetup()
    setup.store.failures = 2
    async with running(setup.monitor.run()):
        await until(lambda: setup.store.failures == 1)
        setup.monitor.something_was_spent()
        await until(lambda: setup.store.failures == 0)
        await setup.spend(900)
    assert setup.alerts == [BudgetLow(Period.DAY, 900, LIMIT)]
