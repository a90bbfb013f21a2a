"""An open, migrated database of each engine in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


@pytest.fixture
def counters(database: Database) -> SqlCounters:
    return SqlCounters(database)
