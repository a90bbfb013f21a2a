"""The real bot as a process: what a member sees of `/edit` and of “Edit this picture”."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.imaging.pictures import SMALL_SIDE
from sandbox.discord import RefusedByDiscord, Reply, Upload
from sandbox.discord.kit.components import modal_fields
from sandbox.discord.state.media import Attachment
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup

EDIT = "Edit this picture"
FIRST, SECOND = "blackforestlabs/flux-2-edit", "google/nano-banana-edit"


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), colour: str = "teal") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


FOX, CAT, OWL = (
    Upload(f"{name}.png", picture(colour=name_colour))
    for name, name_colour in (("fox", "orangered"), ("cat", "grey"), ("owl", "tan"))
)


def sent(setup: Setup) -> list[dict[str, Any]]:
    """The bodies of the paid requests."""
    return [request.body for request in setup.images.requests]


def shown(attachment: Attachment | None) -> Image.Image:
    assert attachment is not None
    return Image.open(io.BytesIO(attachment.data))


async def test_a_member_changes_a_picture_and_sees_the_original_small_beside_the_result(setup: Setup) -> None:
    await setup.start_bot()
    reply = await setup.ada.use("edit", prompt="make it *night*", image=FOX)
    [embed] = reply.embeds
    assert not reply.ephemeral
    assert embed.description == r"> make it \*night\*"
    assert "1 of 10" in reply.text
    result, original = shown(embed.image), shown(embed.thumbnail)
    assert original.size == (SMALL_SIDE, SMALL_SIDE * 3 // 4)
    assert original.getpixel((9, 9)) == pytest.approx((255, 69, 0), abs=6)
    assert result.size > original.size
    [body] = sent(setup)
    assert (body["model"], body["prompt"]) == (FIRST, embed.footer.partition("\n")[0])
    assert body["prompt"].startswith("Make it *night*. ")
    assert len(body["image_urls"]) == 1
    assert body["image_urls"][0].startswith(f"{setup.discord.url}/ephemeral-attachments/")
    assert setup.images.paid == 1


async def test_a_picture_that_the_api_cannot_read_is_told_as_that_and_is_not_counted(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.inject_fault("input_unreadable")
    reply = await setup.ada.use("edit", prompt="make it night", image=FOX)
    assert "can't use the picture that was to be changed. None of your images were used." in reply.text
    assert setup.images.paid == 0


async def test_something_is_made_of_up_to_three_pictures(setup: Setup) -> None:
    await setup.start_bot()
    reply = await setup.ada.use("edit", prompt="all of them at sea", image=FOX, image2=CAT, image3=OWL)
    assert len(reply.embeds) == 1
    [body] = sent(setup)
    assert [link.partition("?")[0].rpartition("/")[2] for link in body["image_urls"]] == [
        "fox.png",
        "cat.png",
        "owl.png",
    ]


async def test_what_can_not_be_changed_is_refused_privately_and_nothing_is_counted(setup: Setup) -> None:
    await setup.start_bot()
    faults = setup.discord.faults
    gif = Upload("fox.png", picture("GIF"))
    refusals = [
        (await change(setup, gif), "That file is animated"),
        (await change(setup, Upload("fox.png", b"%PDF-1.7")), "That file isn't a picture"),
        (await change(setup, Upload("fox.png", picture()[:-20])), "damaged or incomplete"),
        (await change(setup, FOX, gif), "Picture 2 is animated"),
    ]
    faults.fail("attachment", status=404)
    refusals.append((await change(setup, FOX), "Discord no longer has your picture"))
    faults.fail("attachment", status=503)
    refusals.append((await change(setup, FOX), "Discord isn't handing out your picture"))
    held = faults.hold("attachment")
    refusals.append((await change(setup, FOX), "I couldn't read your picture in time"))
    held.set()
    for reply, words in refusals:
        assert reply.ephemeral
        assert words in reply.text
        assert "> make it night" in reply.text
        assert (reply.acknowledged_after or 99) < 3
    assert setup.images.requests == []
    assert "1 of 10" in (await change(setup, FOX)).text


async def change(setup: Setup, image: Upload, image2: Upload | None = None) -> Reply:
    return await setup.ada.use("edit", prompt="make it night", image=image, image2=image2)


async def test_limits_words_and_channels_hold_for_changes_as_well(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="1")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    await mo.submit(await mo.use("limits words"), words="dragon")
    refused = await setup.ada.use("edit", prompt="add a dragon", image=FOX)
    assert "dragon" in refused.text
    assert (await change(setup, FOX)).attachments
    assert "You've used your 1 image" in (await change(setup, FOX)).text
    await mo.use("limits channel", mode="only", add=setup.tea_house.channel("art"))
    elsewhere = await setup.tea_house.member("Bob").use("edit", prompt="make it night", image=FOX)
    assert elsewhere.ephemeral
    assert "art" in elsewhere.text or "<#" in elsewhere.text
    assert setup.images.paid == 1


async def test_the_bots_own_picture_is_changed_from_its_menu(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    before = await setup.ada.imagine("a fox")
    form = await bob.use_on(before, EDIT)
    reply = await bob.submit(form, prompt="make it night")
    assert not reply.ephemeral
    assert shown(reply.embeds[0].thumbnail).size == (SMALL_SIDE, 192)
    assert reply.embeds[0].description == f"> make it night\n-# Asked for by <@{bob.id}>"
    assert not reply.pings
    assert sent(setup)[-1]["image_urls"] == [before.attachments[0].url]
    assert "1 of 10" in reply.text


async def test_what_comes_of_a_private_picture_is_private_and_of_a_spoiler_a_spoiler(setup: Setup) -> None:
    await setup.start_bot()
    private = await setup.ada.use("imagine", prompt="a fox", private="yes")
    changed = await setup.ada.submit(await setup.ada.use_on(private, EDIT), prompt="make it night")
    assert changed.ephemeral
    assert changed.attachments
    hidden = await setup.ada.use("imagine", prompt="a fox", spoiler="yes")
    bob = setup.tea_house.member("Bob")
    changed = await bob.submit(await bob.use_on(hidden, EDIT), prompt="make it night")
    assert not changed.ephemeral
    assert changed.attachments[0].is_spoiler


async def test_of_several_pictures_the_ones_that_are_picked_are_changed(setup: Setup) -> None:
    await setup.start_bot()
    message = setup.tea_house.member("Bob").say("look", FOX, Upload("notes.txt", b"no picture"), CAT, OWL)
    form = await setup.ada.use_on(message, EDIT)
    assert form.modal
    [menu] = [it for it in modal_fields(form.modal["components"]) if it["custom_id"] == "pictures"]
    assert [option["label"] for option in menu["options"]] == ["1. fox.png", "2. cat.png", "3. owl.png"]
    assert "You can take up to 3: one picture is made of them" in str(form.modal)
    await setup.ada.submit(form, prompt="make it night", pictures=["2", "3"])
    urls = {file.filename: file.url for file in message.attachments}
    assert sent(setup)[-1]["image_urls"] == [urls["cat.png"], urls["owl.png"]]


async def test_a_message_without_a_picture_has_nothing_to_change(setup: Setup) -> None:
    await setup.start_bot()
    for message in (setup.ada.say("hello"), setup.ada.say("", Upload("notes.txt", b"no picture"))):
        reply = await setup.ada.use_on(message, EDIT)
        assert reply.ephemeral
        assert "no picture in that message" in reply.text


async def test_a_form_that_was_left_open_over_a_restart_still_works(setup: Setup) -> None:
    bot = await setup.start_bot()
    before = await setup.ada.imagine("a fox", 2)
    form = await setup.ada.use_on(before, EDIT)
    await bot.terminate()
    setup.discord.advance_clock(2 * 24 * 3600)
    await setup.start_bot()
    reply = await setup.ada.submit(form, prompt="make it night", pictures=["2"])
    assert reply.attachments
    assert sent(setup)[-1]["image_urls"] == [before.attachments[1].url]


async def test_a_restart_forgets_the_pictures_of_members_and_says_so(setup: Setup) -> None:
    bot = await setup.start_bot()
    form = await setup.ada.use_on(setup.tea_house.member("Bob").say("look", FOX, CAT), EDIT)
    await bot.terminate()
    await setup.start_bot()
    reply = await setup.ada.submit(form, prompt="make it night", pictures=["2"])
    assert reply.ephemeral
    assert "Open the menu of the message again" in reply.text
    assert "make it night" in reply.text


async def test_a_forged_form_gets_no_picture_that_its_sender_may_not_see(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    secret = setup.tea_house.channel("secret")
    hidden = setup.ada.say("look", FOX, channel=secret)
    await setup.ada.use_on(hidden, EDIT, channel=secret)
    assert hidden.message
    for custom_id in (f"edit:{hidden.message.id}", "edit:1", "edit:99999999999999999999"):
        reply = await bob.forge_submit(custom_id, prompt="make it night")
        assert reply.ephemeral
    seen = setup.ada.say("look", FOX, CAT)
    assert seen.message
    for picks in (["3"], ["0"], [], ["1", "1", "x"]):
        reply = await bob.forge_submit(f"edit:{seen.message.id}", prompt="make it night", pictures=picks)
        assert reply.ephemeral
    assert setup.images.requests == []


async def test_where_the_first_model_has_gone_the_next_one_changes_the_picture(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.retired.add(FIRST)
    reply = await change(setup, FOX)
    assert reply.attachments
    assert [body["model"] for body in sent(setup)] == [FIRST, SECOND]
    assert setup.images.paid == 1


async def test_without_a_model_for_it_nobody_is_offered_to_change_pictures(setup: Setup) -> None:
    await setup.start_bot(IMAGE_EDIT_MODEL="none")
    with pytest.raises(RefusedByDiscord, match="no command 'edit'"):
        await change(setup, FOX)
    with pytest.raises(RefusedByDiscord, match="no command 'Edit this picture'"):
        await setup.ada.use_on(setup.ada.say("look", FOX), EDIT)


async def test_a_model_that_changes_no_pictures_is_said_to_be_left_out(setup: Setup) -> None:
    bot = await setup.start_bot(IMAGE_EDIT_MODEL="flux/schnell")
    assert (
        "flux/schnell can't change pictures by a prompt, as far as is known; see IMAGE_EDIT_MODEL"
        in bot.tail()
    )
    with pytest.raises(RefusedByDiscord, match="no command 'edit'"):
        await change(setup, FOX)


async def test_only_as_many_pictures_are_offered_as_the_models_take(setup: Setup) -> None:
    await setup.start_bot(IMAGE_EDIT_MODEL="flux/dev/image-to-image")
    with pytest.raises(RefusedByDiscord, match="no option 'image2'"):
        await change(setup, FOX, CAT)
    assert (await change(setup, FOX)).attachments


async def test_a_prompt_may_be_as_long_as_the_models_that_change_pictures_take(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="google/imagen4/preview", IMAGE_EDIT_MODEL=FIRST)
    reply = await setup.ada.use("edit", prompt="x" * 4000, image=FOX)
    assert reply.attachments
    with pytest.raises(RefusedByDiscord, match="at most 400"):
        await setup.ada.imagine("x" * 401)


async def test_a_model_that_takes_no_links_gets_the_pictures_themselves(setup: Setup) -> None:
    await setup.start_bot(IMAGE_EDIT_MODEL="openai/gpt-image-1")
    assert (await change(setup, FOX, CAT)).attachments
    [request] = setup.images.requests
    assert request.files == (FOX.data, CAT.data)
    assert (request.route, setup.images.paid) == ("/images/edits", 1)


async def test_a_picture_that_discord_does_not_send_along_is_answered_and_nothing_is_bought(
    setup: Setup,
) -> None:
    await setup.start_bot()

    def without_picture(payload: dict[str, Any]) -> dict[str, Any]:
        payload["data"]["resolved"] = {}
        return payload

    setup.discord.interactions.alter_payload = without_picture
    reply = await change(setup, FOX)
    assert reply.ephemeral
    assert "Discord sent me something for `image` that can't be" in reply.text
    setup.discord.interactions.alter_payload = lambda payload: payload
    forged = await setup.ada.use("edit", prompt="make it night", image="fox.png", forged=True)
    assert forged.ephemeral
    assert setup.images.requests == []


async def test_of_two_copies_that_hear_of_it_one_changes_the_picture(setup: Setup, postgres_url: str) -> None:
    copies = [await setup.start_bot(DATABASE_URL=postgres_url) for _ in range(2)]
    message = setup.tea_house.member("Bob").say("look", FOX, CAT)
    for number in (1, 2):
        assert (await change(setup, FOX)).attachments
        form = await setup.ada.use_on(message, EDIT)
        reply = await setup.ada.submit(form, prompt="make it night", pictures=[str(number)])
        assert len(reply.attachments) == 2
        assert reply.followups == []
    assert setup.images.paid == 4
    assert all(bot.running for bot in copies)
