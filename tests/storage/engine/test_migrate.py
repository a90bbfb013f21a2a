"""Migrations: once each, in order, whoever starts."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.storage.engine.migrate import FOLDER, Migration, SchemaTooNew, dry_run, migrate, read_migrations
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Rows, Transaction
from bot.storage.key_value_store import SqlKeyValueStore

SHIPPED = read_migrations()
LATER = Migration(
    len(SHIPPED) + 1, "later", ("CREATE TABLE later (id BIGINT)", "INSERT INTO later VALUES (1)")
)
BROKEN = Migration(len(SHIPPED) + 1, "broken", ("CREATE TABLE half (id BIGINT)", "CREATE NONSENSE"))


def _select(statement: str) -> Transaction[Rows]:
    return (yield statement, {})


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in SHIPPED] == list(range(1, len(SHIPPED) + 1))
    assert all(path.name[:4].isdigit() for path in FOLDER.iterdir())


async def test_a_look_at_the_schema_does_not_migrate(database_url: str) -> None:
    for _ in range(2):
        async with open_database(database_url, migrating=False) as database:
            assert await dry_run(database) == (0, len(SHIPPED))


async def test_a_new_database_is_brought_to_the_newest_schema(database: Database) -> None:
    assert await dry_run(database) == (len(SHIPPED), len(SHIPPED))


async def test_a_second_start_keeps_what_is_there(database_url: str) -> None:
    async with open_database(database_url) as database:
        await SqlKeyValueStore(database).put("commands", "abc")
    async with open_database(database_url) as database:
        assert await SqlKeyValueStore(database).get("commands") == "abc"


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    async def start() -> None:
        async with open_database(database_url, migrating=False) as database:
            await migrate(database, [*SHIPPED, LATER])

    await asyncio.gather(*(start() for _ in range(6)))
    async with open_database(database_url, migrating=False) as database:
        assert list(await database.run(partial(_select, "SELECT id FROM later"))) == [(1,)]


async def test_a_database_of_a_later_version_is_refused_and_left_alone(database_url: str) -> None:
    async with open_database(database_url) as database:
        await migrate(database, [*SHIPPED, LATER])
    with pytest.raises(SchemaTooNew, match="update it"):
        async with open_database(database_url):
            pass
    async with open_database(database_url, migrating=False) as database:
        assert await dry_run(database) == (len(SHIPPED) + 1, len(SHIPPED))


async def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        await migrate(database, [*SHIPPED, BROKEN])
    with pytest.raises(DatabaseUnavailable):
        await database.run(partial(_select, "SELECT id FROM half"))
    assert await dry_run(database) == (len(SHIPPED), len(SHIPPED))


async def test_a_note_is_kept_and_replaced(database: Database) -> None:
    store = SqlKeyValueStore(database)
    assert await store.get("commands") is None
    await store.put("commands", "one")
    await store.put("commands", "two")
    assert await store.get("commands") == "two"


OLD_COUNTERS = """
INSERT INTO meter (name, window_key, used) VALUES
('member/1/2', '2026-11-23', 4), ('member/1/2', '2026-11-23#1', 3), ('member/1/2', '2026-11-23#2', 2),
('member/1/3', '2026-11-23#1', 5), ('bot', '2026-11-23', 14)
"""
OLD_GENERATION = """
INSERT INTO generation (id, member, server, channel, prompt, images, state, reserved_at)
VALUES (9, 2, 1, 4, '', 2, 'reserved', 0)
"""
OLD_CHARGE = """
INSERT INTO charge (generation, position, meter, window_key, images, cap)
VALUES (9, 0, 'member/1/2', '2026-11-23#2', 2, 10)
"""


async def test_counters_that_were_set_back_before_are_counted_on_the_whole_day(database_url: str) -> None:
    async with open_database(database_url, migrating=False) as database:
        await migrate(database, SHIPPED[:8])
        for statement in (OLD_COUNTERS, OLD_GENERATION, OLD_CHARGE):
            await database.run(partial(_select, statement))
        await migrate(database)
        meters = await database.run(partial(_select, "SELECT name, window_key, used FROM meter"))
        charges = await database.run(partial(_select, "SELECT meter, window_key, images, cap FROM charge"))
    assert set(meters) == {
        ("member/1/2", "2026-11-23", 9),
        ("member/1/2", "2026-11-23~1", 3),
        ("member/1/2", "2026-11-23~2", 2),
        ("member/1/3", "2026-11-23", 5),
        ("member/1/3", "2026-11-23~1", 5),
        ("bot", "2026-11-23", 14),
    }
    assert set(charges) == {
        ("member/1/2", "2026-11-23~2", 2, 10),
        ("member/1/2", "2026-11-23", 2, None),
    }


OLD_ENDINGS = """
INSERT INTO generation (id, member, server, channel, prompt, images, refunded, state, reserved_at, settled_at) VALUES
(1, 2, 1, 4, '', 3, 0, 'delivered', 0, 1), (2, 2, 1, 4, '', 3, 3, 'refunded', 0, 1),
(3, 2, 1, 4, '', 3, 0, 'kept', 0, 1), (4, 2, 1, 4, '', 3, 3, 'unknown', 0, 1),
(5, 2, 1, 4, '', 3, 0, 'submitted', 0, NULL)
"""


async def test_what_was_bought_before_attempts_were_counted_had_one(database_url: str) -> None:
    """Of what is still under way nobody knows how many there were."""
    async with open_database(database_url, migrating=False) as database:
        await migrate(database, SHIPPED[:5])
        await database.run(partial(_select, OLD_ENDINGS))
        await migrate(database)
        rows = await database.run(partial(_select, "SELECT id, attempts, spent FROM generation ORDER BY id"))
    assert list(rows) == [(1, 1, 3), (2, 0, 0), (3, 1, 3), (4, 1, 3), (5, 0, 0)]
