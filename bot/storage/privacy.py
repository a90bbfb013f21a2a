"""What is kept about a member: read, and erased. In SQL that both engines speak."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.core.generation.generations import OfMember, Page
from bot.core.generation.model import Generation
from bot.core.limits.policy import NOTHING_DECIDED
from bot.core.privacy.errors import MemberDataTooLarge
from bot.core.privacy.service import (
    ERASURE_TAKES,
    KEEP_FOR_LIMITS,
    MOST_GENERATIONS_SHOWN,
    ChangeRecord,
    CounterRecord,
    DecisionRecord,
    Erased,
    MemberData,
    about_member,
)
from bot.storage.engine.protocol import (
    Database,
    Params,
    T,
    Transaction,
    Value,
    from_millis,
    one_statement,
    to_millis,
)
from bot.storage.generations import SqlGenerations
from bot.storage.policy_document import decode
from bot.storage.reports import erase_reports, reports_of

ROWS_PER_PAGE = 1000
SERVERS_AT_ONCE = 100
ERASED_AT_ONCE = 100
"""Generations in one transaction: members must not wait for it."""
MOST_AHEAD = timedelta(hours=14)
"""Of UTC, in any time zone: there the request falls on the next day already."""

COUNTERS = """
SELECT name, window_key, used FROM meter
WHERE SUBSTR(name, LENGTH(RTRIM(name, '0123456789')) + 1) = :member ORDER BY name, window_key
"""
# From one server to the next by the index, past all their older revisions. The document names members as its keys;
# which of those that match are really about them is seen when it is read.
DECISIONS = """
WITH RECURSIVE decided (server, position) AS (
    SELECT MIN(server), 1 FROM policy WHERE server > :after
    UNION ALL
    SELECT (SELECT MIN(server) FROM policy WHERE policy.server > decided.server), position + 1
    FROM decided WHERE decided.server IS NOT NULL AND position < :count
)
SELECT server, CASE WHEN document LIKE :mentioned THEN document END FROM (
    SELECT server, (
        SELECT document FROM policy WHERE policy.server = decided.server ORDER BY revision DESC LIMIT 1
    ) AS document
    FROM decided WHERE server IS NOT NULL
) AS newest
ORDER BY server
"""
CHANGES = "SELECT server, revision, changed_at FROM policy WHERE changed_by = :member ORDER BY changed_at"

REQUEST_ERASURE = """
INSERT INTO erasure (member, asked_at) VALUES (:member, :at)
ON CONFLICT (member) DO UPDATE SET asked_at = excluded.asked_at
"""
REQUESTED = "SELECT member, asked_at FROM erasure"
# Not before everything that ran at the time of the request is settled, or its prompt would stay.
ERASURE_FINISHED = """
DELETE FROM erasure WHERE member = :member AND asked_at = :asked_at AND NOT EXISTS (
    SELECT 1 FROM generation WHERE member = :member AND settled_at IS NULL AND reserved_at <= :asked_at
) RETURNING member
"""
NEXT_OF_MEMBER = "SELECT id FROM generation WHERE member = :member AND id > :after ORDER BY id LIMIT :count"
RUNNING = """
SELECT COUNT(*) FROM generation
WHERE member = :member AND id > :after AND id <= :last AND settled_at IS NULL
"""
ERASE_PROMPTS = """
UPDATE generation SET prompt = '', spec = NULL, locale = NULL, sources = NULL
WHERE member = :member AND id > :after AND id <= :last
AND settled_at IS NOT NULL AND reserved_at <= :asked_at AND (prompt <> '' OR spec IS NOT NULL) RETURNING id
"""
# A charge has the member's id in the name of the meter; once its generation is settled nothing goes back to it.
ERASE_CHARGES = """
DELETE FROM charge WHERE generation IN (
    SELECT id FROM generation
    WHERE member = :member AND id > :after AND id <= :last
    AND settled_at IS NOT NULL AND reserved_at <= :until
)
"""
ERASE_MEMBER = """
UPDATE generation SET member = 0
WHERE member = :member AND id > :after AND id <= :last
AND settled_at IS NOT NULL AND reserved_at <= :until RETURNING id
"""
ERASE_COUNTER = "DELETE FROM meter WHERE name = :name AND window_key = :window"


class SqlMemberDataStore:
    """Implements `bot.core.privacy.service.MemberDataStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generations = SqlGenerations(database)

    async def about(self, member: int) -> MemberData:
        generations: list[Generation] = []
        last: Generation | None = None
        while page := await self._generations.find(OfMember(member), Page(ROWS_PER_PAGE, last)):
            generations += page
            last = page[-1]
            if len(generations) > MOST_GENERATIONS_SHOWN:
                raise MemberDataTooLarge
        decisions: list[DecisionRecord] = []
        after: int | None = 0
        while after is not None:
            after, found = await self._read(partial(_decisions, member, after))
            decisions += found
        counters, changes = await self._read(partial(_counters_and_changes, member))
        reports, reported = await self._read(partial(reports_of, member))
        return MemberData(member, tuple(generations), counters, tuple(decisions), changes, reports, reported)

    async def erase(self, member: int, now: datetime) -> Erased:
        await self._database.run(
            partial(one_statement, REQUEST_ERASURE, {"member": member, "at": to_millis(now)})
        )
        await self._database.run(partial(erase_reports, member))
        return await self._erase_now(member, now, now)

    async def finish_erasures(self, now: datetime) -> int:
        finished = 0
        for member, at in await self._read(partial(one_statement, REQUESTED, {})):
            asked_at = from_millis(at)
            await self._erase_now(member, asked_at, now)
            if now >= asked_at + ERASURE_TAKES:
                erasure: Params = {"member": member, "asked_at": to_millis(asked_at)}
                finished += len(await self._database.run(partial(one_statement, ERASURE_FINISHED, erasure)))
        return finished

    async def _erase_now(self, member: int, asked_at: datetime, now: datetime) -> Erased:
        erased, after = Erased(0, 0, 0, 0), 0
        while batch := await self._database.run(partial(_erase_batch, member, after, asked_at, now)):
            after, part = batch
            erased = replace(
                erased,
                prompts=erased.prompts + part.prompts,
                generations=erased.generations + part.generations,
                running=erased.running + part.running,
            )
        counters = await self._database.run(partial(_erase_counters, member, asked_at, now))
        return replace(erased, counters=counters)

    async def _read(self, transaction: Callable[[], Transaction[T]]) -> T:
        return await self._database.run(transaction, reading=True)


def _decisions(member: int, after: int) -> Transaction[tuple[int | None, list[DecisionRecord]]]:
    """Of some servers, and the last of them; None once there are no more."""
    rows = yield DECISIONS, {"mentioned": f'%"{member}"%', "after": after, "count": SERVERS_AT_ONCE}
    policies = [(int(server), decode(document)) for server, document in rows if document is not None]
    return (
        int(rows[-1][0]) if len(rows) == SERVERS_AT_ONCE else None,
        [
            DecisionRecord(server, theirs)
            for server, policy in policies
            if (theirs := about_member(policy, member)) != NOTHING_DECIDED
        ],
    )


def _counters_and_changes(
    member: int,
) -> Transaction[tuple[tuple[CounterRecord, ...], tuple[ChangeRecord, ...]]]:
    counters = yield from _counters(member)
    changes = yield CHANGES, {"member": member}
    return tuple(counters), tuple(
        ChangeRecord(int(server), int(number), from_millis(at)) for server, number, at in changes
    )


def _counters(member: int) -> Transaction[list[CounterRecord]]:
    rows = yield COUNTERS, {"member": str(member)}
    return [CounterRecord(name, window, int(used)) for name, window, used in rows]


def _erase_batch(
    member: int, after: int, asked_at: datetime, now: datetime
) -> Transaction[tuple[int, Erased] | None]:
    """The last generation that was looked at, and what could go at once; None where there is none `after`."""
    ids = yield NEXT_OF_MEMBER, {"member": member, "after": after, "count": ERASED_AT_ONCE}
    if not ids:
        return None
    batch: dict[str, Value] = {"member": member, "after": after, "last": int(ids[-1][0])}
    until = {"until": to_millis(min(asked_at, now - KEEP_FOR_LIMITS))}
    running = yield RUNNING, batch
    prompts = yield ERASE_PROMPTS, batch | {"asked_at": to_millis(asked_at)}
    yield ERASE_CHARGES, batch | until
    generations = yield ERASE_MEMBER, batch | until
    return int(ids[-1][0]), Erased(len(prompts), len(generations), 0, int(running[0][0]))


def _erase_counters(member: int, asked_at: datetime, now: datetime) -> Transaction[int]:
    over = now - KEEP_FOR_LIMITS
    counters = [it for it in (yield from _counters(member)) if _is_over(it.window, asked_at, over)]
    yield ERASE_COUNTER, [{"name": it.meter, "window": it.window} for it in counters]
    return len(counters)


def _is_over(window: str, asked_at: datetime, over: datetime) -> bool:
    """Whether a window began before the request and ended before `over`: its key is the beginning of an ISO date."""
    key = re.split(r"[^0-9-]", window)[0]
    began, ended = (instant.date().isoformat()[: len(key)] for instant in (asked_at + MOST_AHEAD, over))
    return key <= began and key < ended
