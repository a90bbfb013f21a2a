"""The ledger's promises, on both engines."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.core.errors import (
    AlreadyClaimed,
    CoolingDown,
    LeaseLost,
    LedgerUnavailable,
    LimitReached,
    TooManyAtOnce,
    TooManyImages,
)
from bot.core.generation import Order, State
from bot.core.limits import Period, Ruling, Scope, Terms
from bot.core.policy import NOTHING_DECIDED, FreshStart, Policy, Setting
from bot.core.reservation import Ending, Pace, Step
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.transaction import Database, Row, Steps
from tests.core.samples import NOON, operator
from tests.storage.samples import MEMBER, SERVER, caller, meters, request, rules, rules_of

GENERATION = """
SELECT state, model, credits, refunded, reserved_at, acknowledged_at, submitted_at, paid_at, settled_at, prompt
FROM generation WHERE id = :id
"""


def _read(id: int) -> Steps[Row | None]:
    rows = yield GENERATION, {"id": id}
    return tuple(rows[0]) if rows else None


async def row_of(database: Database, id: int) -> Row | None:
    return await database.run(partial(_read, id))


def _replaced(policy: Policy, _: Policy) -> Policy:
    return policy


async def used(ledger: SqlLedger) -> list[int]:
    return [standing.used for standing in await ledger.usage(meters())]


async def test_a_reservation_takes_from_every_meter_and_tells_how_they_stand(ledger: SqlLedger) -> None:
    await ledger.reserve(request(2), rules(), NOON)
    standings = await ledger.reserve(request(3), rules(), NOON)
    assert [(it.meter.scope, it.meter.period, it.used) for it in standings] == [
        (Scope.MEMBER, Period.DAY, 5),
        (Scope.MEMBER, Period.MONTH, 5),
        (Scope.SERVER, Period.DAY, 5),
        (Scope.SERVER, Period.MONTH, 5),
        (Scope.BOT, Period.DAY, 5),
    ]
    assert await used(ledger) == [5] * 5


@pytest.mark.parametrize(
    ("limits", "scope", "already"),
    [
        pytest.param((3, 9, 9), Scope.MEMBER, 2, id="member"),
        pytest.param((9, 3, 9), Scope.SERVER, 2, id="server"),
        pytest.param((9, 9, 3), Scope.BOT, 2, id="bot"),
        pytest.param((3, 3, 3), Scope.MEMBER, 2, id="all, the first is named"),
    ],
)
async def test_what_does_not_fit_on_one_meter_is_taken_from_none(
    ledger: SqlLedger, limits: tuple[int, int, int], scope: Scope, already: int
) -> None:
    await ledger.reserve(request(already), rules(*limits), NOON)
    refused = request(2)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(refused, rules(*limits), NOON)
    assert (caught.value.meter.scope, caught.value.used, caught.value.asked) == (scope, already, 2)
    assert await used(ledger) == [already] * 5


async def test_a_refused_request_was_not_claimed(ledger: SqlLedger, database: Database) -> None:
    refused = request(2)
    with pytest.raises(LimitReached):
        await ledger.reserve(refused, rules(1), NOON)
    assert await row_of(database, refused.id) is None
    await ledger.reserve(refused, rules(2), NOON)


async def test_the_very_first_images_are_capped_as_well(ledger: SqlLedger) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(4), rules(3), NOON)
    assert caught.value.used == 0
    assert await used(ledger) == [0] * 5


async def test_a_limit_is_used_to_its_last_image_and_no_further(ledger: SqlLedger) -> None:
    await ledger.reserve(request(3), rules(3), NOON)
    with pytest.raises(LimitReached):
        await ledger.reserve(request(1), rules(3), NOON)


async def test_a_limit_of_zero_is_nobody(ledger: SqlLedger) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), rules(0), NOON)
    assert caught.value.used == 0


async def test_unlimited_has_no_cap(ledger: SqlLedger) -> None:
    for _ in range(3):
        await ledger.reserve(request(10), rules(None, None, None), NOON)
    assert await used(ledger) == [30] * 5


async def test_a_limit_that_was_lowered_below_what_is_used_refuses(ledger: SqlLedger) -> None:
    await ledger.reserve(request(8), rules(10), NOON)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), rules(5), NOON)
    assert caught.value.used == 8


async def test_a_request_is_claimed_once(ledger: SqlLedger) -> None:
    once = request(1)
    await ledger.reserve(once, rules(), NOON)
    with pytest.raises(AlreadyClaimed):
        await ledger.reserve(once, rules(), NOON)
    assert await used(ledger) == [1] * 5


async def test_of_claims_at_once_exactly_one_wins(ledger: SqlLedger) -> None:
    once = request(1)
    claims = await asyncio.gather(
        *(ledger.reserve(once, rules(), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sorted(type(claim).__name__ for claim in claims) == ["AlreadyClaimed"] * 19 + ["tuple"]
    assert await used(ledger) == [1] * 5


async def test_clicks_at_once_get_the_limit_and_not_one_more(ledger: SqlLedger) -> None:
    tries = await asyncio.gather(
        *(ledger.reserve(request(1), rules(5), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(attempt, tuple) for attempt in tries) == 5
    assert sum(isinstance(attempt, LimitReached) for attempt in tries) == 15


async def test_a_new_day_starts_at_nothing_and_the_old_one_keeps_its_count(ledger: SqlLedger) -> None:
    tomorrow = NOON + timedelta(days=1)
    await ledger.reserve(request(3), rules(3), NOON)
    (standing, *_) = await ledger.reserve(request(1), rules(3, now=tomorrow), tomorrow)
    assert standing.used == 1
    name = standing.meter.name
    days = ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert await ledger.history(name, days) == {"2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 1}


async def test_history_is_that_of_one_meter(ledger: SqlLedger) -> None:
    await ledger.reserve(request(1), rules(), NOON)
    await ledger.reserve(request(2, member=7), rules(member=7), NOON)
    mine = meters()[0]
    assert await ledger.history(mine.name, [mine.window.key]) == {mine.window.key: 1}
    assert await ledger.history(mine.name, []) == {}


async def test_settling_gives_back_to_the_day_it_was_taken_from(ledger: SqlLedger) -> None:
    before, after = NOON, NOON + timedelta(days=1)
    late = request(2)
    await ledger.reserve(late, rules(now=before), before)
    await ledger.reserve(request(2), rules(now=after), after)
    assert await ledger.settle(late.id, Ending(State.REFUNDED, 2), after)
    day, month, *_ = await ledger.usage(meters(now=before))
    assert (day.used, month.used) == (0, 2)
    assert [standing.used for standing in await ledger.usage(meters(now=after))] == [2] * 5


@pytest.mark.parametrize("refund", [0, 1, 3])
async def test_a_refund_may_be_a_part(ledger: SqlLedger, refund: int) -> None:
    made = request(3)
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Ending(State.DELIVERED, refund), NOON)
    assert await used(ledger) == [3 - refund] * 4 + [3]


async def test_settling_happens_once(ledger: SqlLedger, database: Database) -> None:
    made, other = request(2), request(2)
    await ledger.reserve(made, rules(), NOON)
    await ledger.reserve(other, rules(), NOON)
    settled = await asyncio.gather(
        *(ledger.settle(made.id, Ending(State.REFUNDED, 2), NOON) for _ in range(10))
    )
    assert sorted(settled) == [False] * 9 + [True]
    assert await used(ledger) == [2] * 5


async def test_what_was_never_reserved_is_not_settled(ledger: SqlLedger) -> None:
    assert not await ledger.settle(request().id, Ending(State.REFUNDED, 1), NOON)


@pytest.mark.parametrize("refund", [3, -1])
async def test_a_refund_of_what_was_not_taken_is_refused(ledger: SqlLedger, refund: int) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    with pytest.raises(LedgerUnavailable):
        await ledger.settle(made.id, Ending(State.REFUNDED, refund), NOON)
    assert await used(ledger) == [2] * 5
    assert await ledger.settle(made.id, Ending(State.REFUNDED, 2), NOON)


async def test_a_meter_never_falls_below_nothing(ledger: SqlLedger, database: Database) -> None:
    def reset() -> Steps[None]:
        yield "UPDATE meter SET used = 1", {}

    made = request(3)
    await ledger.reserve(made, rules(), NOON)
    await database.run(reset)
    await ledger.settle(made.id, Ending(State.REFUNDED, 3), NOON)
    assert await used(ledger) == [0] * 5


async def test_every_step_is_written_with_its_time(ledger: SqlLedger, database: Database) -> None:
    made = request(2)
    times = [NOON + timedelta(seconds=seconds, milliseconds=7) for seconds in range(5)]
    await ledger.reserve(made, rules(), times[0])
    await ledger.advance(made.id, Step(State.ACKNOWLEDGED), times[1])
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok-2-image"), times[2])
    await ledger.advance(made.id, Step(State.PAID, order=Order("grok-imagine", (), 294_000)), times[3])
    await ledger.settle(made.id, Ending(State.DELIVERED, 0), times[4])
    written = [int(time.timestamp() * 1000) for time in times]
    assert await row_of(database, made.id) == (
        "delivered",
        "grok-imagine",
        294_000,
        0,
        *written,
        made.prompt,
    )


async def test_what_is_known_is_not_forgotten_by_a_later_step(ledger: SqlLedger, database: Database) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok-2-image"), NOON)
    await ledger.advance(made.id, Step(State.PAID), NOON)
    row = await row_of(database, made.id)
    assert row is not None
    assert row[:2] == ("paid", "grok-2-image")


@pytest.mark.parametrize(
    ("state", "bots"), [(State.REFUNDED, 0), (State.UNKNOWN, 2), (State.DELIVERED, 2), (State.KEPT, 2)]
)
async def test_the_bots_own_meter_gets_back_only_what_was_certainly_not_bought(
    ledger: SqlLedger, state: State, bots: int
) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Ending(state, 2), NOON)
    assert await used(ledger) == [0, 0, 0, 0, bots]


async def test_a_settled_generation_moves_no_more(ledger: SqlLedger, database: Database) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Ending(State.DELIVERED, 0), NOON)
    before = await row_of(database, made.id)
    with pytest.raises(LeaseLost):
        await ledger.advance(made.id, Step(State.PAID, order=Order("m", (), 1)), NOON)
    assert await row_of(database, made.id) == before


async def test_final_and_other_states_have_their_own_method(ledger: SqlLedger) -> None:
    with pytest.raises(ValueError, match="final"):
        await ledger.advance(1, Step(State.DELIVERED), NOON)
    with pytest.raises(ValueError, match="not final"):
        await ledger.settle(1, Ending(State.PAID, 0), NOON)


async def test_rules_are_asked_about_the_policy_in_force(ledger: SqlLedger, database: Database) -> None:
    policies, asked = SqlPolicies(database), list[Policy]()

    def remember(policy: Policy) -> Terms:
        asked.append(policy)
        return rules()(policy)

    limits = [Policy(numbers={Setting.DAILY: images}) for images in (1, 2)]
    await ledger.reserve(request(), remember, NOON)
    for policy in limits:
        await policies.change(SERVER, partial(_replaced, policy), by=1, now=NOON)
        with contextlib.suppress(LimitReached):
            await ledger.reserve(request(), remember, NOON)
    assert asked == [NOTHING_DECIDED, *limits]


async def test_what_the_rules_refuse_is_not_claimed(ledger: SqlLedger, database: Database) -> None:
    def refused(_: Policy) -> Terms:
        raise TooManyImages(5, Ruling(4))

    made = request()
    with pytest.raises(TooManyImages):
        await ledger.reserve(made, refused, NOON)
    assert await row_of(database, made.id) is None


async def test_a_counter_set_back_counts_anew_and_old_images_go_back_where_they_came_from(
    ledger: SqlLedger, database: Database
) -> None:
    policies, before, after = SqlPolicies(database), request(3), request(1)
    await ledger.reserve(before, rules(3), NOON)
    start = FreshStart("2026-11-23", 1)
    await policies.change(SERVER, lambda it: replace(it, fresh_starts={MEMBER: start}), by=1, now=NOON)
    standings = await ledger.reserve(after, rules(3), NOON)
    assert [it.used for it in standings] == [1, 4, 4, 4, 4]
    assert (await ledger.history(standings[0].meter.name, ["2026-11-23"])) == {"2026-11-23": 4}
    await ledger.settle(before.id, Ending(State.REFUNDED, 3), NOON)
    assert [it.used for it in await ledger.usage([it.meter for it in standings])] == [1] * 5


COOLDOWN = rules_of(operator(cooldown=30))


@pytest.mark.parametrize(("seconds", "allowed"), [(0, False), (29.9, False), (30, True)])
async def test_the_next_command_has_to_wait_for_the_cooldown(
    ledger: SqlLedger, seconds: float, allowed: bool
) -> None:
    await ledger.reserve(request(), COOLDOWN, NOON)
    reserving = ledger.reserve(request(), COOLDOWN, NOON + timedelta(seconds=seconds))
    if allowed:
        await reserving
        return
    with pytest.raises(CoolingDown) as caught:
        await reserving
    assert caught.value.until == NOON + timedelta(seconds=30)


async def test_the_pace_of_a_member_is_what_runs_and_when_the_last_began(ledger: SqlLedger) -> None:
    cooldown = Ruling(30)
    assert await ledger.pace(caller(), cooldown, NOON) == Pace(0, None)
    made = [request(), request(), request(member=7)]
    for second, one in enumerate(made):
        await ledger.reserve(
            one, rules_of(operator(), member=one.caller.member), NOON + timedelta(seconds=second)
        )
    later = NOON + timedelta(seconds=5)
    assert await ledger.pace(caller(), cooldown, later) == Pace(2, NOON + timedelta(seconds=1))
    await ledger.settle(made[1].id, Ending(State.REFUNDED, 1), later)
    assert await ledger.pace(caller(), cooldown, later) == Pace(1, NOON)
    assert await ledger.pace(caller(), cooldown, NOON + timedelta(days=1)) == Pace(0, None)


async def test_nobody_waits_for_somebody_elses_cooldown(ledger: SqlLedger) -> None:
    await ledger.reserve(request(), COOLDOWN, NOON)
    await ledger.reserve(request(member=7), rules_of(operator(cooldown=30), member=7), NOON)


@pytest.mark.parametrize("state", [State.REFUNDED, State.UNKNOWN])
async def test_what_was_given_back_starts_no_cooldown(ledger: SqlLedger, state: State) -> None:
    made = request()
    await ledger.reserve(made, COOLDOWN, NOON)
    await ledger.settle(made.id, Ending(state, 1), NOON)
    await ledger.reserve(request(), COOLDOWN, NOON)


async def test_a_member_runs_so_many_at_once(ledger: SqlLedger) -> None:
    two_at_once = rules_of(operator(at_once=2))
    outcomes = await asyncio.gather(
        *(ledger.reserve(request(), two_at_once, NOON) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyAtOnce) for outcome in outcomes) == 8
    assert await used(ledger) == [2] * 5


async def test_one_that_is_settled_makes_room_for_the_next(ledger: SqlLedger) -> None:
    one_at_once, first = rules_of(operator(at_once=1)), request()
    await ledger.reserve(first, one_at_once, NOON)
    await ledger.settle(first.id, Ending(State.DELIVERED, 0), NOON)
    await ledger.reserve(request(), one_at_once, NOON)


async def test_one_that_was_never_settled_does_not_stand_in_the_way_for_ever(ledger: SqlLedger) -> None:
    one_at_once = rules_of(operator(at_once=1))
    await ledger.reserve(request(), one_at_once, NOON)
    await ledger.reserve(request(), one_at_once, NOON + timedelta(minutes=15))
