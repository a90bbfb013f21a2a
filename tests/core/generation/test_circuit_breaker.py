"""The breaker: when it opens, what it lets through, when it closes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.errors import GenerationFailed
from bot.core.generation.circuit_breaker import (
    FEWEST_MEMBERS,
    FEWEST_OUTCOMES,
    FIRST_TRIAL_SECONDS,
    LONGEST_TRIAL_SECONDS,
    WINDOW_SECONDS,
    CircuitBreaker,
    GuardedPainter,
    Outage,
)
from bot.core.generation.errors import (
    ApiUnavailable,
    CreditExhausted,
    KeyRejected,
    ModelRetired,
    OutcomeUnknown,
    OutOfService,
    PictureOriginNotAllowed,
    PromptRejected,
    RateLimited,
    RequestRejected,
    Trouble,
)
from bot.core.generation.model import Order, Source
from bot.core.place import Caller
from bot.imaging.client import Unrecorded
from tests.core.fakes import FakePainter

ADA, BOB = 1, 2


class Fuse:
    """A breaker, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[tuple[Trouble, bool]] = []
        self.breaker = CircuitBreaker(lambda: self.now, self._changed, self._suspected)
        self.suspicions = 0
        self.painter = FakePainter()
        self.guarded = GuardedPainter(self.painter, self.breaker)

    def _changed(self, outage: Outage, began: bool) -> None:
        self.told.append((outage.trouble, began))

    def _suspected(self) -> None:
        self.suspicions += 1

    async def order(
        self, failure: GenerationFailed | None = None, member: int = ADA, server: int = 1
    ) -> None:
        self.painter.order_error = failure
        attempts = Unrecorded()
        attempts.caller = Caller(member, server, (1,))
        await self.guarded.order("a fox", 1, "1", attempts)

    async def fail(
        self, failure: GenerationFailed, times: int = 1, member: int | None = ADA, server: int = 1
    ) -> None:
        """`member` None: each time another one."""
        for number in range(times):
            with pytest.raises(type(failure)):
                await self.order(failure, 100 + number if member is None else member, server)

    async def go_down(self) -> None:
        await self.fail(ApiUnavailable(), FEWEST_OUTCOMES, member=None)

    def admits(self, member: int = ADA, server: int = 1) -> bool:
        try:
            self.breaker.admit(Caller(member, server, (1,)))
        except OutOfService:
            return False
        return True


@pytest.fixture
def fuse() -> Fuse:
    return Fuse()


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (KeyRejected(), Trouble.KEY),
        (CreditExhausted(), Trouble.CREDIT),
        (ModelRetired("grok"), Trouble.MODEL),
    ],
)
async def test_what_only_the_operator_can_mend_opens_it_at_once_and_is_told_once(
    fuse: Fuse, failure: GenerationFailed, trouble: Trouble
) -> None:
    await fuse.fail(failure, 3)
    with pytest.raises(OutOfService) as caught:
        fuse.breaker.admit(Unrecorded.caller)
    assert caught.value.trouble is trouble
    assert fuse.told == [(trouble, True)]


@pytest.mark.parametrize("failure", [ApiUnavailable(), OutcomeUnknown(), RateLimited()])
async def test_half_of_a_minutes_members_failing_opens_it(fuse: Fuse, failure: GenerationFailed) -> None:
    for member in range(3):
        await fuse.order(member=member)
    await fuse.fail(failure, 2, member=None)
    assert fuse.admits()
    await fuse.fail(failure, member=77)
    assert not fuse.admits()
    assert fuse.told == [(Trouble.DOWN, True)]


@pytest.mark.parametrize("members", [1, FEWEST_MEMBERS - 1])
async def test_whatever_becomes_of_a_few_members_orders_opens_nothing_until_a_probe_agrees(
    fuse: Fuse, members: int
) -> None:
    for member in range(members):
        await fuse.fail(OutcomeUnknown(), 20, member=member)
    assert fuse.admits()
    assert fuse.told == []
    assert fuse.suspicions
    fuse.breaker.confirm()
    assert not fuse.admits()


async def test_a_probe_that_comes_late_opens_nothing(fuse: Fuse) -> None:
    await fuse.fail(OutcomeUnknown(), 20)
    fuse.now += WINDOW_SECONDS + 1
    await fuse.order()
    fuse.breaker.confirm()
    assert fuse.admits()


async def test_members_of_one_server_open_nothing_for_the_others(fuse: Fuse) -> None:
    await fuse.order(member=BOB, server=2)
    fuse.now += WINDOW_SECONDS + 1
    await fuse.fail(OutcomeUnknown(), 20, member=None)
    assert fuse.admits()
    await fuse.fail(OutcomeUnknown(), member=BOB, server=2)
    assert not fuse.admits()


async def test_members_who_are_served_outweigh_one_who_fails_again_and_again(fuse: Fuse) -> None:
    for member in range(10, 20):
        await fuse.order(member=member, server=member % 2)
    await fuse.fail(OutcomeUnknown(), 100, member=ADA)
    assert fuse.admits()


async def test_nobody_keeps_it_closed_by_orders_that_go_well_or_are_rejected(fuse: Fuse) -> None:
    for _ in range(50):
        await fuse.order(member=ADA)
        await fuse.fail(PromptRejected(), member=ADA)
    await fuse.fail(OutcomeUnknown(), FEWEST_MEMBERS, member=None)
    assert not fuse.admits()


async def test_trials_of_one_member_keep_nobody_else_waiting(fuse: Fuse) -> None:
    await fuse.go_down()
    fuse.now += FIRST_TRIAL_SECONDS
    await fuse.fail(OutcomeUnknown(), member=ADA)
    waited = 0.0
    while not fuse.admits(BOB):
        assert not fuse.admits(ADA)
        fuse.now += 1
        waited += 1
    assert waited <= 2 * FIRST_TRIAL_SECONDS
    for _ in range(20):  # as often as they may
        while not fuse.admits(ADA):
            fuse.now += 1
        await fuse.fail(OutcomeUnknown(), member=ADA)
        assert not fuse.admits(ADA)
        assert fuse.admits(BOB)
    await fuse.order(member=BOB)
    assert fuse.admits(ADA)


async def test_trials_of_one_servers_members_keep_no_other_server_waiting(fuse: Fuse) -> None:
    await fuse.go_down()
    for member in range(20):
        while not fuse.admits(member):
            fuse.now += 1
        await fuse.fail(OutcomeUnknown(), member=member)
    assert not fuse.admits(77)
    assert fuse.admits(BOB, server=2)


async def test_in_an_outage_the_trials_of_many_members_grow_rare(fuse: Fuse) -> None:
    await fuse.go_down()
    trials, member, until = 0, 1000, fuse.now + 3600
    while fuse.now < until:
        if fuse.admits(member):
            await fuse.fail(OutcomeUnknown(), member=member)
            trials += 1
        member += 1
        fuse.now += 1
    assert trials <= 20


@pytest.mark.parametrize("failure", [ApiUnavailable(), KeyRejected(), CreditExhausted()])
async def test_an_order_that_was_under_way_when_it_opened_does_not_close_it(
    fuse: Fuse, failure: GenerationFailed
) -> None:
    gate = fuse.painter.gate = asyncio.Event()
    slow = asyncio.create_task(fuse.order(member=BOB))
    await fuse.painter.painting.wait()
    fuse.painter.gate = None
    await fuse.fail(failure, FEWEST_OUTCOMES, member=None)
    fuse.painter.order_error = None
    gate.set()
    await slow
    assert not fuse.admits()
    assert len(fuse.told) == 1


async def test_a_rejected_prompt_does_not_say_that_the_api_paints(fuse: Fuse) -> None:
    await fuse.go_down()
    fuse.now += FIRST_TRIAL_SECONDS
    await fuse.fail(PromptRejected())
    assert not fuse.admits()
    assert fuse.told == [(Trouble.DOWN, True)]


async def test_a_rejected_prompt_says_that_key_and_credit_are_there(fuse: Fuse) -> None:
    await fuse.fail(CreditExhausted())
    fuse.now += FIRST_TRIAL_SECONDS
    await fuse.fail(PromptRejected())
    assert fuse.admits()


async def test_a_few_orders_say_nothing(fuse: Fuse) -> None:
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1, member=None)
    assert fuse.admits()


async def test_failures_of_long_ago_do_not_count(fuse: Fuse) -> None:
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1, member=None)
    fuse.now += WINDOW_SECONDS + 1
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1, member=None)
    assert fuse.admits()


@pytest.mark.parametrize("failure", [PromptRejected(), RequestRejected()])
async def test_what_lies_in_the_prompt_says_that_the_api_works(fuse: Fuse, failure: GenerationFailed) -> None:
    await fuse.fail(failure, 20)
    assert fuse.admits()


async def test_while_it_is_open_nothing_is_sent(fuse: Fuse) -> None:
    await fuse.fail(KeyRejected())
    sent = len(fuse.painter.orders)
    with pytest.raises(KeyRejected):  # what waited for its turn fails as the one before it
        await fuse.order()
    assert len(fuse.painter.orders) == sent


@pytest.mark.parametrize("failure", [KeyRejected(), CreditExhausted(), ModelRetired("m"), OutcomeUnknown()])
async def test_what_is_not_sent_cannot_have_cost_anything_and_fails_for_itself(
    fuse: Fuse, failure: GenerationFailed
) -> None:
    await fuse.fail(failure, FEWEST_OUTCOMES, member=None)
    caught = []
    for _ in range(2):
        with pytest.raises(GenerationFailed) as found:
            await fuse.order()
        caught.append(found.value)
    assert caught[0] is not caught[1]
    assert not any(one.may_have_cost for one in caught)


async def test_what_only_the_operator_can_mend_is_told_during_any_other_outage(fuse: Fuse) -> None:
    await fuse.go_down()
    for failure in (KeyRejected(), CreditExhausted(), ApiUnavailable()):
        fuse.now += LONGEST_TRIAL_SECONDS
        await fuse.fail(failure)
    assert fuse.told == [(Trouble.DOWN, True), (Trouble.KEY, True), (Trouble.CREDIT, True)]
    fuse.now -= LONGEST_TRIAL_SECONDS
    with pytest.raises(OutOfService) as refused:
        fuse.breaker.admit(Unrecorded.caller)
    assert refused.value.trouble is Trouble.CREDIT


async def test_one_order_is_tried_now_and_then_and_ever_more_rarely(fuse: Fuse) -> None:
    await fuse.fail(KeyRejected())
    pauses, began = list[float](), fuse.now
    while len(pauses) < 7:
        fuse.now += 1
        if fuse.admits():
            pauses.append(fuse.now - began)
            began = fuse.now
            await fuse.fail(KeyRejected())
            assert not fuse.admits()
    assert pauses[0] == FIRST_TRIAL_SECONDS
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_TRIAL_SECONDS
    assert fuse.told == [(Trouble.KEY, True)]


async def test_a_trial_that_goes_well_closes_it(fuse: Fuse) -> None:
    await fuse.fail(CreditExhausted())
    fuse.now += FIRST_TRIAL_SECONDS
    await fuse.order()
    assert fuse.admits()
    assert fuse.told == [(Trouble.CREDIT, True), (Trouble.CREDIT, False)]


async def test_after_an_outage_the_count_begins_anew(fuse: Fuse) -> None:
    await fuse.go_down()
    fuse.breaker.close()
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1, member=None)
    assert fuse.admits()


async def test_while_pictures_are_out_of_reach_nothing_is_bought_and_no_order_ends_that(fuse: Fuse) -> None:
    fuse.painter.fetch_error = PictureOriginNotAllowed("https://elsewhere.example")
    older = Order("m", (Source("https://elsewhere.example/a.png"),))
    with pytest.raises(PictureOriginNotAllowed):
        await fuse.guarded.fetch(older)
    assert fuse.admits()
    begun = fuse.breaker.begin(Unrecorded.caller)
    with pytest.raises(PictureOriginNotAllowed):
        await fuse.guarded.fetch(replace(older, fresh=True))
    fuse.now += 1e6
    fuse.breaker.succeeded(Unrecorded.caller, begun + 1e6)
    fuse.breaker.failed(KeyRejected("401"))
    with pytest.raises(ApiUnavailable):
        await fuse.order()
    assert not fuse.admits()
    assert fuse.told == [(Trouble.PICTURES, True)]
    assert fuse.painter.orders == []
