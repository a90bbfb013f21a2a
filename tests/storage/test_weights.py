"""A picture can count as several images on every meter, both ways, and costs what it costs; on both engines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.errors import LeaseLost, NoBudgetForRetry
from bot.core.generation.generations import OfMember, Page
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Order, Request, Source, State
from bot.core.limits.budgets import Budgets, Estimate
from bot.core.limits.errors import LimitReached
from bot.core.limits.policy import FailureLimits
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, one_statement
from bot.storage.generations import SqlGenerations
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import MEMBER, caller, request, rules, used

UTC = ZoneInfo("UTC")


def weighty(images: int = 2, weight: int = 3) -> Request:
    made = request(images)
    return replace(made, spec=replace(made.spec, weight=weight, model="maker/dear"))


async def test_a_reservation_takes_each_picture_as_often_as_it_counts(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    readings = await ledger.reserve(weighty(), rules(), NOON)
    assert [reading.used for reading in readings] == [6] * 5
    assert await used(counters) == [6] * 5
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(weighty(), rules(), NOON)
    assert (caught.value.used, caught.value.asked, caught.value.weight) == (6, 6, 3)


async def test_a_refund_gives_back_as_much(ledger: SqlLedger, counters: SqlCounters) -> None:
    delivered, refunded = weighty(), weighty()
    for one in (delivered, refunded):
        await ledger.reserve(one, rules(None), NOON)
    await ledger.settle(delivered.id, Settlement(State.DELIVERED, 3, spent=6), NOON)
    await ledger.settle(refunded.id, Settlement(State.REFUNDED, 6, spent=0), NOON)
    assert await used(counters) == [3] * 4 + [6]


async def test_attempts_are_booked_as_they_count(ledger: SqlLedger, counters: SqlCounters) -> None:
    made = weighty()
    await ledger.reserve(made, rules(bot_daily=13), NOON)
    for spent in (3, 6, 12):
        await ledger.advance(made.id, Step(State.SUBMITTED, spent=spent), NOON)
    with pytest.raises(NoBudgetForRetry):
        await ledger.advance(made.id, Step(State.SUBMITTED, spent=15), NOON)
    assert await used(counters) == [6] * 4 + [12]


async def test_what_is_on_record_of_it_is_in_pictures(ledger: SqlLedger, database: Database) -> None:
    made, running = weighty(), weighty()
    for one in (made, running):
        await ledger.reserve(one, rules(None), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 3, spent=6), NOON)
    await ledger.advance(running.id, Step(State.SUBMITTED, spent=12), NOON)
    [first, _] = await SqlGenerations(database).find(OfMember(MEMBER), Page(10))
    assert (first.request.spec.count, first.refunded, first.request.spec.counted) == (2, 1, 6)
    await ledger.release(running.id, -1)
    [left] = await SqlLedger(database).claim_expired((), 10)
    assert left.spent == 4


async def test_a_weighty_picture_that_comes_to_nothing_counts_as_often_on_the_failure_limits(
    database: Database,
) -> None:
    failures = FailureLimits(8, 40, UTC)
    ledger, counters = SqlLedger(database, failures), SqlCounters(database, failures)
    made = weighty(1)
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.UNKNOWN, 3, spent=3), NOON)
    assert [one.used for one in await counters.failed_today(caller(), NOON)] == [3, 3]


async def test_an_answer_that_comes_after_all_counts_as_often_on_the_bots_meter(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    made = weighty()
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.REFUNDED, 6, spent=0), NOON)
    order = Order("m", (Source("http://pictures/1"),), 100)
    with pytest.raises(LeaseLost):
        await ledger.advance(made.id, Step(State.PAID, order=order, spent=6, priced=6), NOON)
    assert await used(counters) == [0] * 4 + [6]


async def test_what_it_costs_goes_by_pictures(database: Database) -> None:
    ledger = SqlLedger(database, budgets=Budgets(10_000, None, UTC))
    counters = SqlCounters(database, budgets=Budgets(10_000, None, UTC))

    async def spent() -> int:
        return (await counters.budgets(NOON))[0].reading.used

    made = weighty()
    await ledger.reserve(made, rules(None), NOON, Estimate("maker/dear", 0, 100))
    assert await spent() == 200
    await ledger.advance(made.id, Step(State.SUBMITTED, spent=6), NOON)
    assert await spent() == 200
    await ledger.advance(made.id, Step(State.SUBMITTED, spent=12), NOON)
    assert await spent() == 400
    order = Order("m", (Source("http://pictures/1"), Source("http://pictures/2")), 150)
    await ledger.advance(made.id, Step(State.PAID, order=order, spent=12, priced=6), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0, spent=12), NOON)
    assert await spent() == 350
    row = await database.run(partial(one_statement, "SELECT images, spent, refunded FROM generation", {}))
    assert list(row) == [(6, 12, 0)]
