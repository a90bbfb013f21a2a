"""Paid orders that were never shown, as they stand in the journal."""

from __future__ import annotations

from functools import partial

from bot.core.generation.model import Order
from bot.core.generation.undelivered import UndeliveredOrder
from bot.core.place import Caller
from bot.storage.engine.protocol import Database, Steps
from bot.storage.sources import decode
from bot.storage.times import from_millis

KEPT = """
SELECT prompt, reserved_at, model, sources, credits FROM generation
WHERE member = :member AND server = :server AND sources IS NOT NULL AND settled_at IS NOT NULL
ORDER BY reserved_at DESC LIMIT :most
"""


class SqlUndeliveredOrders:
    """Implements `bot.core.gallery.UndeliveredOrders`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_for(self, caller: Caller, most: int) -> tuple[UndeliveredOrder, ...]:
        return await self._database.run(partial(_kept_for, caller, most), reading=True)


def _kept_for(caller: Caller, most: int) -> Steps[tuple[UndeliveredOrder, ...]]:
    rows = yield KEPT, {"member": caller.member, "server": caller.server, "most": most}
    return tuple(
        UndeliveredOrder(prompt, from_millis(at), Order(model or "", decode(sources), credits))
        for prompt, at, model, sources, credits in rows
    )
