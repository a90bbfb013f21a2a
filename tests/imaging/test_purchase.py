"""One order in several requests, where a model makes fewer pictures at once than were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.errors import BotError, GenerationFailed
from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.errors import (
    ApiUnavailable,
    KeyRejected,
    LeaseLost,
    ModelRetired,
    NoPicture,
    OutcomeUnknown,
    PromptRejected,
    PromptTooLongForModel,
    RequestRejected,
)
from bot.core.generation.model import ImageSpec, Order
from bot.imaging.client import ImageClient, ImagingSettings, Unrecorded
from bot.imaging.models import FIRST_PAUSE
from sandbox.images import ImageApi
from tests.imaging.conftest import GROK, IMAGINE, Pauses

ONE_BY_ONE = "google/nano-banana-2"  # has no field for a count
FOUR_AT_ONCE = "flux/dev"


class Recorded(Unrecorded):
    """What was announced, and what was reported as bought so far. `lost` from the so-manieth report on."""

    def __init__(self, lost: int | None = None) -> None:
        super().__init__()
        self.announced = list[tuple[str, int]]()
        self.reported = list[Order]()
        self._lost = lost

    async def submitting(self, model: str, images: int) -> None:
        await super().submitting(model, images)
        self.announced.append((model, images))

    async def bought(self, order: Order) -> None:
        self.reported.append(order)
        if self._lost is not None and len(self.reported) >= self._lost:
            raise LeaseLost


@pytest.fixture
async def client(settings: ImagingSettings) -> AsyncIterator[ImageClient]:
    one_by_one = replace(settings, models=(ONE_BY_ONE, IMAGINE))
    async with ImageClient(one_by_one, sleep=Pauses(), random=lambda: 1.0) as opened:
        yield opened


async def ordered(
    client: ImageClient, images: int, attempts: Unrecorded, limiter: FairLimiter | None = None
) -> Order:
    async with Turn(limiter or FairLimiter(10), 1, 1) as turn:
        return await client.order(ImageSpec("a fox", images), "42", attempts, turn)


async def test_a_model_without_a_count_is_asked_for_each_picture_side_by_side(
    client: ImageClient, images: ImageApi
) -> None:
    images.latency, attempts = 0.05, Recorded()

    order = await ordered(client, 4, attempts)

    assert len(order.sources) == len(images.requests) == images.peak_concurrency == 4
    assert attempts.announced == 4 * [(ONE_BY_ONE, 1)]
    assert not any({"n", "num_images"} & set(request.body) for request in images.requests)
    alone = (await ordered(client, 1, Recorded())).credits
    assert alone is not None
    assert order.credits == 4 * alone
    assert {request.headers["X-Client-Request-Id"] for request in images.requests} == {"42"}


async def test_a_model_that_makes_four_at_once_is_asked_as_rarely_as_can_be(
    settings: ImagingSettings, images: ImageApi
) -> None:
    attempts = Recorded()
    async with ImageClient(replace(settings, models=(FOUR_AT_ONCE,))) as client:
        assert len((await ordered(client, 10, attempts)).sources) == 10
        assert len((await ordered(client, 4, attempts)).sources) == 4

    assert sorted(count for _, count in attempts.announced) == [2, 4, 4, 4]


async def test_each_answer_is_reported_with_all_that_was_bought_before(
    client: ImageClient, images: ImageApi
) -> None:
    attempts = Recorded()

    order = await ordered(client, 3, attempts)

    assert [len(so_far.sources) for so_far in attempts.reported] == [1, 2, 3]
    assert all(so_far.sources == order.sources[:number] for number, so_far in enumerate(attempts.reported, 1))


async def test_an_order_of_one_request_is_reported_by_its_end_alone(client: ImageClient) -> None:
    attempts = Recorded()
    await ordered(client, 1, attempts)
    assert attempts.reported == []


@pytest.mark.parametrize(
    ("fault", "at_risk"), [("invalid_request", 3), ("data_null", 4), ("moderated_400", 4), ("reset", 4)]
)
async def test_what_was_painted_is_had_although_a_part_of_the_order_failed(
    client: ImageClient, images: ImageApi, fault: str, at_risk: int
) -> None:
    images.latency, attempts = 0.05, Recorded()
    images.inject_fault(fault)

    order = await ordered(client, 4, attempts)

    assert len(order.sources) == 3
    assert attempts.at_risk == at_risk


async def test_a_part_that_fails_in_passing_is_repeated_alone(client: ImageClient, images: ImageApi) -> None:
    images.latency, attempts = 0.05, Recorded()
    images.inject_fault("internal_error")

    assert len((await ordered(client, 4, attempts)).sources) == 4
    assert (len(images.requests), images.paid, attempts.at_risk) == (5, 4, 4)


async def test_where_every_part_fails_it_is_the_first_failure_that_counts(
    client: ImageClient, images: ImageApi
) -> None:
    images.latency = 0.05
    images.inject_fault("data_null")
    images.inject_fault("invalid_request", 2)

    with pytest.raises((NoPicture, RequestRejected)):
        await ordered(client, 3, Recorded())
    assert len(images.requests) == 3


async def test_a_refusal_keeps_from_being_sent_what_has_not_been(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("moderated_400")

    with pytest.raises(PromptRejected):
        await ordered(client, 4, Recorded(), FairLimiter(1))
    assert len(images.requests) == 1


async def test_a_failure_that_says_nothing_of_the_prompt_does_not(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("reset")

    assert len((await ordered(client, 4, Recorded(), FairLimiter(1))).sources) == 3
    assert len(images.requests) == 4


async def test_a_part_that_waits_to_be_repeated_is_not_once_the_prompt_is_refused(
    settings: ImagingSettings, images: ImageApi
) -> None:
    refused = asyncio.Event()

    class Refusing(Recorded):
        def not_billed(self, images: int) -> None:
            super().not_billed(images)
            if self.at_risk == 0:
                refused.set()

    async def until_both_are_answered(_seconds: float) -> None:
        await refused.wait()
        await asyncio.sleep(0)

    images.latency = 0.02
    images.inject_fault("internal_error")
    images.inject_fault("invalid_request")
    one_by_one = replace(settings, models=(ONE_BY_ONE,))
    async with ImageClient(one_by_one, sleep=until_both_are_answered) as client:
        with pytest.raises(RequestRejected):
            await ordered(client, 2, Refusing())

    assert len(images.requests) == 2


async def test_a_model_that_goes_in_the_middle_is_asked_no_more_and_the_next_paints_the_rest(
    client: ImageClient, images: ImageApi
) -> None:
    images.latency, attempts = 0.05, Recorded()
    images.inject_fault("gone_404")

    order = await ordered(client, 4, attempts)

    assert (len(order.sources), order.model) == (4, ONE_BY_ONE)
    assert attempts.announced == [*4 * [(ONE_BY_ONE, 1)], (IMAGINE, 1)]
    assert attempts.at_risk == 4
    assert [len(so_far.sources) for so_far in attempts.reported] == [1, 2, 3, 4]


async def test_a_model_that_is_gone_is_asked_once_where_requests_go_one_after_the_other(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("gone_404")
    attempts = Recorded()

    assert len((await ordered(client, 4, attempts, FairLimiter(1))).sources) == 4
    assert attempts.announced == [(ONE_BY_ONE, 1), (IMAGINE, 4)]


async def test_what_was_painted_is_had_although_no_model_is_left_for_the_rest(
    settings: ImagingSettings, images: ImageApi
) -> None:
    images.latency = 0.05
    images.inject_fault("gone_404")
    async with ImageClient(replace(settings, models=(ONE_BY_ONE,))) as client:
        assert len((await ordered(client, 4, Recorded())).sources) == 3
        images.inject_fault("gone_404", 4)
        with pytest.raises(ModelRetired):
            await ordered(client, 4, Recorded())


async def test_a_prompt_that_only_the_model_that_has_gone_takes_is_too_long_and_nothing_is_out_of_service(
    settings: ImagingSettings, images: ImageApi
) -> None:
    models = (IMAGINE, "google/imagen-4.0-generate-001")
    images.retired = {IMAGINE}
    async with ImageClient(replace(settings, models=models)) as client:
        with pytest.raises(PromptTooLongForModel):
            await client.order(ImageSpec("x" * 500), "42")


async def test_a_model_that_the_prompt_is_too_long_for_hides_nothing_that_goes_wrong_at_the_next(
    settings: ImagingSettings, images: ImageApi, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    images.retired = {GROK}
    async with ImageClient(settings, clock=lambda: now[0]) as client:
        await client.order(ImageSpec("a fox"), "1")
        now[0] = FIRST_PAUSE  # from here on the first model is tried again
        assert (await client.order(ImageSpec("x" * 2000), "2")).model == IMAGINE
        assert "one of its requests failed" not in caplog.text
        images.inject_fault("bad_key")
        with pytest.raises(KeyRejected):
            await client.order(ImageSpec("x" * 2000), "3")


@pytest.mark.parametrize("width", [1, 2, 3, 10])
async def test_no_more_requests_are_on_their_way_than_there_are_slots(
    client: ImageClient, images: ImageApi, width: int
) -> None:
    images.latency, limiter = 0.02, FairLimiter(width)

    await asyncio.gather(*(ordered(client, 4, Recorded(), limiter) for _ in range(3)))

    assert len(images.requests) == 12
    assert images.peak_concurrency == min(width, 12)
    await all_slots_are_free(limiter)


async def test_whoever_has_lost_the_lease_learns_so_and_sends_no_more(
    client: ImageClient, images: ImageApi
) -> None:
    limiter = FairLimiter(1)
    with pytest.raises(LeaseLost):
        await ordered(client, 4, Recorded(lost=2), limiter)
    assert len(images.requests) == 2
    await all_slots_are_free(limiter)


async def test_an_answer_that_comes_after_the_lease_was_lost_is_reported_all_the_same(
    client: ImageClient, images: ImageApi
) -> None:
    images.latency, attempts = 0.05, Recorded(lost=1)
    with pytest.raises(LeaseLost):
        await ordered(client, 4, attempts)
    assert len(attempts.reported[-1].sources) == images.paid == 4


class Refused(Recorded):
    """No more than `allowed` requests may be announced."""

    def __init__(self, allowed: int, refusal: BotError) -> None:
        super().__init__()
        self._allowed = allowed
        self._refusal = refusal

    async def submitting(self, model: str, images: int) -> None:
        if len(self.announced) == self._allowed:
            raise self._refusal
        await super().submitting(model, images)


async def test_what_could_not_be_written_down_is_not_sent_and_the_others_are_had(
    client: ImageClient, images: ImageApi
) -> None:
    order = await ordered(client, 4, Refused(2, GenerationFailed("no budget")))
    assert len(order.sources) == len(images.requests) == 2


async def test_a_mistake_in_one_part_costs_none_of_the_others(client: ImageClient, images: ImageApi) -> None:
    class Mistaken(Recorded):
        async def bought(self, order: Order) -> None:
            await super().bought(order)
            if len(self.reported) == 1:
                raise ZeroDivisionError

    images.latency, attempts = 0.05, Mistaken()
    with pytest.raises(ZeroDivisionError):
        await ordered(client, 4, attempts)
    assert len(attempts.reported[-1].sources) == images.paid == 4


async def test_a_part_that_never_answers_keeps_nobody_from_the_others(
    settings: ImagingSettings, images: ImageApi
) -> None:
    impatient = replace(settings, models=(ONE_BY_ONE,), timeout_seconds=0.4)
    images.inject_fault("hang")
    async with ImageClient(impatient) as client:
        assert len((await ordered(client, 3, Recorded())).sources) == 2
        images.inject_fault("hang", 3)
        with pytest.raises(OutcomeUnknown):
            await ordered(client, 3, Recorded())


async def test_nothing_is_sent_that_there_is_no_time_left_to_wait_for(
    settings: ImagingSettings, images: ImageApi
) -> None:
    images.inject_fault("hang")
    attempts = Recorded()
    async with ImageClient(replace(settings, models=(ONE_BY_ONE,), timeout_seconds=1)) as client:
        with pytest.raises(OutcomeUnknown):
            await ordered(client, 4, attempts, FairLimiter(1))

    assert len(images.requests) == attempts.at_risk == 1


@pytest.mark.parametrize("refused", ["moderated_400", "invalid_request"])
@pytest.mark.parametrize("gone_first", [False, True])
async def test_what_the_prompt_is_refused_for_is_not_tried_with_the_next_model(
    client: ImageClient, images: ImageApi, refused: str, gone_first: bool
) -> None:
    images.latency, attempts = 0.05, Recorded()
    for fault in ("gone_404", refused) if gone_first else (refused, "gone_404"):
        images.inject_fault(fault)

    with pytest.raises((PromptRejected, RequestRejected)):
        await ordered(client, 2, attempts)
    assert attempts.announced == 2 * [(ONE_BY_ONE, 1)]


async def test_what_was_written_down_too_late_is_not_sent_and_costs_nothing(
    settings: ImagingSettings, images: ImageApi
) -> None:
    class Slow(Recorded):
        async def submitting(self, model: str, images: int) -> None:
            await super().submitting(model, images)
            await asyncio.sleep(1)

    attempts = Slow()
    async with ImageClient(replace(settings, timeout_seconds=1)) as client:
        with pytest.raises(ApiUnavailable):
            await ordered(client, 1, attempts)

    assert (len(images.requests), attempts.at_risk) == (0, 0)


async def test_an_order_that_is_cancelled_leaves_no_request_and_no_slot_behind(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("hang", 4)
    limiter = FairLimiter(3)
    order = asyncio.create_task(ordered(client, 4, Recorded(), limiter))
    while len(images.requests) < 3:  # noqa: ASYNC110 — the look-alike has no event for it
        await asyncio.sleep(0.005)

    order.cancel()
    with pytest.raises(asyncio.CancelledError):
        await order

    await all_slots_are_free(limiter)
    assert len(images.requests) == 3


async def all_slots_are_free(limiter: FairLimiter) -> None:
    turns = [Turn(limiter, 1, 1) for _ in range(limiter.most)]
    async with asyncio.timeout(1):
        for turn in turns:
            await turn.acquire()
    assert limiter.is_full
