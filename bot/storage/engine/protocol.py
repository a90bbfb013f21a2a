"""How repositories speak to a database: a transaction is a generator that yields statements and is sent their rows.

That lets SQLite run a whole transaction in one hop to its thread, and PostgreSQL await each statement, from one text.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeAlias, TypedDict, TypeVar, Unpack

from bot.core.errors import DatabaseUnavailable

P = ParamSpec("P")
T = TypeVar("T")

Value = str | int | bytes | None
Params = Mapping[str, Value]
Row = tuple[Any, ...]  # the columns of one row, in the order in which the statement names them
Rows = Sequence[Row]

Statement = tuple[str, Params | Sequence[Params]]
"""SQL with `:name` parameters and their values; given several sets of values it is run for each, in order.

`epoch_millis()` in it is now by the database's own clock, for what processes on different machines have to agree on.
"""

Dialect: TypeAlias = Literal["sqlite", "postgresql"]

Transaction = Generator[Statement, Rows, T]
"""Returning commits, raising rolls back. May be started anew after an engine rolled it back: no side effects."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class StatementRejected(Exception):
    """The values of one statement are to blame, not the database: it would be rejected again.

    A mistake of ours, for what people say is checked before it comes here. No value is quoted: it may be a prompt.
    """


def one_statement(sql: str, parameters: Params | Sequence[Params]) -> Transaction[Rows]:
    """A transaction of one statement; its rows."""
    return (yield sql, parameters)


def storable(value: Value) -> Value:
    """As both engines take it: no NUL, which PostgreSQL has no place for, and no half of a surrogate pair.

    Replaced, so that it shows in what is read back that the text was not whole: an image API may have sent it. From
    what people type, `bot.ui.text.clean` has dropped both long before.
    """
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def to_millis(instant: datetime) -> int:
    """An instant as it is stored: UTC epoch milliseconds."""
    return (instant - EPOCH) // MILLISECOND


def from_millis(millis: int) -> datetime:
    return EPOCH + millis * MILLISECOND


class RunOptions(TypedDict, total=False):
    """Those of `Database.run`, for what passes them on."""

    exclusive: bool
    reading: bool
    synchronous: bool


class Database(Protocol):
    """An open database."""

    @property
    def dialect(self) -> Dialect:
        """Which SQL it speaks, for the few things that the engines have no common words for."""
        ...

    @property
    def tables(self) -> str:
        """The engine's own statement for the names of the tables that there are."""
        ...

    @property
    def tables_without_all_rights(self) -> str:
        """The same for those that the bot may not read, or not write to; it waits for no lock."""
        ...

    async def run(
        self,
        transaction: Callable[[], Transaction[T]],
        *,
        exclusive: bool = False,
        reading: bool = False,
        synchronous: bool = True,
    ) -> T:
        """Run one transaction. `exclusive`: after every other exclusive one, whichever process runs it.

        `reading`: it writes nothing and may take long; nobody who writes waits for it.

        `synchronous=False`: a machine that loses its power within half a second, before any later transaction was
        committed, may lose it. A process that is killed does not, and neither does PostgreSQL.

        Raises what the transaction raises, DatabaseUnavailable where the engine fails, and StatementRejected.
        """
        ...

    async def close(self) -> None:
        """Let what runs finish, and close the connections."""
        ...


class Repository(Protocol):
    """Whose methods are transactions of one database."""

    @property
    def database(self) -> Database: ...


R = TypeVar("R", bound=Repository)


def in_transaction(
    *, reading: bool = False, synchronous: bool = True
) -> Callable[
    [Callable[Concatenate[R, P], Transaction[T]]], Callable[Concatenate[R, P], Coroutine[Any, Any, T]]
]:
    """Turns a method that is one transaction into one that is awaited, and raises and returns what that does.

    It is run by its repository's database, with these options of `Database.run`.
    """

    def decorate(
        method: Callable[Concatenate[R, P], Transaction[T]],
    ) -> Callable[Concatenate[R, P], Coroutine[Any, Any, T]]:
        @wraps(method)
        async def run(repository: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
            transaction = partial(method, repository, *args, **kwargs)
            return await repository.database.run(transaction, reading=reading, synchronous=synchronous)

        return run

    return decorate


class MonitoredDatabase:
    """Is `database`, and calls `failed` for each transaction that its engine could not carry out."""

    def __init__(self, database: Database, failed: Callable[[], None]) -> None:
        self._database = database
        self._failed = failed
        self.dialect = database.dialect
        self.tables = database.tables
        self.tables_without_all_rights = database.tables_without_all_rights

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        try:
            return await self._database.run(transaction, **options)
        except DatabaseUnavailable:
            self._failed()
            raise

    async def close(self) -> None:
        await self._database.close()
