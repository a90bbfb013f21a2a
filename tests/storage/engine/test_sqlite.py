"""What SQLite alone can do wrong."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.core.generation.ledger import Settlement
from bot.core.generation.model import State
from bot.core.limits.errors import LimitReached
from bot.settings.database_url import SqliteFile
from bot.storage.counters import SqlCounters
from bot.storage.engine.failures import sqlite_trouble_of
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Rows, StatementRejected, Transaction, one_statement
from bot.storage.engine.sqlite import open_sqlite, use_write_ahead_log
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.patience import PATIENCE, until
from tests.storage.factories import meters, request, rules


def _pragma(name: str) -> Transaction[Rows]:
    return (yield f"PRAGMA {name}", {})


async def test_what_was_committed_outlives_a_power_cut(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        assert await database.run(partial(_pragma, "journal_mode")) == [("wal",)]
        assert await database.run(partial(_pragma, "synchronous")) == [(2,)]


async def test_nothing_but_what_need_not_be_is_committed_without_waiting_for_the_disk(
    sqlite_url: str,
) -> None:
    reading, finish = partial(_pragma, "synchronous"), threading.Event()

    def waiting() -> Transaction[Rows]:
        finish.wait(5)
        return (yield "SELECT 1", {})

    async with open_database(sqlite_url) as database:
        for _ in range(3):
            assert await database.run(reading, synchronous=False) == [(1,)]
            assert await database.run(reading) == [(2,)]
        running = [asyncio.create_task(database.run(waiting))]
        await asyncio.sleep(0)
        running += [asyncio.create_task(database.run(reading, synchronous=it)) for it in (False, True)]
        await asyncio.sleep(0)
        finish.set()
        assert (await asyncio.gather(*running))[1:] == [[(2,)]] * 2


async def test_whatever_ends_a_transaction_the_next_is_carried_out(sqlite_url: str) -> None:
    def out_of_memory() -> Transaction[None]:
        yield "ROLLBACK", {}  # as SQLite does by itself
        raise MemoryError

    async with open_database(sqlite_url) as database, asyncio.timeout(PATIENCE):
        with pytest.raises(DatabaseUnavailable):
            await database.run(out_of_memory)
        assert await database.run(partial(_pragma, "journal_mode")) == [("wal",)]


async def test_of_transactions_that_are_committed_together_one_fails_alone(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database)
        big, small = request(9), request(1)
        first, refused, broken, last = await asyncio.gather(
            ledger.reserve(small, rules(5), NOON),
            ledger.reserve(big, rules(5), NOON),
            ledger.settle(small.id, Settlement(State.REFUNDED, 7), NOON),
            ledger.reserve(request(4), rules(5), NOON),
            return_exceptions=True,
        )
        assert isinstance(first, tuple)
        assert isinstance(refused, LimitReached)
        assert isinstance(broken, StatementRejected)
        assert isinstance(last, tuple)
        assert [one.used for one in await SqlCounters(database).usage(meters(5))] == [5] * 5


async def test_of_transactions_that_are_committed_together_one_that_fills_the_disk_fails_alone(
    sqlite_url: str,
) -> None:
    finish = threading.Event()

    def waiting() -> Transaction[Rows]:
        finish.wait(5)
        return (yield "SELECT 1", {})

    def inserting(size: int) -> Transaction[int]:
        yield "INSERT INTO kept (content) VALUES (:content)", {"content": bytes(size)}
        return size

    async with open_database(sqlite_url) as database:
        await database.run(partial(one_statement, "CREATE TABLE kept (content BLOB)", {}))
        await database.run(partial(_pragma, "max_page_count = 1000"))
        sizes = (1, 20_000_000, 2)
        together: list[asyncio.Task[object]] = [asyncio.create_task(database.run(waiting))]
        await asyncio.sleep(0)
        together += [asyncio.create_task(database.run(partial(inserting, size))) for size in sizes]
        await asyncio.sleep(0)
        finish.set()
        _, first, large, last = await asyncio.gather(*together, return_exceptions=True)
        assert (first, last) == (1, 2)
        assert isinstance(large, DatabaseUnavailable)
        assert large.trouble is DatabaseTrouble.FULL
        kept = await database.run(partial(one_statement, "SELECT LENGTH(content) FROM kept", {}))
        assert kept == [(1,), (2,)]


async def test_an_unusable_path_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseUnavailable, match="file"):
        async with open_database(f"sqlite:///{tmp_path.as_posix()}/file/imagine.db"):
            pass


async def test_a_file_that_is_no_database_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "imagine.db").write_bytes(b"\x89PNG, not a database" * 100)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
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
        assert max(readings[0].used for readings in await asyncio.gather(*running)) == 150
        with pytest.raises(DatabaseUnavailable, match="closed"):
            await SqlCounters(database).usage(meters())
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


async def test_what_nobody_waits_for_any_more_is_not_read_and_is_written_all_the_same(
    sqlite_url: str,
) -> None:
    carried_out: list[str] = []
    gate = threading.Event()

    def held() -> Transaction[None]:
        gate.wait(PATIENCE)
        yield "SELECT 1", {}

    def noting(name: str) -> Transaction[None]:
        carried_out.append(name)
        yield "SELECT 1", {}

    async with open_database(sqlite_url) as database:
        holding = [asyncio.create_task(database.run(held, reading=reading)) for reading in (True, False)]
        given_up = [
            asyncio.create_task(database.run(partial(noting, name), reading=name == "read"))
            for name in ("read", "written")
        ]
        await asyncio.sleep(0.05)
        for one in given_up:
            one.cancel()
        await asyncio.wait(given_up)
        gate.set()
        await asyncio.gather(
            *holding, *(database.run(partial(noting, "next"), reading=it) for it in (True, False))
        )
    assert sorted(carried_out) == ["next", "next", "written"]


async def test_who_uses_sqlite_does_not_pay_for_the_postgres_driver(sqlite_url: str) -> None:
    look = """
import asyncio, sys
from bot.storage.engine.opening import open_database

async def look():
    async with open_database(sys.argv[1]):
        sys.exit("asyncpg" in sys.modules)

asyncio.run(look())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", look, sqlite_url)
    assert await process.wait() == 0


def _make(file: Path, mode: int) -> None:
    file.parent.mkdir()
    file.touch()
    file.chmod(mode)


@pytest.mark.skipif(os.name == "nt", reason="access is inherited from the folder there")
@pytest.mark.parametrize("before", [None, 0o644])
async def test_the_file_and_what_stands_beside_it_are_their_owners_alone(
    sqlite_url: str, before: int | None
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    if before is not None:
        _make(file, before)
    async with open_database(sqlite_url) as database:
        await SqlLedger(database).reserve(request(), rules(), NOON)
        found = {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()}
        assert found == dict.fromkeys(("imagine.db", "imagine.db-wal", "imagine.db-shm"), 0o600)
        assert before or file.parent.stat().st_mode & 0o777 == 0o700


async def test_a_long_read_waits_for_nobody_and_nobody_for_it(sqlite_url: str) -> None:
    def writing() -> Transaction[None]:
        yield "DELETE FROM meter", {}

    def counting() -> Transaction[int]:
        rows = yield "SELECT COUNT(*) FROM generation", {}
        assert finish.wait(5)
        again = yield "SELECT COUNT(*) FROM generation", {}
        assert again == rows
        return int(rows[0][0])

    finish = threading.Event()
    async with open_database(sqlite_url) as database:
        reading = asyncio.create_task(database.run(counting, reading=True))
        for n in range(3):
            assert (await SqlLedger(database).reserve(request(), rules(), NOON))[0].used == n + 1
        finish.set()
        assert await reading in range(4)
        with pytest.raises(DatabaseUnavailable, match="readonly"):
            await database.run(writing, reading=True)


def _error(*statements: str, path: str = ":memory:") -> sqlite3.Error:
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            for statement in statements:
                connection.execute(statement)
    except sqlite3.Error as error:
        return error
    raise AssertionError("it worked")


def test_what_sqlite_says_is_told_apart(tmp_path: Path) -> None:
    letter, held = tmp_path / "letter.txt", tmp_path / "held.db"
    letter.write_text("this is a letter to my aunt, " * 50)
    fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9999) INSERT INTO t SELECT x FROM n"
    full = _error("CREATE TABLE t (x)", "PRAGMA max_page_count = 3", fill)
    assert sqlite_trouble_of(full) is DatabaseTrouble.FULL
    closed = _error("PRAGMA query_only = ON", "CREATE TABLE t (x)")
    assert sqlite_trouble_of(closed) is DatabaseTrouble.FILE_READ_ONLY
    assert sqlite_trouble_of(_error("SELECT 1", path=str(tmp_path))) is DatabaseTrouble.NO_FILE
    other = _error("SELECT * FROM sqlite_master", path=str(letter))
    assert sqlite_trouble_of(other) is DatabaseTrouble.NOT_A_DATABASE
    with closing(sqlite3.connect(held, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        locked = _error("BEGIN IMMEDIATE", path=str(held))
    assert sqlite_trouble_of(locked) is DatabaseTrouble.BUSY
    taken = _error("CREATE TABLE t (x)", "CREATE TABLE t (x)")
    assert sqlite_trouble_of(taken) is DatabaseTrouble.TAKEN


def test_a_file_system_without_shared_memory_is_said_at_the_start() -> None:
    """There SQLite goes on in another mode, as it does in memory."""
    with pytest.raises(DatabaseUnavailable) as caught, closing(sqlite3.connect(":memory:")) as connection:
        use_write_ahead_log(connection)
    assert caught.value.trouble is DatabaseTrouble.FILE_SYSTEM


def _wrote(kilobytes: int) -> Transaction[None]:
    yield (
        "INSERT INTO note (name, value) VALUES ('filler', :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"value": os.urandom(512 * kilobytes).hex()},
    )


async def test_what_was_committed_moves_into_the_database_file_beside_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with open_database(f"sqlite:///{path.as_posix()}") as database:
        assert await database.run(partial(_pragma, "wal_autocheckpoint")) == [(0,)]
        await database.run(partial(_wrote, 200))
        await until(lambda: path.stat().st_size >= 200 * 1024)


def _salt(log: Path) -> bytes:
    """Changes when the log is begun anew: https://sqlite.org/fileformat2.html#the_write_ahead_log."""
    with log.open("rb") as file:
        return file.read(24)[16:]


async def test_the_write_ahead_log_is_begun_anew_while_the_writer_never_rests(tmp_path: Path) -> None:
    log = tmp_path / "imagine.db-wal"
    async with open_database(f"sqlite:///{(tmp_path / 'imagine.db').as_posix()}"):
        pass  # with its tables
    database = await open_sqlite(SqliteFile(str(tmp_path / "imagine.db")), most_log_pages=256)
    try:
        await database.run(partial(_wrote, 64))
        first = _salt(log)
        async with asyncio.timeout(PATIENCE):
            while _salt(log) == first:
                await database.run(partial(_wrote, 64))
    finally:
        await database.close()
