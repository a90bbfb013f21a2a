"""What is left of pictures that were deleted, in SQL that both engines speak."""

from __future__ import annotations

from datetime import datetime

from bot.storage.engine.protocol import Database, Params, Transaction, in_transaction, to_millis

DELETE = """
UPDATE generation SET
    deleted_at = COALESCE(deleted_at, :at), sources = NULL, late_sources = NULL,
    prompt = CASE WHEN CAST(:for_good AS INTEGER) = 1 THEN '' ELSE prompt END,
    spec = CASE WHEN CAST(:for_good AS INTEGER) = 1 THEN NULL ELSE spec END,
    revised_prompt = CASE WHEN CAST(:for_good AS INTEGER) = 1 THEN NULL ELSE revised_prompt END,
    model_prompt = CASE WHEN CAST(:for_good AS INTEGER) = 1 THEN NULL ELSE model_prompt END
WHERE id = :id AND settled_at IS NOT NULL
RETURNING id
"""
DROP_PICTURES = "DELETE FROM picture WHERE generation = :id"


class SqlDeletions:
    """Implements `bot.core.generation.deletion.DeletionStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction()
    def delete(self, generation: int, now: datetime, *, for_good: bool) -> Transaction[None]:
        about: Params = {"id": generation, "at": to_millis(now), "for_good": int(for_good)}
        if (yield DELETE, about):
            yield DROP_PICTURES, {"id": generation}
