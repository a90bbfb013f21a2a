"""PostgreSQL through a small pool, in a way that works behind pgbouncer and survives a server that restarts."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import asyncpg

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.settings.database_url import PostgresServer
from bot.storage.engine.failures import Consequence, consequence_of, trouble_of
from bot.storage.engine.protocol import Dialect, Rows, Statement, StatementRejected, T, Transaction, storable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

POOL_SIZE = 3  # small plans allow 20 connections, and two copies run during a deploy
LONG_READS = 1  # of those connections: the others are for whoever waits
ATTEMPTS = POOL_SIZE + 1  # a server that restarted leaves a whole pool of dead connections
IDLE_SECONDS = 60.0  # then a connection is closed, so that a serverless database may sleep
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

BEGIN_READING = """
BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
SET LOCAL statement_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'
"""

EPOCH_MILLIS = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that was ended while nobody looked
    OSError,  # with its ConnectionError, TimeoutError and ssl.SSLError
)


class PostgresDatabase:
    """An open pool of connections."""

    dialect: Dialect = "postgresql"
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    tables_without_all_rights = """
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace) AND NOT (
            has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')
        )
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._long_reads = asyncio.Semaphore(LONG_READS)

    async def run(
        self,
        transaction: Callable[[], Transaction[T]],
        *,
        exclusive: bool = False,
        reading: bool = False,
        synchronous: bool = True,  # noqa: ARG002 — not without: a server that crashes would lose what a process goes on with
    ) -> T:
        if reading:
            async with self._long_reads:
                return await self._run(transaction, BEGIN_READING, STATEMENT_SECONDS)
        if exclusive:
            return await self._run(transaction, BEGIN_EXCLUSIVE, EXCLUSIVE_SECONDS)
        return await self._run(transaction, BEGIN, STATEMENT_SECONDS)

    async def close(self) -> None:
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _run(self, transaction: Callable[[], Transaction[T]], begin: str, seconds: float) -> T:
        """As often as it takes where nothing was committed (see _commit) and the engine is to blame."""
        attempts = 0
        while True:
            attempts += 1
            try:
                return await self._attempt(transaction(), begin, seconds)
            except FAILURES as error:
                match _consequence(error):
                    case Consequence.REJECTED:
                        constraint = getattr(error, "constraint_name", None)
                        about = (type(error).__name__, getattr(error, "sqlstate", ""), constraint)
                        raise StatementRejected(" ".join(map(str, filter(None, about)))) from None
                    case Consequence.UNAVAILABLE:
                        raise _unavailable(error) from error
                    case Consequence.RUN_AGAIN | Consequence.RECONNECT if attempts == ATTEMPTS:
                        raise _unavailable(error) from error

    async def _attempt(self, statements: Transaction[T], begin: str, seconds: float) -> T:
        async with self._pool.acquire(timeout=STATEMENT_SECONDS) as connection:
            try:
                result = await _drive(connection, statements, begin, seconds)
            except (TimeoutError, asyncio.CancelledError):
                _end(connection)  # or the pool waits for a server that is silent
                raise
            except BaseException as error:
                if isinstance(error, FAILURES) and _consequence(error) is Consequence.RECONNECT:
                    _end(connection)  # or the pool hands it out again
                    await self._pool.expire_connections()
                    raise
                with contextlib.suppress(*FAILURES):
                    await connection.execute("ROLLBACK")
                raise
            await _commit(connection)
        return result


async def open_postgres(server: PostgresServer) -> PostgresDatabase:
    """Raises DatabaseUnavailable."""
    try:
        pool = await asyncpg.create_pool(
            min_size=0,
            init_size=1,
            max_size=POOL_SIZE,
            max_inactive_connection_lifetime=IDLE_SECONDS,
            connect=_Connector(server).connect,
            reset=_no_reset,
        )
    except (*FAILURES, ValueError) as error:
        raise _unavailable(error) from error
    return PostgresDatabase(pool)


class _Connector:
    """Makes connections to whichever of a server's addresses takes them, beginning with the one that did last."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._addresses = list(server.dsns)

    async def connect(self, dsn: str | None = None, **options: Any) -> asyncpg.Connection[asyncpg.Record]:
        """What a pool calls; it has been given no `dsn`."""
        *others, last = self._addresses
        for dsn in others:
            with contextlib.suppress(*FAILURES):
                return await self._connect_to(dsn, options)
            # Whoever looks for one from now on begins elsewhere.
            self._addresses = [*(other for other in self._addresses if other != dsn), dsn]
        return await self._connect_to(last, options)

    async def _connect_to(self, dsn: str, options: Mapping[str, Any]) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(
            dsn,
            timeout=self._server.connect_seconds / len(self._server.dsns),
            command_timeout=STATEMENT_SECONDS,
            # Behind pgbouncer the next statement may meet another session, which has prepared nothing.
            statement_cache_size=0,
            ssl=ssl.create_default_context() if self._server.system_roots else None,
            **options,
        )


async def _no_reset(_: object) -> None:
    """Nothing of ours outlives its transaction, so no round trip is spent on clearing the session."""


async def _drive(connection: Connection, statements: Transaction[T], begin: str, seconds: float) -> T:
    await connection.execute(begin, timeout=seconds)
    try:
        statement = next(statements)
        while True:
            statement = statements.send(await _execute(connection, statement, seconds))
    except StopIteration as end:
        result: T = end.value
        return result


async def _execute(connection: Connection, statement: Statement, seconds: float) -> Rows:
    text, names = numbered(statement[0])
    if isinstance(statement[1], Mapping):
        records = await connection.fetch(
            text, *(storable(statement[1][name]) for name in names), timeout=seconds
        )
        return [tuple(record) for record in records]
    sets = [[storable(params[name]) for name in names] for params in statement[1]]
    await connection.executemany(text, sets, timeout=seconds)
    return ()


async def _commit(connection: Connection) -> None:
    try:
        await connection.execute("COMMIT")
    except FAILURES as error:
        if _consequence(error) is Consequence.RUN_AGAIN:
            raise
        _end(connection)
        # Nobody knows whether it was committed, so it must not be repeated.
        raise _unavailable(error) from error


def _end(connection: Connection) -> None:
    """The pool takes back one that is lost, and then there is nothing left to end: that must not hide the loss."""
    with contextlib.suppress(asyncpg.InterfaceError):
        connection.terminate()


@cache
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """`:name` parameters as PostgreSQL's `$n`, and the names in the order of their numbers."""
    statement = statement.replace("epoch_millis()", EPOCH_MILLIS)
    names = tuple(dict.fromkeys(re.findall(_PARAMETER, statement)))
    return re.sub(_PARAMETER, lambda found: f"${names.index(found[1]) + 1}", statement), names


_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


def _consequence(error: Exception) -> Consequence:
    if isinstance(error, asyncpg.PostgresError):
        return consequence_of(error.sqlstate or "")
    # Without a word from the server: where nobody answers in time, nobody would the next time, either.
    return Consequence.UNAVAILABLE if isinstance(error, TimeoutError) else Consequence.RECONNECT


def _unavailable(error: Exception) -> DatabaseUnavailable:
    # The first line: details quote rows, and with them prompts.
    return DatabaseUnavailable(f"{type(error).__name__}: {error}".partition("\n")[0], _trouble(error))


def _trouble(error: Exception) -> DatabaseTrouble:
    match error:
        case asyncpg.PostgresError():
            return trouble_of(error.sqlstate or "", str(error))
        case asyncpg.TargetServerAttributeNotMatched():
            return DatabaseTrouble.READ_ONLY
        case ssl.SSLCertVerificationError():
            return DatabaseTrouble.ENCRYPTION
        case ConnectionError() if "SSL" in str(error):
            return DatabaseTrouble.ENCRYPTION
        case OSError():
            return DatabaseTrouble.UNREACHABLE
        case _:
            return DatabaseTrouble.OTHER
