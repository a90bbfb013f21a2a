"""What is kept about a member is shown and erased, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.ledger import Settlement
from bot.core.generation.model import Cost, Generation, ImageSpec, PromptRevision, Request, State
from bot.core.limits.errors import OnCooldown
from bot.core.limits.policy import Block, Policy
from bot.core.privacy.service import Erased, Retention
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, Transaction
from bot.storage.generations import row_of
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.privacy import ROWS_PER_PAGE, SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON, operator
from tests.storage.factories import (
    MEMBER,
    SERVER,
    answer_late,
    caller,
    meters,
    painted,
    request,
    rules,
    rules_of,
    selecting,
    settled_unanswered,
)

DAY = timedelta(days=1)
LONG_AGO = NOON - 10 * DAY


@pytest.fixture
def records(database: Database) -> SqlMemberDataStore:
    return SqlMemberDataStore(database)


@pytest.fixture
def policies(database: Database) -> SqlPolicies:
    return SqlPolicies(database)


async def test_the_data_of_a_member_is_all_about_them_and_nothing_about_others(
    records: SqlMemberDataStore, ledger: SqlLedger, policies: SqlPolicies
) -> None:
    mine = await painted(ledger, images=2)
    await painted(ledger, member=7)
    decided = Policy(blocks={MEMBER: Block(None, "spam"), 7: Block(None, "secret")}, members={7: 3})
    await policies.change(SERVER, lambda _: decided, by=MEMBER, now=NOON)
    await policies.change(9, lambda _: Policy(members={int(f"{MEMBER}5"): 1}), by=7, now=NOON)
    data = await records.about(MEMBER)
    assert data.generations == (
        Generation(
            Request(mine, caller(), ImageSpec("a fox 🦊 in the snow", 2)),
            State.DELIVERED,
            NOON,
            NOON,
            0,
            "grok",
            147_000,
            cost=Cost(147_000, estimated=False),
        ),
    )
    assert [(it.window, it.used) for it in data.counters] == [("2026-11", 2), ("2026-11-23", 2)]
    assert [(it.server, it.policy) for it in data.decisions] == [
        (SERVER, Policy(blocks={MEMBER: Block(None, "spam")}))
    ]
    assert [(it.server, it.revision) for it in data.changes] == [(SERVER, 1)]


async def test_erasing_erases_what_a_chat_model_made_of_the_prompts(
    records: SqlMemberDataStore, ledger: SqlLedger
) -> None:
    await painted(ledger, NOON, revision=PromptRevision("a red fox", 204))
    await records.erase(MEMBER, NOON)
    assert [it.revision for it in (await records.about(MEMBER)).generations] == [PromptRevision(None, 204)]


async def test_erasing_leaves_no_trace_of_whose_picture_others_had_painted_once_more(
    records: SqlMemberDataStore, ledger: SqlLedger, database: Database
) -> None:
    for idea_by in (MEMBER, 8):
        await ledger.reserve(replace(request(member=7), idea_by=idea_by), rules(), NOON)
    await records.erase(MEMBER, NOON)
    theirs = (await records.about(7)).generations
    assert sorted(it.request.idea_by or 0 for it in theirs) == [0, 8]


async def test_the_data_of_a_member_is_as_long_as_it_takes(
    records: SqlMemberDataStore, ledger: SqlLedger, database: Database
) -> None:
    def many() -> Transaction[None]:
        columns = "id, member, server, channel, prompt, images, state, reserved_at"
        rows = [{"id": id} for id in range(1, ROWS_PER_PAGE + 3)]
        yield f"INSERT INTO generation ({columns}) VALUES (:id, 5, 1, 1, 'x', 1, 'reserved', 0)", rows

    await database.run(many)
    assert [it.id for it in (await records.about(5)).generations] == list(range(1, ROWS_PER_PAGE + 3))


async def test_erasing_leaves_what_limits_need_until_it_is_over(
    records: SqlMemberDataStore, ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    await painted(ledger, LONG_AGO)
    await painted(ledger, NOON)
    await painted(ledger, NOON, member=7)
    running = await painted(ledger, NOON, settled=False)
    erased = await records.erase(MEMBER, NOON)
    assert erased == Erased(prompts=2, generations=1, counters=1, running=1)
    left = await records.about(MEMBER)
    assert [(it.request.spec.prompt == "", it.settled_at is None) for it in left.generations] == [
        (True, False),
        (False, True),
    ]
    assert left.generations[1].id == running
    assert [(it.window, it.used) for it in left.counters] == [("2026-11", 3), ("2026-11-23", 2)]
    assert len((await records.about(7)).generations[0].request.spec.prompt) > 0
    assert [it.used for it in await counters.usage(meters())][:1] == [2]


async def test_an_erasure_is_finished_when_day_and_month_are_over(
    records: SqlMemberDataStore, ledger: SqlLedger, database: Database
) -> None:
    running = await painted(ledger, NOON, settled=False)
    await records.erase(MEMBER, NOON)
    await ledger.settle(running, Settlement(State.DELIVERED, 0), NOON)
    assert await records.finish_erasures(NOON + 3 * DAY) == 0
    assert (await records.about(MEMBER)).generations == ()
    later = await painted(ledger, NOON + 20 * DAY)
    assert await records.finish_erasures(NOON + 36 * DAY) == 1
    left = await records.about(MEMBER)
    assert [it.id for it in left.generations] == [later]  # what came after the request is not part of it
    assert [it.window for it in left.counters] == ["2026-12", "2026-12-13"]
    assert await records.finish_erasures(NOON + 40 * DAY) == 0
    charged = await database.run(selecting("SELECT meter FROM charge"))
    assert {meter for (meter,) in charged if str(MEMBER) in meter} == {f"member/{SERVER}/{MEMBER}"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Tokyo", "America/New_York", "UTC"])
@pytest.mark.parametrize("day", [23, 30])
async def test_nothing_of_before_the_request_is_left_in_any_time_zone(
    records: SqlMemberDataStore, ledger: SqlLedger, zone: str, day: int
) -> None:
    at = datetime(2026, 11, day, 20, tzinfo=UTC)
    made = request()
    await ledger.reserve(made, rules_of(replace(operator(), zone=ZoneInfo(zone)), now=at), at)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0), at)
    await records.erase(MEMBER, at)
    for days in range(40):
        await records.finish_erasures(at + days * DAY)
    left = await records.about(MEMBER)
    assert (left.generations, left.counters) == ((), ())


async def test_an_erasure_waits_for_what_runs_however_long(
    records: SqlMemberDataStore, ledger: SqlLedger
) -> None:
    running = await painted(ledger, NOON, settled=False)
    await records.erase(MEMBER, NOON)
    assert await records.finish_erasures(NOON + 40 * DAY) == 0
    await ledger.settle(running, Settlement(State.UNKNOWN, 0), NOON + 41 * DAY)
    assert await records.finish_erasures(NOON + 41 * DAY) == 1
    assert (await records.about(MEMBER)).generations == ()


@pytest.mark.parametrize("settled_as", [State.UNKNOWN, State.REFUNDED])
async def test_an_answer_that_comes_after_the_erasure_is_erased_too(
    records: SqlMemberDataStore, ledger: SqlLedger, settled_as: State
) -> None:
    made = await settled_unanswered(ledger, settled_as)
    await records.erase(MEMBER, NOON)
    await answer_late(ledger, made)
    await records.finish_erasures(NOON + timedelta(hours=1))
    assert [one.sources for one in (await records.about(MEMBER)).generations] == [()]


async def test_erasing_dodges_no_limit(records: SqlMemberDataStore, ledger: SqlLedger) -> None:
    patient = rules_of(operator(cooldown=3600))
    first = request()
    await ledger.reserve(first, patient, NOON)
    await ledger.settle(first.id, Settlement(State.DELIVERED, 0), NOON)
    await records.erase(MEMBER, NOON)
    with pytest.raises(OnCooldown):
        await ledger.reserve(request(), patient, NOON)


async def test_erasing_again_erases_nothing_more(records: SqlMemberDataStore, ledger: SqlLedger) -> None:
    await painted(ledger, LONG_AGO)
    await records.erase(MEMBER, NOON)
    assert await records.erase(MEMBER, NOON) == Erased(0, 0, 0, 0)


@pytest.mark.parametrize("how", ["erased", "kept for too long"])
async def test_what_was_asked_for_and_in_which_language_is_erased_wherever_it_stands(
    records: SqlMemberDataStore, ledger: SqlLedger, database: Database, how: str
) -> None:
    made = request()
    made = replace(made, caller=replace(made.caller, locale="fr", server_locale="de"))
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    written = "SELECT prompt, spec, locale FROM generation"
    assert await database.run(selecting(written)) == [(made.spec.prompt, row_of(made)["spec"], "fr")]
    before = [it.request for it in (await records.about(MEMBER)).generations]
    assert before == [made]
    if how == "erased":
        assert (await records.erase(MEMBER, NOON)).prompts == 1
    else:
        assert await SqlRetentionStore(database).sweep(Retention(NOON + DAY, LONG_AGO, LONG_AGO), 10) == 1
    assert await database.run(selecting(written)) == [("", None, None)]


async def test_a_row_from_before_there_was_a_spec_is_read_and_erased_all_the_same(
    records: SqlMemberDataStore, ledger: SqlLedger, database: Database
) -> None:
    await painted(ledger, images=2)

    def make_old() -> Transaction[None]:
        yield "UPDATE generation SET prompt = 'an old fox', spec = NULL, locale = NULL", {}

    await database.run(make_old)
    [old] = (await records.about(MEMBER)).generations
    assert old.request.spec == ImageSpec("an old fox", 2)
    assert (await records.erase(MEMBER, NOON)).prompts == 1
    assert await database.run(selecting("SELECT prompt FROM generation")) == [("",)]
