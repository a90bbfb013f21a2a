"""What an engine's error means: a table from its codes, for whoever runs a transaction, and for the operator."""

from __future__ import annotations

import sqlite3
from enum import Enum

from bot.core.errors import DatabaseTrouble


class Consequence(Enum):
    """What becomes of a transaction that failed."""

    REJECTED = "its own values are to blame: it fails alone, and would fail again"
    RUN_AGAIN = "the engine rolled it back for another's sake"
    RECONNECT = "this connection is of no use any more, and neither are those that were made with it"
    UNAVAILABLE = "the database can't be used right now"


# SQLSTATEs and their classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONSEQUENCES = {
    "08": Consequence.RECONNECT,  # connection exception
    "22": Consequence.REJECTED,  # data exception
    "23": Consequence.REJECTED,  # integrity constraint violation
    "25006": Consequence.RECONNECT,  # read-only transaction: another server is the primary by now, or will be
    "25P03": Consequence.RECONNECT,  # idle-in-transaction timeout
    "40001": Consequence.RUN_AGAIN,  # serialization failure, and conflict with recovery
    "40P01": Consequence.RUN_AGAIN,  # deadlock
    "54": Consequence.REJECTED,  # program limit exceeded, such as the size of an index's row
    "57P01": Consequence.RECONNECT,  # admin shutdown
    "57P02": Consequence.RECONNECT,  # crash shutdown
    "57P03": Consequence.RECONNECT,  # cannot connect now
    "57P04": Consequence.RECONNECT,  # database dropped
    "57P05": Consequence.RECONNECT,  # idle session timeout
}
_TROUBLES = {
    "08": DatabaseTrouble.UNREACHABLE,
    "25006": DatabaseTrouble.READ_ONLY,
    "28": DatabaseTrouble.LOGIN,
    "3D000": DatabaseTrouble.NO_DATABASE,
    "3F000": DatabaseTrouble.NO_SCHEMA,
    "42501": DatabaseTrouble.NO_PRIVILEGES,
    "42P07": DatabaseTrouble.TAKEN,
    "53100": DatabaseTrouble.FULL,
    "53300": DatabaseTrouble.CONNECTIONS,
    "55P03": DatabaseTrouble.BUSY,
    "57014": DatabaseTrouble.BUSY,
    "57P": DatabaseTrouble.STARTING,
}
# Where one code stands for several things, and the words of the server tell them apart (it may speak its own language).
_BY_WORDS = {
    ("", "sslmode=require"): DatabaseTrouble.ENCRYPTION,
    ("28", "no encryption"): DatabaseTrouble.ENCRYPTION,
    ("28", "ssl off"): DatabaseTrouble.ENCRYPTION,
    ("42501", "for database"): DatabaseTrouble.NO_CONNECT,
    # Poolers, which have codes of their own
    ("08P01", "startup parameter"): DatabaseTrouble.POOLER,
    ("08P01", "no such database"): DatabaseTrouble.NO_DATABASE,
    ("08P01", "no such user"): DatabaseTrouble.LOGIN,
    ("08P01", "authentication"): DatabaseTrouble.LOGIN,
    ("XX000", "user not found"): DatabaseTrouble.LOGIN,
    ("26000", "prepared statement"): DatabaseTrouble.POOLER,
    ("42P05", "prepared statement"): DatabaseTrouble.POOLER,
}

_SQLITE_TROUBLES = {
    sqlite3.SQLITE_BUSY: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_LOCKED: DatabaseTrouble.BUSY,
    sqlite3.SQLITE_FULL: DatabaseTrouble.FULL,
    sqlite3.SQLITE_READONLY: DatabaseTrouble.FILE_READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseTrouble.NO_FILE,
    sqlite3.SQLITE_PERM: DatabaseTrouble.NO_FILE,
    sqlite3.SQLITE_AUTH: DatabaseTrouble.NO_FILE,
    sqlite3.SQLITE_NOTADB: DatabaseTrouble.NOT_A_DATABASE,
    sqlite3.SQLITE_PROTOCOL: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_NOLFS: DatabaseTrouble.FILE_SYSTEM,
}
_SQLITE_IO_TROUBLES = {
    sqlite3.SQLITE_IOERR_SHMMAP: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_IOERR_SHMOPEN: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_IOERR_SHMLOCK: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_IOERR_LOCK: DatabaseTrouble.FILE_SYSTEM,
    sqlite3.SQLITE_IOERR_WRITE: DatabaseTrouble.FULL,
    sqlite3.SQLITE_IOERR_FSYNC: DatabaseTrouble.FULL,
}
_SQLITE_REJECTED = {
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_RANGE,
}


def consequence_of(sqlstate: str) -> Consequence:
    """Of an error of PostgreSQL, by its SQLSTATE."""
    return _CONSEQUENCES.get(sqlstate) or _CONSEQUENCES.get(sqlstate[:2]) or Consequence.UNAVAILABLE


def trouble_of(sqlstate: str, words: str = "") -> DatabaseTrouble:
    """What an operator can do something about, by SQLSTATE and what the server said."""
    for (prefix, sign), trouble in _BY_WORDS.items():
        if sqlstate.startswith(prefix) and sign in words.lower():
            return trouble
    for length in (5, 3, 2):
        if found := _TROUBLES.get(sqlstate[:length]):
            return found
    return DatabaseTrouble.OTHER


def sqlite_trouble_of(error: Exception) -> DatabaseTrouble:
    """The same of an error of SQLite, or of the operating system where its file is concerned."""
    if isinstance(error, OSError):
        return DatabaseTrouble.NO_FILE
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return DatabaseTrouble.OTHER
    if code == sqlite3.SQLITE_ERROR and "already exists" in str(error):
        return DatabaseTrouble.TAKEN
    return _SQLITE_IO_TROUBLES.get(code) or _SQLITE_TROUBLES.get(code & 0xFF) or DatabaseTrouble.OTHER


def sqlite_rejects(error: Exception) -> bool:
    """Whether a statement's own values are to blame, be it SQLite that says so or its driver."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_REJECTED
    # OverflowError: an integer of more than 64 bits
    return isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError | OverflowError)
