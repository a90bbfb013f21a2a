"""Many processes on one database: nothing is given twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits.budgets import Budgets
from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from tests.core.factories import NOON
from tests.storage.factories import meters
from tests.storage.reserving_process import DAILY_BUDGET, REAL_PRICE, begin, buy, reserve

PROCESSES = 8
Work: TypeAlias = Callable[[str, int, int, int], Counter[str]]


# Where it can be had, one process imports what all of them need, and they are forked from that.
CONTEXT = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
CONTEXT.set_forkserver_preload(["tests.storage.reserving_process"])


async def race(url: str, first_ids: list[int], tries: int, limit: int, work: Work = reserve) -> Counter[str]:
    """All at once, from a database that none of them has migrated yet."""
    all_ready, loop = CONTEXT.Barrier(PROCESSES), asyncio.get_running_loop()
    with ProcessPoolExecutor(PROCESSES, CONTEXT, initializer=begin, initargs=(all_ready,)) as pool:
        outcomes = await asyncio.gather(
            *(loop.run_in_executor(pool, work, url, tries, first_id, limit) for first_id in first_ids)
        )
    return sum(outcomes, Counter[str]())


async def test_of_800_tries_by_8_processes_a_limit_of_100_grants_100(database_url: str) -> None:
    outcomes = await race(database_url, [1 + 100 * n for n in range(PROCESSES)], tries=100, limit=100)
    assert outcomes == {"granted": 100, "LimitReached": 700}
    async with open_database(database_url) as database:
        readings = await SqlCounters(database).usage(meters())
    assert [reading.used for reading in readings] == [100] * 5


async def test_each_id_is_reserved_by_one_process(database_url: str) -> None:
    outcomes = await race(database_url, [1] * PROCESSES, tries=50, limit=1000)
    assert outcomes == {"granted": 50, "AlreadyReserved": 50 * (PROCESSES - 1)}


@pytest.mark.parametrize("estimated", [REAL_PRICE, 200_000])
async def test_of_a_dollar_8_processes_buy_14_pictures_for_7_cents_and_no_more(
    database_url: str, estimated: int
) -> None:
    """Whatever was estimated: once it is known what one costs, the difference is there for another."""
    first_ids = [1 + 100 * n for n in range(PROCESSES)]
    outcomes = await race(database_url, first_ids, tries=30, limit=estimated, work=buy)
    assert outcomes["bought"] == 14 == DAILY_BUDGET // REAL_PRICE
    assert outcomes.total() == PROCESSES * 30
    async with open_database(database_url) as database:
        limited = Budgets(DAILY_BUDGET, DAILY_BUDGET, ZoneInfo("UTC"))
        budgets = await SqlCounters(database, budgets=limited).budgets(NOON)
    assert [budget.reading.used for budget in budgets] == [14 * REAL_PRICE] * 2
