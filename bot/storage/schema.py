"""Brings a database to the newest schema by numbered SQL files, once each, however many processes start together."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.storage.transaction import Database, Steps

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
RECORD = "schema_migration"

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
    number: int
    name: str
    statements: tuple[str, ...]


def read_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """In order, from files called `0001_what_it_does.sql`."""
    return tuple(_read(path) for path in sorted(folder.glob("*.sql")))


async def migrate(database: Database, migrations: Sequence[Migration] | None = None) -> None:
    """Apply what is missing, all of it or nothing. Raises SchemaTooNew, LedgerUnavailable."""
    migrations = read_migrations() if migrations is None else migrations
    before = await database.run(partial(_migrate, migrations, database.tables), exclusive=True)
    for migration in migrations[before:]:
        log.info("schema %d applied: %s", migration.number, migration.name)


async def schema_status(database: Database) -> tuple[int, int]:
    """The schema that the database is at (0: none yet) and the newest that this version of the bot knows."""
    return await database.run(partial(_at, database.tables)), len(read_migrations())


def _migrate(migrations: Sequence[Migration], tables: str) -> Steps[int]:
    at = yield from _at(tables)
    if at > len(migrations):
        raise SchemaTooNew(at, len(migrations))
    if at == 0:
        yield CREATE_RECORD, {}
    for migration in migrations[at:]:
        for statement in migration.statements:
            yield statement, {}
        yield APPLIED, {"number": migration.number, "name": migration.name}
    return at


def _at(tables: str) -> Steps[int]:
    names = yield tables, {}
    if RECORD not in {str(row[0]) for row in names}:
        return 0
    rows = yield NEWEST_APPLIED, {}
    return int(rows[0][0])


def _read(path: Path) -> Migration:
    number, _, name = path.stem.partition("_")
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    statements = (statement.strip() for statement in text.split(";"))
    return Migration(int(number), name, tuple(statement for statement in statements if statement))
