"""What PostgreSQL alone can do wrong: connections that are lost, servers that are gone."""

from __future__ import annotations

import asyncio
from functools import partial

import asyncpg
import pytest

from bot.core.errors import DatabaseUnavailable
from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from bot.storage.engine.postgres import POOL_SIZE, numbered
from bot.storage.engine.protocol import Database, Rows, Transaction, in_transaction
from bot.storage.key_value_store import SqlKeyValueStore
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.databases import terminate
from tests.patience import PATIENCE
from tests.storage.factories import meters, request, rules


def _sleep(seconds: str) -> Transaction[Rows]:
    return (yield f"SELECT pg_sleep({seconds})", {})


def test_names_become_numbers_and_casts_stay() -> None:
    assert numbered("SELECT :b, :a, :b, CAST(:a AS TEXT), x::bigint") == (
        "SELECT $1, $2, $1, CAST($2 AS TEXT), x::bigint",
        ("b", "a"),
    )


async def test_a_lost_connection_is_made_again(postgres_server: str, postgres_url: str) -> None:
    async with open_database(f"{postgres_url}&application_name=lost") as database:
        ledger = SqlLedger(database)
        await asyncio.gather(*(ledger.reserve(request(), rules(), NOON) for _ in range(6)))
        assert await terminate(postgres_server, "lost") == POOL_SIZE
        assert (await ledger.reserve(request(), rules(), NOON))[0].used == 7


async def test_a_transaction_that_is_interrupted_is_run_again(
    postgres_server: str, postgres_url: str
) -> None:
    started = asyncio.Event()
    runs: list[int] = []

    def interrupted() -> Transaction[int]:
        runs.append(1)
        yield "INSERT INTO note VALUES ('once', 'x')", {}
        started.set()
        yield ("SELECT pg_sleep(600)" if len(runs) == 1 else "SELECT 1"), {}
        return len(runs)

    async with open_database(f"{postgres_url}&application_name=again") as database:
        running = asyncio.create_task(database.run(interrupted))
        await started.wait()
        await terminate(postgres_server, "again")
        assert await running == 2


async def test_a_start_waits_for_nobody_who_keeps_others_from_writing(postgres_url: str) -> None:
    async with open_database(postgres_url):
        pass
    other = await asyncpg.connect(postgres_url)
    await other.execute("BEGIN; LOCK TABLE generation IN SHARE ROW EXCLUSIVE MODE")
    async with asyncio.timeout(PATIENCE), open_database(postgres_url):
        pass
    await other.close()


class Notes:
    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction()
    def sign(self, sign: str, first: str, second: str) -> Transaction[None]:
        change = """
            INSERT INTO note VALUES (:name, :sign)
            ON CONFLICT (name) DO UPDATE SET value = note.value || excluded.value
        """
        yield change, {"name": first, "sign": sign}
        yield "SELECT pg_sleep(0.1)", {}
        yield change, {"name": second, "sign": sign}


async def test_a_deadlock_is_run_again_from_the_beginning(postgres_url: str) -> None:
    async with open_database(postgres_url) as database:
        await asyncio.gather(Notes(database).sign("1", "a", "b"), Notes(database).sign("2", "b", "a"))
        signed = [await SqlKeyValueStore(database).get(name) for name in ("a", "b")]
    assert [set(signs or "") for signs in signed] == [{"1", "2"}, {"1", "2"}]


async def test_a_server_that_is_gone_is_said_soon_and_without_the_password(unused_tcp_port: int) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        async with (
            asyncio.timeout(PATIENCE),
            open_database(f"postgres://u:hunter2@127.0.0.1:{unused_tcp_port}/d"),
        ):
            pass
    assert "hunter2" not in str(caught.value)


async def test_a_server_that_does_not_answer_is_given_up() -> None:
    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence.wait()
        writer.close()

    silence = asyncio.Event()
    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
        async with open_database(
            f"postgres://u:hunter2@127.0.0.1:{port}/d?sslmode=disable&connect_timeout=1"
        ):
            pass
    silence.set()
    server.close()


async def test_a_rejected_login_names_no_prompt_and_no_password(postgres_server: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="nobody") as caught:
        async with open_database(postgres_server.replace("postgres:@", "nobody:hunter2@")):
            pass
    assert "hunter2" not in str(caught.value)


async def test_a_cancelled_transaction_gives_its_connection_back(postgres_url: str) -> None:
    async with open_database(postgres_url) as database:
        for _ in range(POOL_SIZE + 1):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await database.run(partial(_sleep, "600"))
        assert await SqlCounters(database).usage(meters()[:1])
