"""How long a model's last pictures took, on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Order, State
from bot.storage.durations import MOST, SqlDurations
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import request, rules


async def took(
    ledger: SqlLedger,
    seconds: float,
    *,
    begun: datetime = NOON,
    model: str = "m",
    state: State = State.DELIVERED,
    attempts: int = 1,
) -> None:
    made = request()
    await ledger.reserve(made, rules(None, None, None), begun - timedelta(seconds=100))
    for _ in range(attempts):
        await ledger.advance(made.id, Step(State.SUBMITTED, model=model), begun)
    await ledger.advance(made.id, Step(State.PAID, order=Order(model, ())), begun)
    await ledger.settle(made.id, Settlement(state, 0), begun + timedelta(seconds=seconds))


async def test_a_duration_is_from_the_request_to_the_picture(ledger: SqlLedger, database: Database) -> None:
    await took(ledger, 12.5)
    assert await SqlDurations(database).last("m") == [12.5]
    assert await SqlDurations(database).last("another") == []


@pytest.mark.parametrize("state", [State.UNKNOWN, State.UNDELIVERED])
async def test_what_came_to_nothing_or_took_several_requests_says_nothing(
    ledger: SqlLedger, database: Database, state: State
) -> None:
    await took(ledger, 3, state=state)
    await took(ledger, 4, attempts=2)
    await took(ledger, -1)  # settled by another host, whose clock is behind
    assert await SqlDurations(database).last("m") == []


async def test_the_last_fifty_are_looked_at(ledger: SqlLedger, database: Database) -> None:
    for number in range(1, MOST + 6):
        await took(ledger, number, begun=NOON + timedelta(minutes=5 * number))
    assert await SqlDurations(database).last("m") == [*range(MOST + 5, 5, -1)]
