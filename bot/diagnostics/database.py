"""The database: whether it can be used, and where not, what the operator has to do about it."""

from __future__ import annotations

from pathlib import Path

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.core.health.image_api_monitor import PICTURES_AT
from bot.diagnostics.report import Finding, Mark, unreachable
from bot.settings.database_url import SqliteFile, parse_url
from bot.storage.engine.file_systems import network_file_system
from bot.storage.engine.migrate import dry_run
from bot.storage.engine.opening import open_database
from bot.storage.key_value_store import SqlKeyValueStore

# What to do about a database, and whether no start can help before that is done (`{place}`: its host, or its file).
_TROUBLES = {
    DatabaseTrouble.UNREACHABLE: ("{unreachable} (the host is in DATABASE_URL)", False),
    DatabaseTrouble.STARTING: ("{place} is starting or being restarted: this takes care of itself", False),
    DatabaseTrouble.BUSY: ("{place} is locked or too slow: end whatever else works on it ({said})", False),
    DatabaseTrouble.CONNECTIONS: (
        "{place} has no connection left: end other programs that use it, or raise max_connections",
        False,
    ),
    DatabaseTrouble.FULL: ("{place} has no room left: free some, or get a larger disk", False),
    DatabaseTrouble.READ_ONLY: (
        "{place} takes no writes: it is a standby, or its disk is full; "
        "the host in DATABASE_URL must be that of the primary",
        False,
    ),
    DatabaseTrouble.LOGIN: (
        "{place} doesn't let the bot in: {said}; check the name and password in DATABASE_URL",
        True,
    ),
    DatabaseTrouble.NO_DATABASE: (
        "{place} has no database of that name: create it, or correct the name in DATABASE_URL",
        True,
    ),
    DatabaseTrouble.NO_CONNECT: (
        "the role in DATABASE_URL may not connect to this database: GRANT CONNECT ON DATABASE to it",
        True,
    ),
    DatabaseTrouble.NO_PRIVILEGES: (
        "the role in DATABASE_URL has not got all the rights it needs: {said}; GRANT USAGE, CREATE ON SCHEMA to it, "
        "and make it the owner of the bot's tables",
        True,
    ),
    DatabaseTrouble.NO_SCHEMA: (
        "no schema of the search path exists: create it, or correct search_path in DATABASE_URL or of the role",
        True,
    ),
    DatabaseTrouble.TAKEN: (
        "{place} has tables that aren't the bot's ({said}): set DATABASE_URL to a database of its own",
        True,
    ),
    DatabaseTrouble.ENCRYPTION: (
        "{place} and the bot don't agree on encryption: {said}; "
        "try sslmode=require, or sslmode=disable, in DATABASE_URL",
        True,
    ),
    DatabaseTrouble.POOLER: (
        "the pooler at {place} doesn't take this: {said}; "
        "remove that parameter, or use the direct host, in DATABASE_URL",
        True,
    ),
    DatabaseTrouble.NO_FILE: (
        "can't open {place}: make sure it isn't a folder and the bot can write there, "
        "or set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.FILE_READ_ONLY: (
        "can't write to {place}: give the bot's user the right to write to it and to its folder, "
        "or set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.NOT_A_DATABASE: (
        "{place} isn't an SQLite database; set DATABASE_URL to another path",
        True,
    ),
    DatabaseTrouble.FILE_SYSTEM: (
        "{place} is on a file system that can't lock files, as those of a network are: "
        "set DATABASE_URL to a path on a local disk, or to a PostgreSQL server",
        True,
    ),
    DatabaseTrouble.OTHER: ("can't be used: {said}", False),
}


def database_finding(error: DatabaseUnavailable, url: str) -> Finding:
    """Why the database at `url` could not be opened, and what to do about it."""
    target = parse_url(url)
    name = target.path if isinstance(target, SqliteFile) else target.hosts
    sentence, misconfigured = _TROUBLES[error.trouble]
    sentence = sentence.format(place=name, said=error, unreachable=unreachable(error, name))
    return Finding(Mark.FAILS, "Database", sentence, misconfigured)


def schema_finding(at: int, newest: int) -> Finding:
    """From the number of the last migration that the database has, and of the last that this version knows."""
    if at > newest:
        sentence = (
            f"is of a newer version of the bot (schema {at}; this one knows {newest}): update the bot, "
            "or put back the copy of the database from before its update"
        )
        return Finding(Mark.FAILS, "Database", sentence)
    if at == newest:
        return Finding(Mark.WORKS, "Database", f"works; schema at {at} of {newest}")
    if at == 0:
        return Finding(Mark.WORKS, "Database", "works; its tables will be created at start")
    return Finding(Mark.WORKS, "Database", f"works; schema at {at} of {newest}, the rest follows at start")


async def database_findings(url: str) -> list[Finding]:
    try:
        async with open_database(url, migrating=False) as database:
            findings = [schema_finding(*await dry_run(database))]
    except DatabaseUnavailable as error:
        findings = [database_finding(error, url)]
    target = parse_url(url)
    if isinstance(target, SqliteFile) and (kind := network_file_system(Path(target.path))):
        sentence = (
            f"is on a file system of a network ({kind}), where it may be damaged: "
            "set DATABASE_URL to a path on a local disk, or to a PostgreSQL server"
        )
        findings.append(Finding(Mark.UNKNOWN, "Database", sentence))
    return findings


async def buys_again_findings(url: str) -> list[Finding]:
    """A picture came: if the bot had stopped buying because of a host that was not allowed, it need not any more."""
    async with open_database(url, migrating=False) as database:
        schema, _ = await dry_run(database)
        store = SqlKeyValueStore(database)
        if not schema or not (origin := await store.get(PICTURES_AT)):
            return []
        await store.put(PICTURES_AT, "")
    return [Finding(Mark.WORKS, "Pictures", f"no longer at {origin}; restart the bot, and it buys again")]
