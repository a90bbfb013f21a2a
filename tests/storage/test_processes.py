"""Many processes on one database: nothing is given twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context

from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from tests.storage.factories import meters
from tests.storage.reserving_process import begin, reserve

PROCESSES = 8


# Where it can be had, one process imports what all of them need, and they are forked from that.
CONTEXT = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
CONTEXT.set_forkserver_preload(["tests.storage.reserving_process"])


async def race(url: str, first_ids: list[int], tries: int, limit: int) -> Counter[str]:
    """All at once, from a database that none of them has migrated yet."""
    all_ready, loop = CONTEXT.Barrier(PROCESSES), asyncio.get_running_loop()
    with ProcessPoolExecutor(PROCESSES, CONTEXT, initializer=begin, initargs=(all_ready,)) as pool:
        outcomes = await asyncio.gather(
            *(loop.run_in_executor(pool, reserve, url, tries, first_id, limit) for first_id in first_ids)
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
