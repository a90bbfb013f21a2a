"""From every earlier schema a database is brought to the newest with everything in it, and goes on from there.

The rows are those of the dump at schema 10, as far as the earlier schema has their tables and columns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.core.limits.policy import Setting
from bot.storage.engine.migrate import migrate, read_migrations
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Rows, Transaction, Value
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies

DUMP = (Path(__file__).parent.parent / "databases" / "0010.sql").read_text("utf-8")
SHIPPED = read_migrations()
EARLIER = range(1, 11)
SERVER = 9_000_001
INSERTED_FIRST = ("generation", "charge", "meter", "note", "policy", "erasure", "report")
UNFINISHED = "SELECT id, state, images FROM generation WHERE settled_at IS NULL"
PENDING = "SELECT id, state, images FROM generation WHERE untold IS NOT NULL"
METERS = "SELECT name, window_key, used FROM meter"
AFRESH = "~"
"""In the window of a counter that was set back: before schema 9 it was written another way, which has its own test."""


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def rows_at(schema: int) -> Iterator[tuple[str, dict[str, Value]]]:
    """Each table's rows, without what that schema does not know."""
    with closing(sqlite3.connect(":memory:")) as dump, closing(sqlite3.connect(":memory:")) as earlier:
        dump.executescript(DUMP)
        for migration in SHIPPED[:schema]:
            for statement in migration.statements:
                earlier.execute(statement)
        for table in INSERTED_FIRST:
            if names := columns(earlier, table):
                for row in dump.execute(f"SELECT {', '.join(names)} FROM {table}"):
                    yield table, dict(zip(names, row, strict=True))


def insert(table: str, row: dict[str, Value]) -> Transaction[None]:
    values = ", ".join(f":{name}" for name in row)
    yield f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})", row


def select(statement: str) -> Transaction[Rows]:
    return (yield statement, {})


async def found(database: Database, *statements: str) -> set[tuple[Value, ...]]:
    return {tuple(row) for statement in statements for row in await database.run(partial(select, statement))}


@pytest.mark.parametrize("schema", EARLIER)
async def test_an_earlier_database_is_brought_to_the_newest_schema_and_goes_on(
    database_url: str, schema: int
) -> None:
    async with open_database(database_url, migrating=False) as database:
        await migrate(database, SHIPPED[:schema])
        for table, row in rows_at(schema):
            if schema >= 9 or AFRESH not in str(row.get("window_key")):
                await database.run(partial(insert, table, row))
        unfinished = await found(database, UNFINISHED, *([PENDING] if schema >= 5 else []))
        meters = await found(database, METERS)
        await migrate(database)
        ledger, claimed = SqlLedger(database), set[tuple[Value, ...]]()
        while batch := await ledger.claim_expired([id for id, *_ in claimed if isinstance(id, int)], 10):
            claimed |= {(one.request.id, one.state.value, one.request.spec.count) for one in batch}
        assert claimed == unfinished
        assert await found(database, METERS) == meters
        policy = (await SqlPolicies(database).of(SERVER)).policy
        assert policy.numbers.get(Setting.DAILY) == (20 if schema >= 2 else None)
