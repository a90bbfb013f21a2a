"""SQLite behind one thread that owns the connection: a transaction is one hop there and one back."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bot.core.errors import LedgerUnavailable
from bot.storage.transaction import Params, Rows, Steps, T
from bot.storage.urls import SqliteFile

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long another process may keep the database to itself."""

Job = Callable[[], None]


class SqliteDatabase:
    """An open SQLite file."""

    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="sqlite", daemon=True)
        self._thread.start()

    async def run(
        self,
        transaction: Callable[[], Steps[T]],
        *,
        exclusive: bool = False,  # noqa: ARG002 — each is: BEGIN IMMEDIATE takes SQLite's only write lock
    ) -> T:
        if self._closed:
            raise LedgerUnavailable("the database is closed")
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._jobs.put(partial(self._answer, loop, outcome, transaction))
        return await outcome

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        self._connection.close()

    def _answer(
        self,
        loop: asyncio.AbstractEventLoop,
        outcome: asyncio.Future[T],
        transaction: Callable[[], Steps[T]],
    ) -> None:
        try:
            done = partial(_set_result, outcome, self._transact(transaction()))
        except BaseException as error:  # noqa: BLE001 — raised where the transaction is awaited
            done = partial(_set_exception, outcome, error)
        try:
            loop.call_soon_threadsafe(done)
        except RuntimeError:
            log.warning("a transaction ended after the event loop")

    def _transact(self, steps: Steps[T]) -> T:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = self._drive(steps)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise LedgerUnavailable(f"{type(error).__name__}: {error}") from error
        return result

    def _drive(self, steps: Steps[T]) -> T:
        try:
            statement, params = next(steps)
            while True:
                statement, params = steps.send(self._execute(statement, params))
        except StopIteration as end:
            result: T = end.value
            return result

    def _execute(self, statement: str, params: Params | Any) -> Rows:
        if isinstance(params, Mapping):
            return self._connection.execute(statement, params).fetchall()
        self._connection.executemany(statement, params)
        return ()


async def open_sqlite(file: SqliteFile) -> SqliteDatabase:
    """Opens `file`, and makes it and its folder where they are missing. Raises LedgerUnavailable."""
    try:
        return SqliteDatabase(await asyncio.to_thread(_connect, Path(file.path)))
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnavailable(f"{file.path}: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Opened here, used by the one thread of SqliteDatabase alone.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _use_write_ahead_log(connection)
        # FULL: what was committed outlives a power cut, and with it what was paid.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Turning it on does not wait for other processes that do the same, whatever the busy timeout says."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _set_result(outcome: asyncio.Future[T], result: T) -> None:
    if not outcome.done():
        outcome.set_result(result)


def _set_exception(outcome: asyncio.Future[T], error: BaseException) -> None:
    if not outcome.done():
        outcome.set_exception(error)
