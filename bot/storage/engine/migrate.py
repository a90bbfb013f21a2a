"""Brings a database to the newest schema by numbered SQL files, once each, however many processes start together."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from bot.storage.engine.protocol import Database, Transaction

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[1] / "migrations"
RECORD = "schema_migration"
DIALECTS = ("sqlite", "postgresql")

# What the bot will do to each of its tables, with nothing in it: an engine asks for the rights all the same.
READS = "SELECT 1 FROM {} WHERE 1 = 0"
INSERTS = "INSERT INTO {0} SELECT * FROM {0} WHERE 1 = 0"
DELETES = "DELETE FROM {} WHERE 1 = 0"
LOCKS = "UPDATE {0} SET {1} = {1} WHERE 1 = 0"

CREATE_RECORD = "CREATE TABLE schema_migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
NEWEST_APPLIED = "SELECT COALESCE(MAX(number), 0) FROM schema_migration"
APPLIED = "INSERT INTO schema_migration (number, name) VALUES (:number, :name)"


class SchemaTooNew(Exception):
    """A later version of the bot has been at this database: this one would damage what it does not know."""

    def __init__(self, at: int, newest: int) -> None:
        super().__init__(f"the database is at schema {at}, this version of the bot knows {newest}: update it")
        self.at = at
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Migration:
    """`statements` that both engines take, and then those of one `dialect` alone."""

    number: int
    name: str
    statements: tuple[str, ...]
    of_dialect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_migrations() -> tuple[Migration, ...]:
    """In order, from files called `0001_what_it_does.sql`, with `0001_what_it_does.sqlite.sql` and
    `0001_what_it_does.postgresql.sql` where the engines differ.
    """
    migrations = []
    for path in sorted(FOLDER.glob("*.sql")):
        number, _, name = path.stem.partition("_")
        if "." not in name:
            own = {dialect: path.with_name(f"{path.stem}.{dialect}.sql") for dialect in DIALECTS}
            of_dialect = {dialect: _statements(file) for dialect, file in own.items() if file.exists()}
            migrations.append(Migration(int(number), name, _statements(path), of_dialect))
    return tuple(migrations)


def _statements(path: Path) -> tuple[str, ...]:
    """Each ends with a semicolon at the end of a line: those inside a trigger stand within one."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    statements = (statement.strip() for statement in re.split(r";\s*(?:\n|$)", text))
    return tuple(filter(None, statements))


async def migrate(database: Database, migrations: Sequence[Migration] | None = None) -> None:
    """Apply what is missing, all of it or nothing. Raises SchemaTooNew, DatabaseUnavailable."""
    migrations = read_migrations() if migrations is None else migrations
    before = await database.run(partial(_migrate, migrations, database), exclusive=True)
    for migration in migrations[before:]:
        log.info("schema migration %d applied: %s", migration.number, migration.name)


async def dry_run(database: Database) -> tuple[int, int]:
    """Migrate, and take it all back. The schema that the database is at (0: none yet), and the newest known here.

    Raises DatabaseUnavailable where a start would.
    """
    migrations = read_migrations()
    try:
        await database.run(partial(_dry_run, migrations, database), exclusive=True)
    except _DryRunDone as done:
        return done.at, len(migrations)
    except SchemaTooNew as error:
        return error.at, error.newest
    raise AssertionError("a dry run always ends in _DryRunDone")


class _DryRunDone(Exception):
    """Rolls a transaction back that went well."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def _dry_run(migrations: Sequence[Migration], database: Database) -> Transaction[NoReturn]:
    raise _DryRunDone((yield from _migrate(migrations, database)))


def _migrate(migrations: Sequence[Migration], database: Database) -> Transaction[int]:
    tables = {str(row[0]) for row in (yield database.tables, {})}
    at = int((yield NEWEST_APPLIED, {})[0][0]) if RECORD in tables else 0
    if at > len(migrations):
        raise SchemaTooNew(at, len(migrations))
    if at == 0:
        yield CREATE_RECORD, {}
    for migration in migrations[at:]:
        for statement in (*migration.statements, *migration.of_dialect.get(database.dialect, ())):
            yield statement, {}
        yield APPLIED, {"number": migration.number, "name": migration.name}
    if (yield database.tables_without_all_rights, {}):
        yield from _use_all(migrations)
    return at


def _use_all(migrations: Sequence[Migration]) -> Transaction[None]:
    """Fails now where the bot would fail later, for want of a right; waits for whoever has locked a table."""
    statements = [statement for migration in migrations for statement in migration.statements]
    dropped = {name for statement in statements for name in _DROPPED.findall(statement)}
    for statement in statements:
        for table, column in _CREATED.findall(statement):
            if table not in dropped:
                for use in (READS, INSERTS, LOCKS, DELETES):
                    yield use.format(table, column), {}


_CREATED = re.compile(r"CREATE TABLE (\w+)\s*\(\s*(\w+)")
_DROPPED = re.compile(r"(?:DROP|ALTER) TABLE (\w+)(?:;|$| RENAME TO)")
