"""What somebody waits for within Discord's 3 s is read beside what takes long, on both engines."""

from __future__ import annotations

import asyncio

import pytest

from bot.storage.engine.protocol import Database
from bot.storage.generations import SqlGenerations
from bot.storage.preferences import SqlPreferences
from tests.storage.factories import MEMBER, selecting

LONG = {
    "sqlite": "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT 3000000) "
    "SELECT MAX(n) FROM counted",
    "postgresql": "SELECT pg_sleep(0.5)",
}


@pytest.mark.parametrize("what", ["what a member prefers", "what a button is about"])
async def test_nobody_waits_for_a_long_read(database: Database, what: str) -> None:
    reading = asyncio.create_task(database.run(selecting(LONG[database.dialect]), reading=True))
    await asyncio.sleep(0)
    if what == "what a member prefers":
        await SqlPreferences(database).of(MEMBER)
    else:
        await SqlGenerations(database).get(1)
    assert not reading.done()
    await reading
