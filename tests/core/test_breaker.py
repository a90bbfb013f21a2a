"""The breaker: when it opens, what it lets through, when it closes."""

from __future__ import annotations

import pytest

from bot.core.breaker import (
    FEWEST_OUTCOMES,
    FIRST_TRIAL_SECONDS,
    LONGEST_TRIAL_SECONDS,
    WINDOW_SECONDS,
    Breaker,
    GuardedPainter,
    Outage,
)
from bot.core.errors import (
    ApiUnavailable,
    CreditExhausted,
    GenerationFailed,
    KeyRejected,
    ModelGone,
    OutcomeUnknown,
    OutOfService,
    PromptRejected,
    RateLimited,
    RequestRejected,
    Trouble,
)
from bot.imaging.api import UNRECORDED
from tests.core.fakes import FakePainter


class Fuse:
    """A breaker, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[tuple[Trouble, bool]] = []
        self.breaker = Breaker(lambda: self.now, self._changed)
        self.painter = FakePainter()
        self.guarded = GuardedPainter(self.painter, self.breaker)

    def _changed(self, outage: Outage, began: bool) -> None:
        self.told.append((outage.trouble, began))

    async def order(self, failure: GenerationFailed | None = None) -> None:
        self.painter.order_error = failure
        await self.guarded.order("a fox", 1, "1", UNRECORDED)

    async def fail(self, failure: GenerationFailed, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(type(failure)):
                await self.order(failure)

    def admits(self) -> bool:
        try:
            self.breaker.admit()
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
        (ModelGone("grok"), Trouble.MODEL),
    ],
)
async def test_what_only_the_operator_can_mend_opens_it_at_once_and_is_told_once(
    fuse: Fuse, failure: GenerationFailed, trouble: Trouble
) -> None:
    await fuse.fail(failure, 3)
    with pytest.raises(OutOfService) as caught:
        fuse.breaker.admit()
    assert caught.value.trouble is trouble
    assert fuse.told == [(trouble, True)]


@pytest.mark.parametrize("failure", [ApiUnavailable(), OutcomeUnknown(), RateLimited()])
async def test_half_of_a_minutes_orders_failing_opens_it(fuse: Fuse, failure: GenerationFailed) -> None:
    for _ in range(3):
        await fuse.order()
    await fuse.fail(failure, 2)
    assert fuse.admits()
    await fuse.fail(failure)
    assert not fuse.admits()
    assert fuse.told == [(Trouble.DOWN, True)]


async def test_a_few_orders_say_nothing(fuse: Fuse) -> None:
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1)
    assert fuse.admits()


async def test_failures_of_long_ago_do_not_count(fuse: Fuse) -> None:
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1)
    fuse.now += WINDOW_SECONDS + 1
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1)
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


@pytest.mark.parametrize("failure", [KeyRejected(), CreditExhausted(), ModelGone("m"), OutcomeUnknown()])
async def test_what_is_not_sent_cannot_have_cost_anything_and_fails_for_itself(
    fuse: Fuse, failure: GenerationFailed
) -> None:
    await fuse.fail(failure, FEWEST_OUTCOMES)
    caught = []
    for _ in range(2):
        with pytest.raises(GenerationFailed) as found:
            await fuse.order()
        caught.append(found.value)
    assert caught[0] is not caught[1]
    assert not any(one.may_have_cost for one in caught)


async def test_what_only_the_operator_can_mend_is_told_during_any_other_outage(fuse: Fuse) -> None:
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES)
    for failure in (KeyRejected(), CreditExhausted(), ApiUnavailable()):
        fuse.now += LONGEST_TRIAL_SECONDS
        await fuse.fail(failure)
    assert fuse.told == [(Trouble.DOWN, True), (Trouble.KEY, True), (Trouble.CREDIT, True)]
    fuse.now -= LONGEST_TRIAL_SECONDS
    with pytest.raises(OutOfService) as refused:
        fuse.breaker.admit()
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
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES)
    fuse.breaker.close()
    await fuse.fail(ApiUnavailable(), FEWEST_OUTCOMES - 1)
    assert fuse.admits()
