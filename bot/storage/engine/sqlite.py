"""SQLite behind threads that own a connection each: a transaction is one hop there and one back.

Transactions that are waiting when the writing thread comes to them share one commit, and with it one wait for the disk,
or none where not one of them is synchronous. Long reads have a thread of their own: the write-ahead log lets them run
beside the writer. So have checkpoints, which otherwise some commit or other would carry out while everybody waits.
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
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.settings.database_url import SqliteFile
from bot.storage.engine.failures import sqlite_rejects, sqlite_trouble_of
from bot.storage.engine.file_systems import network_file_system
from bot.storage.engine.protocol import Dialect, Params, Rows, StatementRejected, T, Transaction, storable

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long another process may keep the database to itself."""

MOST_TOGETHER = 64
"""Transactions in one commit; other processes, and the first of them, wait until it is done."""

CHECKPOINT_SECONDS = 0.5
"""Between two checkpoints at least: a bot under load writes a few megabytes of log meanwhile."""

MOST_LOG_PAGES = 16_384
"""64 MiB of write-ahead log, which is only restarted while no connection uses it: beyond that, the writer waits."""

LOG_RESTART_MILLISECONDS = 50
"""For so long, at most, until those who read have finished, too."""

OWNER_ONLY = 0o600
"""Prompts and interaction tokens are in it, and the machine may have other users."""


@dataclass(frozen=True, slots=True)
class Job:
    """A transaction, the future of its result, and whether its commit waits for the disk.

    One that only reads is left out where nobody waits for it any more.
    """

    transaction: Callable[[], Transaction[Any]]
    future: asyncio.Future[Any]
    synchronous: bool
    reading: bool


Result = tuple[asyncio.Future[Any], Any, Exception | None]
"""The future of a result, the result, and the error in its place."""


class SqliteDatabase:
    """An open SQLite file, for the event loop that is running."""

    dialect: Dialect = "sqlite"
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables_without_all_rights = (
        "SELECT name FROM sqlite_master WHERE 1 = 0"  # who may write to the file may do all
    )

    def __init__(
        self,
        writer: sqlite3.Connection,
        reader: sqlite3.Connection,
        checkpointer: sqlite3.Connection,
        most_log_pages: int,
    ) -> None:
        self._checkpoints = _Checkpoints(checkpointer, most_log_pages)
        self._writer = _Worker("sqlite", writer, "BEGIN IMMEDIATE", MOST_TOGETHER, self._checkpoints.are_due)
        self._reader = _Worker("sqlite reader", reader, "BEGIN", 1, None)

    async def run(
        self,
        transaction: Callable[[], Transaction[T]],
        *,
        exclusive: bool = False,  # noqa: ARG002 — each that writes is: BEGIN IMMEDIATE takes SQLite's only write lock
        reading: bool = False,
        synchronous: bool = True,
    ) -> T:
        worker = self._reader if reading else self._writer
        if worker.is_closed:
            raise DatabaseUnavailable("the database is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        worker.jobs.put(Job(transaction, future, synchronous, reading))
        return await future

    async def close(self) -> None:
        # The writer last: the last connection that is closed clears the write-ahead log away.
        await self._reader.close()
        await asyncio.to_thread(self._checkpoints.close)
        await self._writer.close()


class _Checkpoints:
    """A thread that moves what was committed from the write-ahead log into the database file.

    https://sqlite.org/wal.html#ckpt: a passive checkpoint neither waits for anybody nor has anybody wait.
    """

    def __init__(self, connection: sqlite3.Connection, most_log_pages: int) -> None:
        self._most_log_pages = most_log_pages
        self.are_due = threading.Event()
        self._closed = threading.Event()
        self._connection = connection
        self._thread = threading.Thread(target=self._work, name="sqlite checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self.are_due.set()
        self._thread.join()

    def _work(self) -> None:
        while self.are_due.wait() and not self._closed.is_set():
            self.are_due.clear()
            # What fails here, fails for the writer as well, and is told there.
            with suppress(sqlite3.Error, MemoryError):
                [(_, pages, _)] = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                if pages > self._most_log_pages:
                    self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
            self._closed.wait(CHECKPOINT_SECONDS)
        self._connection.close()


class _Worker:
    """A thread and its connection; `begin` opens each of its transactions, up to `together` of which share one.

    `wrote` is set after each. Nothing is put into `jobs` after the None that closes it.
    """

    def __init__(
        self,
        name: str,
        connection: sqlite3.Connection,
        begin: str,
        together: int,
        wrote: threading.Event | None,
    ) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.is_closed = False
        self._connection = connection
        self._begin = begin
        self._together = together
        self._wrote = wrote
        self._synchronous = True
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        """Commit whatever is waiting together, over and over, until there is None among it."""
        is_open = True
        while is_open:
            waiting = [self.jobs.get()]
            while len(waiting) < self._together and not self.jobs.empty():
                waiting.append(self.jobs.get())
            batch = [job for job in waiting if job and not (job.reading and job.future.cancelled())]
            is_open = None not in waiting
            results = self._commit_together(batch) if batch else []
            try:
                self._loop.call_soon_threadsafe(_resolve, results)
            except RuntimeError:
                log.warning("%d transactions ended after the bot had stopped", len(batch))
            if self._wrote:
                self._wrote.set()
        self._connection.close()

    def _commit_together(self, batch: Sequence[Job]) -> list[Result]:
        """Each by itself, where one has taken the others with it: as a picture does that the disk has no room for."""
        synchronous, has_begun = any(job.synchronous for job in batch), False
        try:
            if synchronous != self._synchronous:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if synchronous else 'NORMAL'}")
                self._synchronous = synchronous
            self._connection.execute(self._begin)
            has_begun = True
            try:
                results = [self._run_one(job) for job in batch]
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except Exception as error:  # noqa: BLE001 — else the thread would end, and everybody wait for good
            if has_begun and len(batch) > 1:
                return [result for job in batch for result in self._commit_together([job])]
            return [(job.future, None, _unavailable(error)) for job in batch]
        return results

    def _run_one(self, job: Job) -> Result:
        """Behind a savepoint, so that it fails alone."""
        self._connection.execute("SAVEPOINT one")
        result, failure = None, None
        try:
            statements = job.transaction()
            sql, params = next(statements)
            while True:
                sql, params = statements.send(self._execute(sql, params))
        except StopIteration as end:
            result = end.value
        except Exception as error:
            if not self._connection.in_transaction:
                raise  # SQLite has rolled back everything, as it does when the disk is full, or the memory
            self._connection.execute("ROLLBACK TO one")
            failure = _unavailable(error) if isinstance(error, sqlite3.Error) else error
        self._connection.execute("RELEASE one")
        return job.future, result, failure

    def _execute(self, sql: str, params: Params | Sequence[Params]) -> Rows:
        try:
            if isinstance(params, Mapping):
                return self._connection.execute(sql, _stored(params)).fetchall()
            self._connection.executemany(sql, map(_stored, params))
        except (sqlite3.Error, OverflowError) as error:
            if sqlite_rejects(error):
                raise StatementRejected(f"{type(error).__name__} in {sql.split(None, 1)[0]}") from None
            raise
        return ()


def _stored(params: Params) -> Params:
    return {name: storable(it) if isinstance(it, str) else it for name, it in params.items()}


async def open_sqlite(file: SqliteFile, most_log_pages: int = MOST_LOG_PAGES) -> SqliteDatabase:
    """Opens `file`, and makes it and its folder where they are missing. Raises DatabaseUnavailable."""
    try:
        connections = await asyncio.to_thread(_connect_all, Path(file.path))
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnavailable(f"{file.path}: {error}", sqlite_trouble_of(error)) from error
    return SqliteDatabase(*connections, most_log_pages)


def _connect_all(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection, sqlite3.Connection]:
    """One that writes, one that reads, one for checkpoints."""
    _make_private(path)
    if kind := network_file_system(path):
        log.warning(
            "%s is on a file system of a network (%s), where SQLite may lose what is written", path, kind
        )
    with ExitStack() as opened:
        writer, reader, checkpointer = (opened.enter_context(closing(_connect(path))) for _ in range(3))
        reader.execute("PRAGMA query_only = ON")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        checkpointer.execute(f"PRAGMA busy_timeout = {LOG_RESTART_MILLISECONDS}")
        opened.pop_all()
    return writer, reader, checkpointer


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
        # FULL: what was committed outlives a power cut, and with it what was paid. NORMAL, of a transaction that is not
        # synchronous, leaves it to the next FULL commit or checkpoint: https://sqlite.org/wal.html#fast
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
                raise DatabaseUnavailable(f"journal mode {mode}", DatabaseTrouble.FILE_SYSTEM)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _resolve(results: Sequence[Result]) -> None:
    for future, result, failure in results:
        if future.done():
            continue  # cancelled
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _unavailable(error: Exception) -> DatabaseUnavailable:
    unavailable = DatabaseUnavailable(f"{type(error).__name__}: {error}", sqlite_trouble_of(error))
    unavailable.__cause__ = error
    return unavailable
