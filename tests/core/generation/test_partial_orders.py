"""An order that takes several requests, each answered by itself: what becomes of a part, against fakes of the ports."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.errors import BotError, DatabaseUnavailable
from bot.core.fair_limiter import Turn
from bot.core.generation.costs import Price
from bot.core.generation.errors import (
    ApiUnavailable,
    DeliveryFailed,
    LeaseLost,
    NoBudgetForRetry,
    PromptRejected,
)
from bot.core.generation.image_api import Attempts
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import ImageSpec, Order, Request, Source, State
from bot.core.generation.outcome import DeliveryResult, Retry
from bot.core.generation.reply import Shown
from bot.core.generation.reservation import Reservation
from bot.core.limits.errors import FailureLimitReached
from bot.core.limits.rules import terms_for
from tests.core.factories import NOON, caller, operator
from tests.core.fakes import FakeImageApi, FakeLedger, noon
from tests.core.generation.test_service import ServiceSetup

OPERATOR = operator(9, bot_daily=100, per_prompt=9)
FOXES = Request(id=1, caller=caller(), spec=ImageSpec("a fox", 3))
ONE, TWO, THREE = (Source(f"http://pictures/{number}") for number in range(3))


def order(*sources: Source) -> Order:
    return Order("m", sources, 10 * len(sources))


class SlowLedger(FakeLedger):
    """Carries out the first write of what was bought only once the others could have overtaken it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = True

    async def advance(self, generation: int, step: Step, now: datetime) -> None:
        if step.order and self.first:
            self.first = False
            for _ in range(10):
                await asyncio.sleep(0)
        await super().advance(generation, step, now)


class InParts(FakeImageApi):
    """Asks for each picture by a request of its own; `sold` of them are bought, and then it fails with `failure`."""

    def __init__(self, sold: int, failure: Exception | None = None) -> None:
        super().__init__()
        self.sold = sold
        self.failure = failure

    async def order(
        self, spec: ImageSpec, request_id: str, attempts: Attempts | None = None, turn: Turn | None = None
    ) -> Order:
        assert attempts
        for _ in range(spec.count):
            await attempts.submitting(self.model, 1)
        bought = order()
        for source in (ONE, TWO, THREE)[: self.sold]:
            bought = order(*bought.sources, source)
            await attempts.bought(bought)
        for _ in range(spec.count - self.sold):
            attempts.not_billed(1)
        if self.failure:
            raise self.failure
        return bought


async def reserved(ledger: FakeLedger) -> Reservation:
    await ledger.reserve(FOXES, lambda policy: terms_for(policy, OPERATOR, FOXES.caller, NOON), NOON)
    return Reservation(ledger, noon, FOXES, NOON)


async def test_only_what_was_asked_for_so_far_may_have_been_paid_for() -> None:
    reservation = await reserved(FakeLedger())
    await reservation.submitting("m", 1)
    await reservation.submitting("m", 1)
    reservation.not_billed(1)
    assert reservation.spent == 1


async def test_requests_that_are_announced_side_by_side_are_all_counted() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await asyncio.gather(*(reservation.submitting("m", 1) for _ in range(3)))
    assert [step.spent for step in ledger.steps] == [1, 2, 3]
    assert reservation.spent == 3


async def test_a_request_that_could_not_be_written_down_counts_for_nothing() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 1)
    ledger.lost.add(FOXES.id)
    with pytest.raises(LeaseLost):
        await reservation.submitting("m", 1)
    assert reservation.spent == 1


async def test_an_answer_that_comes_meanwhile_is_not_overwritten_by_one_with_fewer_pictures() -> None:
    ledger = SlowLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 3)
    await asyncio.gather(
        *(reservation.bought(it) for it in (order(ONE), order(ONE, TWO), order(ONE, TWO, THREE)))
    )
    written = [step.order.sources for step in ledger.steps if step.order]
    assert written[-1] == (ONE, TWO, THREE)
    assert sorted(written, key=len) == written


async def test_what_is_on_record_is_not_written_again() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 2)
    await reservation.bought(order(TWO))
    await reservation.bought(order(ONE, TWO))  # in the order of the requests
    await reservation.bought(order(ONE, TWO))
    parts = [(step.order.sources, step.recorded) for step in ledger.steps if step.order]
    assert parts == [((TWO,), 0), ((TWO, ONE), 1)]


async def test_two_requests_that_bring_the_same_picture_bring_two() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 2)
    same = Source(content=b"picture"), Source(content=b"picture")
    await reservation.bought(order(same[0]))
    await reservation.bought(order(*same))
    assert [len(step.order.sources) for step in ledger.steps if step.order] == [1, 2]


async def test_what_turned_out_not_to_be_billed_is_written_with_what_was_bought() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 3)
    await reservation.bought(order(ONE))
    reservation.not_billed(2)
    await reservation.bought(order(ONE))
    assert [step.spent for step in ledger.steps] == [3, 3, 1]


async def test_what_two_models_have_cost_together_is_no_price_of_either() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("cheap", 1)
    await reservation.bought(Order("cheap", (ONE,), 10, priced=1))
    await reservation.submitting("dear", 2)
    await reservation.bought(Order("cheap", (ONE, TWO, THREE), 310, priced=3))
    assert [step.price for step in ledger.steps if step.order] == [Price("cheap", 0, 10), None]


async def test_it_stays_paid_while_another_part_is_submitted() -> None:
    reservation = await reserved(FakeLedger())
    await reservation.submitting("m", 1)
    await reservation.bought(order(ONE))
    await reservation.submitting("m", 1)
    assert reservation.state is State.PAID
    outcome = reservation.outcome(asyncio.CancelledError())
    assert outcome == Retry(0.0)


async def test_a_part_that_could_not_be_written_down_is_written_before_it_is_left_to_others() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 2)
    await reservation.bought(order(ONE))
    ledger.down.add(State.PAID)
    await reservation.bought(order(ONE, TWO))
    ledger.down.clear()
    await reservation.apply(reservation.outcome(DeliveryFailed()))
    assert ledger.steps[-1].order == order(ONE, TWO)
    assert ledger.steps[-1].recorded == 1


async def test_pictures_that_are_shown_are_not_kept_for_another_process() -> None:
    ledger = FakeLedger()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 3)
    ledger.down.add(State.PAID)
    await reservation.bought(order(ONE, TWO, THREE))
    ledger.down.clear()
    await reservation.apply(reservation.outcome(DeliveryResult(3, Shown(7))))
    assert ledger.steps[-1].order == replace(order(ONE, TWO, THREE), sources=())
    assert ledger.endings[FOXES.id] == Settlement(State.DELIVERED, 0, spent=3)


async def test_parts_that_came_too_late_are_each_kept_once() -> None:
    class Late(FakeLedger):
        async def advance(self, generation: int, step: Step, now: datetime) -> None:
            if step.order:
                self.steps.append(step)
                raise LeaseLost
            await super().advance(generation, step, now)

    ledger = Late()
    reservation = await reserved(ledger)
    await reservation.submitting("m", 3)
    for so_far in (order(ONE), order(ONE, TWO)):
        with pytest.raises(LeaseLost):
            await reservation.bought(so_far)
    assert [step.recorded for step in ledger.steps if step.order] == [0, 1]


@pytest.mark.parametrize(
    "failure",
    [
        None,
        ApiUnavailable(),
        PromptRejected(),
        NoBudgetForRetry(),
        FailureLimitReached(None),
        DatabaseUnavailable(),
        ZeroDivisionError("a mistake of ours"),
    ],
)
async def test_what_was_bought_is_delivered_and_the_rest_given_back(failure: Exception | None) -> None:
    setup = ServiceSetup(OPERATOR, image_api=InParts(2, failure))
    reply = await setup.imagine(FOXES)
    assert reply.seen == ["thinking", "picture"]
    assert reply.painting
    assert (len(reply.painting.pictures), reply.painting.missing) == (2, 1)
    assert setup.ledger.endings[FOXES.id] == Settlement(State.DELIVERED, 1, spent=2)


@pytest.mark.parametrize("failure", [ApiUnavailable(), PromptRejected()])
async def test_where_nothing_was_bought_the_member_hears_why(failure: BotError) -> None:
    setup = ServiceSetup(OPERATOR, image_api=InParts(0, failure))
    reply = await setup.imagine(FOXES)
    assert reply.error is failure
    assert setup.ledger.endings[FOXES.id].refund == 3


async def test_a_part_that_was_bought_is_not_lost_with_the_lease() -> None:
    setup = ServiceSetup(OPERATOR, image_api=InParts(1, LeaseLost()))
    reply = await setup.imagine(FOXES)
    assert reply.seen == ["thinking"]  # another process delivers it
    assert FOXES.id not in setup.ledger.endings
