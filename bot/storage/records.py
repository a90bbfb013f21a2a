"""Everything that is kept: read for whom it is about, exported, and let go of. In SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.core.privacy import (
    ERASURE_TAKES,
    KEEP_FOR_LIMITS,
    KEEP_REVISIONS,
    ChangeRecord,
    CounterRecord,
    DecisionRecord,
    Dossier,
    Erased,
    GenerationRecord,
    Retention,
    about_member,
    is_about,
)
from bot.storage.documents import decode
from bot.storage.times import from_millis, to_millis
from bot.storage.transaction import Database, Row, Steps

PAGE = 1000
MOST_AHEAD = timedelta(hours=14)
"""Of UTC, in any time zone: there the wish falls on the next day already."""

OF_MEMBER = """
SELECT id, server, channel, member, prompt, images, refunded, state, model, credits, reserved_at, settled_at
FROM generation WHERE member = :member AND id > :after ORDER BY id LIMIT :count
"""
OF_SERVER = """
SELECT id, server, channel, member, prompt, images, refunded, state, model, credits, reserved_at, settled_at
FROM generation
WHERE server = :server AND reserved_at < :until
AND (reserved_at > :since OR (reserved_at = :since AND id > :after))
ORDER BY reserved_at, id LIMIT :count
"""
COUNTERS = "SELECT name, window_key, used FROM meter WHERE name LIKE :name ORDER BY name, window_key"
# The document names members as its keys; which of those that match are really about them is seen when it is read.
DECISIONS = """
SELECT server, document FROM policy
WHERE revision = (SELECT MAX(revision) FROM policy newest WHERE newest.server = policy.server)
AND document LIKE :mentioned ORDER BY server
"""
CHANGES = "SELECT server, revision, changed_at FROM policy WHERE changed_by = :member ORDER BY changed_at"

ASK_TO_ERASE = """
INSERT INTO erasure (member, asked_at) VALUES (:member, :at)
ON CONFLICT (member) DO UPDATE SET asked_at = excluded.asked_at
"""
ASKED = "SELECT member, asked_at FROM erasure"
# Not before everything that ran at the time of the wish is settled, or its prompt would stay.
ERASED_AT_LAST = """
DELETE FROM erasure WHERE member = :member AND asked_at = :asked_at AND NOT EXISTS (
    SELECT 1 FROM generation WHERE member = :member AND settled_at IS NULL AND reserved_at <= :asked_at
) RETURNING member
"""
RUNNING = "SELECT COUNT(*) FROM generation WHERE member = :member AND settled_at IS NULL"
ERASE_PROMPTS = """
UPDATE generation SET prompt = '', sources = NULL
WHERE member = :member AND settled_at IS NOT NULL AND reserved_at <= :asked_at AND prompt <> '' RETURNING id
"""
# A charge has the member's id in the name of the meter; once its generation is settled nothing goes back to it.
ERASE_CHARGES = """
DELETE FROM charge WHERE generation IN (
    SELECT id FROM generation WHERE member = :member AND settled_at IS NOT NULL AND reserved_at <= :until
)
"""
ERASE_MEMBER = """
UPDATE generation SET member = 0
WHERE member = :member AND settled_at IS NOT NULL AND reserved_at <= :until RETURNING id
"""
ERASE_COUNTER = "DELETE FROM meter WHERE name = :name AND window_key = :window"

SWEEP_PROMPTS = """
UPDATE generation SET prompt = '', sources = NULL WHERE id IN (
    SELECT id FROM generation WHERE prompt <> '' AND settled_at < :before ORDER BY settled_at LIMIT :count
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
SWEEP_REVISIONS = """
DELETE FROM policy WHERE changed_at < :before
AND revision <= (SELECT MAX(revision) FROM policy newest WHERE newest.server = policy.server) - :kept
RETURNING revision
"""


class SqlRecords:
    """Implements `bot.core.privacy.Records`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def about(self, member: int) -> Dossier:
        generations: list[GenerationRecord] = []
        while page := await self._database.run(partial(_page, member, generations)):
            generations += page
        return await self._database.run(partial(_dossier, member, tuple(generations)))

    async def erase(self, member: int, now: datetime) -> Erased:
        return await self._database.run(partial(_erase, member, now))

    async def finish_erasures(self, now: datetime) -> int:
        asked = await self._database.run(_asked)
        finished = [await self._database.run(partial(_go_on, member, at, now)) for member, at in asked]
        return sum(finished)

    async def sweep(self, retention: Retention, at_most: int) -> int:
        steps: Sequence[Callable[[Retention, int], Steps[int]]] = (
            _prompts,
            _generations,
            _meters,
            _revisions,
        )
        return sum([await self._database.run(partial(step, retention, at_most)) for step in steps])

    async def usage(
        self, server: int, since: datetime, until: datetime, after: GenerationRecord | None, count: int
    ) -> Sequence[GenerationRecord]:
        return await self._database.run(partial(_usage, server, since, until, after, count))


def _page(member: int, before: Sequence[GenerationRecord]) -> Steps[list[GenerationRecord]]:
    rows = yield OF_MEMBER, {"member": member, "after": before[-1].id if before else 0, "count": PAGE}
    return [_generation(row) for row in rows]


def _dossier(member: int, generations: tuple[GenerationRecord, ...]) -> Steps[Dossier]:
    counters = yield from _counters(member)
    decided = yield DECISIONS, {"mentioned": f'%"{member}"%'}
    policies = [(int(server), decode(document)) for server, document in decided]
    changes = yield CHANGES, {"member": member}
    return Dossier(
        member,
        generations,
        tuple(counters),
        tuple(
            DecisionRecord(server, about_member(policy, member))
            for server, policy in policies
            if is_about(policy, member)
        ),
        tuple(ChangeRecord(int(server), int(number), from_millis(at)) for server, number, at in changes),
    )


def _counters(member: int) -> Steps[list[CounterRecord]]:
    rows = yield COUNTERS, {"name": f"member/%/{member}"}
    return [CounterRecord(name, window, int(used)) for name, window, used in rows]


def _erase(member: int, now: datetime) -> Steps[Erased]:
    yield ASK_TO_ERASE, {"member": member, "at": to_millis(now)}
    rows = yield RUNNING, {"member": member}
    prompts, generations, counters = yield from _erase_now(member, now, now)
    return Erased(prompts, generations, counters, running=int(rows[0][0]))


def _erase_now(member: int, asked_at: datetime, now: datetime) -> Steps[tuple[int, int, int]]:
    over = now - KEEP_FOR_LIMITS
    until = min(asked_at, over)
    prompts = yield ERASE_PROMPTS, {"member": member, "asked_at": to_millis(asked_at)}
    yield ERASE_CHARGES, {"member": member, "until": to_millis(until)}
    generations = yield ERASE_MEMBER, {"member": member, "until": to_millis(until)}
    counters = [it for it in (yield from _counters(member)) if _is_over(it.window, asked_at, over)]
    yield ERASE_COUNTER, [{"name": it.meter, "window": it.window} for it in counters]
    return len(prompts), len(generations), len(counters)


def _is_over(window: str, asked_at: datetime, over: datetime) -> bool:
    """Whether a window began before the wish and ended before `over`: its key is the beginning of an ISO date."""
    key = window.partition("#")[0]
    began, ended = (instant.date().isoformat()[: len(key)] for instant in (asked_at + MOST_AHEAD, over))
    return key <= began and key < ended


def _asked() -> Steps[list[tuple[int, datetime]]]:
    rows = yield ASKED, {}
    return [(int(member), from_millis(at)) for member, at in rows]


def _go_on(member: int, asked_at: datetime, now: datetime) -> Steps[bool]:
    yield from _erase_now(member, asked_at, now)
    if now < asked_at + ERASURE_TAKES:
        return False
    return bool((yield ERASED_AT_LAST, {"member": member, "asked_at": to_millis(asked_at)}))


def _prompts(retention: Retention, count: int) -> Steps[int]:
    rows = yield SWEEP_PROMPTS, {"before": to_millis(retention.prompts_before), "count": count}
    return len(rows)


def _generations(retention: Retention, count: int) -> Steps[int]:
    rows = yield OLD_GENERATIONS, {"before": to_millis(retention.records_before), "count": count}
    old = [{"id": row[0]} for row in rows]
    yield DROP_CHARGES, old
    yield DROP_GENERATION, old
    return len(old)


def _meters(retention: Retention, count: int) -> Steps[int]:
    before = retention.records_before.date().isoformat()
    # A month sorts before each of its days, and has not ended with them.
    return len((yield SWEEP_METERS, {"before": before, "month": before[:7], "count": count}))


def _revisions(retention: Retention, _count: int) -> Steps[int]:
    return len(
        (yield SWEEP_REVISIONS, {"before": to_millis(retention.records_before), "kept": KEEP_REVISIONS})
    )


def _usage(
    server: int, since: datetime, until: datetime, after: GenerationRecord | None, count: int
) -> Steps[list[GenerationRecord]]:
    start, last = (after.reserved_at, after.id) if after else (since, 0)
    rows = yield (
        OF_SERVER,
        {
            "server": server,
            "since": to_millis(start),
            "until": to_millis(until),
            "after": last,
            "count": count,
        },
    )
    return [_generation(row) for row in rows]


def _generation(row: Row) -> GenerationRecord:
    id, server, channel, member, prompt, images, refunded, state, model, credits, reserved, settled = row
    settled_at = None if settled is None else from_millis(settled)
    return GenerationRecord(
        int(id),
        int(server),
        int(channel),
        int(member),
        prompt,
        images,
        refunded,
        state,
        model,
        credits,
        from_millis(reserved),
        settled_at,
    )
