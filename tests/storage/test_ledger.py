"""What the ledger takes, and from whom it does not, on both engines."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.core.generation.ledger import AlreadyReserved, Settlement
from bot.core.generation.model import State
from bot.core.limits.errors import LimitReached, TooManyImages
from bot.core.limits.meters import Period, Ruling, Scope
from bot.core.limits.policy import NOTHING_DECIDED, CounterReset, Policy, Setting
from bot.core.limits.rules import Terms
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from tests.core.factories import NOON
from tests.storage.factories import MEMBER, SERVER, meters, request, row_of, rules, used


def _replaced(policy: Policy, _: Policy) -> Policy:
    return policy


async def test_a_reservation_takes_from_every_meter_and_tells_how_they_stand(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    await ledger.reserve(request(2), rules(), NOON)
    readings = await ledger.reserve(request(3), rules(), NOON)
    assert [(it.meter.scope, it.meter.period, it.used) for it in readings] == [
        (Scope.MEMBER, Period.DAY, 5),
        (Scope.MEMBER, Period.MONTH, 5),
        (Scope.SERVER, Period.DAY, 5),
        (Scope.SERVER, Period.MONTH, 5),
        (Scope.BOT, Period.DAY, 5),
    ]
    assert await used(counters) == [5] * 5


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
    ledger: SqlLedger, counters: SqlCounters, limits: tuple[int, int, int], scope: Scope, already: int
) -> None:
    await ledger.reserve(request(already), rules(*limits), NOON)
    refused = request(2)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(refused, rules(*limits), NOON)
    assert (caught.value.meter.scope, caught.value.used, caught.value.asked) == (scope, already, 2)
    assert await used(counters) == [already] * 5


async def test_a_refused_request_is_not_on_record(ledger: SqlLedger, database: Database) -> None:
    refused = request(2)
    with pytest.raises(LimitReached):
        await ledger.reserve(refused, rules(1), NOON)
    assert await row_of(database, refused.id) is None
    await ledger.reserve(refused, rules(2), NOON)


async def test_the_very_first_images_are_capped_as_well(ledger: SqlLedger, counters: SqlCounters) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(4), rules(3), NOON)
    assert caught.value.used == 0
    assert await used(counters) == [0] * 5


async def test_a_limit_is_used_to_its_last_image_and_no_further(ledger: SqlLedger) -> None:
    await ledger.reserve(request(3), rules(3), NOON)
    with pytest.raises(LimitReached):
        await ledger.reserve(request(1), rules(3), NOON)


async def test_a_limit_of_zero_is_nobody(ledger: SqlLedger) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), rules(0), NOON)
    assert caught.value.used == 0


async def test_unlimited_has_no_cap(ledger: SqlLedger, counters: SqlCounters) -> None:
    for _ in range(3):
        await ledger.reserve(request(10), rules(None, None, None), NOON)
    assert await used(counters) == [30] * 5


async def test_a_limit_that_was_lowered_below_what_is_used_refuses(ledger: SqlLedger) -> None:
    await ledger.reserve(request(8), rules(10), NOON)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), rules(5), NOON)
    assert caught.value.used == 8


async def test_a_request_is_reserved_once(ledger: SqlLedger, counters: SqlCounters) -> None:
    once = request(1)
    await ledger.reserve(once, rules(), NOON)
    with pytest.raises(AlreadyReserved):
        await ledger.reserve(once, rules(), NOON)
    assert await used(counters) == [1] * 5


async def test_of_reservations_of_one_request_at_once_exactly_one_wins(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    once = request(1)
    outcomes = await asyncio.gather(
        *(ledger.reserve(once, rules(), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sorted(type(it).__name__ for it in outcomes) == ["AlreadyReserved"] * 19 + ["tuple"]
    assert await used(counters) == [1] * 5


async def test_clicks_at_once_get_the_limit_and_not_one_more(ledger: SqlLedger) -> None:
    tries = await asyncio.gather(
        *(ledger.reserve(request(1), rules(5), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(attempt, tuple) for attempt in tries) == 5
    assert sum(isinstance(attempt, LimitReached) for attempt in tries) == 15


async def test_a_new_day_starts_at_nothing_and_the_old_one_keeps_its_count(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    tomorrow = NOON + timedelta(days=1)
    await ledger.reserve(request(3), rules(3), NOON)
    (reading, *_) = await ledger.reserve(request(1), rules(3, now=tomorrow), tomorrow)
    assert reading.used == 1
    name = reading.meter.name
    days = ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert await counters.history(name, days) == {"2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 1}


async def test_history_is_that_of_one_meter(ledger: SqlLedger, counters: SqlCounters) -> None:
    await ledger.reserve(request(1), rules(), NOON)
    await ledger.reserve(request(2, member=7), rules(member=7), NOON)
    mine = meters()[0]
    assert await counters.history(mine.name, [mine.window.key]) == {mine.window.key: 1}
    assert await counters.history(mine.name, []) == {}


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


async def test_what_the_rules_refuse_is_not_on_record(ledger: SqlLedger, database: Database) -> None:
    def refused(_: Policy) -> Terms:
        raise TooManyImages(5, Ruling(4))

    made = request()
    with pytest.raises(TooManyImages):
        await ledger.reserve(made, refused, NOON)
    assert await row_of(database, made.id) is None


async def test_a_counter_set_back_counts_anew_and_old_images_go_back_where_they_came_from(
    ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    policies, before, after = SqlPolicies(database), request(3), request(1)
    await ledger.reserve(before, rules(3), NOON)
    start = CounterReset("2026-11-23", 1)
    await policies.change(SERVER, lambda it: replace(it, counter_resets={MEMBER: start}), by=1, now=NOON)
    readings = await ledger.reserve(after, rules(3), NOON)
    assert [it.used for it in readings] == [1, 4, 4, 4, 4, 4]
    assert (await counters.history(readings[0].meter.name, ["2026-11-23"])) == {"2026-11-23": 4}
    await ledger.settle(before.id, Settlement(State.REFUNDED, 3), NOON)
    assert [it.used for it in await counters.usage([it.meter for it in readings])] == [1] * 6
