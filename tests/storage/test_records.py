"""What is kept, shown, exported and let go of, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.generations import OfMember, OfServer, Page, Undelivered
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Generation, ImageSpec, Order, Request, Source, State
from bot.core.limits.errors import OnCooldown
from bot.core.limits.policy import NOTHING_DECIDED, Block, Policy, Setting
from bot.core.privacy.service import KEEP_RECORDS, KEEP_REVISIONS, Erased, Retention
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, Rows, Transaction
from bot.storage.generations import SqlGenerations, encode_spec
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.records import PAGE, SqlRecords
from tests.core.factories import NOON, operator
from tests.storage.factories import MEMBER, SERVER, caller, meters, request, rules, rules_of

DAY = timedelta(days=1)
LONG_AGO = NOON - 10 * DAY


@pytest.fixture
def records(database: Database) -> SqlRecords:
    return SqlRecords(database)


@pytest.fixture
def policies(database: Database) -> SqlPolicies:
    return SqlPolicies(database)


async def painted(
    ledger: SqlLedger, at: datetime = NOON, *, member: int = MEMBER, settled: bool = True, images: int = 1
) -> int:
    """The id of a generation that was delivered, or still runs."""
    made = request(images, member=member)
    await ledger.reserve(made, rules(None, member=member, now=at), at)
    if settled:
        await ledger.advance(made.id, Step(State.PAID, order=Order("grok", (), 147_000)), at)
        await ledger.settle(made.id, Settlement(State.DELIVERED, 0), at)
    return made.id


def selecting(statement: str) -> Callable[[], Transaction[Rows]]:
    def steps() -> Transaction[Rows]:
        return (yield statement, {})

    return steps


async def test_a_dossier_has_everything_about_a_member_and_nothing_about_others(
    records: SqlRecords, ledger: SqlLedger, policies: SqlPolicies
) -> None:
    mine = await painted(ledger, images=2)
    await painted(ledger, member=7)
    decided = Policy(blocks={MEMBER: Block(None, "spam"), 7: Block(None, "secret")}, members={7: 3})
    await policies.change(SERVER, lambda _: decided, by=MEMBER, now=NOON)
    await policies.change(9, lambda _: Policy(members={int(f"{MEMBER}5"): 1}), by=7, now=NOON)
    dossier = await records.about(MEMBER)
    assert dossier.generations == (
        Generation(
            Request(mine, caller(), ImageSpec("a fox 🦊 in the snow", 2)),
            State.DELIVERED,
            NOON,
            NOON,
            0,
            "grok",
            147_000,
        ),
    )
    assert [(it.window, it.used) for it in dossier.counters] == [("2026-11", 2), ("2026-11-23", 2)]
    assert [(it.server, it.policy) for it in dossier.decisions] == [
        (SERVER, Policy(blocks={MEMBER: Block(None, "spam")}))
    ]
    assert [(it.server, it.revision) for it in dossier.changes] == [(SERVER, 1)]


async def test_a_dossier_is_as_long_as_it_takes(
    records: SqlRecords, ledger: SqlLedger, database: Database
) -> None:
    def many() -> Transaction[None]:
        columns = "id, member, server, channel, prompt, images, state, reserved_at"
        rows = [{"id": id} for id in range(1, PAGE + 3)]
        yield f"INSERT INTO generation ({columns}) VALUES (:id, 5, 1, 1, 'x', 1, 'reserved', 0)", rows

    await database.run(many)
    assert [it.id for it in (await records.about(5)).generations] == list(range(1, PAGE + 3))


async def test_erasing_leaves_what_limits_need_until_it_is_over(
    records: SqlRecords, ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    await painted(ledger, LONG_AGO)
    await painted(ledger, NOON)
    await painted(ledger, NOON, member=7)
    running = await painted(ledger, NOON, settled=False)
    erased = await records.erase(MEMBER, NOON)
    assert erased == Erased(prompts=2, generations=1, counters=1, running=1)
    left = await records.about(MEMBER)
    assert [(it.request.prompt == "", it.settled_at is None) for it in left.generations] == [
        (True, False),
        (False, True),
    ]
    assert left.generations[1].id == running
    assert [(it.window, it.used) for it in left.counters] == [("2026-11", 3), ("2026-11-23", 2)]
    assert len((await records.about(7)).generations[0].request.prompt) > 0
    assert [it.used for it in await counters.usage(meters())][:1] == [2]


async def test_an_erasure_is_finished_when_day_and_month_are_over(
    records: SqlRecords, ledger: SqlLedger, database: Database
) -> None:
    running = await painted(ledger, NOON, settled=False)
    await records.erase(MEMBER, NOON)
    await ledger.settle(running, Settlement(State.DELIVERED, 0), NOON)
    assert await records.finish_erasures(NOON + 3 * DAY) == 0
    assert (await records.about(MEMBER)).generations == ()
    later = await painted(ledger, NOON + 20 * DAY)
    assert await records.finish_erasures(NOON + 36 * DAY) == 1
    left = await records.about(MEMBER)
    assert [it.id for it in left.generations] == [later]  # what came after the wish is not part of it
    assert [it.window for it in left.counters] == ["2026-12", "2026-12-13"]
    assert await records.finish_erasures(NOON + 40 * DAY) == 0
    charged = await database.run(selecting("SELECT meter FROM charge"))
    assert {meter for (meter,) in charged if str(MEMBER) in meter} == {f"member/{SERVER}/{MEMBER}"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Tokyo", "America/New_York", "UTC"])
@pytest.mark.parametrize("day", [23, 30])
async def test_nothing_of_before_the_wish_is_left_in_any_time_zone(
    records: SqlRecords, ledger: SqlLedger, zone: str, day: int
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


async def test_a_wish_waits_for_what_runs_however_long(records: SqlRecords, ledger: SqlLedger) -> None:
    running = await painted(ledger, NOON, settled=False)
    await records.erase(MEMBER, NOON)
    assert await records.finish_erasures(NOON + 40 * DAY) == 0
    await ledger.settle(running, Settlement(State.UNKNOWN, 0), NOON + 41 * DAY)
    assert await records.finish_erasures(NOON + 41 * DAY) == 1
    assert (await records.about(MEMBER)).generations == ()


async def test_erasing_dodges_no_limit(records: SqlRecords, ledger: SqlLedger) -> None:
    patient = rules_of(operator(cooldown=3600))
    first = request()
    await ledger.reserve(first, patient, NOON)
    await ledger.settle(first.id, Settlement(State.DELIVERED, 0), NOON)
    await records.erase(MEMBER, NOON)
    with pytest.raises(OnCooldown):
        await ledger.reserve(request(), patient, NOON)


async def test_erasing_again_erases_nothing_more(records: SqlRecords, ledger: SqlLedger) -> None:
    await painted(ledger, LONG_AGO)
    await records.erase(MEMBER, NOON)
    assert await records.erase(MEMBER, NOON) == Erased(0, 0, 0, 0)


async def test_prompts_go_first_and_records_later(
    records: SqlRecords, ledger: SqlLedger, database: Database
) -> None:
    for at in (NOON - KEEP_RECORDS - DAY, NOON - 31 * DAY, NOON):
        await painted(ledger, at)
    retention = Retention(NOON - 30 * DAY, NOON - KEEP_RECORDS, NOON)
    assert await records.sweep(retention, 1) == 3  # a prompt, a generation, a counter
    while await records.sweep(retention, 1):
        pass
    kept = (await records.about(MEMBER)).generations
    assert [it.request.prompt != "" for it in kept] == [False, True]
    windows = {window for (window,) in await database.run(selecting("SELECT window_key FROM meter"))}
    assert min(windows) == "2025-10"  # it ended later than its day, which is gone
    assert min(windows - {"2025-10"}) == "2026-10"
    assert len(await database.run(selecting("SELECT * FROM charge"))) == 10


async def test_of_a_policy_the_newest_revisions_stay(
    records: SqlRecords, policies: SqlPolicies, database: Database
) -> None:
    def counted(policy: Policy) -> Policy:
        return replace(policy, numbers={Setting.DAILY: (policy.numbers.get(Setting.DAILY) or 0) + 1})

    for number in range(KEEP_REVISIONS + 5):  # slower than one moderator is stopped at
        await policies.change(SERVER, counted, by=1, now=LONG_AGO + number * timedelta(minutes=8))
    await policies.change(2, counted, by=1, now=LONG_AGO)
    assert await records.sweep(Retention(NOON, NOON, NOON), 500) == 5
    assert (await policies.of(SERVER)).number == KEEP_REVISIONS + 5
    assert (await policies.of(2)).policy != NOTHING_DECIDED
    assert [it.number for it in await policies.revisions(SERVER, 9, before=9)] == [8, 7, 6]


async def test_what_still_runs_is_never_swept(records: SqlRecords, ledger: SqlLedger) -> None:
    await painted(ledger, LONG_AGO, settled=False)
    await records.sweep(Retention(NOON + DAY, LONG_AGO - DAY, NOON), 500)
    assert (await records.about(MEMBER)).generations[0].request.prompt != ""


async def test_a_servers_usage_comes_page_by_page_and_from_that_server_alone(
    database: Database, ledger: SqlLedger
) -> None:
    generations = SqlGenerations(database)
    ids = [await painted(ledger, NOON + minutes * timedelta(minutes=1)) for minutes in (0, 0, 1, 2)]
    await painted(ledger, NOON + DAY)
    pages, last = list[list[int]](), None
    while page := await generations.find(OfServer(SERVER, NOON, NOON + DAY), Page(2, last)):
        pages.append([it.id for it in page])
        last = page[-1]
    assert pages == [ids[:2], ids[2:]]
    assert await generations.find(OfServer(SERVER + 1, NOON, NOON + DAY), Page(2)) == []


@pytest.mark.parametrize("how", ["erased", "kept for too long"])
async def test_what_was_asked_for_and_in_which_language_is_erased_wherever_it_stands(
    records: SqlRecords, ledger: SqlLedger, database: Database, how: str
) -> None:
    made = request()
    made = replace(made, caller=replace(made.caller, locale="fr", server_locale="de"))
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    written = "SELECT prompt, spec, locale FROM generation"
    assert await database.run(selecting(written)) == [("", encode_spec(made.spec), "fr")]
    before = [it.request for it in (await records.about(MEMBER)).generations]
    assert before == [made]
    if how == "erased":
        assert (await records.erase(MEMBER, NOON)).prompts == 1
    else:
        assert await records.sweep(Retention(NOON + DAY, LONG_AGO, LONG_AGO), 10) == 1
    assert await database.run(selecting(written)) == [("", None, None)]


async def test_a_row_from_before_there_was_a_spec_is_read_and_erased_all_the_same(
    records: SqlRecords, ledger: SqlLedger, database: Database
) -> None:
    await painted(ledger, images=2)

    def make_old() -> Transaction[None]:
        yield "UPDATE generation SET prompt = 'an old fox', spec = NULL, locale = NULL", {}

    await database.run(make_old)
    [old] = (await records.about(MEMBER)).generations
    assert old.request.spec == ImageSpec("an old fox", 2)
    assert (await records.erase(MEMBER, NOON)).prompts == 1
    assert await database.run(selecting("SELECT prompt FROM generation")) == [("",)]


async def test_a_spec_with_an_option_that_only_another_version_knows_is_read(
    records: SqlRecords, ledger: SqlLedger, database: Database
) -> None:
    await painted(ledger, images=2)

    def name_a_model() -> Transaction[None]:
        spec = '{"prompt": "a fox", "count": 2, "model": "grok-2-image"}'
        yield "UPDATE generation SET spec = :spec", {"spec": spec}

    await database.run(name_a_model)
    [found] = (await records.about(MEMBER)).generations
    assert found.request.spec == ImageSpec("a fox", 2)


async def test_a_generation_is_found_by_its_id_and_by_every_filter(
    ledger: SqlLedger, database: Database
) -> None:
    generations, ids = SqlGenerations(database), list[int]()
    order = Order("grok", (Source("https://images.example/1.png"),), 147_000)
    for minutes in range(3):
        made, at = request(), NOON + timedelta(minutes=minutes)
        await ledger.reserve(made, rules(None, now=at), at)
        await ledger.advance(made.id, Step(State.PAID, order=order), at)
        await ledger.settle(made.id, Settlement(State.KEPT if minutes else State.DELIVERED, 0), at)
        ids.append(made.id)
    found = await generations.get(ids[2])
    assert found is not None
    assert (found.request.caller, found.state, found.order) == (caller(), State.KEPT, order)
    assert await generations.get(1) is None
    kept = Undelivered(MEMBER, SERVER)
    [newest] = await generations.find(kept, Page(1))
    assert [newest.id, *(it.id for it in await generations.find(kept, Page(9, newest)))] == ids[:0:-1]
    assert [it.id for it in await generations.find(OfMember(MEMBER), Page(9))] == ids
