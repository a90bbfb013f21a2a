"""How the ledger writes a generation down step by step, and what it gives back at the end; on both engines."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.generation.errors import LeaseLost, NoBudgetForRetry
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Order, State
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, StatementRejected, Transaction
from bot.storage.generations import SqlGenerations
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import meters, request, row_of, rules, used


async def test_settling_gives_back_to_the_day_it_was_taken_from(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    before, after = NOON, NOON + timedelta(days=1)
    late = request(2)
    await ledger.reserve(late, rules(now=before), before)
    await ledger.reserve(request(2), rules(now=after), after)
    assert await ledger.settle(late.id, Settlement(State.REFUNDED, 2), after)
    day, month, *_ = await counters.usage(meters(now=before))
    assert (day.used, month.used) == (0, 2)
    assert [reading.used for reading in await counters.usage(meters(now=after))] == [2] * 5


@pytest.mark.parametrize(("posted", "found"), [(None, 7), (8, 8)])
async def test_where_pictures_were_posted_anew_that_message_is_on_record(
    ledger: SqlLedger, database: Database, posted: int | None, found: int
) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, message=7), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0, message=posted), NOON)
    settled = await SqlGenerations(database).get(made.id)
    assert settled is not None
    assert settled.message == found


@pytest.mark.parametrize("refund", [0, 1, 3])
async def test_a_refund_may_be_a_part(ledger: SqlLedger, counters: SqlCounters, refund: int) -> None:
    made = request(3)
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, refund), NOON)
    assert await used(counters) == [3 - refund] * 4 + [3]


async def test_settling_happens_once(ledger: SqlLedger, counters: SqlCounters, database: Database) -> None:
    made, other = request(2), request(2)
    await ledger.reserve(made, rules(), NOON)
    await ledger.reserve(other, rules(), NOON)
    settled = await asyncio.gather(
        *(ledger.settle(made.id, Settlement(State.REFUNDED, 2), NOON) for _ in range(10))
    )
    assert sorted(map(bool, settled)) == [False] * 9 + [True]
    assert await used(counters) == [2] * 5


async def test_what_was_never_reserved_is_not_settled(ledger: SqlLedger) -> None:
    assert not await ledger.settle(request().id, Settlement(State.REFUNDED, 1), NOON)


@pytest.mark.parametrize("refund", [3, -1])
async def test_a_refund_of_what_was_not_taken_is_refused(
    ledger: SqlLedger, counters: SqlCounters, refund: int
) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    with pytest.raises(StatementRejected):
        await ledger.settle(made.id, Settlement(State.REFUNDED, refund), NOON)
    assert await used(counters) == [2] * 5
    assert await ledger.settle(made.id, Settlement(State.REFUNDED, 2), NOON)


async def test_a_meter_never_falls_below_nothing(
    ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    def reset() -> Transaction[None]:
        yield "UPDATE meter SET used = 1", {}

    made = request(3)
    await ledger.reserve(made, rules(), NOON)
    await database.run(reset)
    await ledger.settle(made.id, Settlement(State.REFUNDED, 3), NOON)
    assert await used(counters) == [0] * 5


async def test_every_step_is_written_with_its_time(ledger: SqlLedger, database: Database) -> None:
    made = request(2)
    times = [NOON + timedelta(seconds=seconds, milliseconds=7) for seconds in range(5)]
    await ledger.reserve(made, rules(), times[0])
    await ledger.advance(made.id, Step(State.ACKNOWLEDGED), times[1])
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok-2-image"), times[2])
    await ledger.advance(made.id, Step(State.PAID, order=Order("grok-imagine", (), 294_000)), times[3])
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0), times[4])
    written = [int(time.timestamp() * 1000) for time in times]
    assert await row_of(database, made.id) == (
        "delivered",
        "grok-imagine",
        294_000,
        0,
        *written,
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
    ("state", "bots"), [(State.REFUNDED, 0), (State.UNKNOWN, 2), (State.DELIVERED, 2), (State.UNDELIVERED, 2)]
)
async def test_the_bots_own_meter_gets_back_only_what_was_certainly_not_bought(
    ledger: SqlLedger, counters: SqlCounters, state: State, bots: int
) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(state, 2), NOON)
    assert await used(counters) == [0, 0, 0, 0, bots]


async def test_a_settled_generation_moves_no_more(ledger: SqlLedger, database: Database) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0), NOON)
    before = await row_of(database, made.id)
    with pytest.raises(LeaseLost):
        await ledger.advance(made.id, Step(State.PAID, order=Order("m", (), 1)), NOON)
    assert await row_of(database, made.id) == before


async def test_final_and_other_states_have_their_own_method(ledger: SqlLedger) -> None:
    with pytest.raises(ValueError, match="final"):
        await ledger.advance(1, Step(State.DELIVERED), NOON)
    with pytest.raises(ValueError, match="not final"):
        await ledger.settle(1, Settlement(State.PAID, 0), NOON)


async def attempts_of(database: Database, id: int) -> tuple[int, int]:
    def steps() -> Transaction[tuple[int, int]]:
        rows = yield "SELECT attempts, spent FROM generation WHERE id = :id", {"id": id}
        return int(rows[0][0]), int(rows[0][1])

    return await database.run(steps)


async def test_every_attempt_that_may_have_been_billed_counts_for_the_bot_and_none_for_anybody_else(
    ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    for booked in (2, 2, 4, 6, 6):  # of five attempts two were certainly not billed
        await ledger.advance(made.id, Step(State.SUBMITTED, spent=booked), NOON)
    assert await used(counters) == [2] * 4 + [6]
    await ledger.settle(made.id, Settlement(State.DELIVERED, 1, spent=6), NOON)
    assert await used(counters) == [1] * 4 + [6]
    assert await attempts_of(database, made.id) == (5, 6)


@pytest.mark.parametrize(
    ("state", "spent", "bots"), [(State.UNKNOWN, 2, 2), (State.UNKNOWN, None, 4), (State.REFUNDED, 0, 0)]
)
async def test_the_bots_meter_keeps_what_may_have_been_paid_of_all_attempts(
    ledger: SqlLedger, counters: SqlCounters, database: Database, state: State, spent: int | None, bots: int
) -> None:
    made = request(2)
    await ledger.reserve(made, rules(), NOON)
    for booked in (2, 4):
        await ledger.advance(made.id, Step(State.SUBMITTED, spent=booked), NOON)
    await ledger.settle(made.id, Settlement(state, 2, spent=spent), NOON)
    assert await used(counters) == [0] * 4 + [bots]
    assert await attempts_of(database, made.id) == (2, bots)


async def test_an_attempt_that_does_not_fit_on_the_bots_limit_is_not_made(
    ledger: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    made, other = request(2), request(1)
    for one in (made, other):
        await ledger.reserve(one, rules(bot_daily=4), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, spent=2), NOON)
    with pytest.raises(NoBudgetForRetry):
        await ledger.advance(made.id, Step(State.SUBMITTED, spent=4), NOON)
    assert await used(counters) == [3] * 5
    assert await attempts_of(database, made.id) == (1, 2)
    await ledger.settle(other.id, Settlement(State.REFUNDED, 1), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, spent=4), NOON)
    assert await used(counters) == [2] * 4 + [4]
