"""Buying, against a real HTTP server: what is sent, what is repeated, and that nothing is paid twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from bot.core.errors import BotError, GenerationFailed
from bot.core.generation.errors import (
    ApiUnavailable,
    ChosenModelRetired,
    CreditExhausted,
    EditModelRetired,
    ImageApiTrouble,
    KeyRejected,
    LeaseLost,
    ModelRetired,
    NoPicture,
    OutcomeUnknown,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
)
from bot.core.generation.model import ImageSpec, InputImage
from bot.core.redaction import MASK
from bot.imaging.catalogue import AFTER_A_FAILURE_SECONDS
from bot.imaging.client import LOOK_AGAIN_SECONDS, ImageClient, ImagingSettings, Unrecorded
from bot.imaging.models import FIRST_PAUSE, lookup
from bot.imaging.servers import Server
from sandbox.images import ImageApi
from sandbox.images.models import MODELS
from tests.imaging.conftest import GROK, IMAGINE, PRO, Pauses, serving

EDITORS = ("blackforestlabs/flux-2-edit", "google/nano-banana-edit")


async def test_an_order_says_who_painted_what_and_for_how_much(client: ImageClient, images: ImageApi) -> None:
    order = await client.order(ImageSpec("a fox", 2), "42")

    assert (order.model, len(order.sources), order.credits) == (GROK, 2, 294_000)
    assert "a fox" in (order.sources[0].revised_prompt or "")
    assert images.requests[0].headers["X-Client-Request-Id"] == "42"
    assert images.requests[0].headers["Authorization"] == f"Bearer {images.key}"


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (GROK, {"model", "prompt", "n"}),
        ("grok-2-image", {"model", "prompt", "n"}),
        (IMAGINE, {"model", "prompt", "n", "resolution"}),
        ("grok-imagine-image-pro", {"model", "prompt", "n", "resolution"}),
    ],
)
async def test_never_a_field_that_the_model_refuses(
    settings: ImagingSettings, images: ImageApi, model: str, fields: set[str]
) -> None:
    async with ImageClient(replace(settings, models=(model,))) as client:
        order = await client.order(ImageSpec("a fox", 2), "1")

    assert order.model == model
    assert set(images.requests[0].body) == fields


async def test_every_model_that_the_api_serves_paints(settings: ImagingSettings, images: ImageApi) -> None:
    painters = [model.id for model in MODELS if lookup(model.id, Server.AIML_API).family.generates]
    for model in painters:
        async with ImageClient(replace(settings, models=(model,))) as client:
            order = await client.order(ImageSpec("a fox"), "1")
        assert (order.model, len(order.sources)) == (model, 1)
    assert images.paid_pictures == len(painters) > 50


async def test_an_unknown_model_gets_the_fewest_fields_and_the_shortest_limit(
    settings: ImagingSettings,
) -> None:
    async with ImageClient(replace(settings, models=("nobody/knows-it",))) as client:
        assert client.capabilities(ImageSpec("a fox")).longest_prompt == 1024
        with pytest.raises(ModelRetired):
            await client.order(ImageSpec("a fox"), "1")


@pytest.mark.parametrize("prompt", ["🦊" * 1024, "half a pair \ud83e", 'quotes " \\ \n\0'])
async def test_any_text_of_a_member_goes_over_the_wire(
    client: ImageClient, images: ImageApi, prompt: str
) -> None:
    await client.order(ImageSpec(prompt), "1")

    assert images.requests[0].body["prompt"] == prompt


FINAL: list[tuple[str, type[GenerationFailed]]] = [
    ("moderated_400", PromptRejected),
    ("moderated_400_code", PromptRejected),
    ("moderated_403", PromptRejected),
    ("moderated_500", PromptRejected),
    ("moderated_input", PromptRejected),
    ("moderated_output", PromptRejected),
    ("moderated_451", PromptRejected),
    ("payment_required", CreditExhausted),
    ("data_null", NoPicture),
    ("data_empty", NoPicture),
    ("no_image", NoPicture),
    ("job", NoPicture),
    ("error_in_a_200", ApiUnavailable),
    ("key_in_a_400", KeyRejected),
    ("hard_limit", CreditExhausted),
    ("firewall", ApiUnavailable),
    ("permission_unclear", ApiUnavailable),
    ("moderated_flag", PromptRejected),
    ("invalid_request", RequestRejected),
    ("input_unreadable", RequestRejected),
    ("prompt_too_long", PromptTooLongForModel),
    ("bad_key", KeyRejected),
    ("no_credit", CreditExhausted),
    ("rate_limited_for_an_hour", RateLimited),
    ("gateway_timeout", OutcomeUnknown),
    ("reset", ResponseLost),
    ("cut_short", ResponseLost),
    ("html", ResponseLost),
    ("broken_json", ResponseLost),
]


@pytest.mark.parametrize(("name", "error"), FINAL)
async def test_what_may_have_been_paid_is_asked_for_once(
    client: ImageClient, images: ImageApi, name: str, error: type[GenerationFailed]
) -> None:
    images.inject_fault(name)

    with pytest.raises(error):
        await client.order(ImageSpec("a fox"), "1")

    assert len(images.requests) == 1


async def test_an_order_waits_in_line_for_as_long_as_it_has_time(
    client: ImageClient, images: ImageApi, pauses: Pauses
) -> None:
    images.inject_fault("rate_limited", 9)

    await client.order(ImageSpec("a fox"), "1")

    assert images.paid == 1
    assert len(pauses.seconds) == 9


@pytest.mark.parametrize("name", ["rate_limited_in_words", "rate_limited_with_advice"])
async def test_a_wait_is_kept_to_whatever_else_is_advised(
    client: ImageClient, images: ImageApi, pauses: Pauses, name: str
) -> None:
    images.inject_fault(name)

    await client.order(ImageSpec("a fox"), "1")

    assert pauses.seconds == pytest.approx([1.5], abs=0.1)


async def test_a_429_about_credit_is_a_rate_while_there_is_credit(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("rate_limited_as_credit", 2)
    await client.order(ImageSpec("a fox"), "1")
    assert images.paid == 1

    images.balance = 0.05
    images.inject_fault("rate_limited_as_credit")
    with pytest.raises(CreditExhausted):
        await client.order(ImageSpec("a fox"), "2")


async def test_an_address_without_its_end_retires_no_model_and_is_named(
    settings: ImagingSettings, images: ImageApi, pauses: Pauses
) -> None:
    async with ImageClient(replace(settings, url=images.origin), sleep=pauses) as client:
        assert await client.probe.choose_model()
        with pytest.raises(ApiUnavailable, match="check IMAGE_API_URL"):
            await client.order(ImageSpec("a fox"), "1")

        assert client.model == GROK


async def test_a_prompt_that_is_too_long_for_the_model_in_service_is_not_sent(
    client: ImageClient, images: ImageApi
) -> None:
    with pytest.raises(PromptTooLongForModel):
        await client.order(ImageSpec("a" * 1025), "1")

    assert images.requests == []


async def test_a_path_that_is_not_there_for_once_retires_no_model(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("lost_404")

    assert (await client.order(ImageSpec("a fox"), "1")).model == GROK


async def test_a_path_that_is_never_there_is_an_api_that_cannot_be_reached(
    client: ImageClient, images: ImageApi
) -> None:
    images.inject_fault("lost_404", 9)

    with pytest.raises(ApiUnavailable):
        await client.order(ImageSpec("a fox"), "1")

    assert (client.model, len(images.requests)) == (GROK, 3)


async def test_a_404_that_names_nothing_retires_a_model_that_the_catalogue_does_not_list(
    client: ImageClient, images: ImageApi
) -> None:
    images.retired = {GROK}
    images.inject_fault("lost_404")

    assert (await client.order(ImageSpec("a fox"), "1")).model == IMAGINE


@pytest.mark.parametrize(("withdrawn", "painter"), [(GROK, IMAGINE), ("another", None)])
async def test_a_404_that_names_nothing_retires_a_model_that_is_withdrawn_although_it_is_still_listed(
    withdrawn: str, painter: str | None
) -> None:
    async def api(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("/deprecations"):
            return web.json_response({"data": [{"id": withdrawn, "status": "withdrawn"}]})
        if request.method == "GET":
            return web.json_response({"data": [{"id": GROK}, {"id": IMAGINE}]})
        if GROK in await request.text():
            return web.Response(status=404, text="404 page not found")
        return web.json_response({"data": [{"url": f"http://{request.host}/a.png"}]})

    async with serving(api) as origin:
        settings = ImagingSettings(f"{origin}/v1", "key", (GROK, IMAGINE))
        async with ImageClient(settings, sleep=Pauses()) as client:
            if painter:
                assert (await client.order(ImageSpec("a fox"), "1")).model == painter
            else:
                with pytest.raises(ApiUnavailable):
                    await client.order(ImageSpec("a fox"), "1")


@pytest.mark.parametrize("name", ["reset", "cut_short"])
async def test_a_lost_answer_on_a_used_connection_is_not_asked_for_again(
    client: ImageClient, images: ImageApi, name: str
) -> None:
    await client.order(ImageSpec("a fox"), "1")
    images.inject_fault(name)

    with pytest.raises(OutcomeUnknown):
        await client.order(ImageSpec("a fox"), "2")

    assert images.paid == len(images.requests) == 2


@pytest.mark.parametrize("name", ["hang", "drip"])
async def test_an_answer_that_never_ends_is_given_up_on_and_not_asked_for_again(
    hasty: ImageClient, images: ImageApi, name: str
) -> None:
    images.inject_fault(name)

    with pytest.raises(OutcomeUnknown, match=r"^no answer within 1 s$"):
        await hasty.order(ImageSpec("a fox"), "1")

    assert images.paid == len(images.requests) == 1


@pytest.mark.parametrize(
    ("name", "times"), [("rate_limited", 4), ("internal_error", 2), ("bad_gateway", 2), ("unavailable", 4)]
)
async def test_a_passing_failure_is_waited_out_and_paid_once(
    client: ImageClient, images: ImageApi, pauses: Pauses, name: str, times: int
) -> None:
    images.inject_fault(name, times)

    await client.order(ImageSpec("a fox"), "1")

    assert images.paid == 1
    assert pauses.seconds == pytest.approx([0.5, 1.0, 2.0, 4.0][:times], abs=0.1)


@pytest.mark.parametrize(
    ("name", "times", "error"),
    [
        ("internal_error", 3, ApiUnavailable),
        ("bad_gateway", 3, ApiUnavailable),
    ],
)
async def test_a_lasting_failure_is_given_up_on(
    client: ImageClient, images: ImageApi, name: str, times: int, error: type[GenerationFailed]
) -> None:
    images.inject_fault(name, times + 1)

    with pytest.raises(error):
        await client.order(ImageSpec("a fox"), "1")

    assert len(images.requests) == times
    assert images.paid == 0


@pytest.mark.parametrize(
    ("name", "may_have_cost"), [("bad_gateway", True), ("internal_error", False), ("unavailable", False)]
)
async def test_an_attempt_that_only_a_proxy_answered_may_have_cost_whatever_the_next_came_to(
    client: ImageClient, images: ImageApi, name: str, may_have_cost: bool
) -> None:
    images.inject_fault(name)
    images.inject_fault("invalid_request")
    attempts = Unrecorded()

    with pytest.raises(RequestRejected):
        await client.order(ImageSpec("a fox"), "1", attempts)

    assert (attempts.at_risk > 0) is may_have_cost


async def test_retry_after_is_obeyed(client: ImageClient, images: ImageApi, pauses: Pauses) -> None:
    images.inject_fault("rate_limited_briefly")

    await client.order(ImageSpec("a fox"), "1")

    assert pauses.seconds == pytest.approx([1.5], abs=0.1)


async def test_the_time_of_an_order_begins_when_its_words_are_there(
    settings: ImagingSettings, images: ImageApi
) -> None:
    class SlowlyRevised(Unrecorded):
        async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:
            await asyncio.sleep(1)
            return await super().prompt_for(spec, longest, revises=revises)

    async with ImageClient(replace(settings, timeout_seconds=1)) as client:
        assert (await client.order(ImageSpec("a fox"), "1", SlowlyRevised())).model == GROK


async def test_no_wait_goes_beyond_the_deadline(hasty: ImageClient, images: ImageApi, pauses: Pauses) -> None:
    images.inject_fault("rate_limited_briefly")

    with pytest.raises(RateLimited):
        await hasty.order(ImageSpec("a fox"), "1")

    assert pauses.seconds == []


async def test_an_api_that_is_down_cost_nothing(
    client: ImageClient, images: ImageApi, pauses: Pauses
) -> None:
    async with images.down():
        with pytest.raises(ApiUnavailable):
            await client.order(ImageSpec("a fox"), "1")
    await client.order(ImageSpec("a fox"), "2")

    assert len(pauses.seconds) == 4


async def test_a_retired_model_is_replaced_within_the_same_order(
    client: ImageClient, images: ImageApi, caplog: pytest.LogCaptureFixture
) -> None:
    images.retired = {GROK}

    with caplog.at_level(logging.WARNING, "bot.imaging"):
        orders = await asyncio.gather(*(client.order(ImageSpec("a fox"), str(number)) for number in range(5)))
        later = await client.order(ImageSpec("a fox"), "6")

    assert {order.model for order in (*orders, later)} == {IMAGINE}
    assert (client.model, client.capabilities(ImageSpec("a fox")).longest_prompt) == (IMAGINE, 8000)
    assert images.requests[-1].body["model"] == IMAGINE
    assert (
        len([record for record in caplog.records if GROK in record.message and IMAGINE in record.message])
        == 1
    )


async def test_without_a_served_fallback_the_model_is_gone(client: ImageClient, images: ImageApi) -> None:
    images.retired = {GROK, IMAGINE}

    with pytest.raises(ModelRetired):
        await client.order(ImageSpec("a fox"), "1")
    images.retired = set()

    assert (await client.order(ImageSpec("a fox"), "2")).model == GROK


CHANGED = (InputImage("https://cdn.discordapp.com/attachments/1/2/fox.png", "image/png"),)


@pytest.mark.parametrize(
    ("spec", "retired", "error"),
    [
        (ImageSpec("a fox", model=PRO), PRO, ChosenModelRetired),
        (ImageSpec("a fox", inputs=CHANGED), "google/nano-banana-edit", EditModelRetired),
    ],
)
async def test_another_model_that_is_gone_is_told_apart_from_those_that_paint(
    settings: ImagingSettings, images: ImageApi, spec: ImageSpec, retired: str, error: type[GenerationFailed]
) -> None:
    settings = replace(settings, edit_models=("google/nano-banana-edit",))
    images.withdrawn = {retired}
    async with ImageClient(settings, sleep=Pauses()) as client:
        for number in range(2):
            with pytest.raises(error, match=retired):
                await client.order(spec, str(number))
        assert (await client.order(ImageSpec("a fox"), "3")).model == client.model == GROK


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_with_the_first_two_gone_the_third_paints_in_the_same_order_and_the_list_is_read_once(
    settings: ImagingSettings, images: ImageApi
) -> None:
    images.retired = {GROK, PRO}
    async with ImageClient(replace(settings, models=(GROK, PRO, IMAGINE)), sleep=Pauses()) as client:
        orders = await asyncio.gather(*(client.order(ImageSpec("a fox"), str(number)) for number in range(5)))

    assert {order.model for order in orders} == {IMAGINE}
    assert {request.body["model"] for request in images.requests} == {GROK, IMAGINE}
    assert images.catalogue_reads == 1


async def test_a_list_from_before_a_model_went_is_read_again_to_choose_the_next(
    settings: ImagingSettings, images: ImageApi
) -> None:
    time = Time()
    async with ImageClient(replace(settings, models=(GROK, PRO, IMAGINE)), clock=time) as client:
        await client.probe.choose_model()
        images.retired, time.now = {GROK, PRO}, AFTER_A_FAILURE_SECONDS
        assert (await client.order(ImageSpec("a fox"), "1")).model == IMAGINE

    assert [request.body["model"] for request in images.requests] == [GROK, IMAGINE]
    assert images.catalogue_reads == 2


async def test_an_answer_that_says_that_a_model_is_gone_is_believed_although_the_list_still_has_it(
    settings: ImagingSettings, images: ImageApi
) -> None:
    settings = replace(settings, models=(GROK, PRO, IMAGINE))
    async with ImageClient(settings, sleep=Pauses()) as client:
        images.inject_fault("gone_503", 2)
        assert (await client.order(ImageSpec("a fox"), "1")).model == IMAGINE

    assert len(images.requests) == 3


async def test_a_first_choice_that_comes_back_is_used_again(
    settings: ImagingSettings, images: ImageApi
) -> None:
    images.retired, time = {GROK}, Time()
    async with ImageClient(settings, sleep=Pauses(), clock=time) as client:
        assert (await client.order(ImageSpec("a fox"), "1")).model == IMAGINE
        images.retired = set()
        time.now = LOOK_AGAIN_SECONDS - 1
        assert (await client.order(ImageSpec("a fox"), "2")).model == IMAGINE
        assert images.catalogue_reads == 1
        time.now = LOOK_AGAIN_SECONDS
        assert (await client.order(ImageSpec("a fox"), "3")).model == IMAGINE  # it waits for no list
        await client.catalogue.read()
        await asyncio.sleep(0)
        assert (await client.order(ImageSpec("a fox"), "4")).model == GROK


async def test_a_first_choice_that_takes_fewer_characters_than_the_one_in_service_is_passed_over(
    settings: ImagingSettings, images: ImageApi, caplog: pytest.LogCaptureFixture
) -> None:
    images.retired, time = {GROK}, Time()
    async with ImageClient(settings, sleep=Pauses(), clock=time) as client:
        await client.order(ImageSpec("a fox"), "1")
        images.retired, time.now = set(), FIRST_PAUSE
        caplog.clear()
        assert (await client.order(ImageSpec("x" * 2000), "2")).model == IMAGINE
        assert caplog.records == []


async def test_a_first_choice_that_is_tried_again_and_does_not_paint_is_not_in_service(
    settings: ImagingSettings, images: ImageApi
) -> None:
    images.retired, time = {GROK}, Time()
    async with ImageClient(settings, sleep=Pauses(), clock=time) as client:
        await client.order(ImageSpec("a fox"), "1")
        images.retired, time.now = set(), FIRST_PAUSE
        images.inject_fault("internal_error", 3)
        with pytest.raises(ApiUnavailable):
            await client.order(ImageSpec("a fox"), "2")
        assert (images.requests[-1].body["model"], client.model) == (GROK, IMAGINE)


async def test_the_choice_of_a_model_at_the_start_switches_beforehand(
    client: ImageClient, images: ImageApi
) -> None:
    images.retired = {GROK}

    await client.probe.choose_model()

    assert client.model == IMAGINE
    assert images.requests == []


async def test_a_dead_api_at_the_start_changes_no_model(client: ImageClient, images: ImageApi) -> None:
    async with images.down():
        await client.probe.choose_model()

    assert client.model == GROK


@pytest.mark.parametrize(
    ("trouble", "name", "ended"),
    [
        pytest.param(ImageApiTrouble.KEY, "bad_key", True, id="key"),
        pytest.param(ImageApiTrouble.CREDIT, "no_credit", True, id="credit"),
        pytest.param(ImageApiTrouble.DOWN, "unavailable", None, id="only an order can tell"),
    ],
)
async def test_it_is_asked_whether_a_trouble_is_over_without_buying(
    client: ImageClient, images: ImageApi, trouble: ImageApiTrouble, name: str, ended: bool | None
) -> None:
    images.inject_fault(name)
    assert await client.probe.has_ended(trouble) is ended
    async with images.down():
        assert await client.probe.has_ended(trouble) is False
    images.balance = 0.05
    assert (await client.probe.has_ended(ImageApiTrouble.CREDIT)) is False
    assert images.requests == []


@pytest.fixture
async def editing(settings: ImagingSettings) -> AsyncIterator[ImageClient]:
    async with ImageClient(replace(settings, edit_models=EDITORS), sleep=Pauses()) as opened:
        yield opened


async def an_edit(client: ImageClient) -> ImageSpec:
    painted = await client.order(ImageSpec("a fox"), "1")
    return ImageSpec("in the snow", inputs=(InputImage(painted.sources[0].url or "", "image/png"),))


async def test_a_retired_model_that_changes_pictures_is_replaced_within_the_same_order(
    editing: ImageClient, images: ImageApi
) -> None:
    spec, images.retired = await an_edit(editing), {EDITORS[0]}

    assert (await editing.order(spec, "2")).model == EDITORS[1]
    assert (editing.model, [request.body["model"] for request in images.requests[1:]]) == (GROK, [*EDITORS])


async def test_at_the_start_a_retired_model_that_changes_pictures_is_passed_over(
    editing: ImageClient, images: ImageApi
) -> None:
    spec, images.retired = await an_edit(editing), {EDITORS[0]}

    assert await editing.probe.choose_model()

    await editing.order(spec, "2")
    assert images.requests[-1].body["model"] == EDITORS[1]
    assert len(images.requests) == 2


async def test_without_a_model_that_changes_pictures_only_that_is_off(
    editing: ImageClient, images: ImageApi
) -> None:
    spec, images.retired = await an_edit(editing), {*EDITORS}

    with pytest.raises(EditModelRetired):
        await editing.order(spec, "2")
    assert await editing.probe.choose_model()
    await editing.order(ImageSpec("a fox"), "3")


async def test_a_model_that_takes_fewer_pictures_stays_in_service_for_those(
    settings: ImagingSettings, images: ImageApi, caplog: pytest.LogCaptureFixture
) -> None:
    of_one, of_three = "alibaba/qwen-image-edit", "google/nano-banana-edit"
    async with ImageClient(replace(settings, edit_models=(of_one, of_three))) as client:
        one = await an_edit(client)
        two = replace(one, inputs=2 * one.inputs)
        for _ in range(2):
            assert (await client.order(two, "2")).model == of_three
            assert (await client.order(one, "3")).model == of_one

        assert (client.capabilities(one).longest_prompt, client.capabilities(two).longest_prompt) == (
            800,
            4000,
        )
        assert (client.estimate(one).model, client.estimate(two).model) == (of_one, of_three)
        images.retired = {of_three}
        with pytest.raises(EditModelRetired):
            await client.order(two, "4")
        assert (await client.order(one, "5")).model == of_one
    assert "is now" not in caplog.text


async def test_a_path_for_changes_that_is_not_there_is_no_outage(
    settings: ImagingSettings, images: ImageApi, pauses: Pauses
) -> None:
    async def no_edits(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("/models"):
            return web.json_response({"data": [{"id": "gpt-image-1"}]})
        return web.json_response({"detail": "Not Found"}, status=404)

    fox = InputImage("https://cdn.discordapp.com/attachments/1/2/fox.png", "image/png", content=b"fox")
    async with serving(no_edits) as origin:
        changing = replace(settings, url=f"{origin}/v1", models=("gpt-image-1",))
        async with ImageClient(changing, sleep=pauses) as client:
            with pytest.raises(RequestRejected, match="IMAGE_EDIT_MODEL"):
                await client.order(ImageSpec("a fox", inputs=(fox,)), "1")
            with pytest.raises(ApiUnavailable):
                await client.order(ImageSpec("a fox"), "2")


async def test_a_chosen_model_that_is_gone_asks_for_no_list(client: ImageClient, images: ImageApi) -> None:
    images.retired = {PRO}
    with pytest.raises(ChosenModelRetired):
        await client.order(ImageSpec("a fox", model=PRO), "1")
    assert (images.catalogue_reads, client.model) == (0, GROK)


async def test_a_model_that_is_served_again_is_taken(client: ImageClient, images: ImageApi) -> None:
    images.retired = {GROK, IMAGINE}
    assert await client.probe.has_ended(ImageApiTrouble.MODEL) is False
    images.retired = {GROK}
    assert await client.probe.has_ended(ImageApiTrouble.MODEL) is True
    assert client.model == IMAGINE


async def test_the_key_is_in_no_error_no_log_and_no_repr(
    client: ImageClient, images: ImageApi, settings: ImagingSettings, caplog: pytest.LogCaptureFixture
) -> None:
    images.inject_fault("key_echoed")

    with caplog.at_level(logging.DEBUG), pytest.raises(KeyRejected) as caught:
        await client.order(ImageSpec("a fox"), "1")

    assert images.key not in f"{caught.value} {caplog.text} {settings} {client}"
    assert MASK in str(caught.value)


class Recorded(Unrecorded):
    """Attempts, and how many requests there were before each; `refusal` is raised by the last of `allowed`."""

    def __init__(self, images: ImageApi, refusal: BotError | None = None, allowed: int = 0) -> None:
        super().__init__()
        self.models = list[str]()
        self.asked_before = list[int]()
        self._images = images
        self._refusal = refusal
        self._allowed = allowed

    async def submitting(self, model: str, images: int) -> None:
        if self._refusal and len(self.models) == self._allowed:
            raise self._refusal
        self.models.append(model)
        self.asked_before.append(len(self._images.requests))
        await super().submitting(model, images)


@pytest.mark.parametrize(
    ("faults", "at_risk"),
    [
        ([], 1),
        (["internal_error", "internal_error"], 1),
        (["rate_limited_briefly", "maintenance"], 1),
        (["bad_gateway"], 2),
        (["bad_gateway", "bad_gateway"], 3),
        (["bad_gateway", "rate_limited"], 2),
        (["gone_404"], 1),
        (["bad_gateway", "gone_404"], 2),
        (["bad_gateway", "gone_404", "internal_error"], 2),
    ],
)
async def test_every_attempt_is_announced_right_before_it_leaves_and_is_at_risk_unless_it_cost_nothing(
    client: ImageClient, images: ImageApi, faults: list[str], at_risk: int
) -> None:
    for fault in faults:
        images.inject_fault(fault)
    attempts = Recorded(images)

    await client.order(ImageSpec("a fox"), "42", attempts)

    assert attempts.asked_before == list(range(len(faults) + 1))
    assert attempts.models == [request.body["model"] for request in images.requests]
    assert attempts.at_risk == at_risk


@pytest.mark.parametrize(
    ("fault", "at_risk"),
    [
        ("invalid_request", 0),
        ("bad_key", 0),
        ("rate_limited_for_an_hour", 0),
        ("moderated_400", 1),
        ("reset", 1),
    ],
)
async def test_a_failure_is_at_risk_where_it_may_have_been_billed(
    client: ImageClient, images: ImageApi, fault: str, at_risk: int
) -> None:
    images.inject_fault(fault)
    attempts = Recorded(images)
    with pytest.raises(GenerationFailed):
        await client.order(ImageSpec("a fox"), "42", attempts)
    assert attempts.at_risk == at_risk


@pytest.mark.parametrize("allowed", [0, 1, 2])
@pytest.mark.parametrize("fault", ["rate_limited_briefly", "bad_gateway", "internal_error", "gone_404"])
async def test_nothing_is_sent_that_could_not_be_written_down(
    client: ImageClient, images: ImageApi, fault: str, allowed: int
) -> None:
    images.inject_fault(fault, 2)
    refusal = LeaseLost()

    with pytest.raises((LeaseLost, ModelRetired)):
        await client.order(ImageSpec("a fox"), "42", Recorded(images, refusal, allowed))

    assert len(images.requests) == allowed


async def test_each_model_is_asked_in_the_words_that_are_for_it(
    client: ImageClient, images: ImageApi
) -> None:
    class Worded(Unrecorded):
        async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:
            return f"{spec.prompt}, {longest}, {revises}"

    images.inject_fault("gone_404")
    await client.order(ImageSpec("a fox"), "1", Worded())

    asked = [(it.body["model"], it.body["prompt"]) for it in images.requests]
    assert asked == [(GROK, "a fox, 1024, True"), (IMAGINE, "a fox, 8000, False")]
