"""The real bot as a process: what a member can choose of a picture, and what moderators leave them to choose from."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cogs.limits.policy_forms import choices_field
from sandbox.discord import Member, Reply
from sandbox.discord.state.permissions import Permission
from sandbox.images.prompt_revision import revised
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import expire_leases
from tests.end_to_end.test_edit import FOX
from tests.end_to_end.test_limits import changed, shows
from tests.end_to_end.test_log_channel import entries, log_into
from tests.patience import PATIENCE, until

CHOICES = "Fast=x-ai/grok-imagine-image, Detailed=x-ai/grok-imagine-image-pro*3"


def moderator(setup: Setup) -> Member:
    return setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)


async def painted(setup: Setup, **options: object) -> Reply:
    reply = await setup.ada.use("imagine", options={"prompt": "a fox", **options})
    assert reply.attachments, reply.text
    return reply


async def refused(setup: Setup, **options: object) -> str:
    reply = await setup.ada.use("imagine", options={"prompt": "a fox", **options})
    assert reply.ephemeral
    assert not reply.attachments
    return reply.text


@pytest.mark.parametrize(
    ("shape", "ratio"),
    [("square", "1:1"), ("portrait", "3:4"), ("landscape", "4:3"), ("wide", "16:9"), ("tall", "9:16")],
)
async def test_a_picture_is_asked_for_in_the_shape_that_the_member_chose(
    setup: Setup, shape: str, ratio: str
) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image")
    await painted(setup, shape=shape)
    assert setup.images.requests[-1].body["aspect_ratio"] == ratio


async def test_a_shape_of_a_model_that_has_only_one_is_refused(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES="Old=x-ai/grok-2-image")
    text = await refused(setup, model="Old", shape="wide")
    assert "That model has only one shape. Nothing was counted." in text
    await painted(setup, model="Old")


async def test_a_shape_is_painted_by_the_first_model_that_has_shapes_and_everything_else_by_the_first(
    setup: Setup,
) -> None:
    await setup.start_bot(
        IMAGE_MODEL="x-ai/grok-2-image, x-ai/grok-imagine-image-2.0, x-ai/grok-imagine-image"
    )
    shaped = await painted(setup, shape="wide")
    assert setup.images.requests[-1].body["aspect_ratio"] == "16:9"
    assert shaped.embeds[0].footer.endswith("Painted by grok-imagine-image")
    plain = await painted(setup)
    assert plain.embeds[0].footer.endswith("Painted by grok-2-image")
    setup.images.retired.add("x-ai/grok-imagine-image")
    await painted(setup, shape="wide")  # it has gone in the middle of this one
    assert "has only one shape. Nothing was counted." in await refused(setup, shape="wide")
    assert (await painted(setup)).embeds[0].footer.endswith("Painted by grok-2-image")


async def test_without_a_shape_none_is_sent(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image")
    await painted(setup)
    assert "aspect_ratio" not in setup.images.requests[-1].body


async def test_the_model_that_the_member_chose_paints_and_no_other_afterwards(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES)
    for options, model in (
        ({"model": "Detailed"}, "x-ai/grok-imagine-image-pro"),
        ({}, "x-ai/grok-2-image"),
        ({"model": "Fast"}, "x-ai/grok-imagine-image"),
    ):
        await painted(setup, **options)
        assert setup.images.requests[-1].body["model"] == model


async def test_a_model_that_the_moderators_do_not_allow_is_refused_and_those_that_they_do_are_named(
    setup: Setup,
) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES)
    mo = moderator(setup)
    told = await changed(mo, "model", model="Detailed", allowed=False)
    assert "**Models that members can't choose**: none → “Detailed”" in told
    text = await refused(setup, model="Detailed")
    assert "don't allow the model “Detailed” in this server. Nothing was counted. Choose “Fast”" in text
    explained = await mo.use("limits explain", member=setup.ada)
    assert "Models to choose from: Fast · not allowed: Detailed (counts as 3)" in explained.text
    assert "**Models**: Fast" in (await setup.ada.use("usage")).text
    assert "none → “Detailed”" in (await mo.use("limits history")).text
    await painted(setup, model="Fast")
    await painted(setup)
    await changed(mo, "reset", what="models")
    await painted(setup, model="Detailed")
    assert setup.images.paid == 3


async def test_moderators_decide_about_models_on_the_panel_too(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES)
    mo = moderator(setup)
    panel = await mo.use("limits show")
    assert "models: Fast, Detailed (counts as 3)" in panel.text
    opened = await mo.press(panel, "Pictures")
    ticked: dict[str, Any] = {choices_field(["Fast", "Detailed"]): ["Fast"]}
    await mo.submit(opened, **ticked)
    await shows(panel, "not allowed: Detailed (counts as 3)")
    assert "✅ **Changed**" in panel.text
    assert "“Detailed”" in await refused(setup, model="Detailed")


async def test_a_model_of_a_client_that_has_not_heard_of_the_change_is_refused_with_what_there_is(
    setup: Setup,
) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES)
    reply = await setup.ada.use("imagine", forged=True, options={"prompt": "a fox", "model": "Gone"})
    assert reply.ephemeral
    assert "`model` doesn't have that to choose any more." in reply.text
    assert "Nothing was counted or changed." in reply.text
    assert "Choose “Fast” or “Detailed · counts as 3 images”" in reply.text
    assert reply.text.endswith("\n> a fox")
    older = await setup.ada.use("imagine", forged=True, options={"prompt": "a hen", "colour": "red"})
    assert "This command is out of date. Nothing was counted or changed." in older.text
    assert older.text.endswith("\n> a hen")
    assert not setup.images.requests


async def test_each_picture_of_a_model_counts_as_many_images_as_a_member_was_told(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES, DAILY_LIMIT="10", BOT_DAILY_LIMIT="12")

    def counter(reply: Reply) -> str:
        return reply.embeds[0].fields[0].value

    assert counter(await painted(setup, model="Detailed")) == "3 of 10 images"
    assert counter(await painted(setup, model="Detailed", images=2)) == "9 of 10 images"
    text = await refused(setup, model="Detailed")
    assert "Each image by the model that you chose counts as 3; without `model`, as 1." in text
    assert counter(await painted(setup, model="Fast")) == "10 of 10 images"
    assert "today**: 10 of 10 used" in (await setup.ada.use("usage")).text
    setup.images.inject_fault("invalid_request")
    bob = setup.tea_house.member("Bob")
    failed = await bob.use("imagine", prompt="a hen", model="Fast")
    assert "didn't understand" in failed.text
    assert counter(await bob.use("imagine", prompt="a hen", model="Fast")) == "1 of 10 images"


async def test_a_chosen_model_that_has_gone_takes_nothing_else_with_it(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES)
    setup.images.retired.add("x-ai/grok-imagine-image-pro")
    for _ in range(2):
        reply = await setup.ada.use("imagine", prompt="a fox", model="Detailed")
        assert "The model that you chose is no longer offered." in reply.text
        assert "Choose another one" in reply.text
    answers = await asyncio.gather(*(painted(setup, **options) for options in ({}, {"model": "Fast"})))
    assert all("of 10" in reply.embeds[0].fields[0].value for reply in answers)
    assert "today**: 2 of 10 used" in (await setup.ada.use("usage")).text


async def test_where_all_of_the_operators_models_are_gone_those_that_members_choose_paint(
    setup: Setup,
) -> None:
    await setup.start_bot(IMAGE_CHOICES=CHOICES, IMAGE_MODEL="x-ai/grok-2-image")
    setup.images.withdrawn.add("x-ai/grok-2-image")
    failed = await setup.ada.imagine("a fox")
    assert "The image model is no longer offered." in failed.text
    assert "has retired this bot's model" in await refused(setup)
    for _ in range(2):
        await painted(setup, model="Fast")
    assert "has retired this bot's model" in await refused(setup)


async def test_each_chosen_model_has_its_own_longest_prompt(setup: Setup) -> None:
    await setup.start_bot(IMAGE_CHOICES="Short=x-ai/grok-2-image", IMAGE_MODEL="x-ai/grok-imagine-image")
    long = "fox " * 300
    assert "1,199 characters long; the image model takes 1,024." in await refused(
        setup, prompt=long, model="Short"
    )
    await painted(setup, prompt=long)


def prompt_painted(setup: Setup) -> str:
    return str(setup.images.requests[-1].body["prompt"])


async def test_a_member_who_says_so_has_the_prompt_painted_as_it_is(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image")
    reply = await painted(setup, revise="no")
    assert prompt_painted(setup) == "a fox"
    assert reply.embeds[0].footer == "Painted by grok-imagine-image"
    assert not setup.images.chats
    await painted(setup, revise="yes")
    assert prompt_painted(setup) == revised("a fox")


async def test_moderators_have_prompts_painted_as_they_are_whatever_a_member_says(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image")
    mo = moderator(setup)
    assert "**Revised prompts**: on → off" in await changed(mo, "revise", allowed=False)
    for options in ({}, {"revise": "yes"}):
        await painted(setup, **options)
        assert prompt_painted(setup) == "a fox"
    explained = await mo.use("limits explain", member=setup.ada)
    assert "**Prompts**: painted as written · set by the moderators" in explained.text
    panel = await mo.use("limits show")
    assert "prompts **as written** (default revised)" in panel.text
    await mo.submit(await mo.press(panel, "Pictures"), revise=True)
    await shows(panel, "prompts revised")
    assert "**Revised prompts**: off → on" in panel.text
    await painted(setup)
    assert prompt_painted(setup) == revised("a fox")


async def test_where_the_operator_has_nothing_to_decide_a_button_of_before_says_so(setup: Setup) -> None:
    bot = await setup.start_bot(IMAGE_CHOICES=CHOICES)
    mo = moderator(setup)
    panel = await mo.use("limits show")
    await bot.terminate()
    await setup.start_bot(REVISE_PROMPTS="never", PRIVATE_PICTURES="forbidden", SPOILER_PICTURES="forbidden")
    pressed = await mo.press(panel, "Pictures")
    assert pressed.modal is None
    assert "This button is from another version of me." in pressed.text
    assert "**Pictures**" not in (await mo.use("limits show")).text


async def test_a_process_that_takes_over_paints_what_was_chosen_though_it_is_not_offered_any_more(
    setup: Setup,
) -> None:
    setup.images.latency = 30
    bot = await setup.start_bot(IMAGE_CHOICES=CHOICES, IMAGE_CONCURRENCY="1")
    first = setup.tea_house.member("Bob").begin("imagine", prompt="a hen")
    await until(lambda: len(setup.images.requests) == 1)
    chosen = {"shape": "tall", "model": "Detailed", "revise": "no"}
    waiting = setup.ada.begin("imagine", options={"prompt": "a fox", **chosen})
    await until(lambda: waiting.reply.acknowledged_after is not None)
    await bot.kill()
    setup.images.latency = 0
    await expire_leases(setup.database_url)
    await setup.start_bot()
    assert (await waiting.finished(within=PATIENCE)).attachments
    body = setup.images.requests[-1].body
    assert body == {
        "model": "x-ai/grok-imagine-image-pro",
        "prompt": "a fox",
        "aspect_ratio": "9:16",
        "resolution": "1k",
    }
    await first.finished(within=PATIENCE)


def prompt_sent(setup: Setup) -> str:
    return str(setup.images.requests[-1].body["prompt"])


async def test_a_picture_is_painted_in_the_style_that_was_chosen_and_shown_with_what_was_typed(
    setup: Setup,
) -> None:
    await setup.start_bot(REVISE_PROMPTS="never")
    suggested = await setup.ada.suggestions("imagine", "style", "water", prompt="a fox")
    assert [one["value"] for one in suggested] == ["Watercolour"]
    reply = await painted(setup, style="watercolour")
    assert prompt_sent(setup).startswith("a fox, a watercolour painting, ")
    assert reply.embeds[0].description == "> a fox"
    text = await refused(setup, style="Charcoal")
    assert "There's no style “Charcoal” in this server. Nothing was counted. Choose “Photo”, " in text
    assert setup.images.paid == 1


async def test_a_picture_is_changed_in_a_style(setup: Setup) -> None:
    await setup.start_bot(STYLES="Noir=film noir of {prompt} in the rain", REVISE_PROMPTS="never")
    reply = await setup.ada.use("edit", prompt="a hat", image=FOX, style="noir")
    assert reply.attachments, reply.text
    assert prompt_sent(setup) == "film noir of a hat in the rain"


async def test_a_private_picture_is_seen_by_nobody_else_and_told_to_the_moderators_without_it(
    setup: Setup,
) -> None:
    await setup.start_bot()
    log = setup.tea_house.channel("log")
    await log_into(setup, log)
    reply = await setup.ada.use("imagine", prompt="a fox", private="yes", images=2)
    assert len(reply.attachments) == 2
    assert reply.ephemeral
    assert not moderator(setup).sees(reply)
    [entry] = await entries(setup, log, 1)
    assert "**2 images**" in entry
    assert "> a fox" in entry
    assert "discord.com/channels" not in entry


async def test_what_fails_privately_is_said_privately(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.inject_fault("moderated_400")
    reply = await setup.ada.use("imagine", prompt="a fox", private="yes")
    assert reply.ephemeral
    assert "safety filter" in reply.text
    assert reply.text.endswith("> a fox")
    assert not setup.discord.messages.by_channel.get(setup.ada.dm.id)
