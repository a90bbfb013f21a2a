"""What is past its retention is deleted, and nothing else, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.generation.model import PromptRevision, State
from bot.core.limits.policy import NOTHING_DECIDED, Policy, Setting
from bot.core.privacy.service import KEEP_RECORDS, KEEP_REVISIONS, Retention
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.storage.factories import (
    MEMBER,
    SERVER,
    answer_late,
    painted,
    selecting,
    settled_unanswered,
)

DAY = timedelta(days=1)
LONG_AGO = NOON - 10 * DAY


async def test_prompts_go_first_and_records_later(ledger: SqlLedger, database: Database) -> None:
    for at in (NOON - KEEP_RECORDS - DAY, NOON - 31 * DAY, NOON):
        await painted(ledger, at)
    retention = Retention(NOON - 30 * DAY, NOON - KEEP_RECORDS, NOON)
    assert await SqlRetentionStore(database).sweep(retention, 1) == 3  # a prompt, a generation, a counter
    while await SqlRetentionStore(database).sweep(retention, 1):
        pass
    kept = (await SqlMemberDataStore(database).about(MEMBER)).generations
    assert [it.request.spec.prompt != "" for it in kept] == [False, True]
    windows = {window for (window,) in await database.run(selecting("SELECT window_key FROM meter"))}
    assert min(windows) == "2025-10"  # it ended later than its day, which is gone
    assert min(windows - {"2025-10"}) == "2026-10"
    assert len(await database.run(selecting("SELECT * FROM charge"))) == 10


async def test_a_revised_prompt_goes_with_the_prompt_and_its_cost_with_the_record(
    ledger: SqlLedger, database: Database
) -> None:
    for at in (NOON - 31 * DAY, NOON):
        await painted(ledger, at, revision=PromptRevision("a red fox", 204))
    while await SqlRetentionStore(database).sweep(Retention(NOON - 30 * DAY, LONG_AGO - 30 * DAY, NOON), 1):
        pass
    kept = (await SqlMemberDataStore(database).about(MEMBER)).generations
    assert [it.revision for it in kept] == [PromptRevision(None, 204), PromptRevision("a red fox", 204)]


@pytest.mark.parametrize("settled_as", [State.UNKNOWN, State.REFUNDED])
async def test_an_answer_that_comes_after_the_prompt_was_swept_is_swept_too(
    ledger: SqlLedger, database: Database, settled_as: State
) -> None:
    made = await settled_unanswered(ledger, settled_as)
    soon = Retention(NOON + DAY, LONG_AGO, LONG_AGO)
    assert await SqlRetentionStore(database).sweep(soon, 500) == 1
    await answer_late(ledger, made)
    assert await SqlRetentionStore(database).sweep(soon, 500) == 1
    assert [one.sources for one in (await SqlMemberDataStore(database).about(MEMBER)).generations] == [()]
    assert await SqlRetentionStore(database).sweep(soon, 500) == 0


async def test_of_a_policy_the_newest_revisions_stay(database: Database) -> None:
    def counted(policy: Policy) -> Policy:
        return replace(policy, numbers={Setting.DAILY: (policy.numbers.get(Setting.DAILY) or 0) + 1})

    policies = SqlPolicies(database)
    for number in range(KEEP_REVISIONS + 5):  # slower than one moderator is stopped at
        await policies.change(SERVER, counted, by=1, now=LONG_AGO + number * timedelta(minutes=8))
    await policies.change(2, counted, by=1, now=LONG_AGO)
    assert await SqlRetentionStore(database).sweep(Retention(NOON, NOON, NOON), 500) == 5
    assert (await policies.of(SERVER)).number == KEEP_REVISIONS + 5
    assert (await policies.of(2)).policy != NOTHING_DECIDED
    assert [it.number for it in await policies.revisions(SERVER, 9, before=9)] == [8, 7, 6]


async def test_what_still_runs_is_never_swept(ledger: SqlLedger, database: Database) -> None:
    await painted(ledger, LONG_AGO, settled=False)
    await SqlRetentionStore(database).sweep(Retention(NOON + DAY, LONG_AGO - DAY, NOON), 500)
    assert (await SqlMemberDataStore(database).about(MEMBER)).generations[0].request.spec.prompt != ""
