"""Taking a generation back while nothing has been bought: the database decides, on both engines, whoever asks."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.errors import Cancelled, LeaseLost
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Request, State
from bot.core.limits.budgets import Budgets, Estimate
from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import request, row_of, rules, used

UNPAID = [State.RESERVED, State.ACKNOWLEDGED]
RACES = 30


async def reserved(ledger: SqlLedger, state: State = State.RESERVED, images: int = 2) -> Request:
    made = replace(request(images), application=42, token="secret-token")
    await ledger.reserve(made, rules(None), NOON, Estimate("m", 0, 100))
    if state is not State.RESERVED:
        await ledger.advance(made.id, Step(state), NOON)
    return made


@pytest.mark.parametrize("state", UNPAID)
async def test_what_is_cancelled_is_given_back_to_every_meter_and_budget(
    database: Database, counters: SqlCounters, state: State
) -> None:
    budgets = Budgets(1000, 1000, ZoneInfo("UTC"))
    made = await reserved(SqlLedger(database, budgets=budgets), state)
    cancelled = await SqlLedger(database, budgets=budgets).cancel(made.id, NOON)
    assert cancelled is not None
    assert (cancelled.request, cancelled.state) == (made, state)
    assert await used(counters) == [0] * 5
    readings = await SqlCounters(database, budgets=budgets).budgets(NOON)
    assert [it.reading.used for it in readings] == [0, 0]


@pytest.mark.parametrize("state", UNPAID)
async def test_what_is_cancelled_can_neither_be_submitted_nor_settled_by_its_process(
    ledger: SqlLedger, database: Database, state: State
) -> None:
    made = await reserved(ledger, state)
    await SqlLedger(database).cancel(made.id, NOON)
    with pytest.raises(Cancelled):
        await ledger.advance(made.id, Step(State.SUBMITTED), NOON)
    assert await ledger.settle(made.id, Settlement(State.DELIVERED, 0), NOON) is None
    assert await ledger.renew([made.id]) == frozenset()
    found = await row_of(database, made.id)
    assert found is not None
    assert found[0] == State.REFUNDED


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PAID])
async def test_what_may_have_been_paid_for_is_not_cancelled(
    ledger: SqlLedger, counters: SqlCounters, database: Database, state: State
) -> None:
    made = await reserved(ledger, State.SUBMITTED)
    await ledger.advance(made.id, Step(state), NOON)
    assert await SqlLedger(database).cancel(made.id, NOON) is None
    assert await used(counters) == [2] * 5
    assert await ledger.renew([made.id])


async def test_what_has_ended_is_not_cancelled(ledger: SqlLedger, counters: SqlCounters) -> None:
    made = await reserved(ledger)
    assert await ledger.cancel(made.id, NOON)
    assert await ledger.cancel(made.id, NOON) is None
    assert await ledger.cancel(7, NOON) is None
    delivered = await reserved(ledger)
    await ledger.settle(delivered.id, Settlement(State.DELIVERED, 0), NOON)
    assert await ledger.cancel(delivered.id, NOON) is None
    assert await used(counters) == [2] * 5


async def test_who_cancels_and_dies_leaves_it_to_others_to_tell_the_member(
    ledger: SqlLedger, database: Database
) -> None:
    made = await reserved(ledger)
    await SqlLedger(database, lease_seconds=-1).cancel(made.id, NOON)
    [left] = await ledger.claim_expired((), 10)
    assert (left.request, left.state, left.pending_notice) == (made, State.REFUNDED, "cancelled")
    await ledger.notice_delivered(made.id)
    assert await ledger.claim_expired((), 10) == ()


async def test_of_a_purchase_and_a_cancellation_at_once_one_happens(
    database_url: str, counters: SqlCounters
) -> None:
    """Each by a process of its own."""
    outcomes = Counter[str]()
    async with open_database(database_url) as one, open_database(database_url) as other:
        buyer, canceller = SqlLedger(one), SqlLedger(other)

        async def buy(generation: int) -> bool:
            try:
                await buyer.advance(generation, Step(State.SUBMITTED), NOON)
            except LeaseLost:
                return False
            return True

        for number in range(RACES):
            made = await reserved(buyer, images=1)
            both = [buy(made.id), canceller.cancel(made.id, NOON)]
            found = await asyncio.gather(*(both if number % 2 else both[::-1]))
            bought, cancelled = found if number % 2 else found[::-1]
            assert bool(bought) != bool(cancelled)
            outcomes["bought" if bought else "cancelled"] += 1
    assert outcomes.total() == RACES
    assert await used(counters) == [outcomes["bought"]] * 5
