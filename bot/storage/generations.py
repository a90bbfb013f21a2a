"""Reads generations that are on record, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.core.generation.generations import Filter, OfMember, OfServer, Page, Undelivered
from bot.core.generation.model import Generation
from bot.storage.engine.protocol import Database, Params, Transaction, to_millis
from bot.storage.generation_rows import COLUMNS, generation_of

GET = f"SELECT {COLUMNS} FROM generation WHERE id = :id"  # noqa: S608 — the columns are a constant
OF_MEMBER = f"""
SELECT {COLUMNS} FROM generation WHERE member = :member AND id > :after ORDER BY id LIMIT :count
"""  # noqa: S608
OF_SERVER = f"""
SELECT {COLUMNS} FROM generation
WHERE server = :server AND reserved_at < :until
AND (reserved_at > :since OR (reserved_at = :since AND id > :after))
ORDER BY reserved_at, id LIMIT :count
"""  # noqa: S608
UNDELIVERED = f"""
SELECT {COLUMNS} FROM generation
WHERE member = :member AND server = :server AND sources IS NOT NULL AND settled_at IS NOT NULL
AND (reserved_at < :before OR (reserved_at = :before AND id < :beyond))
ORDER BY reserved_at DESC, id DESC LIMIT :count
"""  # noqa: S608
BEYOND_ALL = 2**62


class SqlGenerations:
    """Implements `bot.core.generation.generations.Generations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, id: int) -> Generation | None:
        return await self._database.run(partial(_get, id), reading=True)

    async def find(self, which: Filter, page: Page) -> Sequence[Generation]:
        return await self._database.run(partial(_find, which, page), reading=True)


def _get(id: int) -> Transaction[Generation | None]:
    rows = yield GET, {"id": id}
    return generation_of(rows[0]) if rows else None


def _find(which: Filter, page: Page) -> Transaction[list[Generation]]:
    rows = yield _asked(which, page)
    return [generation_of(row) for row in rows]


def _asked(which: Filter, page: Page) -> tuple[str, Params]:
    after, last = page.after, page.after.id if page.after else 0
    match which:
        case OfMember(member):
            return OF_MEMBER, {"member": member, "after": last, "count": page.count}
        case OfServer(server, since, until):
            times = {"since": to_millis(after.reserved_at if after else since), "until": to_millis(until)}
            return OF_SERVER, times | {"server": server, "after": last, "count": page.count}
        case Undelivered(member, server):
            before = to_millis(after.reserved_at) if after else BEYOND_ALL
            whose = {"member": member, "server": server, "count": page.count}
            return UNDELIVERED, whose | {"before": before, "beyond": last}
