"""The real bot as a process: pictures are found again, first of all those that had no place to be shown."""

from __future__ import annotations

from typing import Any

import pytest

from bot.storage.engine.opening import open_database
from sandbox.discord import Member, PendingInteraction, Reply
from sandbox.discord.kit.components import GALLERY, STRING_SELECT, THUMBNAIL
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import pictures_on_record, state_is
from tests.end_to_end.test_direct_places import elsewhere
from tests.end_to_end.test_limits import shows
from tests.end_to_end.test_picture_menu import delete
from tests.patience import PATIENCE
from tests.storage.factories import selecting


async def deleted_meanwhile(setup: Setup, url: str, images: int = 1, member: Member | None = None) -> Reply:
    """A command whose answer somebody deletes while it is being delivered."""
    held, traffic = setup.discord.faults.hold("edit_original"), setup.discord.traffic
    edits = len(traffic.of("edit_original"))
    asking = (member or setup.ada).begin("imagine", prompt="a fox", images=images)
    await traffic.changes.wait_for(lambda: len(traffic.of("edit_original")) > edits, PATIENCE)
    assert asking.interaction.original
    setup.discord.messages.delete(asking.interaction.original)
    held.set()
    await state_is(url, asking, "kept")
    return asking.reply


async def test_a_picture_whose_message_was_deleted_waits_for_whoever_asked_for_it(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    assert "There are none yet" in (await setup.ada.use("gallery")).text
    await deleted_meanwhile(setup, database_url, images=2)
    shown = await setup.ada.use("gallery")
    assert shown.ephemeral
    assert len(shown.attachments) == 2
    assert "a fox" in shown.text
    assert "today**: 2 of 10 used" in (await setup.ada.use("usage")).text
    others = await setup.tea_house.member("Bob").use("gallery")
    assert "There are none yet" in others.text
    assert setup.images.paid == 1
    await audited_state(database_url, setup.images, setup.discord)


async def test_a_picture_that_came_inside_the_answer_waits_in_the_database_until_it_is_erased(
    setup: Setup, database_url: str
) -> None:
    setup.images.pictures_inside = True
    await setup.start_bot(DATABASE_URL=database_url)
    await deleted_meanwhile(setup, database_url)
    assert len((await setup.ada.use("gallery")).attachments) == 1
    assert not setup.images.downloads
    assert await pictures_on_record(database_url) == 1
    asked = await setup.ada.use("privacy delete")
    pressed = setup.ada.begin_press(asked, "Yes, erase it")
    await pressed.wait_for(lambda _: "## Done" in asked.text)
    assert "There are none yet" in (await setup.ada.use("gallery")).text
    assert await pictures_on_record(database_url) == 0


async def test_a_picture_whose_address_has_expired_leaves_a_gap(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    await deleted_meanwhile(setup, sqlite_url)
    setup.images.inject_fault("picture_missing", 9)
    shown = await setup.ada.use("gallery")
    assert "This picture is no longer available" in shown.text
    assert not shown.attachments


async def painted(
    setup: Setup, url: str, prompt: str = "a fox", member: Member | None = None, images: int = 1
) -> Reply:
    """A picture that is delivered, and on record as such, which it is a moment later."""
    asking = (member or setup.ada).begin("imagine", prompt=prompt, images=images)
    reply = await asking.finished()
    await state_is(url, asking, "delivered")
    return reply


def thumbnails(reply: Reply) -> list[str]:
    return [one["media"]["url"] for one in reply.components if one["type"] == THUMBNAIL]


async def turned(member: Member, page: Reply, label: str, until: str) -> Reply:
    """What came of a press: in the same message."""
    pressed = member.begin_press(page, label)
    await pressed.wait_for(lambda _: until in page.text)
    return page


async def test_a_member_finds_their_pictures_by_words_and_turns_the_pages(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url, DAILY_LIMIT="unlimited", COOLDOWN_SECONDS="0")
    for number in range(12):
        await painted(setup, database_url, f"a fox, number {number}")
    bob = setup.tea_house.member("Bob")
    await painted(setup, database_url, "Bob's fox", bob)
    page = await setup.ada.use("gallery")
    assert page.ephemeral
    assert len(thumbnails(page)) == 10
    assert "number 11" in page.text
    assert "number 1\n" not in page.text
    assert "Bob" not in page.text
    await turned(setup.ada, page, "Older", "number 0")
    assert len(thumbnails(page)) == 2
    await turned(setup.ada, page, "Newer", "number 11")
    found = await setup.ada.use("gallery", search="NÚMBER 7 fo")
    assert len(thumbnails(found)) == 1
    assert "number 7" in found.text
    for nothing in ("bob", "!?"):
        assert "No picture matches" in (await setup.ada.use("gallery", search=nothing)).text
    chosen = setup.ada.begin_choice(found, menu_of(found)["custom_id"], menu_of(found)["options"][0]["value"])
    await chosen.wait_for(lambda _: "Back to the pictures" in labels(found))
    assert [one for one in found.components if one["type"] == GALLERY]
    again = await setup.ada.press(found, "Again")
    assert "number 7" in again.text
    assert again.attachments
    await turned(setup.ada, found, "Back to the pictures", "number 7")


def menu_of(reply: Reply) -> dict[str, Any]:
    [menu] = [one for one in reply.components if one["type"] == STRING_SELECT]
    return menu


def labels(reply: Reply) -> list[str]:
    return [one["label"] for one in reply.components if one.get("label")]


async def test_a_page_that_was_opened_before_a_restart_is_turned_after_it(
    setup: Setup, database_url: str
) -> None:
    settings = {"DATABASE_URL": database_url, "DAILY_LIMIT": "unlimited", "COOLDOWN_SECONDS": "0"}
    bot = await setup.start_bot(**settings)
    for number in range(11):
        await painted(setup, database_url, f"a fox, number {number}")
    page = await setup.ada.use("gallery", search="fox")
    await bot.terminate()
    await setup.start_bot(**settings)
    await turned(setup.ada, page, "Older", "number 0")
    assert len(thumbnails(page)) == 1


async def test_more_signs_than_can_be_typed_find_nothing(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    await painted(setup, sqlite_url, "a fox")
    assert "No picture matches" in (await setup.ada.use("gallery", search="!" * 4000, forged=True)).text


async def test_what_is_searched_for_is_suggested_from_the_members_own_prompts(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    await painted(setup, sqlite_url, "A Fox in the snow")
    await setup.ada.use("gallery")  # which looks for what was delivered just now
    await painted(setup, sqlite_url, "an owl in the snow", setup.tea_house.member("Bob"))
    suggested = await setup.ada.suggestions("gallery", "search", "sno")
    assert [(one["name"], one["value"]) for one in suggested] == [("A Fox in the snow", "a fox in the snow")]


async def test_a_private_picture_is_in_its_members_gallery_alone(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    mod = setup.tea_house.member("Mod")
    mod.permit(manage_guild=True)
    asking = setup.ada.begin("imagine", prompt="a secret fox", private="yes")
    await asking.finished()
    await state_is(sqlite_url, asking, "delivered")
    page = await setup.ada.use("gallery")
    assert "secret" in page.text
    assert "Only you saw it" in page.text
    assert "secret" not in (await mod.use("gallery", server="everyone")).text


async def test_in_a_direct_message_everything_is_there_as_well(setup: Setup, database_url: str) -> None:
    await setup.start_bot(DATABASE_URL=database_url, DIRECT_DAILY_LIMIT="5")
    setup.ada.install_bot()
    asking = setup.ada.begin("imagine", prompt="a fox", channel=setup.ada.dm)
    await asking.finished()
    await state_is(database_url, asking, "delivered")
    page = await setup.ada.use("gallery", channel=setup.ada.dm)
    assert len(thumbnails(page)) == 1
    await chosen(setup.ada, page).wait_for(lambda _: "Show here" in labels(page))
    pressed = setup.ada.begin_press(page, "Show here")
    shown = await pressed.followed_up()
    assert len(shown.attachments) == 1
    await pressed.wait_for(lambda _: "Shown to everybody here" in page.text)
    await turned(setup.ada, page, "Delete for good", "Delete this for good?")
    await turned(setup.ada, page, "Yes, delete it for good", "Deleted for good")


async def test_what_discord_no_longer_has_says_so(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    reply = await painted(setup, sqlite_url, "a fox")
    await painted(setup, sqlite_url, "an owl")
    assert reply.message
    setup.discord.messages.delete(reply.message)
    page = await setup.ada.use("gallery")
    assert len(thumbnails(page)) == 1
    assert "Its message was deleted" in page.text


async def test_pictures_are_found_that_were_painted_before_there_was_a_gallery(
    setup: Setup, database_url: str
) -> None:
    bot = await setup.start_bot(DATABASE_URL=database_url)
    await painted(setup, database_url, "a fox")
    await bot.terminate()
    async with open_database(database_url) as database:
        await database.run(selecting("DELETE FROM gallery"))
    await setup.start_bot(DATABASE_URL=database_url)
    assert len(thumbnails(await setup.ada.use("gallery", search="fox"))) == 1


async def test_moderators_find_all_of_their_server_and_members_only_their_own(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    bob, mod = setup.tea_house.member("Bob"), setup.tea_house.member("Mod")
    mod.permit(manage_guild=True)
    await painted(setup, database_url, "a fox")
    await painted(setup, database_url, "an owl", bob)
    refused = await setup.ada.use("gallery", server="everyone")
    assert not thumbnails(refused)
    assert "owl" not in refused.text
    everyones = await mod.use("gallery", server="everyone")
    assert len(thumbnails(everyones)) == 2
    assert f"<@{bob.id}>" in everyones.text
    assert len(thumbnails(await bob.use("gallery", server="mine"))) == 1


def chosen(member: Member, page: Reply) -> PendingInteraction:
    """The first picture of a page, or of those that could not be posted."""
    menu = menu_of(page)
    return member.begin_choice(page, menu["custom_id"], menu["options"][0]["value"])


async def test_a_picture_is_shown_once_more_and_counted_as_nothing(setup: Setup, database_url: str) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    await painted(setup, database_url, "a fox", images=2)
    page = await setup.ada.use("gallery")
    await chosen(setup.ada, page).wait_for(lambda _: "Show here" in labels(page))
    shown = await setup.ada.begin_press(page, "Show here").followed_up()
    assert not shown.ephemeral
    assert len(shown.attachments) == 2
    assert f"Shown by <@{setup.ada.id}>" in shown.text
    assert "Again" in [one.get("label") for one in shown.components]
    assert "2 of 10 used" in (await setup.ada.use("usage")).text
    assert setup.images.paid == 1


@pytest.mark.parametrize("directly", [False, True])
async def test_a_picture_that_is_shown_once_more_and_deleted_there_stays_where_it_was(
    setup: Setup, sqlite_url: str, directly: bool
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url, DIRECT_DAILY_LIMIT="5")
    setup.ada.install_bot()
    reply = await painted(setup, sqlite_url, "a fox")
    page = await setup.ada.use("gallery", channel=setup.ada.dm if directly else None)
    await chosen(setup.ada, page).wait_for(lambda _: "Show here" in labels(page))
    shown = await setup.ada.begin_press(page, "Show here").followed_up()
    await shows(await delete(setup.ada, shown), "Deleted, for everybody.")
    assert not setup.ada.sees(shown)
    assert setup.ada.sees(reply)
    assert len(thumbnails(await setup.ada.use("gallery"))) == 1


async def test_what_could_not_be_posted_is_shown_where_its_member_wants_it(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    await deleted_meanwhile(setup, database_url)
    kept = await setup.ada.use("gallery")
    alone = await chosen(setup.ada, kept).finished()
    pressed = setup.ada.begin_press(alone, "Show here")
    shown = await pressed.followed_up()
    assert not shown.ephemeral
    assert len(shown.attachments) == 1
    await pressed.wait_for(lambda _: "Shown to everybody here" in alone.text)
    assert "Show here" in labels(alone), "once more, from the message where it is now"
    page = await setup.ada.use("gallery")
    assert len(thumbnails(page)) == 1
    assert "never shown" not in page.text
    await audited_state(database_url, setup.images, setup.discord)


async def test_what_of_it_cannot_be_had_right_now_still_waits_to_be_shown(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    await deleted_meanwhile(setup, database_url, images=2)
    alone = await chosen(setup.ada, await setup.ada.use("gallery")).finished()
    setup.images.inject_fault("picture_missing", 3)  # all attempts at the first
    pressed = setup.ada.begin_press(alone, "Show here")
    assert len((await pressed.followed_up()).attachments) == 1
    await pressed.wait_for(lambda _: "still waits" in alone.text)
    assert len((await setup.ada.use("gallery")).attachments) == 2


async def test_what_was_private_and_is_shown_to_everybody_can_be_deleted_there(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    setup.ada.block_direct_messages()
    held, traffic = setup.discord.faults.hold("edit_original"), setup.discord.traffic
    asking = setup.ada.begin("imagine", prompt="a secret fox", private="yes")
    await traffic.changes.wait_for(lambda: bool(traffic.of("edit_original")), PATIENCE)
    setup.left_open = "its token is dead, and its message is gone"
    asking.expire_token()
    held.set()
    await state_is(database_url, asking, "kept")
    alone = await chosen(setup.ada, await setup.ada.use("gallery")).finished()
    pressed = setup.ada.begin_press(alone, "Show here")
    shown = await pressed.followed_up()
    assert setup.tea_house.member("Bob").sees(shown)
    await pressed.wait_for(lambda _: "Shown to everybody here" in alone.text)
    await turned(setup.ada, alone, "Delete for good", "Delete this for good?")
    await turned(setup.ada, alone, "Yes, delete it for good", "Deleted for good")
    assert not setup.ada.sees(shown)


async def test_what_discord_shows_to_its_member_alone_still_waits_to_be_shown(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url, DIRECT_DAILY_LIMIT="unlimited")
    there = elsewhere(setup)
    there.profile.guild.everyone.permissions &= ~Permission.USE_EXTERNAL_APPS
    setup.ada.block_direct_messages()
    held, traffic = setup.discord.faults.hold("edit_original"), setup.discord.traffic
    asking = there.begin("imagine", prompt="a fox")
    await traffic.changes.wait_for(lambda: bool(traffic.of("edit_original")), PATIENCE)
    setup.left_open = "its token is dead, and its message is gone"
    asking.expire_token()
    held.set()
    await state_is(sqlite_url, asking, "kept")
    alone = await chosen(there, await there.use("gallery")).finished()
    pressed = there.begin_press(alone, "Show here")
    assert (await pressed.followed_up()).ephemeral
    await pressed.wait_for(lambda _: "lets only you see it" in alone.text)
    assert len((await there.use("gallery")).attachments) == 1


async def test_of_a_private_picture_that_is_deleted_for_good_its_member_is_told_what_stays(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    asking = setup.ada.begin("imagine", prompt="a fox", private="yes")
    await asking.finished()
    await state_is(sqlite_url, asking, "delivered")
    page = await setup.ada.use("gallery")
    await chosen(setup.ada, page).wait_for(lambda _: "Delete for good" in labels(page))
    await turned(setup.ada, page, "Delete for good", "Delete this for good?")
    await turned(setup.ada, page, "Yes, delete it for good", "stays until you delete it")


async def test_a_picture_is_deleted_for_good_once_its_member_is_sure(setup: Setup, database_url: str) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    reply = await painted(setup, database_url, "a fox")
    page = await setup.ada.use("gallery")
    await chosen(setup.ada, page).wait_for(lambda _: "Delete for good" in labels(page))
    await turned(setup.ada, page, "Delete for good", "Delete this for good?")
    assert setup.ada.sees(reply)
    await turned(setup.ada, page, "Yes, delete it for good", "Deleted for good")
    assert not setup.ada.sees(reply)
    await turned(setup.ada, page, "Back to the pictures", "There are none yet")
    assert "1 of 10 used" in (await setup.ada.use("usage")).text


async def test_a_forged_press_shows_and_deletes_nothing(setup: Setup, sqlite_url: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    reply = await painted(setup, sqlite_url, "a fox")
    bob = setup.tea_house.member("Bob")
    await painted(setup, sqlite_url, "an owl", bob)
    page = await bob.use("gallery")
    generation = reply.interaction.id
    for action in ("show", "ask", "erase"):
        refused = await bob.forge_press(page, f"gallery:{action}:{generation}")
        assert refused.ephemeral
        assert "fox" not in refused.text
    # What the menu does not offer may be in a channel that they don't see.
    refused = await bob.forge_press(page, menu_of(page)["custom_id"], values=[str(generation)])
    assert "couldn't read" in refused.text
    # Nor does one's own, from a message that has no such button.
    assert (await setup.ada.forge_press(reply, f"gallery:erase:{generation}")).ephemeral
    assert setup.ada.sees(reply)


async def test_nothing_is_shown_where_the_moderators_have_closed_the_channel(
    setup: Setup, sqlite_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    mod = setup.tea_house.member("Mod")
    mod.permit(manage_guild=True)
    await painted(setup, sqlite_url, "a fox")
    page = await setup.ada.use("gallery")
    await chosen(setup.ada, page).wait_for(lambda _: "Show here" in labels(page))
    await mod.use("limits channel", mode="only", add=setup.tea_house.channel("art"))
    refused = await setup.ada.begin_press(page, "Show here").followed_up()
    assert refused.ephemeral
    assert "art" in refused.text or "<#" in refused.text
