"""Paid orders that were never shown, as they stand in the journal."""

from __future__ import annotations

from functools import partial

from bot.core.generation.model import Generation
from bot.core.place import ServerCaller
from bot.storage.engine.protocol import Database, Steps
from bot.storage.generation_rows import COLUMNS, generation_of

KEPT = f"""
SELECT {COLUMNS} FROM generation
WHERE member = :member AND server = :server AND sources IS NOT NULL AND settled_at IS NOT NULL
ORDER BY reserved_at DESC LIMIT :most
"""  # noqa: S608 — the columns are a constant


class SqlUndeliveredOrders:
    """Implements `bot.core.gallery.UndeliveredOrders`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_for(self, caller: ServerCaller, most: int) -> tuple[Generation, ...]:
        return await self._database.run(partial(_kept_for, caller, most), reading=True)


def _kept_for(caller: ServerCaller, most: int) -> Steps[tuple[Generation, ...]]:
    rows = yield KEPT, {"member": caller.member, "server": caller.server, "most": most}
    return tuple(map(generation_of, rows))
