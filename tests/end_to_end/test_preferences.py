"""The real bot as a process: what a member prefers holds wherever they say nothing else."""

from __future__ import annotations

import json
from typing import Any

from sandbox.discord import Reply
from sandbox.discord.people.modal_data import initial_values
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_edit import FOX

IMAGINE = "x-ai/grok-imagine-image"


def body(setup: Setup) -> dict[str, Any]:
    found: dict[str, Any] = setup.images.requests[-1].body
    return found


async def preferring(setup: Setup, **fields: Any) -> Reply:
    return await setup.ada.submit(await setup.ada.use("preferences"), **fields)


async def test_what_a_member_prefers_holds_in_every_command_that_says_nothing_else_and_after_a_restart(
    setup: Setup, database_url: str
) -> None:
    bot = await setup.start_bot(DATABASE_URL=database_url, IMAGE_MODEL=IMAGINE)
    told = await preferring(setup, shape="wide", wishes=["as_written"])
    assert told.ephemeral
    assert "**Shape**: Wide" in told.text
    assert "**Prompts**: painted as they are" in told.text
    await setup.ada.imagine("a fox")
    assert (body(setup)["aspect_ratio"], body(setup)["prompt"]) == ("16:9", "a fox")
    await setup.ada.use("imagine", prompt="a fox", shape="tall", revise="yes")
    assert body(setup)["aspect_ratio"] == "9:16"
    assert body(setup)["prompt"] != "a fox"
    await setup.tea_house.member("Bob").imagine("a hen")
    assert "aspect_ratio" not in body(setup)
    await bot.terminate()
    await setup.start_bot(DATABASE_URL=database_url, IMAGE_MODEL=IMAGINE)
    await setup.ada.imagine("a fox")
    assert body(setup)["aspect_ratio"] == "16:9"
    await preferring(setup, shape="none", wishes=[])
    await setup.ada.imagine("a fox")
    assert "aspect_ratio" not in body(setup)
    assert body(setup)["prompt"] != "a fox"


async def test_a_picture_that_is_changed_keeps_its_shape_and_a_model_that_has_none_is_asked_for_none(
    setup: Setup,
) -> None:
    await setup.start_bot(
        IMAGE_MODEL=IMAGINE, IMAGE_CHOICES="Old=x-ai/grok-2-image", IMAGE_EDIT_MODEL="google/nano-banana-edit"
    )
    await preferring(setup, shape="wide", wishes=["as_written"])
    edited = await setup.ada.use("edit", prompt="make it night", image=FOX)
    assert edited.attachments, edited.text
    assert "aspect_ratio" not in body(setup)
    assert body(setup)["prompt"] == "make it night"
    old = await setup.ada.use("imagine", prompt="a fox", model="Old")
    assert old.attachments, old.text


async def test_what_is_preferred_of_style_and_spoiler_holds_for_what_was_refused_at_first(
    setup: Setup,
) -> None:
    await setup.start_bot(
        IMAGE_MODEL=IMAGINE, REVISE_PROMPTS="never", DAILY_LIMIT="3", MAX_IMAGES_PER_PROMPT="2"
    )
    await preferring(setup, style="Photo", wishes=["spoiler"])
    await setup.ada.use("imagine", prompt="a fox", images=2)
    refused = await setup.ada.imagine("a fox", 2)
    shown = await setup.ada.press(refused, "Paint 1")
    assert body(setup)["prompt"].startswith("a fox, a realistic photograph")
    assert shown.attachments[0].is_spoiler
    mo = setup.tea_house.member("Mo")
    mo.permit(manage_guild=True)
    await mo.submit(await mo.use("limits words"), words="tank")
    bob = setup.tea_house.member("Bob")
    await bob.submit(await bob.use("preferences"), style="Photo", wishes=["spoiler"])
    refused = await bob.imagine("a fox in a tank")
    form = await bob.press(refused, "Edit prompt")
    assert form.modal
    assert initial_values(form.modal)["style"] == ["Photo"]
    shown = await bob.submit(form, prompt="a fox in a bowl")
    assert body(setup)["prompt"].startswith("a fox in a bowl, a realistic photograph")
    assert shown.attachments[0].is_spoiler


async def test_what_is_preferred_of_style_and_spoiler_is_used_where_the_server_offers_it(
    setup: Setup,
) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE, REVISE_PROMPTS="never")
    told = await preferring(setup, style="Photo", wishes=["spoiler"])
    assert "**Style**: Photo" in told.text
    assert "**Spoiler**: hidden until" in told.text
    shown = await setup.ada.imagine("a fox")
    assert body(setup)["prompt"].startswith("a fox, a realistic photograph")
    assert shown.attachments[0].is_spoiler
    plain = await setup.ada.use("imagine", prompt="a fox", style="none", spoiler="no")
    assert body(setup)["prompt"] == "a fox"
    assert not plain.attachments[0].is_spoiler
    await setup.ada.use("imagine", prompt="a fox", style="Watercolour")
    assert "watercolour" in body(setup)["prompt"]
    names = [one["name"] for one in await setup.ada.suggestions("imagine", "style")]
    assert names[-1] == "No style"
    assert "No style" not in [
        one["name"] for one in await setup.tea_house.member("Bob").suggestions("imagine", "style")
    ]
    edited = await setup.ada.use("edit", prompt="make it night", image=FOX)
    assert body(setup)["prompt"] == "make it night"
    assert edited.attachments[0].is_spoiler


async def test_the_form_of_a_message_is_filled_with_what_is_preferred(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE, REVISE_PROMPTS="never")
    await preferring(setup, shape="wide", style="Photo", wishes=["spoiler"])
    opened = await setup.ada.use_on(setup.ada.say("a hen"), "Imagine this")
    shown = await setup.ada.submit(opened)
    assert body(setup)["prompt"].startswith("a hen, a realistic photograph")
    assert body(setup)["aspect_ratio"] == "16:9"
    assert shown.attachments[0].is_spoiler
    plain = await setup.ada.submit(opened, style="any", shape="any", shown=[])
    assert body(setup)["prompt"] == "a hen"
    assert "aspect_ratio" not in body(setup)
    assert not plain.attachments[0].is_spoiler


async def test_a_server_without_the_style_or_without_spoilers_paints_without_them(setup: Setup) -> None:
    async with setup.bot(IMAGE_MODEL=IMAGINE, REVISE_PROMPTS="never"):
        await preferring(setup, style="Photo", wishes=["spoiler"])
    await setup.start_bot(
        IMAGE_MODEL=IMAGINE, REVISE_PROMPTS="never", STYLES="none", SPOILER_PICTURES="forbidden"
    )
    shown = await setup.ada.imagine("a fox")
    assert body(setup)["prompt"] == "a fox"
    assert not shown.attachments[0].is_spoiler


async def test_whoever_prefers_private_pictures_never_gets_a_public_one_they_did_not_ask_for(
    setup: Setup,
) -> None:
    async with setup.bot(IMAGE_MODEL=IMAGINE):
        await preferring(setup, wishes=["private"])
        assert (await setup.ada.imagine("a fox")).ephemeral
        assert not (await setup.ada.use("imagine", prompt="a fox", private="no")).ephemeral
        opened = await setup.ada.use_on(await setup.ada.imagine("a fox"), "Edit this picture")
        edited = await setup.ada.submit(opened, prompt="make it night")
        assert edited.ephemeral
        assert edited.attachments
        shown = await setup.ada.use("imagine", prompt="a fox", private="no")
        changed = await setup.ada.submit(await setup.ada.press(shown, "Change it"), prompt="make it night")
        assert changed.ephemeral
        assert changed.attachments
        said = setup.ada.say("a hen")
        imagined = await setup.ada.submit(await setup.ada.use_on(said, "Imagine this"))
        assert imagined.ephemeral
        assert imagined.attachments
    await setup.start_bot(IMAGE_MODEL=IMAGINE, PRIVATE_PICTURES="forbidden")
    paid = setup.images.paid
    refused = await setup.ada.imagine("a fox")
    assert "change your </preferences:" in refused.text
    assert refused.ephemeral
    assert not refused.attachments
    assert setup.images.paid == paid
    await preferring(setup, wishes=[])
    assert not (await setup.ada.imagine("a fox")).ephemeral


async def test_of_two_copies_both_know_at_once_what_was_changed_by_one_of_them(
    setup: Setup, database_url: str
) -> None:
    for _ in range(2):
        await setup.start_bot(DATABASE_URL=database_url, IMAGE_MODEL=IMAGINE)
    for shape, ratio in (("wide", "16:9"), ("tall", "9:16")):
        for _ in range(3):  # whichever is faster
            await setup.ada.imagine("a fox")
        await preferring(setup, shape=shape)
        for _ in range(3):
            await setup.ada.imagine("a fox")
            assert body(setup)["aspect_ratio"] == ratio


async def test_they_are_part_of_a_members_data_and_erased_with_it(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    await preferring(setup, shape="tall")
    await setup.ada.imagine("a fox")
    assert body(setup)["aspect_ratio"] == "9:16"
    [file] = (await setup.ada.use("privacy show")).attachments
    assert json.loads(file.data)["preferences"] == {"shape": "tall"}
    asked = await setup.ada.use("privacy delete")
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "## Done" in asked.text)
    await setup.ada.imagine("a fox")
    assert "aspect_ratio" not in body(setup)


async def test_they_can_be_chosen_in_a_direct_message(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=IMAGINE)
    opened = await setup.ada.use("preferences", channel=setup.ada.dm)
    assert opened.modal
