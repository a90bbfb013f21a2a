"""The ledger's promises, on both engines."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from bot.core.errors import AlreadyClaimed, LedgerUnavailable, LimitReached
from bot.core.generation import State
from bot.core.limits import Scope
from bot.storage.ledger import SqlLedger
from bot.storage.transaction import Database, Row, Steps
from tests.storage.samples import NOON, meters, request

GENERATION = """
SELECT state, model, credits, refunded, reserved_at, acknowledged_at, submitted_at, paid_at, settled_at, prompt
FROM generation WHERE id = :id
"""


def _read(id: int) -> Steps[Row | None]:
    rows = yield GENERATION, {"id": id}
    return tuple(rows[0]) if rows else None


async def row_of(database: Database, id: int) -> Row | None:
    return await database.run(partial(_read, id))


async def used(ledger: SqlLedger) -> list[int]:
    return [standing.used for standing in await ledger.usage(meters())]


async def test_a_reservation_takes_from_every_meter_and_tells_how_they_stand(ledger: SqlLedger) -> None:
    await ledger.reserve(request(2), meters(), NOON)
    standings = await ledger.reserve(request(3), meters(), NOON)
    assert [(standing.meter.scope, standing.used) for standing in standings] == [
        (Scope.MEMBER, 5),
        (Scope.SERVER, 5),
        (Scope.BOT, 5),
    ]
    assert await used(ledger) == [5, 5, 5]


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
    await ledger.reserve(request(already), meters(*limits), NOON)
    refused = request(2)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(refused, meters(*limits), NOON)
    assert (caught.value.meter.scope, caught.value.used, caught.value.asked) == (scope, already, 2)
    assert await used(ledger) == [already] * 3


async def test_a_refused_request_was_not_claimed(ledger: SqlLedger, database: Database) -> None:
    refused = request(2)
    with pytest.raises(LimitReached):
        await ledger.reserve(refused, meters(1), NOON)
    assert await row_of(database, refused.id) is None
    await ledger.reserve(refused, meters(2), NOON)


async def test_the_very_first_images_are_capped_as_well(ledger: SqlLedger) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(4), meters(3), NOON)
    assert caught.value.used == 0
    assert await used(ledger) == [0, 0, 0]


async def test_a_limit_is_used_to_its_last_image_and_no_further(ledger: SqlLedger) -> None:
    await ledger.reserve(request(3), meters(3), NOON)
    with pytest.raises(LimitReached):
        await ledger.reserve(request(1), meters(3), NOON)


async def test_a_limit_of_zero_is_nobody(ledger: SqlLedger) -> None:
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), meters(0), NOON)
    assert caught.value.used == 0


async def test_unlimited_has_no_cap(ledger: SqlLedger) -> None:
    for _ in range(3):
        await ledger.reserve(request(10), meters(None, None, None), NOON)
    assert await used(ledger) == [30, 30, 30]


async def test_a_limit_that_was_lowered_below_what_is_used_refuses(ledger: SqlLedger) -> None:
    await ledger.reserve(request(8), meters(10), NOON)
    with pytest.raises(LimitReached) as caught:
        await ledger.reserve(request(1), meters(5), NOON)
    assert caught.value.used == 8


async def test_a_request_is_claimed_once(ledger: SqlLedger) -> None:
    once = request(1)
    await ledger.reserve(once, meters(), NOON)
    with pytest.raises(AlreadyClaimed):
        await ledger.reserve(once, meters(), NOON)
    assert await used(ledger) == [1, 1, 1]


async def test_of_claims_at_once_exactly_one_wins(ledger: SqlLedger) -> None:
    once = request(1)
    claims = await asyncio.gather(
        *(ledger.reserve(once, meters(), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sorted(type(claim).__name__ for claim in claims) == ["AlreadyClaimed"] * 19 + ["tuple"]
    assert await used(ledger) == [1, 1, 1]


async def test_clicks_at_once_get_the_limit_and_not_one_more(ledger: SqlLedger) -> None:
    tries = await asyncio.gather(
        *(ledger.reserve(request(1), meters(5), NOON) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(attempt, tuple) for attempt in tries) == 5
    assert sum(isinstance(attempt, LimitReached) for attempt in tries) == 15


async def test_a_new_day_starts_at_nothing_and_the_old_one_keeps_its_count(ledger: SqlLedger) -> None:
    tomorrow = NOON + timedelta(days=1)
    await ledger.reserve(request(3), meters(3), NOON)
    (standing, *_) = await ledger.reserve(request(1), meters(3, now=tomorrow), tomorrow)
    assert standing.used == 1
    name = standing.meter.name
    days = ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert await ledger.history(name, days) == {"2026-11-22": 0, "2026-11-23": 3, "2026-11-24": 1}


async def test_history_is_that_of_one_meter(ledger: SqlLedger) -> None:
    await ledger.reserve(request(1), meters(), NOON)
    await ledger.reserve(request(2, member=7), meters(member=7), NOON)
    mine = meters()[0]
    assert await ledger.history(mine.name, [mine.window.key]) == {mine.window.key: 1}
    assert await ledger.history(mine.name, []) == {}


async def test_settling_gives_back_to_the_day_it_was_taken_from(ledger: SqlLedger) -> None:
    before, after = NOON, NOON + timedelta(days=1)
    late = request(2)
    await ledger.reserve(late, meters(now=before), before)
    await ledger.reserve(request(2), meters(now=after), after)
    assert await ledger.settle(late.id, State.REFUNDED, after, refund=2)
    assert [standing.used for standing in await ledger.usage(meters(now=before))] == [0, 0, 0]
    assert [standing.used for standing in await ledger.usage(meters(now=after))] == [2, 2, 2]


@pytest.mark.parametrize("refund", [0, 1, 3])
async def test_a_refund_may_be_a_part(ledger: SqlLedger, refund: int) -> None:
    made = request(3)
    await ledger.reserve(made, meters(), NOON)
    await ledger.settle(made.id, State.DELIVERED, NOON, refund=refund)
    assert await used(ledger) == [3 - refund] * 3


async def test_settling_happens_once(ledger: SqlLedger, database: Database) -> None:
    made, other = request(2), request(2)
    await ledger.reserve(made, meters(), NOON)
    await ledger.reserve(other, meters(), NOON)
    settled = await asyncio.gather(
        *(ledger.settle(made.id, State.REFUNDED, NOON, refund=2) for _ in range(10))
    )
    assert sorted(settled) == [False] * 9 + [True]
    assert await used(ledger) == [2, 2, 2]


async def test_what_was_never_reserved_is_not_settled(ledger: SqlLedger) -> None:
    assert not await ledger.settle(request().id, State.REFUNDED, NOON, refund=1)


@pytest.mark.parametrize("refund", [3, -1])
async def test_a_refund_of_what_was_not_taken_is_refused(ledger: SqlLedger, refund: int) -> None:
    made = request(2)
    await ledger.reserve(made, meters(), NOON)
    with pytest.raises(LedgerUnavailable):
        await ledger.settle(made.id, State.REFUNDED, NOON, refund=refund)
    assert await used(ledger) == [2, 2, 2]
    assert await ledger.settle(made.id, State.REFUNDED, NOON, refund=2)


async def test_a_meter_never_falls_below_nothing(ledger: SqlLedger, database: Database) -> None:
    def reset() -> Steps[None]:
        yield "UPDATE meter SET used = 1", {}

    made = request(3)
    await ledger.reserve(made, meters(), NOON)
    await database.run(reset)
    await ledger.settle(made.id, State.REFUNDED, NOON, refund=3)
    assert await used(ledger) == [0, 0, 0]


async def test_every_step_is_written_with_its_time(ledger: SqlLedger, database: Database) -> None:
    made = request(2)
    times = [NOON + timedelta(seconds=seconds, milliseconds=7) for seconds in range(5)]
    await ledger.reserve(made, meters(), times[0])
    await ledger.advance(made.id, State.ACKNOWLEDGED, times[1])
    await ledger.advance(made.id, State.SUBMITTED, times[2], model="grok-2-image")
    await ledger.advance(made.id, State.PAID, times[3], model="grok-imagine", credits=294_000)
    await ledger.settle(made.id, State.DELIVERED, times[4], refund=0)
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
    await ledger.reserve(made, meters(), NOON)
    await ledger.advance(made.id, State.SUBMITTED, NOON, model="grok-2-image")
    await ledger.advance(made.id, State.PAID, NOON)
    row = await row_of(database, made.id)
    assert row is not None
    assert row[:2] == ("paid", "grok-2-image")


async def test_a_settled_generation_moves_no_more(ledger: SqlLedger, database: Database) -> None:
    made = request()
    await ledger.reserve(made, meters(), NOON)
    await ledger.settle(made.id, State.UNKNOWN, NOON, refund=1)
    before = await row_of(database, made.id)
    await ledger.advance(made.id, State.PAID, NOON, model="late", credits=1)
    assert await row_of(database, made.id) == before


async def test_final_and_other_states_have_their_own_method(ledger: SqlLedger) -> None:
    with pytest.raises(ValueError, match="final"):
        await ledger.advance(1, State.DELIVERED, NOON)
    with pytest.raises(ValueError, match="not final"):
        await ledger.settle(1, State.PAID, NOON, refund=0)
