"""What SQLite alone can do wrong."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from bot.core.errors import LedgerUnavailable, LimitReached
from bot.core.generation import State
from bot.core.ledger import Ending
from bot.storage.database import open_database
from bot.storage.ledger import SqlLedger
from bot.storage.transaction import Rows, Steps
from tests.core.samples import NOON
from tests.storage.samples import meters, request, rules


def _pragma(name: str) -> Steps[Rows]:
    return (yield f"PRAGMA {name}", {})


async def test_what_was_committed_outlives_a_power_cut(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        assert await database.run(partial(_pragma, "journal_mode")) == [("wal",)]
        assert await database.run(partial(_pragma, "synchronous")) == [(2,)]


async def test_of_transactions_that_are_committed_together_one_fails_alone(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database)
        big, small = request(9), request(1)
        first, refused, broken, last = await asyncio.gather(
            ledger.reserve(small, rules(5), NOON),
            ledger.reserve(big, rules(5), NOON),
            ledger.settle(small.id, Ending(State.REFUNDED, 7), NOON),
            ledger.reserve(request(4), rules(5), NOON),
            return_exceptions=True,
        )
        assert isinstance(first, tuple)
        assert isinstance(refused, LimitReached)
        assert isinstance(broken, LedgerUnavailable)
        assert isinstance(last, tuple)
        assert [standing.used for standing in await ledger.usage(meters(5))] == [5] * 5


async def test_an_unusable_path_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LedgerUnavailable, match="file"):
        async with open_database(f"sqlite:///{tmp_path.as_posix()}/file/imagine.db"):
            pass


async def test_a_file_that_is_no_database_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "imagine.db").write_bytes(b"\x89PNG, not a database" * 100)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        async with open_database(f"sqlite:///{tmp_path.as_posix()}/imagine.db"):
            pass


async def test_a_transaction_waits_for_another_process(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        reserving = asyncio.create_task(SqlLedger(database).reserve(request(), rules(), NOON))
        done, _ = await asyncio.wait({reserving}, timeout=0.05)
        assert not done
        other.execute("COMMIT")
        other.close()
        assert (await reserving)[0].used == 1


async def test_closing_lets_what_runs_finish_and_refuses_the_rest(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database)
        running = [asyncio.create_task(ledger.reserve(request(), rules(None), NOON)) for _ in range(150)]
        await asyncio.sleep(0)
        await database.close()
        assert max(standings[0].used for standings in await asyncio.gather(*running)) == 150
        with pytest.raises(LedgerUnavailable, match="closed"):
            await ledger.usage(meters())
        await database.close()
    assert "sqlite" not in {thread.name for thread in threading.enumerate()}


async def test_a_caller_that_gives_up_harms_nobody(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database)
        given_up = asyncio.create_task(ledger.reserve(request(), rules(), NOON))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait({given_up})
        assert given_up.cancelled()
        assert (await ledger.reserve(request(), rules(), NOON))[0].used == 2


async def test_who_uses_sqlite_does_not_pay_for_the_postgres_driver(sqlite_url: str) -> None:
    look = """
import asyncio, sys
from bot.storage.database import open_database

async def look():
    async with open_database(sys.argv[1]):
        sys.exit("asyncpg" in sys.modules)

asyncio.run(look())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", look, sqlite_url)
    assert await process.wait() == 0
