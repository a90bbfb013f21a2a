"""Deletes what is past its retention, in SQL that both engines speak."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.core.privacy.service import KEEP_REVISIONS, Retention
from bot.storage.engine.protocol import (
    Database,
    Params,
    Transaction,
    in_transaction,
    one_statement,
    to_millis,
)
from bot.storage.preferences import sweep_preferences
from bot.storage.reports import sweep_reports

# Few have sources still, and of those fewer pictures.
SWEEP_PICTURES = """
DELETE FROM picture WHERE generation IN (
    SELECT id FROM generation WHERE sources IS NOT NULL AND settled_at < :before
)
"""
SWEEP_PROMPTS = """
UPDATE generation SET prompt = '', spec = NULL, revised_prompt = NULL, model_prompt = NULL, locale = NULL,
    sources = NULL, late_sources = NULL
WHERE id IN (
    SELECT id FROM generation
    WHERE (prompt <> '' OR spec IS NOT NULL) AND settled_at < :before ORDER BY settled_at LIMIT :count
) RETURNING id
"""
# What was kept of an order that was answered after its row had been swept.
SWEEP_SOURCES = """
UPDATE generation SET sources = NULL WHERE id IN (
    SELECT id FROM generation WHERE sources IS NOT NULL AND settled_at < :before LIMIT :count
) RETURNING id
"""
OLD_GENERATIONS = "SELECT id FROM generation WHERE settled_at < :before ORDER BY settled_at LIMIT :count"
DROP_CHARGES = "DELETE FROM charge WHERE generation = :id"
DROP_GENERATION = "DELETE FROM generation WHERE id = :id"
SWEEP_METERS = """
DELETE FROM meter WHERE (name, window_key) IN (
    SELECT name, window_key FROM meter WHERE window_key < :before AND window_key <> :month LIMIT :count
) RETURNING name
"""
OLD_REVISIONS = """
SELECT server, revision FROM policy WHERE changed_at < :before
AND revision <= (SELECT MAX(revision) FROM policy newest WHERE newest.server = policy.server) - :kept
ORDER BY changed_at LIMIT :count
"""
DROP_REVISION = "DELETE FROM policy WHERE server = :server AND revision = :revision"


class SqlRetentionStore:
    """Implements `bot.core.privacy.service.RetentionStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def sweep(self, retention: Retention, at_most: int) -> int:
        prompts: Params = {"before": to_millis(retention.prompts_before), "count": at_most}
        day = retention.records_before.date().isoformat()
        # A month sorts before each of its days, and has not ended with them.
        meters: Params = {"before": day, "month": day[:7], "count": at_most}
        await self.database.run(
            partial(one_statement, SWEEP_PICTURES, {"before": to_millis(retention.prompts_before)})
        )
        swept = len(await self.database.run(partial(one_statement, SWEEP_PROMPTS, prompts)))
        swept += len(await self.database.run(partial(one_statement, SWEEP_SOURCES, prompts)))
        swept += await self._sweep_generations(retention.records_before, at_most)
        swept += len(await self.database.run(partial(one_statement, SWEEP_METERS, meters)))
        swept += await self.database.run(partial(sweep_preferences, retention.records_before, at_most))
        swept += await self.database.run(partial(sweep_reports, retention.reports_before, at_most))
        # Found by the connection that reads: most that are old are among the newest of their server, and stay.
        before = to_millis(retention.records_before)
        revisions: Params = {"before": before, "kept": KEEP_REVISIONS, "count": at_most}
        found = await self.database.run(partial(one_statement, OLD_REVISIONS, revisions), reading=True)
        old = [{"server": int(server), "revision": int(number)} for server, number in found]
        await self.database.run(partial(one_statement, DROP_REVISION, old))
        return swept + len(old)

    @in_transaction()
    def _sweep_generations(self, before: datetime, count: int) -> Transaction[int]:
        rows = yield OLD_GENERATIONS, {"before": to_millis(before), "count": count}
        old = [{"id": row[0]} for row in rows]
        yield DROP_CHARGES, old
        yield DROP_GENERATION, old
        return len(old)
