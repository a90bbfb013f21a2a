"""SQLite behind two threads that own a connection each: a transaction is one hop there and one back.

Transactions that are waiting when the writing thread comes to them share one commit, and with it one wait for the disk.
Long reads have a thread of their own: the write-ahead log lets them run beside the writer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bot.core.errors import DatabaseTrouble, LedgerUnavailable
from bot.settings.database_url import SqliteFile
from bot.storage.engine.failures import sqlite_rejects, sqlite_trouble_of
from bot.storage.engine.file_systems import network_file_system
from bot.storage.engine.protocol import Params, Rows, StatementRejected, Steps, T, storable

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long another process may keep the database to itself."""

MOST_TOGETHER = 64
"""Transactions in one commit; other processes, and the first of them, wait until it is done."""

OWNER_ONLY = 0o600
"""Prompts and interaction tokens are in it, and the machine may have other users."""


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
    tables_without_all_rights = (
        "SELECT name FROM sqlite_master WHERE 1 = 0"  # who may write to the file may do all
    )

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._writer = _Worker("sqlite", writer, "BEGIN IMMEDIATE", MOST_TOGETHER)
        self._reader = _Worker("sqlite reader", reader, "BEGIN", 1)

    async def run(
        self,
        transaction: Callable[[], Steps[T]],
        *,
        exclusive: bool = False,  # noqa: ARG002 — each that writes is: BEGIN IMMEDIATE takes SQLite's only write lock
        reading: bool = False,
    ) -> T:
        return await (self._reader if reading else self._writer).run(transaction)

    async def close(self) -> None:
        # The reader first: the last connection that is closed clears the write-ahead log away.
        await self._reader.close()
        await self._writer.close()


class _Worker:
    """A thread and its connection; `begin` opens each of its transactions, up to `together` of which share one."""

    def __init__(self, name: str, connection: sqlite3.Connection, begin: str, together: int) -> None:
        self._connection = connection
        self._begin = begin
        self._together = together
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, transaction: Callable[[], Steps[T]]) -> T:
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
                job = self._jobs.get_nowait() if len(batch) < self._together else None
            except Empty:
                return batch
        if self._closed:
            self._jobs.put(None)
        return batch

    def _commit_together(self, batch: Sequence[Job]) -> list[Answer]:
        try:
            self._connection.execute(self._begin)
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

    def _execute(self, statement: str, params: Params | Sequence[Params]) -> Rows:
        try:
            if isinstance(params, Mapping):
                return self._connection.execute(statement, _storable(params)).fetchall()
            self._connection.executemany(statement, map(_storable, params))
        except (sqlite3.Error, OverflowError) as error:
            if isinstance(error, OverflowError) or sqlite_rejects(error):
                raise StatementRejected(f"{type(error).__name__} in {statement.split(None, 1)[0]}") from None
            raise
        return ()


def _storable(params: Params) -> Params:
    return {name: storable(value) if isinstance(value, str) else value for name, value in params.items()}


async def open_sqlite(file: SqliteFile) -> SqliteDatabase:
    """Opens `file`, and makes it and its folder where they are missing. Raises LedgerUnavailable."""
    try:
        return SqliteDatabase(*await asyncio.to_thread(_connect_twice, Path(file.path)))
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnavailable(f"{file.path}: {error}", sqlite_trouble_of(error)) from error


def _connect_twice(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    _make_private(path)
    if kind := network_file_system(path):
        log.warning(
            "%s is on a file system of a network (%s), where SQLite may lose what is written", path, kind
        )
    writer = _connect(path)
    try:
        reader = _connect(path)
        reader.execute("PRAGMA query_only = ON")
    except BaseException:
        writer.close()
        raise
    return writer, reader


def _make_private(path: Path) -> None:
    """The file is there and its owner's alone; so will be those that SQLite puts beside it, which take after it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # Never one that is there: closing it would drop the locks that this process may hold on it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    if os.name == "nt":
        return  # access is inherited from the folder there
    for file in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        try:
            if stat.S_IMODE(file.stat().st_mode) & ~OWNER_ONLY:
                file.chmod(OWNER_ONLY)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s can be read by other users of this machine: %s", file, error.strerror)


def _connect(path: Path) -> sqlite3.Connection:
    # Opened here, used by the one thread of its worker alone.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        use_write_ahead_log(connection)
        # FULL: what was committed outlives a power cut, and with it what was paid.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("epoch_millis", 0, lambda: time.time_ns() // 1_000_000)
    except BaseException:
        connection.close()
        raise
    return connection


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Turning it on does not wait for other processes that do the same, whatever the busy timeout says."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            [(mode,)] = connection.execute("PRAGMA journal_mode = WAL").fetchall()
            if mode != "wal":  # SQLite goes on without, where the file system has no shared memory
                raise LedgerUnavailable(f"journal mode {mode}", DatabaseTrouble.FILE_SYSTEM)
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
        unavailable = LedgerUnavailable(f"{type(error).__name__}: {error}", sqlite_trouble_of(error))
        unavailable.__cause__ = error
        return partial(_set_exception, job.outcome, unavailable)
    return partial(_set_exception, job.outcome, error)


def _set_result(outcome: asyncio.Future[Any], result: object) -> None:
    if not outcome.done():  # by cancellation
        outcome.set_result(result)


def _set_exception(outcome: asyncio.Future[Any], error: Exception) -> None:
    if not outcome.done():
        outcome.set_exception(error)
