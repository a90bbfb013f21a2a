"""The real bot as a process: the buttons below its pictures, for whoever presses them."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.discord import Member
from sandbox.discord.people.modal_data import initial_values
from sandbox.discord.people.replies import ShownMessage
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import expire_leases, state_is
from tests.end_to_end.test_edit import FOX
from tests.end_to_end.test_picture_menu import choose, menu_of
from tests.patience import PATIENCE, until

AGAIN, PROMPT, CHANGE, DETAILS = "Again", "Edit prompt", "Change it", "Details"
IMAGINE, RETRY = "Imagine this", "Try again"


async def test_again_paints_the_same_for_whoever_presses_and_says_whose_idea_it_was(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="3")
    bob = setup.tea_house.member("Bob")
    first = await setup.ada.use("imagine", prompt="a *fox*", images=2)
    assert [one.get("label") for one in first.components[1:]] == [AGAIN, PROMPT, CHANGE, DETAILS, "⋯"]
    own = await setup.ada.press(first, AGAIN)
    assert own.ephemeral
    assert "a \\*fox\\*" in own.text
    reply = await bob.press(first, AGAIN)
    assert not reply.ephemeral
    assert len(reply.attachments) == 2
    assert reply.embeds[0].description == (
        f"> a \\*fox\\*\n-# Asked for by <@{bob.id}> · idea by <@{setup.ada.id}>"
    )
    assert not reply.pings
    assert "2 of 3" in reply.text
    assert [request.body["n"] for request in setup.images.requests] == [2, 2]


async def test_a_members_own_picture_painted_again_names_them_alone(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    reply = await setup.ada.press(first, AGAIN)
    assert reply.embeds[0].description == f"> a fox\n-# Asked for by <@{setup.ada.id}>"
    assert "2 of 10" in reply.text


async def test_buttons_work_after_a_restart_and_twice_at_once(setup: Setup) -> None:
    bot = await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    await bot.terminate()
    await setup.start_bot()
    both = await asyncio.gather(*(setup.ada.press(first, AGAIN) for _ in range(2)))
    assert all(one.attachments for one in both)
    assert {"2 of 10", "3 of 10"} == {
        one for reply in both for one in ("2 of 10", "3 of 10") if one in reply.text
    }


async def test_details_are_for_whoever_asks_alone(setup: Setup) -> None:
    await setup.start_bot(SHOW_COSTS="on")
    first = await setup.ada.imagine("a *fox*")
    reply = await setup.tea_house.member("Bob").press(first, DETAILS)
    assert reply.ephemeral
    [embed] = reply.embeds
    assert embed.description == "```\na *fox*\n```"
    facts = {one.name: one.value for one in embed.fields}
    assert facts["Asked for by"] == f"<@{setup.ada.id}>"
    assert facts["Cost"].startswith("$") or facts["Cost"].startswith("about $")
    assert facts["ID"] == f"`{first.interaction.id}`"
    assert facts["Revised prompt"] == f"```\n{first.embeds[0].footer.partition(chr(10))[0]}\n```"


async def test_what_an_erased_prompt_was_is_not_painted_again(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    await erase_what_is_on_record(setup.ada)
    reply = await setup.ada.press(first, AGAIN)
    assert reply.ephemeral
    assert "has been erased" in reply.text
    assert "has been erased" in (await setup.ada.press(first, DETAILS)).text
    assert setup.images.paid == 1


async def test_a_forged_press_paints_and_tells_nothing(setup: Setup) -> None:
    await setup.start_bot()
    secret = await setup.ada.imagine("a fox")
    other = setup.discord.server("Elsewhere").member("Mallory")
    chat = setup.ada.say("hello")
    presses = [
        await setup.ada.forge_press(chat, f"{kind}:{secret.interaction.id}") for kind in ("again", "details")
    ]
    presses += [
        await other.forge_press(f"{kind}:{number}")
        for kind in ("again", "details")
        for number in (secret.interaction.id, 0, "9" * 19)
    ]
    for reply in presses:
        assert reply.ephemeral
        assert "fox" not in reply.text
        assert "unexpected" not in reply.text
    assert setup.images.paid == 1


async def test_a_prompt_is_edited_in_a_form_that_is_filled_in(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image", REVISE_PROMPTS="never")
    first = await setup.ada.use("imagine", prompt="a fox", images=2, shape="wide")
    bob = setup.tea_house.member("Bob")
    form = await bob.press(first, PROMPT)
    assert form.modal
    filled = initial_values(form.modal)
    assert (filled["prompt"], filled["images"], filled["shape"]) == ("a fox", ["2"], ["wide"])
    reply = await bob.submit(form, prompt="a *red* fox", images=["1"])
    assert not reply.ephemeral
    assert reply.embeds[0].description == (
        f"> a \\*red\\* fox\n-# Asked for by <@{bob.id}> · idea by <@{setup.ada.id}>"
    )
    last = setup.images.requests[-1].body
    assert (last["prompt"], last["aspect_ratio"]) == ("a *red* fox", "16:9")
    assert "1 of 10" in reply.text


async def test_what_the_form_does_not_offer_and_an_erased_prompt_are_refused_with_what_was_typed(
    setup: Setup,
) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    prompt = f"prompt:{first.interaction.id}"
    for images, shape in ((["0"], ["any"]), (["99"], ["any"]), (["1"], ["round"])):
        reply = await setup.ada.forge_submit(prompt, source=first, prompt="a cat", images=images, shape=shape)
        assert reply.ephemeral
        assert "a cat" in reply.text
    other = await setup.ada.use("usage")  # a message of the bot, and none with that button
    for source in (setup.ada.say("hello"), other, None):
        reply = await setup.ada.forge_submit(prompt, source=source, prompt="a cat", images=["1"])
        assert reply.ephemeral
    form = await setup.ada.press(first, PROMPT)
    await erase_what_is_on_record(setup.ada)
    reply = await setup.ada.submit(form, prompt="a cat")
    assert "has been erased" in reply.text
    assert "a cat" in reply.text
    assert setup.images.paid == 1


async def test_change_it_changes_the_picture_that_it_stands_below_with_links_that_are_good(
    setup: Setup,
) -> None:
    bot = await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    first = await setup.ada.imagine("a fox", 2)
    setup.discord.advance_clock(30 * 24 * 3600)
    form = await bob.press(first, CHANGE)
    await bot.terminate()
    await setup.start_bot()
    reply = await bob.submit(form, prompt="make it night", pictures=["2"])
    assert reply.attachments, reply.text
    assert reply.embeds[0].description == (
        f"> make it night\n-# Asked for by <@{bob.id}> · idea by <@{setup.ada.id}>"
    )
    assert reply.embeds[0].thumbnail
    [link] = setup.images.requests[-1].body["image_urls"]
    assert "imagine-2" in link
    again = await bob.press(reply, AGAIN)
    assert again.embeds[0].description == reply.embeds[0].description


async def test_where_no_model_changes_pictures_no_button_offers_it_and_one_of_before_says_so(
    setup: Setup,
) -> None:
    bot = await setup.start_bot()
    before = await setup.ada.imagine("a fox")
    form = await setup.ada.press(before, CHANGE)
    await bot.terminate()
    await setup.start_bot(IMAGE_EDIT_MODEL="none")
    first = await setup.ada.imagine("a fox")
    assert CHANGE not in [one.get("label") for one in first.components]
    for reply in (await setup.ada.press(before, CHANGE), await setup.ada.submit(form, prompt="at night")):
        assert reply.ephemeral
        assert "change pictures" in reply.text


async def test_the_text_of_a_message_becomes_a_prompt(setup: Setup) -> None:
    await setup.start_bot()
    message = setup.tea_house.member("Bob").say("a <:fox:123456789012345678> for me")
    form = await setup.ada.use_on(message, IMAGINE)
    assert form.modal
    assert initial_values(form.modal)["prompt"] == "a fox for me"
    reply = await setup.ada.submit(form, images=["2"])
    assert len(reply.attachments) == 2
    assert reply.embeds[0].description == f"> a fox for me\n-# Asked for by <@{setup.ada.id}>"
    own = await setup.ada.use_on(reply, IMAGINE)
    assert own.modal
    filled = initial_values(own.modal)
    assert (filled["prompt"], filled["images"]) == ("a fox for me", ["2"])


async def test_a_message_without_text_becomes_no_prompt(setup: Setup) -> None:
    await setup.start_bot()
    for words in ("", " \u2800 "):
        reply = await setup.ada.use_on(setup.ada.say(words, FOX), IMAGINE)
        assert reply.ephemeral
        assert "no text in that message" in reply.text


async def private_notice(setup: Setup, **options: object) -> ShownMessage:
    """What Ada alone reads of an order that fails, once the channel has nothing of it any more."""
    failed = await setup.ada.begin("imagine", options=options).wait_for(
        lambda reply: reply.state == "deleted"
    )
    [notice] = failed.followups
    return notice


async def test_what_failed_for_a_passing_reason_can_be_tried_again_by_whoever_asked(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.images.inject_fault("cut_short")
    notice = await private_notice(setup, prompt="a *fox*", images=2)
    assert "a \\*fox\\*" in notice.text
    await bot.terminate()
    await setup.start_bot()
    reply = await setup.ada.press(notice, RETRY)
    assert len(reply.attachments) == 2
    assert reply.embeds[0].description == f"> a \\*fox\\*\n-# Asked for by <@{setup.ada.id}>"


async def test_a_notice_that_stays_public_has_a_button_that_is_its_members_alone(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.inject_fault("cut_short")
    setup.discord.faults.fail("followup", status=403)
    failed = await setup.ada.imagine("a fox")
    assert not failed.ephemeral
    other = await setup.tea_house.member("Bob").press(failed, RETRY)
    assert other.ephemeral
    assert "isn't yours" in other.text
    assert (await setup.ada.press(failed, RETRY)).attachments


async def test_where_the_prompt_was_refused_it_can_be_edited(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.inject_fault("moderated_input")
    notice = await private_notice(setup, prompt="a fox")
    form = await setup.ada.press(notice, PROMPT)
    assert form.modal
    assert initial_values(form.modal)["prompt"] == "a fox"
    assert (await setup.ada.submit(form, prompt="a kind fox")).attachments


async def test_fewer_are_painted_where_only_so_many_are_left(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="3")
    await setup.ada.imagine("a cat", 2)
    refused = await setup.ada.imagine("a fox", 4)
    assert refused.ephemeral
    once = setup.ada.begin_press(refused, "Paint 1")
    twice = setup.ada.begin_press(refused, "Paint 1")
    replies = [await one.finished() for one in (once, twice)]
    [painted] = [one for one in replies if one.attachments]
    [forgotten] = [one for one in replies if not one.attachments]
    assert "3 of 3" in painted.text
    assert "I no longer know what you asked for" in forgotten.text


async def test_who_erases_what_is_on_record_has_their_refused_orders_forgotten_and_is_not_named_again(
    setup: Setup,
) -> None:
    await setup.start_bot(DAILY_LIMIT="3")
    first = await setup.ada.imagine("a fox")
    refused = await setup.ada.imagine("a cat", 4)
    await erase_what_is_on_record(setup.ada)
    assert "I no longer know what you asked for" in (await setup.ada.press(refused, "Paint 2")).text
    bob = setup.tea_house.member("Bob")
    changed = await bob.submit(await bob.press(first, CHANGE), prompt="at night")
    assert changed.embeds[0].description == f"> at night\n-# Asked for by <@{bob.id}>"


async def test_what_is_made_of_a_private_picture_stays_private_once_its_record_is_erased(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    asking = setup.ada.begin("imagine", prompt="a secret fox", private="yes")
    first = await asking.finished()
    await state_is(sqlite_url, asking, "delivered")
    await erase_what_is_on_record(setup.ada)
    changed = await setup.ada.submit(await setup.ada.press(first, CHANGE), prompt="at night")
    assert changed.attachments
    assert changed.ephemeral
    assert not setup.tea_house.member("Bob").sees(changed)


async def test_what_others_were_refused_of_a_members_picture_is_forgotten_when_they_erase_it(
    setup: Setup,
) -> None:
    await setup.start_bot(DAILY_LIMIT="3")
    shown = await setup.ada.imagine("a fox", 3)
    bob = setup.tea_house.member("Bob")
    await bob.imagine("a hen", 2)
    refused = await bob.press(shown, AGAIN)
    asked = await setup.ada.use("privacy delete")
    await setup.ada.begin_press(asked, "Yes, erase it").wait_for(lambda _: "## Done" in asked.text)
    assert "I no longer know what you asked for" in (await bob.press(refused, "Paint 1")).text


async def test_of_several_copies_the_one_that_remembers_a_refused_order_paints_it(setup: Setup) -> None:
    for _ in range(2):
        await setup.start_bot(DAILY_LIMIT="3")
    mo = setup.tea_house.member("Mo")
    mo.permit(manage_guild=True)
    await mo.submit(await mo.use("limits words"), words="tank")
    for name in ("Bob", "Cleo", "Dan"):
        member = setup.tea_house.member(name)
        refused = await member.imagine("a fox", 4)
        assert len((await member.press(refused, "Paint 3")).attachments) == 3
        refused = await member.imagine("a tank")
        assert (await member.press(refused, PROMPT)).modal


async def erase_what_is_on_record(member: Member) -> None:
    asked = await member.use("privacy delete")
    await member.begin_press(asked, "Yes, erase it").wait_for(lambda _: "## Done" in asked.text)


async def test_each_copy_forgets_the_refused_orders_of_whoever_erases_what_is_on_record(setup: Setup) -> None:
    for _ in range(2):
        await setup.start_bot(DAILY_LIMIT="3")
    for name in ("Bob", "Cleo", "Dan", "Eve"):  # whichever copy is faster
        member = setup.tea_house.member(name)
        refused = await member.imagine("a fox", 4)
        await erase_what_is_on_record(member)
        assert "I no longer know what you asked for" in (await member.press(refused, "Paint 3")).text
    assert setup.images.paid == 0


async def test_a_refused_order_is_forgotten_by_a_restart_and_by_another_member(setup: Setup) -> None:
    bot = await setup.start_bot(DAILY_LIMIT="3")
    refused = await setup.ada.imagine("a fox", 4)
    forged = await setup.tea_house.member("Bob").forge_press(refused, "Paint 3")
    assert "I no longer know what you asked for" in forged.text
    await bot.terminate()
    await setup.start_bot(DAILY_LIMIT="3")
    reply = await setup.ada.press(refused, "Paint 3")
    assert "I no longer know what you asked for" in reply.text
    assert setup.images.requests == []


async def test_the_form_has_the_style_and_who_sees_the_picture(setup: Setup) -> None:
    await setup.start_bot(REVISE_PROMPTS="never")
    first = await setup.ada.use("imagine", prompt="a fox", style="Watercolour", spoiler="yes")
    form = await setup.ada.press(first, PROMPT)
    assert form.modal
    assert initial_values(form.modal) == {
        "prompt": "a fox",
        "images": ["1"],
        "shape": ["any"],
        "style": ["Watercolour"],
        "shown": ["spoiler"],
    }
    alone = await setup.ada.submit(form, prompt="a cat", style=["any"], shown=["private"])
    assert alone.ephemeral
    assert alone.attachments
    assert setup.images.requests[-1].body["prompt"] == "a cat"
    kept = await setup.ada.submit(form, prompt="a dog")
    assert kept.attachments[0].is_spoiler
    assert setup.images.requests[-1].body["prompt"].startswith("a dog, a watercolour")
    other = await setup.tea_house.member("Bob").forge_press(alone, AGAIN)
    assert "no record of that picture" in other.text
    again = await setup.ada.press(alone, AGAIN)
    assert again.ephemeral
    assert again.attachments


async def test_a_form_offers_nothing_that_the_moderators_forbid(setup: Setup) -> None:
    await setup.start_bot(STYLES="none", PRIVATE_PICTURES="forbidden", SPOILER_PICTURES="required")
    first = await setup.ada.imagine("a fox")
    form = await setup.ada.press(first, PROMPT)
    assert form.modal
    assert "style" not in initial_values(form.modal)
    assert "shown" not in initial_values(form.modal)
    prompt = f"prompt:{first.interaction.id}"
    fields: list[dict[str, Any]] = [{"shown": ["private"]}, {"style": ["Noir"]}, {"style": ["x" * 100]}]
    for more in fields:
        forged = await setup.ada.forge_submit(prompt, source=first, prompt="a cat", **more)
        assert forged.ephemeral
        assert not forged.attachments
    assert setup.images.paid == 1


async def test_the_buttons_do_nothing_for_whom_the_admins_keep_the_command_from(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    first = await setup.ada.imagine("a fox")
    setup.tea_house.set_command_permission("imagine", bob, allowed=False)
    for button in (AGAIN, PROMPT):
        reply = await bob.press(first, button)
        assert reply.ephemeral
        assert "keep </imagine:" in reply.text or "keep `/imagine`" in reply.text
    form = await bob.press(first, CHANGE)
    assert form.modal
    assert (await setup.ada.press(first, AGAIN)).attachments
    assert (await bob.press(first, DETAILS)).embeds
    assert setup.images.paid == 2


async def test_where_discord_does_not_say_what_the_admins_decided_the_buttons_work(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    setup.discord.faults.fail("all_command_permissions", status=403)
    assert (await setup.tea_house.member("Bob").press(first, AGAIN)).attachments


async def test_what_a_button_asked_for_is_finished_by_another_process(setup: Setup) -> None:
    bot = await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    first = await setup.ada.imagine("a fox")
    setup.images.inject_fault("picture_hang")
    pressed = bob.begin_press(first, AGAIN)
    await until(lambda: len(setup.images.downloads) == 2)
    await bot.kill()
    await expire_leases(setup.database_url)
    await setup.start_bot()
    reply = await pressed.finished(within=PATIENCE)
    assert reply.embeds[0].description == (
        f"> a fox\n-# Asked for by <@{bob.id}> · idea by <@{setup.ada.id}>"
    )
    assert setup.images.paid == 2
    assert (await setup.ada.press(reply, AGAIN)).attachments


async def test_the_buttons_work_in_a_direct_message(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="3")
    ada = setup.ada
    first = await ada.imagine("a fox", channel=ada.dm)
    again = await ada.press(first, AGAIN)
    assert "2 of 3" in again.text
    form = await ada.press(again, PROMPT)
    assert (await ada.submit(form, prompt="a cat")).attachments
    refused = await ada.press(first, AGAIN)
    assert "You've used your 3 images" in refused.text
    assert (await ada.press(first, DETAILS)).embeds


async def test_a_failure_in_a_direct_message_can_be_tried_again(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="3")
    setup.images.inject_fault("cut_short")
    failed = await setup.ada.imagine("a fox", channel=setup.ada.dm)
    assert (await setup.ada.press(failed, RETRY)).attachments


async def test_where_the_form_asks_for_no_number_any_more_one_picture_is_painted(setup: Setup) -> None:
    bot = await setup.start_bot()
    first = await setup.ada.imagine("a fox", 4)
    await bot.terminate()
    await setup.start_bot(MAX_IMAGES_PER_PROMPT="1")
    form = await setup.ada.press(first, PROMPT)
    assert form.modal
    assert "images" not in initial_values(form.modal)
    assert len((await setup.ada.submit(form, prompt="a cat")).attachments) == 1
    refused = await setup.ada.press(first, AGAIN)
    assert (await setup.ada.press(refused, "Paint 1")).attachments


async def test_many_presses_ask_discord_once_what_the_admins_decided(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="unlimited")
    first = await setup.ada.imagine("a fox")
    setup.discord.traffic.clear()
    for member in [setup.ada, *map(setup.tea_house.member, ("Bob", "Cleo"))]:
        assert (await member.press(first, AGAIN)).attachments
    asked = [one for one in setup.discord.traffic if "/commands" in one.path]
    assert len(asked) == 1


async def test_what_was_made_a_spoiler_since_stays_one_when_it_is_painted_once_more(setup: Setup) -> None:
    await setup.start_bot()
    first = await setup.ada.imagine("a fox")
    await choose(setup.ada, await menu_of(setup.ada, first), "hide")
    await until(lambda: first.attachments[0].is_spoiler)
    again = await setup.ada.press(first, AGAIN)
    form = await setup.ada.press(first, PROMPT)
    changed = await setup.ada.submit(await setup.ada.press(first, CHANGE), prompt="at night")
    assert form.modal
    assert initial_values(form.modal)["shown"] == ["spoiler"]
    for reply in (again, changed, await setup.ada.submit(form, prompt="a cat")):
        assert reply.attachments[0].is_spoiler


async def test_of_a_picture_that_discord_no_longer_has_nobody_writes_another_prompt_in_vain(
    setup: Setup,
) -> None:
    await setup.start_bot()
    first = await setup.ada.use("edit", prompt="make it night", image=FOX)
    form = await setup.ada.press(first, PROMPT)
    assert form.modal
    assert initial_values(form.modal)["prompt"] == "make it night"
    assert (await setup.ada.submit(form, prompt="make it noon")).attachments
    setup.discord.advance_clock(3 * 24 * 3600)
    for button in (PROMPT, AGAIN):
        reply = await setup.ada.press(first, button)
        assert reply.ephemeral
        assert "Discord no longer has your picture" in reply.text
    assert (await setup.ada.press(first, CHANGE)).modal


async def test_what_was_private_and_may_not_be_any_more_is_made_public_by_its_members_own_word(
    setup: Setup,
) -> None:
    bot = await setup.start_bot()
    first = await setup.ada.use("imagine", prompt="a fox", private="yes")
    await bot.terminate()
    await setup.start_bot(PRIVATE_PICTURES="forbidden")
    refused = await setup.ada.press(first, AGAIN)
    assert refused.ephemeral
    form = await setup.ada.press(refused, PROMPT)
    assert form.modal
    assert initial_values(form.modal)["shown"] == ["private"]
    assert (await setup.ada.submit(form)).ephemeral
    public = await setup.ada.submit(form, shown=[])
    assert public.attachments
    assert not public.ephemeral
