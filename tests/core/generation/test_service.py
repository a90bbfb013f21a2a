"""The use case behind `/imagine`, against fakes of its ports."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.errors import (
    AlreadyAcknowledged,
    BotError,
    DatabaseBusy,
    DatabaseUnavailable,
    GenerationFailed,
    UnforeseenFailure,
)
from bot.core.fair_limiter import Turn
from bot.core.generation.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    ApiUnavailable,
    CreditExhausted,
    DeliveryFailed,
    EditsOff,
    GenerationTimedOut,
    ImageApiTrouble,
    InputRefused,
    InputTrouble,
    KeyRejected,
    LeaseLost,
    ModelRetired,
    OutcomeUnknown,
    OutOfService,
    PictureOriginNotAllowed,
    PicturesLost,
    PromptRejected,
    RateLimited,
    RequestRejected,
    ShapeNotOffered,
    ShuttingDown,
)
from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.image_api import Attempts
from bot.core.generation.ledger import LEASE_SECONDS, Settlement, Step
from bot.core.generation.model import Cost, ImageSpec, InputImage, Order, Picture, Request, Shape, State
from bot.core.generation.outcome import RETRY_SECONDS
from bot.core.generation.progress import NO_DURATIONS, PACE, Durations, Pace
from bot.core.generation.reply import Shown
from bot.core.generation.reservation import Reservation
from bot.core.generation.service import POLICIES_KEPT, Deadlines, ImagineService
from bot.core.limits.budgets import Estimate
from bot.core.limits.errors import (
    FailureLimitReached,
    ForbiddenWithStyle,
    LimitReached,
    MemberBlocked,
    PrivateNotAllowed,
    PromptTooLongForStyle,
    StyleNotOffered,
    TooManyImages,
)
from bot.core.limits.meters import BOT_METER, FailedToday, Scope
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import NOTHING_DECIDED, Block, Operator, Policy
from bot.core.limits.rules import terms_for
from bot.core.limits.styles import Style
from bot.core.place import Caller, Direct
from bot.core.word_filter.errors import EmptyPrompt, ForbiddenWord, PromptCheckBusy, PromptTooLong
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList
from tests.core.factories import NOIR, NOON, caller, operator
from tests.core.fakes import (
    MESSAGE,
    FakeEvents,
    FakeImageApi,
    FakeLedger,
    FakeReply,
    breaker,
    noon,
)
from tests.patience import PATIENCE, until

OPERATOR = operator(5, bot_daily=100, per_prompt=4)
QUICK = Deadlines(reserve_elsewhere=0.01)
FOX = Request(id=1, caller=caller(), spec=ImageSpec("a fox", 1))
PAID_PATH = [State.RESERVED, State.SUBMITTED, State.PAID]


class ServiceSetup:
    """An ImagineService, and fakes of all that it needs."""

    def __init__(
        self,
        operator: Operator = OPERATOR,
        concurrency: int = 8,
        deadlines: Deadlines = QUICK,
        image_api: FakeImageApi | None = None,
        pace: Pace = PACE,
        durations: Durations = NO_DURATIONS,
    ) -> None:
        self.ledger = FakeLedger()
        self.image_api = image_api or FakeImageApi()
        self.breaker = breaker()
        self.published = FakeEvents()
        self.imagine_service = ImagineService(
            self.ledger,
            self.image_api,
            operator,
            noon,
            self.breaker,
            self.published,
            concurrency=concurrency,
            deadlines=deadlines,
            pace=pace,
            durations=durations,
        )

    async def imagine(self, request: Request = FOX, reply: FakeReply | None = None) -> FakeReply:
        reply = reply or FakeReply()
        await self.imagine_service.imagine(request, reply)
        return reply

    @property
    def counted(self) -> set[int]:
        """On the meters of the member and the server."""
        return {used for (name, _), used in self.ledger.used.items() if name != BOT_METER} or {0}

    @property
    def spent(self) -> int:
        """On the meter of what the operator is ready to pay."""
        return sum(used for (name, _), used in self.ledger.used.items() if name == BOT_METER)


@pytest.fixture
def setup() -> ServiceSetup:
    return ServiceSetup()


@pytest.fixture
def quick_writer() -> ServiceSetup:
    """One that does not wait long until it writes again what the ledger could not be told."""
    return ServiceSetup(deadlines=Deadlines(write_again=0.005))


async def test_a_picture_is_reserved_acknowledged_painted_and_delivered_in_this_order(
    setup: ServiceSetup,
) -> None:
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "picture"]
    assert setup.ledger.states[FOX.id] == [*PAID_PATH, State.DELIVERED]
    assert setup.image_api.orders == [("a fox", 1, "1")]
    assert setup.counted == {1}


async def test_the_counter_in_the_reply_is_the_one_after_this_picture(setup: ServiceSetup) -> None:
    await setup.imagine()
    reply = await setup.imagine(replace(FOX, id=9, spec=replace(FOX.spec, count=3)))
    assert [reading.used for reading in reply.readings] == [4] * 5


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (replace(FOX, spec=replace(FOX.spec, prompt=" \u200b\u3164 \n")), EmptyPrompt),
        (replace(FOX, spec=replace(FOX.spec, prompt="x" * 101)), PromptTooLong),
        (replace(FOX, spec=replace(FOX.spec, count=5)), TooManyImages),
    ],
)
async def test_a_refused_prompt_costs_nothing(
    setup: ServiceSetup, request_: Request, refusal: type[BotError]
) -> None:
    reply = await setup.imagine(request_)
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, refusal)
    assert not setup.image_api.orders
    assert not setup.ledger.states


async def test_the_limit_is_told_to_the_member_alone(setup: ServiceSetup) -> None:
    for number in range(5):
        await setup.imagine(replace(FOX, id=10 + number))
    reply = await setup.imagine(replace(FOX, id=20))
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, LimitReached)
    assert setup.counted == {5}
    assert len(setup.image_api.orders) == 5


@pytest.mark.parametrize(
    ("failure", "final"),
    [
        (RequestRejected(), State.REFUNDED),
        (KeyRejected(), State.REFUNDED),
        (CreditExhausted(), State.REFUNDED),
        (ModelRetired("m"), State.REFUNDED),
        (RateLimited(), State.REFUNDED),
        (ApiUnavailable(), State.REFUNDED),
        (PromptRejected(), State.UNKNOWN),
        (OutcomeUnknown(), State.UNKNOWN),
    ],
)
async def test_a_failed_purchase_gives_the_images_back(
    setup: ServiceSetup, failure: GenerationFailed, final: State
) -> None:
    setup.image_api.order_error = failure
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "apology"]
    assert reply.error is failure
    assert reply.returned is True
    assert setup.ledger.states[FOX.id][-1] is final
    assert setup.counted == {0}
    assert setup.spent == (0 if final is State.REFUNDED else 1)


async def test_pictures_that_all_got_lost_are_given_back_and_booked_as_possible_spend(
    setup: ServiceSetup,
) -> None:
    setup.image_api.fetch_error = PicturesLost()
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "apology"]
    assert setup.ledger.states[FOX.id] == [*PAID_PATH, State.UNKNOWN]
    assert setup.counted == {0}


async def test_one_lost_picture_of_three_is_given_back_and_the_others_arrive(setup: ServiceSetup) -> None:
    setup.image_api.lost = 1
    reply = await setup.imagine(replace(FOX, spec=replace(FOX.spec, count=3)))
    assert reply.painting is not None
    assert len(reply.painting.pictures) == 2
    assert reply.painting.missing == 1
    assert [reading.used for reading in reply.readings] == [2] * 5
    assert setup.counted == {2}
    assert setup.spent == 3
    assert setup.ledger.states[FOX.id][-1] is State.DELIVERED


async def test_a_paid_picture_that_discord_does_not_take_stays_in_the_journal_to_be_tried_again(
    setup: ServiceSetup,
) -> None:
    reply = FakeReply()
    reply.deliver_error = DeliveryFailed()
    await setup.imagine(reply=reply)
    assert reply.seen == ["thinking"]
    assert setup.ledger.states[FOX.id] == PAID_PATH
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    assert setup.counted == {1}


async def test_where_paid_pictures_are_is_written_before_discord_is_touched(setup: ServiceSetup) -> None:
    reply = FakeReply()
    reply.deliver_error = DeliveryFailed()
    await setup.imagine(reply=reply)
    [paid] = [step.order for step in setup.ledger.steps if step.state is State.PAID]
    assert paid is not None
    assert [source.url for source in paid.sources] == ["http://pictures/0"]


async def test_a_picture_that_has_no_place_left_is_kept_and_counted(setup: ServiceSetup) -> None:
    reply = FakeReply()
    reply.shown = None
    await setup.imagine(reply=reply)
    assert setup.ledger.endings[FOX.id] == Settlement(
        State.UNDELIVERED, 0, pending_notice="picture_kept", keep_pictures=True, spent=1
    )
    assert reply.seen == ["thinking", "picture", "apology"]
    assert setup.counted == {1}
    assert reply.error is not None
    assert setup.published.events == [
        Failed(FOX, reply.error, counted=1, may_have_cost=True, message=MESSAGE)
    ]


async def test_of_pictures_that_have_no_place_left_those_that_were_lost_are_noted_as_given_back(
    setup: ServiceSetup,
) -> None:
    setup.image_api.lost = 1
    reply = FakeReply()
    reply.shown = None
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, count=3)), reply)
    [noted] = setup.published.events
    assert isinstance(noted, Failed)
    assert noted.counted == 2


async def test_a_picture_that_only_the_member_gets_is_delivered(setup: ServiceSetup) -> None:
    reply = FakeReply()
    reply.shown = Shown(None)
    await setup.imagine(reply=reply)
    assert setup.ledger.states[FOX.id][-1] is State.DELIVERED


async def test_the_message_of_the_acknowledgement_is_on_record(setup: ServiceSetup) -> None:
    await setup.imagine()
    assert Step(State.SUBMITTED, model="fake-model", message=MESSAGE, spent=1) in setup.ledger.steps


async def test_a_generation_that_another_process_has_taken_over_is_not_paid(setup: ServiceSetup) -> None:
    setup.ledger.lost = {FOX.id}
    reply = await setup.imagine()
    assert reply.seen == ["thinking"]
    assert not setup.image_api.orders
    assert setup.counted == {1}


async def test_a_paid_picture_that_another_process_delivers_is_not_delivered_twice(
    quick_writer: ServiceSetup,
) -> None:
    setup = quick_writer
    setup.image_api.gate = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    setup.ledger.down = {State.PAID}
    setup.ledger.lost = {FOX.id}
    setup.image_api.gate.set()
    await until(lambda: setup.ledger.failed_steps.count(State.PAID) >= 3)
    setup.ledger.down = set()  # it takes what was bought, for /gallery
    assert (await running).seen == ["thinking"]


async def test_a_commit_that_was_cut_off_is_looked_after_and_given_back(setup: ServiceSetup) -> None:
    setup.ledger.cut_off = True
    reply = await setup.imagine()
    assert isinstance(reply.error, DatabaseUnavailable)
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    assert setup.ledger.states[FOX.id] == [State.RESERVED, State.REFUNDED]
    assert setup.counted == {0}
    assert not setup.image_api.orders


async def test_nothing_is_bought_for_an_interaction_that_another_process_has_answered(
    setup: ServiceSetup,
) -> None:
    reply = FakeReply()
    reply.acknowledge_error = AlreadyAcknowledged()
    await setup.imagine(reply=reply)
    assert reply.seen == []
    assert setup.ledger.states[FOX.id] == [State.RESERVED, State.REFUNDED]
    assert not setup.image_api.orders
    assert setup.counted == {0}


async def test_the_same_interaction_twice_is_painted_once_and_answered_once(setup: ServiceSetup) -> None:
    first, second = await asyncio.gather(setup.imagine(), setup.imagine())
    assert sorted([first.seen, second.seen]) == [[], ["thinking", "picture"]]
    assert len(setup.image_api.orders) == 1


async def test_without_the_ledger_nothing_is_bought_and_the_member_hears_it_privately(
    setup: ServiceSetup,
) -> None:
    setup.ledger.down = {"reserve"}
    reply = await setup.imagine()
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, DatabaseUnavailable)
    assert not setup.image_api.orders


async def test_nothing_is_bought_when_the_ledger_fails_just_before(setup: ServiceSetup) -> None:
    setup.ledger.down = {State.SUBMITTED}
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "apology"]
    assert not setup.image_api.orders
    assert setup.counted == {0}


async def test_a_paid_picture_arrives_while_the_ledger_fails_and_is_written_down_when_it_is_back(
    quick_writer: ServiceSetup,
) -> None:
    setup, reply = quick_writer, FakeReply()
    setup.ledger.down = {State.PAID, "settle", "renew", "release"}
    running = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: reply.seen == ["thinking", "picture"])
    assert setup.imagine_service.in_flight.generations == {FOX.id}
    setup.ledger.down = set()
    await running
    assert setup.ledger.states[FOX.id] == [*PAID_PATH, State.DELIVERED]
    assert reply.seen == ["thinking", "picture"]
    assert setup.counted == {1}


async def test_a_paid_picture_that_neither_the_ledger_nor_discord_takes_is_tried_again_later(
    quick_writer: ServiceSetup,
) -> None:
    setup, reply = quick_writer, FakeReply()
    reply.deliver_error = DeliveryFailed()
    setup.ledger.down = {State.PAID, "renew"}
    running = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: setup.ledger.failed_steps.count(State.PAID) >= 2)
    setup.ledger.down = set()
    await running
    assert reply.seen == ["thinking"]
    assert setup.ledger.states[FOX.id] == PAID_PATH
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}


async def test_what_is_owed_to_a_ledger_that_has_given_it_to_another_process_is_let_be(
    quick_writer: ServiceSetup,
) -> None:
    setup = quick_writer
    setup.ledger.down = {State.PAID, "settle", "renew"}
    running = asyncio.create_task(setup.imagine())
    await until(lambda: setup.ledger.failed_steps.count(State.PAID) >= 2)
    setup.ledger.lost = {FOX.id}
    setup.ledger.down = set()
    assert (await running).seen == ["thinking", "picture"]
    assert setup.ledger.endings == {}


async def test_stopping_does_not_wait_for_a_ledger_that_stays_away(quick_writer: ServiceSetup) -> None:
    setup = quick_writer
    setup.ledger.down = {State.PAID, "settle", "renew", "release"}
    reply = FakeReply()
    running = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: reply.seen == ["thinking", "picture"])
    await setup.imagine_service.in_flight.close(grace=0.01)
    assert (await running).seen == ["thinking", "picture"]


@pytest.mark.parametrize(
    ("failure", "words"),
    [(None, "its outcome (delivered)"), (ApiUnavailable(), "its outcome (refunded)")],
)
async def test_what_cannot_be_settled_yet_is_logged_once_as_what_it_came_to_and_as_no_error(
    quick_writer: ServiceSetup, caplog: pytest.LogCaptureFixture, failure: Exception | None, words: str
) -> None:
    setup = quick_writer
    setup.image_api.order_error = failure
    setup.ledger.down = {"settle"}
    running = asyncio.create_task(setup.imagine())
    await until(lambda: setup.ledger.failed_steps.count("settle") >= 2)
    setup.ledger.down = set()
    await running
    (line,) = [record for record in caplog.records if "recorded yet" in record.message]
    assert words in line.message
    assert (line.levelno, line.exc_info) == (logging.WARNING, None)


async def test_no_apology_takes_the_place_of_a_picture_that_arrived(setup: ServiceSetup) -> None:
    setup.ledger.down = {"settle, unforeseen"}
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "picture"]


async def test_the_member_is_not_told_of_a_refund_before_it_happened(quick_writer: ServiceSetup) -> None:
    setup, reply = quick_writer, FakeReply()
    setup.image_api.order_error = ApiUnavailable()
    setup.ledger.down = {"settle"}
    running = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: setup.ledger.failed_steps.count("settle") >= 2)
    told = [reply.returned]
    setup.ledger.down = set()
    await running
    assert [*told, reply.returned] == [False, True]
    assert setup.counted == {0}


async def test_what_the_member_was_told_needs_no_token_any_more(setup: ServiceSetup) -> None:
    setup.image_api.order_error = PromptRejected()
    await setup.imagine()
    assert setup.ledger.endings[FOX.id].pending_notice == "prompt_rejected"
    assert setup.ledger.notified == [FOX.id]


@pytest.mark.parametrize(
    ("error", "seconds"), [(DeliveryFailed(), RETRY_SECONDS), (AcknowledgementPending(2.5), 2.5)]
)
async def test_a_sentence_that_discord_does_not_take_is_left_to_be_tried_again(
    setup: ServiceSetup, error: DeliveryFailed, seconds: float
) -> None:
    setup.image_api.order_error = PromptRejected()
    reply = FakeReply()
    reply.apologise_error = error
    await setup.imagine(reply=reply)
    assert setup.ledger.notified == []
    assert setup.ledger.released == {FOX.id: seconds}


async def test_a_mistake_of_ours_gets_a_reference_and_a_refund(setup: ServiceSetup) -> None:
    setup.image_api.order_error = ZeroDivisionError()
    reply = await setup.imagine()
    assert isinstance(reply.error, UnforeseenFailure)
    assert reply.returned is True
    assert setup.counted == {0}


async def test_a_slow_reservation_is_answered_in_time_and_given_back_later() -> None:
    setup = ServiceSetup(deadlines=Deadlines(reserve=0.01))
    setup.ledger.slow = asyncio.Event()
    reply = await setup.imagine()
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, DatabaseBusy)
    setup.ledger.slow.set()
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    assert setup.ledger.states[FOX.id] == [State.RESERVED, State.REFUNDED]
    assert setup.counted == {0}
    assert not setup.image_api.orders


async def test_a_reservation_that_outlasts_the_grace_is_given_back_before_the_ledger_closes() -> None:
    setup = ServiceSetup(deadlines=Deadlines(reserve=60))
    setup.ledger.slow = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await asyncio.sleep(0)
    closing = asyncio.create_task(setup.imagine_service.in_flight.close(grace=0.01))
    await running
    setup.ledger.slow.set()
    await closing
    assert setup.ledger.states[FOX.id] == [State.RESERVED, State.REFUNDED]
    assert setup.counted == {0}


async def test_a_reservation_that_ends_in_the_moment_of_a_stop_is_given_back_too() -> None:
    setup = ServiceSetup(deadlines=Deadlines(reserve=60))
    setup.ledger.slow = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await asyncio.sleep(0)
    setup.ledger.slow.set()
    while FOX.id not in setup.ledger.states:  # noqa: ASYNC110 — not a moment later
        await asyncio.sleep(0)
    await setup.imagine_service.in_flight.close(grace=0)
    assert (await running).seen == []
    assert setup.ledger.states[FOX.id] == [State.RESERVED, State.REFUNDED]


async def test_stopping_lets_a_running_generation_finish(setup: ServiceSetup) -> None:
    setup.image_api.gate = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    closing = asyncio.create_task(setup.imagine_service.in_flight.close(grace=PATIENCE))
    await asyncio.sleep(0)
    late = await setup.imagine(replace(FOX, id=99))
    setup.image_api.gate.set()
    await closing
    assert (await running).seen == ["thinking", "picture"]
    assert isinstance(late.error, ShuttingDown)


async def test_the_end_of_the_grace_cuts_off_no_refusal(setup: ServiceSetup) -> None:
    setup.image_api.gate = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    closing = asyncio.create_task(setup.imagine_service.in_flight.close(grace=0.01))
    await asyncio.sleep(0)
    late = await setup.imagine(replace(FOX, id=99))
    await closing
    assert isinstance(late.error, ShuttingDown)
    assert (await running).seen == ["thinking"]


async def test_what_another_process_has_taken_while_this_one_stops_is_answered_by_that_one(
    setup: ServiceSetup,
) -> None:
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    answering = asyncio.create_task(setup.imagine())
    setup.ledger.states[FOX.id] = [State.RESERVED]
    assert (await answering).seen == []


@pytest.mark.parametrize("trouble", [set[str](), {"is reserved"}])
async def test_what_nobody_else_takes_while_this_process_stops_is_refused(
    setup: ServiceSetup, trouble: set[str]
) -> None:
    setup.ledger.down = trouble
    await setup.imagine_service.in_flight.close(grace=PATIENCE)
    reply = await setup.imagine()
    assert isinstance(reply.error, ShuttingDown)


async def test_an_acknowledgement_that_nobody_can_vouch_for_is_looked_at_later(setup: ServiceSetup) -> None:
    reply = FakeReply()
    reply.acknowledge_error = AcknowledgementUnclear()
    await setup.imagine(reply=reply)
    assert reply.seen == []
    assert setup.ledger.released == {FOX.id: RETRY_SECONDS}
    assert setup.ledger.endings == {}


async def test_stopping_leaves_what_does_not_finish_in_time_to_the_next_process(setup: ServiceSetup) -> None:
    setup.image_api.gate = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    await setup.imagine_service.in_flight.close(grace=0.01)
    reply = await running
    assert reply.seen == ["thinking"]
    assert setup.ledger.states[FOX.id][-1] is State.SUBMITTED
    assert setup.ledger.released == {FOX.id: 0}
    assert setup.counted == {1}


async def test_stopping_leaves_what_could_not_be_settled_to_the_next_process(setup: ServiceSetup) -> None:
    setup.image_api.order_error = ApiUnavailable()
    setup.ledger.down = {"settle"}
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    await setup.imagine_service.in_flight.close(grace=0.01)
    await running
    assert setup.ledger.released == {FOX.id: 0}


async def test_while_it_is_stopping_what_runs_gives_signs_of_life(setup: ServiceSetup) -> None:
    setup.image_api.gate = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await setup.image_api.painting.wait()
    await setup.imagine_service.in_flight.close(grace=0.01)
    await running
    assert {FOX.id} in setup.ledger.renewed


async def test_no_more_purchases_run_at_once_than_the_operator_allows() -> None:
    setup = ServiceSetup(operator(None, bot_daily=100, per_prompt=4), concurrency=3)
    replies = await asyncio.gather(*(setup.imagine(replace(FOX, id=number)) for number in range(20)))
    assert all(reply.seen == ["thinking", "picture"] for reply in replies)
    assert setup.image_api.most_at_once == 3


async def test_a_generation_that_outlasts_discords_patience_is_given_up_while_it_can_be_said() -> None:
    setup = ServiceSetup(deadlines=Deadlines(give_up=0.01))
    setup.image_api.gate = asyncio.Event()
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "apology"]
    assert isinstance(reply.error, GenerationTimedOut)
    assert setup.counted == {0}


async def test_while_the_image_api_is_out_of_service_nothing_is_counted_and_nobody_waits(
    setup: ServiceSetup,
) -> None:
    setup.breaker.failed(CreditExhausted())
    reply = await setup.imagine()
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, OutOfService)
    assert setup.counted == {0}
    assert setup.ledger.states == {}


async def test_what_was_delivered_is_noted_with_its_message_and_what_it_cost(setup: ServiceSetup) -> None:
    setup.image_api.lost = 1
    request = replace(FOX, spec=replace(FOX.spec, count=3))
    await setup.imagine(request)
    cost = Cost(147_000, estimated=False)
    noted = Delivered(request, images=2, missing=1, model="fake-model", cost=cost, message=MESSAGE)
    assert setup.published.events == [noted]


async def test_a_refusal_in_the_place_of_which_another_process_has_answered_is_not_noted(
    setup: ServiceSetup,
) -> None:
    reply = FakeReply()
    reply.answered_elsewhere = True
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, count=5)), reply)
    assert setup.published.events == []


async def test_what_was_refused_is_noted_with_its_reason(setup: ServiceSetup) -> None:
    request = replace(FOX, spec=replace(FOX.spec, count=5))
    reply = await setup.imagine(request)
    assert isinstance(reply.error, TooManyImages)
    assert setup.published.events == [Refused(request, reply.error)]


@pytest.mark.parametrize(
    ("prompt", "error", "words"),
    [
        ("a fox", None, "delivered"),
        ("a fox", ApiUnavailable(), "failed: api unavailable"),
        (" ", None, "refused: empty prompt"),
    ],
)
async def test_however_a_generation_ends_the_log_says_whose_it_was(
    setup: ServiceSetup, caplog: pytest.LogCaptureFixture, prompt: str, error: Exception | None, words: str
) -> None:
    caplog.set_level(logging.INFO)
    setup.image_api.order_error = error
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, prompt=prompt)))
    (line,) = [record for record in caplog.records if words in record.message]
    told = {name: vars(line)[name] for name in ("generation", "server", "member", "images")}
    assert told == {"generation": 1, "server": 3, "member": 2, "images": 1}


@pytest.mark.parametrize(
    ("down", "images", "level"), [({"reserve"}, 1, logging.WARNING), (set(), 9, logging.INFO)]
)
async def test_what_is_wrong_with_the_bot_is_a_warning_and_what_is_wrong_with_a_request_is_none(
    setup: ServiceSetup, caplog: pytest.LogCaptureFixture, down: set[str], images: int, level: int
) -> None:
    caplog.set_level(logging.INFO)
    setup.ledger.down = down
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, count=images)))
    assert [record.levelno for record in caplog.records if "refused" in record.message] == [level]


@pytest.mark.parametrize("failure", [None, ApiUnavailable()])
async def test_nothing_is_noted_before_it_is_on_record(
    quick_writer: ServiceSetup, failure: GenerationFailed | None
) -> None:
    """Or the next process notes it again, if this one is killed first."""
    setup = quick_writer
    setup.image_api.order_error = failure
    setup.ledger.down = {"settle"}
    running = asyncio.create_task(setup.imagine())
    await asyncio.sleep(0.03)
    early = list(setup.published.events)
    setup.ledger.down = set()
    await running
    [noted] = setup.published.events
    assert early == []
    assert isinstance(noted, Failed if failure else Delivered)
    assert getattr(noted, "counted", 0) == 0


async def test_of_what_another_process_has_settled_meanwhile_nothing_is_noted(setup: ServiceSetup) -> None:
    reply = FakeReply()
    reply.delivering = asyncio.Event()
    running = asyncio.create_task(setup.imagine(reply=reply))
    await setup.image_api.painting.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    setup.ledger.lost = {FOX.id}
    reply.delivering.set()
    assert (await running).seen == ["thinking", "picture"]
    assert setup.published.events == []


async def test_pictures_that_may_not_be_fetched_stop_the_buying(setup: ServiceSetup) -> None:
    setup.image_api.fetch_error = PictureOriginNotAllowed("https://elsewhere.example")
    await setup.imagine()
    reply = await setup.imagine(replace(FOX, id=2))
    assert isinstance(reply.error, OutOfService)
    assert reply.error.trouble is ImageApiTrouble.PICTURES


async def test_what_failed_is_noted_even_if_the_member_is_not_notified_before_the_process_stops(
    setup: ServiceSetup,
) -> None:
    setup.image_api.order_error = PromptRejected()
    reply = FakeReply()
    reply.apologising = asyncio.Event()
    running = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: FOX.id in setup.ledger.endings)
    await setup.imagine_service.in_flight.close(grace=0.01)
    await running
    assert [type(it) for it in setup.published.events] == [Failed]
    assert setup.ledger.notified == []


@pytest.mark.parametrize(("failure", "noted"), [(None, Delivered), (PromptRejected(), Failed)])
async def test_what_is_written_down_in_the_moment_of_a_stop_is_noted_all_the_same(
    setup: ServiceSetup, failure: GenerationFailed | None, noted: type
) -> None:
    setup.image_api.order_error = failure
    setup.ledger.settling = asyncio.Event()
    running = asyncio.create_task(setup.imagine())
    await until(lambda: setup.ledger.is_settling)
    closing = asyncio.create_task(setup.imagine_service.in_flight.close(0.01))
    await until(lambda: setup.imagine_service.in_flight.closing)
    await asyncio.sleep(0.05)
    assert setup.ledger.released == {}
    setup.ledger.settling.set()
    await closing
    await running
    assert [type(it) for it in setup.published.events] == [noted]


async def test_what_failed_is_noted_with_what_may_have_been_paid(setup: ServiceSetup) -> None:
    setup.image_api.order_error = failure = OutcomeUnknown()
    await setup.imagine()
    noted = Failed(FOX, failure, counted=0, may_have_cost=True, message=MESSAGE)
    assert setup.published.events == [noted]


async def test_what_another_process_has_is_noted_by_that_process(setup: ServiceSetup) -> None:
    await setup.imagine()
    await setup.imagine()
    assert len(setup.published.events) == 1


class SearchingSetup(ServiceSetup):
    """The lists that are searched, in order; before each search, the next of `then` comes into force."""

    def __init__(self, *then: str) -> None:
        super().__init__()
        self.imagine_service.search = self.search = NotedSearch(self.ledger, then)


class NotedSearch(WordSearch):
    def __init__(self, ledger: FakeLedger, then: Iterable[str]) -> None:
        super().__init__(seconds=5)
        self.searched: list[tuple[str, ...]] = []
        self._ledger = ledger
        self._then = iter(then)

    async def first_in(self, prompt: str, words: WordList, server: int, member: int) -> str | None:
        self.searched.append(words.patterns)
        if word := next(self._then, None):
            self._ledger.policy = Policy(words=WordList((word,)))
        return await super().first_in(prompt, words, server, member)


async def test_a_prompt_is_searched_for_the_words_that_are_in_force_when_it_is_reserved() -> None:
    setup = SearchingSetup("", "fox*")
    setup.ledger.policy = Policy(words=WordList(("wolf",)))
    assert isinstance((await setup.imagine()).error, ForbiddenWord)
    assert setup.search.searched == [(), ("wolf",), ("fox*",)]


async def test_a_word_that_is_allowed_again_is_no_reason_any_more() -> None:
    setup = SearchingSetup()
    setup.ledger.policy = Policy(words=WordList(("fox",)))
    assert isinstance((await setup.imagine()).error, ForbiddenWord)
    setup.ledger.policy = Policy()
    assert (await setup.imagine(replace(FOX, id=2))).error is None
    assert setup.search.searched == [(), ("fox",), ("fox",), ()]


async def test_words_that_are_changed_over_and_over_refuse_privately() -> None:
    setup = SearchingSetup(*(f"word{number}" for number in range(20)))
    reply = await setup.imagine()
    assert isinstance(reply.error, PromptCheckBusy)
    assert setup.ledger.states == {}


async def test_who_is_blocked_hears_that_and_not_what_the_prompt_contains() -> None:
    setup = SearchingSetup()
    setup.ledger.policy = Policy(words=WordList(("fox",)), blocks={FOX.caller.member: Block(None)})
    assert isinstance((await setup.imagine()).error, MemberBlocked)


@pytest.mark.parametrize("typed", ["a nice\u3164fox", "a f\u3164ox", "a f\U000e0061o\ue000x"])
async def test_a_blank_between_letters_neither_hides_a_word_nor_makes_one(typed: str) -> None:
    setup = ServiceSetup()
    setup.ledger.policy = Policy(words=WordList(("fox",)))
    reply = await setup.imagine(replace(FOX, spec=replace(FOX.spec, prompt=typed)))
    assert isinstance(reply.error, ForbiddenWord)


async def test_text_that_nobody_can_see_is_neither_painted_nor_written_down(setup: ServiceSetup) -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in " with a gun")
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, prompt=FOX.spec.prompt + hidden)))
    assert [prompt for prompt, *_ in setup.image_api.orders] == [FOX.spec.prompt]
    await setup.imagine(replace(FOX, id=2, spec=ImageSpec(FOX.spec.prompt + hidden, 9)))
    refused = setup.published.events[-1]
    assert isinstance(refused, Refused)
    assert refused.request.spec.prompt == FOX.spec.prompt


async def test_who_waits_in_line_is_asked_about_once_it_is_written_how_the_one_before_failed() -> None:
    """Or so many more would be sent than may fail in a day."""
    setup = ServiceSetup(concurrency=1)
    setup.ledger.settling = asyncio.Event()
    setup.image_api.order_error = PromptRejected()
    cat = replace(FOX, id=2)
    first, second = asyncio.create_task(setup.imagine()), asyncio.create_task(setup.imagine(cat))
    await setup.image_api.painting.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    assert setup.ledger.states[cat.id] == [State.RESERVED, State.ACKNOWLEDGED]
    setup.ledger.failed = (FailedToday(Scope.MEMBER, 8, 8, NOON),)
    setup.ledger.settling.set()
    await first
    reply = await second
    assert isinstance(reply.error, FailureLimitReached)
    assert setup.ledger.states[cat.id][-1] is State.REFUNDED
    assert len(setup.image_api.orders) == 1


async def test_an_attempt_that_may_have_been_billed_is_booked_before_the_next_and_one_that_was_not_is_not(
    setup: ServiceSetup,
) -> None:
    reservation = Reservation(setup.ledger, noon, FOX, NOON)
    await setup.ledger.reserve(FOX, lambda policy: terms_for(policy, OPERATOR, FOX.caller, NOON), NOON)
    await reservation.submitting("m", 1)
    reservation.not_billed(1)
    await reservation.submitting("m", 1)
    await reservation.submitting("m", 1)
    assert [step.spent for step in setup.ledger.steps] == [1, 1, 2]
    assert setup.spent == 2
    reservation.not_billed(1)
    await reservation.apply(reservation.outcome(None))
    assert setup.ledger.endings[FOX.id].spent == 1
    assert setup.spent == 1


async def test_a_process_that_stood_still_while_it_wrote_that_it_would_pay_asks_again(
    setup: ServiceSetup,
) -> None:
    class Frozen(FakeLedger):
        async def advance(self, generation: int, step: Step, now: datetime) -> None:
            await super().advance(generation, step, now)
            loop = asyncio.get_running_loop()
            assert isinstance(loop, Clocked)
            loop.ahead += LEASE_SECONDS
            self.lost.add(generation)

    class Clocked(asyncio.SelectorEventLoop):
        ahead = 0.0

        def time(self) -> float:
            return super().time() + self.ahead

    async def submit() -> None:
        ledger = Frozen()
        await ledger.reserve(FOX, lambda policy: terms_for(policy, OPERATOR, FOX.caller, NOON), NOON)
        with pytest.raises(LeaseLost):
            await Reservation(ledger, noon, FOX, NOON).submitting("m", 1)

    def run() -> None:
        with asyncio.Runner(loop_factory=Clocked) as runner:
            runner.run(submit())

    await asyncio.to_thread(run)


LINK = InputImage("https://cdn.discordapp.com/attachments/1/2/fox.png", "image/png")
EDIT = replace(FOX, spec=replace(FOX.spec, inputs=(LINK,)))


async def test_a_picture_is_changed_on_the_same_path_and_shown_beside_the_result(setup: ServiceSetup) -> None:
    reply = await setup.imagine(EDIT)
    assert reply.seen == ["thinking", "picture"]
    assert setup.ledger.states[FOX.id] == [*PAID_PATH, State.DELIVERED]
    assert reply.painting is not None
    assert reply.painting.original == Picture(b"small", "image/jpeg")
    found = replace(LINK, media_type="image/jpeg")
    assert setup.image_api.copied == [found]
    assert setup.image_api.specs[0].inputs == (found,)


async def test_what_was_not_changed_has_no_picture_beside_it(setup: ServiceSetup) -> None:
    reply = await setup.imagine()
    assert reply.painting is not None
    assert (reply.painting.original, setup.image_api.copied) == (None, [])


@pytest.mark.parametrize("trouble", [InputTrouble.ANIMATED, InputTrouble.TOO_SLOW])
async def test_a_picture_that_can_not_be_changed_costs_nothing(
    setup: ServiceSetup, trouble: InputTrouble
) -> None:
    setup.image_api.wrong_input = trouble
    reply = await setup.imagine(EDIT)
    assert reply.seen == ["refused"]
    assert isinstance(reply.error, InputRefused)
    assert (reply.error.trouble, setup.counted, setup.spent) == (trouble, {0}, 0)
    assert not setup.image_api.orders
    assert not setup.ledger.states
    [refused] = setup.published.events
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(
    ("most", "refusal"), [(0, EditsOff), (1, InputRefused), (2, type(None)), (3, type(None))]
)
async def test_no_more_pictures_are_taken_than_a_model_in_service_takes(
    setup: ServiceSetup, most: int, refusal: type[BotError | None]
) -> None:
    setup.image_api.edit_inputs = most
    reply = await setup.imagine(replace(EDIT, spec=replace(EDIT.spec, inputs=(LINK, LINK))))
    assert isinstance(reply.error, refusal)
    assert len(setup.image_api.orders) == (refusal is type(None))


async def test_what_it_takes_to_look_at_a_picture_is_taken_from_the_time_for_reserving() -> None:
    setup = ServiceSetup(deadlines=Deadlines(reserve=60.0, reserve_edit=0.2))
    setup.image_api.check_seconds = 0.1
    setup.ledger.slow = asyncio.Event()
    reply = await setup.imagine(EDIT)
    assert isinstance(reply.error, DatabaseBusy)
    setup.ledger.slow.set()
    await setup.imagine_service.in_flight.close(PATIENCE)


@pytest.mark.parametrize("asked", [FOX, EDIT], ids=["imagine", "edit"])
async def test_what_the_database_took_before_is_gone_of_the_time_for_reserving(asked: Request) -> None:
    setup = ServiceSetup(deadlines=Deadlines(reserve=60.0, reserve_edit=60.0))
    setup.ledger.slow = asyncio.Event()
    reply = await setup.imagine(replace(asked, waited=59.99))
    assert isinstance(reply.error, DatabaseBusy)
    setup.ledger.slow.set()
    await setup.imagine_service.in_flight.close(PATIENCE)


async def test_a_shape_is_refused_before_anything_is_counted_where_there_are_none(
    setup: ServiceSetup,
) -> None:
    setup.image_api.has_shapes = frozenset()
    wide = replace(FOX, spec=replace(FOX.spec, shape=Shape.WIDE))
    reply = await setup.imagine(wide)
    assert isinstance(reply.error, ShapeNotOffered)
    assert setup.ledger.states == {}
    assert (await setup.imagine(replace(FOX, id=9))).seen == ["thinking", "picture"]
    setup.image_api.has_shapes = frozenset({Shape.SQUARE})
    assert (await setup.imagine(replace(wide, id=10))).seen == ["thinking", "picture"]


WEIGHTY = replace(FOX, spec=replace(FOX.spec, count=2, weight=2))


async def test_each_picture_counts_its_weight(setup: ServiceSetup) -> None:
    reply = await setup.imagine(WEIGHTY)
    assert (setup.counted, setup.spent) == ({4}, 4)
    assert [reading.used for reading in reply.readings] == [4] * 5
    refused = await setup.imagine(replace(WEIGHTY, id=9))
    assert isinstance(refused.error, LimitReached)
    assert (refused.error.asked, refused.error.weight) == (4, 2)


async def test_a_picture_that_is_lost_gives_back_its_weight(setup: ServiceSetup) -> None:
    setup.image_api.lost = 1
    reply = await setup.imagine(WEIGHTY)
    assert (setup.counted, setup.spent) == ({2}, 4)
    assert [reading.used for reading in reply.readings] == [2] * 5


@pytest.mark.parametrize(("error", "spent"), [(PromptRejected(), 4), (RateLimited(), 0)])
async def test_what_fails_gives_back_its_weight(setup: ServiceSetup, error: BotError, spent: int) -> None:
    setup.image_api.order_error = error
    await setup.imagine(WEIGHTY)
    assert (setup.counted, setup.spent) == ({0}, spent)
    assert setup.ledger.refunds[WEIGHTY.id] == 4


async def test_another_model_than_was_reserved_for_is_estimated_once_before_it_is_asked(
    setup: ServiceSetup,
) -> None:
    class Succeeded(FakeImageApi):
        """The model in service has gone: the next one is asked twice."""

        async def order(
            self, spec: ImageSpec, request_id: str, attempts: Attempts | None = None, turn: Turn | None = None
        ) -> Order:
            assert attempts
            for model in ("fake-model", "next", "next"):
                await attempts.submitting(model, spec.count)
                attempts.not_billed(spec.count)
            return await super().order(spec, request_id, attempts, turn)

        def estimate(self, spec: ImageSpec) -> Estimate:
            return Estimate(spec.model or self.model, 0, 7)

    setup = ServiceSetup(image_api=Succeeded())
    await setup.imagine()
    submitted = [step for step in setup.ledger.steps if step.state is State.SUBMITTED]
    assert [step.estimate and step.estimate.model for step in submitted] == [None, "next", None, "fake-model"]
    assert setup.ledger.estimates == [Estimate("fake-model", 0, 7)]


DARKER = replace(NOIR, after="in the rain")
STYLED = replace(FOX, spec=replace(FOX.spec, style=Style("noir")))
WITH_STYLES = replace(OPERATOR, styles=(NOIR,))


def prompts(setup: ServiceSetup) -> list[str]:
    return [prompt for prompt, *_ in setup.image_api.orders]


async def test_a_picture_is_painted_in_the_style_that_is_in_force_when_it_is_reserved() -> None:
    setup = ServiceSetup(WITH_STYLES)
    await setup.imagine(STYLED)
    setup.ledger.policy = Policy(styles={NOIR.key: DARKER})
    reply = await setup.imagine(replace(STYLED, id=2))
    assert prompts(setup) == ["film noir of a fox in black and white", "film noir of a fox in the rain"]
    assert reply.acknowledged is not None
    assert reply.acknowledged.spec.style == DARKER
    assert reply.acknowledged.spec.prompt == "a fox"


async def test_a_style_that_is_not_there_is_refused_and_counts_nothing() -> None:
    setup = ServiceSetup(WITH_STYLES)
    await setup.imagine(STYLED)
    setup.ledger.policy = Policy(styles={NOIR.key: None})
    reply = await setup.imagine(replace(STYLED, id=2))
    assert isinstance(reply.error, StyleNotOffered)
    assert setup.counted == {1}
    setup.ledger.policy = Policy()
    assert (await setup.imagine(replace(STYLED, id=3))).error is None


@pytest.mark.parametrize("asked", [False, True])
async def test_where_moderators_require_it_a_picture_is_private_and_a_spoiler_from_its_acknowledgement_on(
    asked: bool,
) -> None:
    setup = ServiceSetup()
    setup.ledger.policy = Policy(private=Requirement.REQUIRED, spoiler=Requirement.REQUIRED)
    spec = replace(FOX.spec, private=asked, spoiler=asked)
    reply = await setup.imagine(replace(FOX, spec=spec))
    assert reply.acknowledged is not None
    assert (reply.acknowledged.spec.private, reply.acknowledged.spec.spoiler) == (True, True)
    setup.ledger.policy = Policy()
    reply = await setup.imagine(replace(FOX, id=2, spec=spec))
    assert reply.acknowledged is not None
    assert (reply.acknowledged.spec.private, reply.acknowledged.spec.spoiler) == (asked, asked)


async def test_what_is_asked_for_privately_is_refused_where_that_is_not_allowed() -> None:
    setup = ServiceSetup()
    setup.ledger.policy = Policy(private=Requirement.FORBIDDEN)
    reply = await setup.imagine(replace(FOX, spec=replace(FOX.spec, private=True)))
    assert isinstance(reply.error, PrivateNotAllowed)
    assert (setup.image_api.orders, setup.counted) == ([], {0})
    assert (await setup.imagine(replace(FOX, id=2))).error is None


@pytest.mark.parametrize(
    ("prompt", "words", "style", "refused"),
    [
        ("a fox", "fox in black", NOIR, ForbiddenWithStyle),
        ("a fox", "noir", NOIR, ForbiddenWithStyle),
        ("a fox", "fox", NOIR, ForbiddenWord),
        ("a fox", "fox in black", None, None),
    ],
)
async def test_what_is_painted_is_searched_for_blocked_words_and_not_the_prompt_alone(
    prompt: str, words: str, style: Style | None, refused: type[BotError] | None
) -> None:
    setup = ServiceSetup(WITH_STYLES)
    setup.ledger.policy = Policy(words=WordList((words,)))
    reply = await setup.imagine(replace(FOX, spec=replace(FOX.spec, prompt=prompt, style=style)))
    assert (type(reply.error) if reply.error else None) is refused
    assert len(setup.image_api.orders) == (refused is None)


async def test_a_prompt_that_is_too_long_together_with_its_style_counts_nothing() -> None:
    setup = ServiceSetup(WITH_STYLES)
    room = 100 - len(NOIR.applied_to(""))
    longest = replace(STYLED, spec=replace(STYLED.spec, prompt="a" * room))
    assert (await setup.imagine(longest)).error is None
    reply = await setup.imagine(replace(longest, id=2, spec=replace(longest.spec, prompt="a" * (room + 1))))
    assert isinstance(reply.error, PromptTooLongForStyle)
    assert (reply.error.length, reply.error.limit) == (room + 1, room)
    assert (setup.counted, len(setup.image_api.orders)) == ({1}, 1)


async def test_the_policies_that_are_remembered_are_those_of_the_servers_that_are_active() -> None:
    setup = SearchingSetup()
    setup.ledger.policy = Policy(words=WordList(("wolf",)))
    for server in (0, *range(POLICIES_KEPT + 1), 0):
        await setup.imagine(replace(FOX, id=len(setup.search.searched), caller=caller(server=server)))
    assert setup.search.searched[:3] == [(), ("wolf",), ("wolf",)]
    assert setup.search.searched[-2:] == [(), ("wolf",)]


async def test_moderators_are_not_led_to_a_message_that_only_the_member_sees(setup: ServiceSetup) -> None:
    await setup.imagine(replace(FOX, spec=replace(FOX.spec, private=True)))
    [delivered] = setup.published.events
    assert isinstance(delivered, Delivered)
    assert delivered.message is None


async def test_a_crowd_in_direct_messages_makes_no_servers_policy_forgotten() -> None:
    setup = ServiceSetup(replace(OPERATOR, direct_daily=None, bot_daily=None))
    decided = Policy(words=WordList(("wolf",)))
    setup.ledger.policy = decided
    await setup.imagine()
    setup.ledger.policy = NOTHING_DECIDED
    for member in range(1, POLICIES_KEPT + 2):
        direct = Caller(1000 + member, Direct(member))
        await setup.imagine(replace(FOX, id=10 + member, caller=direct))
    setup.ledger.policy = decided
    before = len(setup.ledger.estimates)
    assert (await setup.imagine(replace(FOX, id=9))).error is None
    assert len(setup.ledger.estimates) == before + 1, "prepared once"
