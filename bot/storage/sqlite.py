"""SQLite behind one thread that owns the connection: a transaction is one hop there and one back.

Transactions that are waiting when the thread comes to them share one commit, and with it one wait for the disk.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bot.core.errors import LedgerUnavailable
from bot.database_url import SqliteFile
from bot.storage.transaction import Params, Rows, Steps, T

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long another process may keep the database to itself."""

MOST_TOGETHER = 64
"""Transactions in one commit; other processes, and the first of them, wait until it is done."""


@dataclass(frozen=True, slots=True)
class Job:
    """A transaction, and where its result is awaited."""

    transaction: Callable[[], Steps[Any]]
    outcome: asyncio.Future[Any]


Answer = Callable[[], None]
"""Tells one outcome, on the event loop."""


class SqliteDatabase:
    """An open SQLite file, for the event loop that is running."""

    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
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
        outcome: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(Job(transaction, outcome))
        return await outcome

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while batch := self._next_batch():
            answers = self._commit_together(batch)
            try:
                self._loop.call_soon_threadsafe(_tell, answers)
            except RuntimeError:
                log.warning("%d transactions ended after the event loop", len(batch))
        self._connection.close()

    def _next_batch(self) -> list[Job]:
        """What is waiting, at least one; nothing once the database is closed."""
        batch: list[Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            try:
                job = self._jobs.get_nowait() if len(batch) < MOST_TOGETHER else None
            except Empty:
                return batch
        if self._closed:
            self._jobs.put(None)
        return batch

    def _commit_together(self, batch: Sequence[Job]) -> list[Answer]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                answers = [self._run_one(job) for job in batch]
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            return [_failing(job, error) for job in batch]
        return answers

    def _run_one(self, job: Job) -> Answer:
        """Behind a savepoint, so that it fails alone."""
        self._connection.execute("SAVEPOINT one")
        try:
            answer = partial(_set_result, job.outcome, self._drive(job.transaction()))
        except Exception as error:
            if not self._connection.in_transaction:
                raise  # SQLite has rolled back everything, as it does when the disk is full
            self._connection.execute("ROLLBACK TO one")
            answer = _failing(job, error)
        self._connection.execute("RELEASE one")
        return answer

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
        connection.create_function("epoch_millis", 0, lambda: time.time_ns() // 1_000_000)
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


def _tell(answers: Sequence[Answer]) -> None:
    for answer in answers:
        answer()


def _failing(job: Job, error: Exception) -> partial[None]:
    if isinstance(error, sqlite3.Error):
        unavailable = LedgerUnavailable(f"{type(error).__name__}: {error}")
        unavailable.__cause__ = error
        return partial(_set_exception, job.outcome, unavailable)
    return partial(_set_exception, job.outcome, error)


def _set_result(outcome: asyncio.Future[Any], result: object) -> None:
    if not outcome.done():  # by cancellation
        outcome.set_result(result)


def _set_exception(outcome: asyncio.Future[Any], error: Exception) -> None:
    if not outcome.done():
        outcome.set_exception(error)
