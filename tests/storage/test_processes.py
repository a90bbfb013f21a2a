"""Many processes on one database: nothing is given twice."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter

from bot.storage.counters import SqlCounters
from bot.storage.engine.database import open_database
from tests.storage.factories import meters

PROCESSES = 8


async def start(url: str, tries: int, first_id: int, limit: int) -> Process:
    arguments = ("-m", "tests.storage.reserving_process", url, str(tries), str(first_id), str(limit))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)


async def race(url: str, first_ids: list[int], tries: int, limit: int) -> Counter[str]:
    """All at once, from a database that none of them has migrated yet."""
    processes = [await start(url, tries, first_id, limit) for first_id in first_ids]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    return sum((Counter(json.loads(output)) for output, _ in outputs), Counter[str]())


async def test_of_800_tries_by_8_processes_a_limit_of_100_grants_100(database_url: str) -> None:
    outcomes = await race(database_url, [1 + 100 * n for n in range(PROCESSES)], tries=100, limit=100)
    assert outcomes == {"granted": 100, "LimitReached": 700}
    async with open_database(database_url) as database:
        standings = await SqlCounters(database).usage(meters())
    assert [standing.used for standing in standings] == [100] * 5


async def test_each_id_is_reserved_by_one_process(database_url: str) -> None:
    outcomes = await race(database_url, [1] * PROCESSES, tries=50, limit=1000)
    assert outcomes == {"granted": 50, "AlreadyReserved": 50 * (PROCESSES - 1)}
