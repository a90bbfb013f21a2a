"""PostgreSQL through a small pool, in a way that works behind pgbouncer and survives a server that restarts."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import asyncpg

from bot.core.errors import LedgerUnavailable
from bot.database_url import PostgresServer
from bot.storage.transaction import Rows, Step, Steps, T

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

POOL_SIZE = 3  # small plans allow 20 connections, and two copies run during a deploy
ATTEMPTS = POOL_SIZE + 1  # a server that restarted leaves a whole pool of dead connections
STATEMENT_SECONDS = 5.0
EXCLUSIVE_SECONDS = 60.0

# In one round trip. The server ends a transaction whose client has vanished: it may hold the bot's own meter.
BEGIN = """
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL statement_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'
"""
# A lock of the transaction: pgbouncer takes those of a session to whoever comes next. Any number that is ours.
BEGIN_EXCLUSIVE = """
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '60s';
SELECT pg_advisory_xact_lock(7301985)
"""

EPOCH_MILLIS = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that was ended while nobody looked
    ConnectionError,
)
ROLLED_BACK = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
FAILURES = (*LOST, asyncpg.PostgresError, OSError)


class PostgresDatabase:
    """An open pool of connections."""

    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run(self, transaction: Callable[[], Steps[T]], *, exclusive: bool = False) -> T:
        try:
            return await self._persist(transaction, exclusive)
        except FAILURES as error:
            raise _unavailable(error) from error

    async def close(self) -> None:
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _persist(self, transaction: Callable[[], Steps[T]], exclusive: bool) -> T:
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(*LOST, *ROLLED_BACK):  # nothing was committed: see _commit
                return await self._attempt(transaction(), exclusive)
        return await self._attempt(transaction(), exclusive)

    async def _attempt(self, steps: Steps[T], exclusive: bool) -> T:
        async with self._pool.acquire(timeout=STATEMENT_SECONDS) as connection:
            try:
                result = await _drive(connection, steps, exclusive)
            except (*LOST, TimeoutError, asyncio.CancelledError):
                connection.terminate()  # or the pool hands it out again, or waits for a server that is silent
                raise
            except BaseException:
                with contextlib.suppress(*FAILURES):
                    await connection.execute("ROLLBACK")
                raise
            await _commit(connection)
        return result


async def open_postgres(server: PostgresServer) -> PostgresDatabase:
    """Raises LedgerUnavailable."""
    try:
        return PostgresDatabase(await _connect(server))
    except (*FAILURES, ValueError) as error:
        raise _unavailable(error) from error


async def _connect(server: PostgresServer) -> Pool:
    return await asyncpg.create_pool(
        server.dsn,
        min_size=1,
        max_size=POOL_SIZE,
        timeout=server.connect_seconds,
        command_timeout=STATEMENT_SECONDS,
        # Behind pgbouncer the next statement may meet another session, which has prepared nothing.
        statement_cache_size=0,
        # Nothing of ours outlives its transaction, so no round trip is spent on clearing the session.
        reset=_keep,
        ssl=ssl.create_default_context() if server.system_roots else None,
    )


async def _keep(_: object) -> None:
    pass


async def _drive(connection: Connection, steps: Steps[T], exclusive: bool) -> T:
    seconds = EXCLUSIVE_SECONDS if exclusive else STATEMENT_SECONDS
    await connection.execute(BEGIN_EXCLUSIVE if exclusive else BEGIN, timeout=seconds)
    try:
        step = next(steps)
        while True:
            step = steps.send(await _execute(connection, step, seconds))
    except StopIteration as end:
        result: T = end.value
        return result


async def _execute(connection: Connection, step: Step, seconds: float) -> Rows:
    text, names = numbered(step[0])
    if isinstance(step[1], Mapping):
        records = await connection.fetch(text, *(step[1][name] for name in names), timeout=seconds)
        return [tuple(record) for record in records]
    sets = [[params[name] for name in names] for params in step[1]]
    await connection.executemany(text, sets, timeout=seconds)
    return ()


async def _commit(connection: Connection) -> None:
    try:
        await connection.execute("COMMIT")
    except LOST as error:
        # Nobody knows whether it was committed, so it must not be repeated.
        raise _unavailable(error) from error


@cache
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """`:name` parameters as PostgreSQL's `$n`, and the names in the order of their numbers."""
    statement = statement.replace("epoch_millis()", EPOCH_MILLIS)
    names = tuple(dict.fromkeys(re.findall(_PARAMETER, statement)))
    return re.sub(_PARAMETER, lambda found: f"${names.index(found[1]) + 1}", statement), names


_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


def _unavailable(error: Exception) -> LedgerUnavailable:
    # The first line: details quote rows, and with them prompts.
    return LedgerUnavailable(f"{type(error).__name__}: {error}".partition("\n")[0])
