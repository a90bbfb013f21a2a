"""What is kept about a member: read, and erased. In SQL that both engines speak."""

from __future__ import annotations

import re
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
    Transaction,
    Value,
    from_millis,
    in_transaction,
    one_statement,
    to_millis,
)
from bot.storage.generations import SqlGenerations
from bot.storage.policy_document import decode
from bot.storage.preferences import erase_preferences, preferences_of
from bot.storage.reports import erase_reports, reports_of

ROWS_PER_PAGE = 1000
SERVERS_AT_ONCE = 100
ERASED_AT_ONCE = 50
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
# Of others, that were painted after a picture of the member's.
ERASE_IDEAS = "UPDATE generation SET idea_by = NULL WHERE idea_by = :member"
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
# Also what was kept of an order that was answered after its row had been erased.
ERASE_PROMPTS = """
UPDATE generation SET prompt = '', spec = NULL, revised_prompt = NULL, model_prompt = NULL, locale = NULL,
    sources = NULL, late_sources = NULL
WHERE member = :member AND id > :after AND id <= :last
AND settled_at IS NOT NULL AND reserved_at <= :asked_at
AND (prompt <> '' OR spec IS NOT NULL OR sources IS NOT NULL) RETURNING id
"""
ERASE_PICTURES = """
DELETE FROM picture WHERE generation IN (
    SELECT id FROM generation
    WHERE member = :member AND id > :after AND id <= :last
    AND settled_at IS NOT NULL AND reserved_at <= :asked_at
)
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
        self.database = database
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
            after, found = await self._decisions(member, after)
            decisions += found
        return await self._member_data(member, tuple(generations), tuple(decisions))

    @in_transaction(reading=True)
    def _decisions(self, member: int, after: int) -> Transaction[tuple[int | None, list[DecisionRecord]]]:
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

    @in_transaction(reading=True)
    def _member_data(
        self, member: int, generations: tuple[Generation, ...], decisions: tuple[DecisionRecord, ...]
    ) -> Transaction[MemberData]:
        """With their counters, their changes of policies, the reports by them and about them, and their preferences."""
        counters = yield from _counters(member)
        changes = yield CHANGES, {"member": member}
        reports, reported = yield from reports_of(member)
        preferences = yield from preferences_of(member)
        return MemberData(
            member,
            generations,
            tuple(counters),
            decisions,
            tuple(ChangeRecord(int(server), int(number), from_millis(at)) for server, number, at in changes),
            reports,
            reported,
            preferences,
        )

    async def erase(self, member: int, now: datetime) -> Erased:
        preferences = await self._request_erasure(member, now)
        return replace(await self._erase_now(member, now, now), preferences=preferences)

    @in_transaction()
    def _request_erasure(self, member: int, now: datetime) -> Transaction[bool]:
        """Whether the member had any preferences."""
        yield REQUEST_ERASURE, {"member": member, "at": to_millis(now)}
        yield from erase_reports(member)
        had_any = yield from erase_preferences(member)
        yield ERASE_IDEAS, {"member": member}
        return had_any

    async def finish_erasures(self, now: datetime) -> int:
        finished = 0
        for member, at in await self.database.run(partial(one_statement, REQUESTED, {}), reading=True):
            await self._erase_now(member, from_millis(at), now)
            if now >= from_millis(at) + ERASURE_TAKES:
                erasure: Params = {"member": member, "asked_at": at}
                finished += len(await self.database.run(partial(one_statement, ERASURE_FINISHED, erasure)))
        return finished

    async def _erase_now(self, member: int, asked_at: datetime, now: datetime) -> Erased:
        erased, after = Erased(0, 0, 0, 0), 0
        while batch := await self._erase_batch(member, after, asked_at, now):
            after, part = batch
            erased = replace(
                erased,
                prompts=erased.prompts + part.prompts,
                generations=erased.generations + part.generations,
                running=erased.running + part.running,
            )
        return replace(erased, counters=await self._erase_counters(member, asked_at, now))

    @in_transaction()
    def _erase_batch(
        self, member: int, after: int, asked_at: datetime, now: datetime
    ) -> Transaction[tuple[int, Erased] | None]:
        """The last generation that was looked at, and what could go at once; None where there is none `after`."""
        ids = yield NEXT_OF_MEMBER, {"member": member, "after": after, "count": ERASED_AT_ONCE}
        if not ids:
            return None
        batch: dict[str, Value] = {"member": member, "after": after, "last": int(ids[-1][0])}
        until = {"until": to_millis(min(asked_at, now - KEEP_FOR_LIMITS))}
        running = yield RUNNING, batch
        prompts = yield ERASE_PROMPTS, batch | {"asked_at": to_millis(asked_at)}
        yield ERASE_PICTURES, batch | {"asked_at": to_millis(asked_at)}
        yield ERASE_CHARGES, batch | until
        generations = yield ERASE_MEMBER, batch | until
        return int(ids[-1][0]), Erased(len(prompts), len(generations), 0, int(running[0][0]))

    @in_transaction()
    def _erase_counters(self, member: int, asked_at: datetime, now: datetime) -> Transaction[int]:
        """Those whose window began before the request, and ended KEEP_FOR_LIMITS ago."""
        asked, over = (it.date().isoformat() for it in (asked_at + MOST_AHEAD, now - KEEP_FOR_LIMITS))
        erased: list[Params] = []
        for counter in (yield from _counters(member)):
            day = re.split(r"[^0-9-]", counter.window)[0]  # or only its month
            if day <= asked[: len(day)] and day < over[: len(day)]:
                erased.append({"name": counter.meter, "window": counter.window})
        yield ERASE_COUNTER, erased
        return len(erased)


def _counters(member: int) -> Transaction[list[CounterRecord]]:
    rows = yield COUNTERS, {"member": str(member)}
    return [CounterRecord(name, window, int(used)) for name, window, used in rows]
