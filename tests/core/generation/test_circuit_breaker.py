"""The breaker: when it opens, what it lets through, when it closes."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import GenerationFailed
from bot.core.generation.circuit_breaker import (
    FEWEST_MEMBERS,
    FEWEST_RESULTS,
    FIRST_TRIAL_SECONDS,
    LONGEST_TRIAL_SECONDS,
    WINDOW_SECONDS,
    CircuitBreaker,
    Outage,
)
from bot.core.generation.errors import (
    ApiUnavailable,
    ChosenModelRetired,
    CreditExhausted,
    ImageApiTrouble,
    KeyRejected,
    ModelRetired,
    OutcomeUnknown,
    OutOfService,
    PictureOriginNotAllowed,
    PromptRejected,
    RateLimited,
    RequestRejected,
)
from bot.core.generation.model import ImageSpec
from bot.core.place import Caller, InServer
from tests.core.fakes import FakeImageApi

ADA, BOB = 1, 2

SOMEBODY = Caller(ADA, InServer(1, 1))


class BreakerSetup:
    """A breaker, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.changes: list[tuple[ImageApiTrouble, bool]] = []
        self.breaker = CircuitBreaker(lambda: self.now, self._changed, self._suspected)
        self.suspicions = 0
        self.painter = FakeImageApi()

    def _changed(self, outage: Outage, began: bool) -> None:
        self.changes.append((outage.trouble, began))

    def _suspected(self) -> None:
        self.suspicions += 1

    async def order(
        self,
        failure: GenerationFailed | None = None,
        member: int = ADA,
        server: int = 1,
        other_models: bool = False,
    ) -> None:
        self.painter.order_error = failure
        caller = Caller(member, InServer(server, 1))
        with self.breaker.calling_for(caller, other_models=other_models):
            await self.painter.order(ImageSpec("a fox"), "1")

    async def fail(
        self, failure: GenerationFailed, times: int = 1, member: int | None = ADA, server: int = 1
    ) -> None:
        """`member` None: each time another one."""
        for number in range(times):
            with pytest.raises(type(failure)):
                await self.order(failure, 100 + number if member is None else member, server)

    async def go_down(self) -> None:
        await self.fail(ApiUnavailable(), FEWEST_RESULTS, member=None)

    def admits(self, member: int = ADA, server: int = 1, other_models: bool = False) -> bool:
        try:
            self.breaker.admit(Caller(member, InServer(server, 1)), other_models=other_models)
        except OutOfService:
            return False
        return True


@pytest.fixture
def setup() -> BreakerSetup:
    return BreakerSetup()


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (KeyRejected(), ImageApiTrouble.KEY),
        (CreditExhausted(), ImageApiTrouble.CREDIT),
        (ModelRetired("grok"), ImageApiTrouble.MODEL),
    ],
)
async def test_what_only_the_operator_can_mend_opens_it_at_once_and_is_told_once(
    setup: BreakerSetup, failure: GenerationFailed, trouble: ImageApiTrouble
) -> None:
    await setup.fail(failure, 3)
    with pytest.raises(OutOfService) as caught:
        setup.breaker.admit(SOMEBODY)
    assert caught.value.trouble is trouble
    assert setup.changes == [(trouble, True)]


@pytest.mark.parametrize("failure", [ApiUnavailable(), OutcomeUnknown(), RateLimited()])
async def test_half_of_a_minutes_members_failing_opens_it(
    setup: BreakerSetup, failure: GenerationFailed
) -> None:
    for member in range(3):
        await setup.order(member=member)
    await setup.fail(failure, 2, member=None)
    assert setup.admits()
    await setup.fail(failure, member=77)
    assert not setup.admits()
    assert setup.changes == [(ImageApiTrouble.DOWN, True)]


@pytest.mark.parametrize("members", [1, FEWEST_MEMBERS - 1])
async def test_whatever_becomes_of_a_few_members_orders_opens_nothing_until_a_probe_agrees(
    setup: BreakerSetup, members: int
) -> None:
    for member in range(members):
        await setup.fail(OutcomeUnknown(), 20, member=member)
    assert setup.admits()
    assert setup.changes == []
    assert setup.suspicions
    setup.breaker.confirm()
    assert not setup.admits()


async def test_a_probe_that_comes_late_opens_nothing(setup: BreakerSetup) -> None:
    await setup.fail(OutcomeUnknown(), 20)
    setup.now += WINDOW_SECONDS + 1
    await setup.order()
    setup.breaker.confirm()
    assert setup.admits()


async def test_members_of_one_server_open_nothing_for_the_others(setup: BreakerSetup) -> None:
    await setup.order(member=BOB, server=2)
    setup.now += WINDOW_SECONDS + 1
    await setup.fail(OutcomeUnknown(), 20, member=None)
    assert setup.admits()
    await setup.fail(OutcomeUnknown(), member=BOB, server=2)
    assert not setup.admits()


async def test_members_who_are_served_outweigh_one_who_fails_again_and_again(setup: BreakerSetup) -> None:
    for member in range(10, 20):
        await setup.order(member=member, server=member % 2)
    await setup.fail(OutcomeUnknown(), 100, member=ADA)
    assert setup.admits()


async def test_nobody_keeps_it_closed_by_orders_that_go_well_or_are_rejected(setup: BreakerSetup) -> None:
    for _ in range(50):
        await setup.order(member=ADA)
        await setup.fail(PromptRejected(), member=ADA)
    await setup.fail(OutcomeUnknown(), FEWEST_MEMBERS, member=None)
    assert not setup.admits()


async def test_trials_of_one_member_keep_nobody_else_waiting(setup: BreakerSetup) -> None:
    await setup.go_down()
    setup.now += FIRST_TRIAL_SECONDS
    await setup.fail(OutcomeUnknown(), member=ADA)
    waited = 0.0
    while not setup.admits(BOB):
        assert not setup.admits(ADA)
        setup.now += 1
        waited += 1
    assert waited <= 2 * FIRST_TRIAL_SECONDS
    for _ in range(20):  # as often as they may
        while not setup.admits(ADA):
            setup.now += 1
        await setup.fail(OutcomeUnknown(), member=ADA)
        assert not setup.admits(ADA)
        assert setup.admits(BOB)
    await setup.order(member=BOB)
    assert setup.admits(ADA)


async def test_trials_of_one_servers_members_keep_no_other_server_waiting(setup: BreakerSetup) -> None:
    await setup.go_down()
    for member in range(20):
        while not setup.admits(member):
            setup.now += 1
        await setup.fail(OutcomeUnknown(), member=member)
    assert not setup.admits(77)
    assert setup.admits(BOB, server=2)


async def test_in_an_outage_the_trials_of_many_members_grow_rare(setup: BreakerSetup) -> None:
    await setup.go_down()
    trials, member, until = 0, 1000, setup.now + 3600
    while setup.now < until:
        if setup.admits(member):
            await setup.fail(OutcomeUnknown(), member=member)
            trials += 1
        member += 1
        setup.now += 1
    assert trials <= 20


@pytest.mark.parametrize("failure", [ApiUnavailable(), KeyRejected(), CreditExhausted()])
async def test_an_order_that_was_under_way_when_it_opened_does_not_close_it(
    setup: BreakerSetup, failure: GenerationFailed
) -> None:
    gate = setup.painter.gate = asyncio.Event()
    slow = asyncio.create_task(setup.order(member=BOB))
    await setup.painter.painting.wait()
    setup.painter.gate = None
    await setup.fail(failure, FEWEST_RESULTS, member=None)
    setup.painter.order_error = None
    gate.set()
    await slow
    assert not setup.admits()
    assert len(setup.changes) == 1


async def test_a_rejected_prompt_does_not_say_that_the_api_paints(setup: BreakerSetup) -> None:
    await setup.go_down()
    setup.now += FIRST_TRIAL_SECONDS
    await setup.fail(PromptRejected())
    assert not setup.admits()
    assert setup.changes == [(ImageApiTrouble.DOWN, True)]


async def test_a_rejected_prompt_says_that_key_and_credit_are_there(setup: BreakerSetup) -> None:
    await setup.fail(CreditExhausted())
    setup.now += FIRST_TRIAL_SECONDS
    await setup.fail(PromptRejected())
    assert setup.admits()


async def test_a_few_orders_say_nothing(setup: BreakerSetup) -> None:
    await setup.fail(ApiUnavailable(), FEWEST_RESULTS - 1, member=None)
    assert setup.admits()


async def test_failures_of_long_ago_do_not_count(setup: BreakerSetup) -> None:
    await setup.fail(ApiUnavailable(), FEWEST_RESULTS - 1, member=None)
    setup.now += WINDOW_SECONDS + 1
    await setup.fail(ApiUnavailable(), FEWEST_RESULTS - 1, member=None)
    assert setup.admits()


@pytest.mark.parametrize("failure", [PromptRejected(), RequestRejected()])
async def test_what_lies_in_the_prompt_says_that_the_api_works(
    setup: BreakerSetup, failure: GenerationFailed
) -> None:
    await setup.fail(failure, 20)
    assert setup.admits()


async def test_while_it_is_open_nothing_is_sent(setup: BreakerSetup) -> None:
    await setup.fail(KeyRejected())
    sent = len(setup.painter.orders)
    with pytest.raises(KeyRejected):  # what waited for its turn fails as the one before it
        await setup.order()
    assert len(setup.painter.orders) == sent


@pytest.mark.parametrize("failure", [KeyRejected(), CreditExhausted(), ModelRetired("m"), OutcomeUnknown()])
async def test_what_is_not_sent_cannot_have_cost_anything_and_fails_for_itself(
    setup: BreakerSetup, failure: GenerationFailed
) -> None:
    await setup.fail(failure, FEWEST_RESULTS, member=None)
    caught = []
    for _ in range(2):
        with pytest.raises(GenerationFailed) as found:
            await setup.order()
        caught.append(found.value)
    assert caught[0] is not caught[1]
    assert not any(one.may_have_cost for one in caught)


async def test_what_only_the_operator_can_mend_is_told_during_any_other_outage(setup: BreakerSetup) -> None:
    await setup.go_down()
    for failure in (KeyRejected(), CreditExhausted(), ApiUnavailable()):
        setup.now += LONGEST_TRIAL_SECONDS
        await setup.fail(failure)
    assert setup.changes == [
        (ImageApiTrouble.DOWN, True),
        (ImageApiTrouble.KEY, True),
        (ImageApiTrouble.CREDIT, True),
    ]
    setup.now -= LONGEST_TRIAL_SECONDS
    with pytest.raises(OutOfService) as refused:
        setup.breaker.admit(SOMEBODY)
    assert refused.value.trouble is ImageApiTrouble.CREDIT


async def test_one_order_is_tried_now_and_then_and_ever_more_rarely(setup: BreakerSetup) -> None:
    await setup.fail(KeyRejected())
    pauses, began = list[float](), setup.now
    while len(pauses) < 7:
        setup.now += 1
        if setup.admits():
            pauses.append(setup.now - began)
            began = setup.now
            await setup.fail(KeyRejected())
            assert not setup.admits()
    assert pauses[0] == FIRST_TRIAL_SECONDS
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_TRIAL_SECONDS
    assert setup.changes == [(ImageApiTrouble.KEY, True)]


async def test_a_trial_that_goes_well_closes_it(setup: BreakerSetup) -> None:
    await setup.fail(CreditExhausted())
    setup.now += FIRST_TRIAL_SECONDS
    await setup.order()
    assert setup.admits()
    assert setup.changes == [(ImageApiTrouble.CREDIT, True), (ImageApiTrouble.CREDIT, False)]


async def test_after_an_outage_the_count_begins_anew(setup: BreakerSetup) -> None:
    await setup.go_down()
    setup.breaker.close()
    await setup.fail(ApiUnavailable(), FEWEST_RESULTS - 1, member=None)
    assert setup.admits()


async def test_while_pictures_are_out_of_reach_nothing_is_bought_and_no_order_ends_that(
    setup: BreakerSetup,
) -> None:
    gate = setup.painter.gate = asyncio.Event()
    slow = asyncio.create_task(setup.order())
    await setup.painter.painting.wait()
    setup.breaker.failed(PictureOriginNotAllowed("https://elsewhere.example"))
    setup.now += 1e6
    gate.set()
    await slow
    setup.breaker.failed(KeyRejected("401"))
    with pytest.raises(ApiUnavailable):
        await setup.order()
    assert not setup.admits()
    assert setup.changes == [(ImageApiTrouble.PICTURES, True)]
    assert len(setup.painter.orders) == 1


async def test_where_all_models_are_gone_others_paint_and_say_nothing_about_those(
    setup: BreakerSetup,
) -> None:
    await setup.fail(ModelRetired("grok"))
    assert not setup.admits()
    assert setup.admits(other_models=True)
    setup.now += 1
    await setup.order(other_models=True)
    with pytest.raises(PromptRejected):
        await setup.order(PromptRejected(), other_models=True)
    assert not setup.admits()
    with pytest.raises(ModelRetired):
        await setup.order()
    assert setup.changes == [(ImageApiTrouble.MODEL, True)]


@pytest.mark.parametrize("failure", [KeyRejected(), CreditExhausted()])
async def test_what_is_wrong_with_the_account_is_wrong_for_other_models_too(
    setup: BreakerSetup, failure: GenerationFailed
) -> None:
    with pytest.raises(type(failure)):
        await setup.order(failure, other_models=True)
    assert not setup.admits()
    assert not setup.admits(other_models=True)


async def test_a_model_that_was_chosen_and_is_gone_opens_nothing(setup: BreakerSetup) -> None:
    with pytest.raises(ChosenModelRetired):
        await setup.order(ChosenModelRetired("grok"), other_models=True)
    assert setup.admits()
    assert setup.changes == []
