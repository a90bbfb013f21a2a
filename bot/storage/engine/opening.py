"""Opens the database that a URL names, whichever engine it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings.database_url import SqliteFile, parse_url
from bot.storage.engine.migrate import migrate
from bot.storage.engine.protocol import Database


@asynccontextmanager
async def open_database(url: str, *, migrating: bool = True) -> AsyncIterator[Database]:
    """The database at `url`, at the newest schema; with `migrating=False` at the schema that it is at.

    Raises ValueError for a URL that is none, DatabaseUnavailable, SchemaTooNew.
    """
    target = parse_url(url)
    database: Database
    # Imported when it is known which is wanted: asyncpg alone is 5 MiB.
    if isinstance(target, SqliteFile):
        from bot.storage.engine.sqlite import open_sqlite  # noqa: PLC0415

        database = await open_sqlite(target)
    else:
        from bot.storage.engine.postgres import open_postgres  # noqa: PLC0415

        database = await open_postgres(target)
    try:
        if migrating:
            await migrate(database)
        yield database
    finally:
        await database.close()
