"""*⋯* below pictures, with the real bot as a process: for whoever asked, for others and for moderators."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.discord import Member, PendingInteraction, Reply, ShownMessage
from sandbox.discord.kit.errors import Json
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_direct_places import elsewhere
from tests.end_to_end.test_limits import shows
from tests.patience import PATIENCE, until

IS_SPOILER = 1 << 3


async def menu_of(member: Member, shown: ShownMessage) -> ShownMessage:
    """What opens when they press it, for them alone."""
    menu = await member.begin_press(shown, "⋯").followed_up()
    assert menu.ephemeral
    return menu


def offered(menu: ShownMessage) -> list[str]:
    [select] = [one for one in menu.components if one.get("options")]
    return [option["value"] for option in select["options"]]


def menu_id(menu: ShownMessage) -> str:
    return str(next(one["custom_id"] for one in menu.components if one.get("options")))


async def choose(member: Member, menu: ShownMessage, action: str) -> Reply:
    return await member.choose(menu, menu_id(menu), action)


async def says(pending: PendingInteraction, words: str) -> None:
    """In the place of the menu, or privately beside it."""

    def said(reply: Reply) -> bool:
        return any(words in one.text for one in (reply, *reply.followups))

    assert (await pending.wait_for(said, what=words)).ephemeral or pending.reply.followups


async def asked(member: Member, menu: ShownMessage) -> Reply:
    question = await choose(member, menu, "delete")
    await shows(question, "can't be undone")
    return question


async def delete(member: Member, shown: ShownMessage) -> Reply:
    question = await asked(member, await menu_of(member, shown))
    return await member.press(question, "Yes, delete it")


def seen(shown: Reply) -> Json:
    """As Discord gives the message to the bot."""
    assert shown.message
    return shown.message.as_json()


def deleted_at(folder: Path) -> list[object]:
    with closing(sqlite3.connect(folder / "imagine.db")) as database:
        return [row[0] for row in database.execute("SELECT deleted_at FROM generation ORDER BY id")]


async def test_everybody_is_offered_what_they_may_do_and_no_more(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    bob = setup.tea_house.member("Bob")
    janitor = setup.tea_house.member("Jan", permissions=Permission.MANAGE_MESSAGES)
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    say = ["copy", "hide", "describe", "delete", "report"]
    for who, actions in ((setup.ada, say), (bob, ["copy", "report"]), (janitor, say), (mo, say)):
        assert offered(await menu_of(who, picture)) == actions, who.name


async def test_whoever_asked_deletes_their_picture_after_one_question(setup: Setup) -> None:
    await setup.start_bot()
    picture, other = await setup.ada.imagine("a fox"), await setup.ada.imagine("an owl")
    done = await delete(setup.ada, picture)
    await shows(done, "Deleted, for everybody.")
    assert picture.message
    assert picture.message.deleted
    assert other.message
    assert not other.message.deleted
    assert [at is not None for at in deleted_at(setup.folder)] == [True, False]


async def test_a_moderator_deletes_it_after_a_restart_and_a_stranger_never_does(setup: Setup) -> None:
    bot = await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    bob = setup.tea_house.member("Bob")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    menu = await menu_of(mo, picture)
    await bot.terminate()
    await setup.start_bot()
    question = await asked(mo, menu)
    [yes] = [one["custom_id"] for one in question.components if one.get("custom_id")]
    await says(bob.begin_forged_press(question, yes), "Only whoever asked")
    assert picture.message
    assert not picture.message.deleted
    await shows(await mo.press(question, "Yes, delete it"), "Deleted, for everybody.")
    assert picture.message.deleted


async def test_a_server_is_asked_once_about_its_moderators_however_often_somebody_presses(
    setup: Setup,
) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    bob, traffic = setup.tea_house.member("Bob"), setup.discord.traffic
    held, held_of_all = map(setup.discord.faults.hold, ("command_permissions", "all_command_permissions"))
    presses = [bob.begin_press(picture, "⋯")]
    await traffic.changes.wait_for(lambda: bool(traffic.of("command_permissions")), PATIENCE)
    helps = [bob.begin("help") for _ in range(9)]
    presses += [bob.begin_press(picture, "⋯") for _ in range(9)]
    for press in (*presses, *helps):
        await press.acknowledged()
    held.set()
    held_of_all.set()
    for press in presses:
        assert offered(await press.followed_up()) == ["copy", "report"]
    for helped in helps:
        await helped.finished()
    assert len(traffic.of("command_permissions")) <= 2
    assert len(traffic.of("all_command_permissions")) <= 2
    assert "delete" in offered(await menu_of(mo, picture))


async def test_what_is_deleted_twice_at_once_is_deleted(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    questions = [await asked(setup.ada, await menu_of(setup.ada, picture)) for _ in range(2)]
    for done in await asyncio.gather(*(setup.ada.press(one, "Yes, delete it") for one in questions)):
        await shows(done, "Deleted, for everybody.")
    assert None not in deleted_at(setup.folder)


async def test_a_picture_that_somebody_deleted_meanwhile_is_said_to_be_gone(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_MESSAGES)
    menus = [await menu_of(setup.ada, picture) for _ in range(3)]
    mo.delete(picture)
    for menu, action in zip(menus, ("copy", "hide", "describe"), strict=True):
        await says(setup.ada.begin_choice(menu, menu_id(menu), action), "This picture is gone")


async def test_a_spoiler_goes_on_and_off_and_nothing_else_changes(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.use("imagine", prompt="a fox", images=3)
    before = seen(picture)
    done = await choose(setup.ada, await menu_of(setup.ada, picture), "hide")
    await shows(done, "until they click")
    hidden = seen(picture)
    assert [file.get("flags") for file in hidden["attachments"]] == 3 * [IS_SPOILER]
    assert [("image" in embed, embed["description"]) for embed in hidden["embeds"]] == [
        (False, before["embeds"][0]["description"])
    ]
    assert hidden["components"] == before["components"]
    menu = await menu_of(setup.ada, picture)
    assert "show" in offered(menu)
    await shows(await choose(setup.ada, menu, "show"), "at once again")
    shown = seen(picture)
    assert shown["attachments"] == []

    def drawn(message: Json) -> list[object]:
        return [
            (it["image"]["url"], it["image"]["description"], it.get("fields")) for it in message["embeds"]
        ]

    assert drawn(shown) == drawn(before)
    assert len({it["url"].partition("#")[0] for it in shown["embeds"]}) == 1
    assert not any(file.is_spoiler for file in picture.attachments)


async def test_the_alt_text_is_changed_wherever_screen_readers_look_for_it(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.use("imagine", prompt="a fox", images=2)
    form = await choose(setup.ada, await menu_of(setup.ada, picture), "describe")
    assert form.modal
    fields = [label["component"] for label in form.modal["components"]]
    assert [field["value"] for field in fields] == [embed.alt for embed in picture.embeds]
    done = await setup.ada.begin_submit(form, {"0": "A red  fox\nin the snow", "1": "Another"}).finished()
    await shows(done, "Screen readers read out the new descriptions.")
    assert [embed.alt for embed in picture.embeds] == ["A red fox in the snow", "Another"]
    assert [file.description for file in picture.attachments] == ["A red fox in the snow", "Another"]
    assert len(picture.attachments) == 2


async def test_the_alt_text_of_a_spoiler_is_changed_and_it_stays_one(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    await shows(await choose(setup.ada, await menu_of(setup.ada, picture), "hide"), "until they click")
    form = await choose(setup.ada, await menu_of(setup.ada, picture), "describe")
    done = await setup.ada.begin_submit(form, {"0": "A red fox"}).finished()
    await shows(done, "new description.")
    [file] = seen(picture)["attachments"]
    assert (file["description"], file["flags"]) == ("A red fox", IS_SPOILER)


async def test_a_word_that_moderators_block_is_in_no_alt_text(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    before = picture.embeds[0].alt
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    form = await mo.press(await mo.use("limits show"), "Edit words")
    await mo.submit(form, words="gore")
    form = await choose(setup.ada, await menu_of(setup.ada, picture), "describe")
    await says(setup.ada.begin_submit(form, {"0": "g o r e"}), "A word in it isn't allowed")
    assert [embed.alt for embed in picture.embeds] == [before]


async def test_a_copy_goes_to_the_direct_messages_of_whoever_wants_one_and_stays(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.use("imagine", prompt="a *fox*", images=2)
    bob = setup.tea_house.member("Bob")
    done = await choose(bob, await menu_of(bob, picture), "copy")
    await shows(done, "I've sent you a copy.")
    [sent] = setup.discord.messages.by_channel[bob.dm.id].values()
    copy = ShownMessage(sent)
    assert [file.data for file in copy.attachments] == [file.data for file in picture.attachments]
    assert [embed.alt for embed in copy.embeds] == [embed.alt for embed in picture.embeds]
    assert (copy.embeds[0].description, copy.embeds[0].fields[0].value) == (r"> a \*fox\*", picture.link)
    assert copy.components == []
    await delete(setup.ada, picture)
    assert not sent.deleted


async def test_whoever_takes_no_direct_messages_is_told_what_to_switch_on(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    setup.ada.block_direct_messages()
    menu = await menu_of(setup.ada, picture)
    await says(setup.ada.begin_choice(menu, menu_id(menu), "copy"), "Switch on **Direct Messages**")


async def test_a_report_from_the_menu_is_one_as_from_the_message(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    bob = setup.tea_house.member("Bob")
    form = await choose(bob, await menu_of(bob, picture), "report")
    assert "kept for the moderators" in (await bob.submit(form, reason="ugly")).text
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    panel = await mo.use("limits show")
    await shows(await mo.press(panel, "See reports"), f"<@{setup.ada.id}>'s picture")


async def test_a_member_whose_data_was_erased_still_deletes_their_picture(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    with closing(sqlite3.connect(setup.folder / "imagine.db")) as database, database:
        database.execute("UPDATE generation SET member = 0, prompt = '', spec = NULL")
    await shows(await delete(setup.ada, picture), "Deleted, for everybody.")
    assert picture.message
    assert picture.message.deleted


@pytest.mark.parametrize(
    ("custom_id", "values"),
    [
        ("more:{}", None),
        ("picture:menu:{}:{}:a", ["delete"]),
        ("picture:delete:{}:{}:a", None),
        ("picture:menu:{}:99:a", ["copy"]),
    ],
)
async def test_an_id_that_stands_on_no_message_of_the_bot_does_nothing(
    setup: Setup, custom_id: str, values: list[object] | None
) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    bob = setup.tea_house.member("Bob")
    assert picture.message
    forged = custom_id.format(picture.interaction.id, picture.message.id)
    said = setup.ada.say("hello")
    for source in (said, picture):
        await bob.forge_press(source, forged, values=values)
    assert not picture.message.deleted
    assert deleted_at(setup.folder) == [None]


async def test_what_one_member_may_do_another_may_not_do_by_their_menu(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    menu = await menu_of(setup.ada, picture)
    bob = setup.tea_house.member("Bob")
    for action in ("hide", "describe", "delete"):
        await says(bob.begin_forged_press(menu, menu_id(menu), values=[action]), "Only whoever asked")
    assert seen(picture)["attachments"] == []


@pytest.mark.parametrize(("decided", "action"), [("required", "show"), ("forbidden", "hide")])
async def test_what_moderators_decide_on_spoilers_binds_members_and_not_themselves(
    setup: Setup, decided: str, action: str
) -> None:
    await setup.start_bot()
    early = await menu_of(setup.ada, picture := await setup.ada.imagine("a fox"))
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    if decided == "required":
        await shows(await choose(setup.ada, early, "hide"), "until they click")
        early = await menu_of(setup.ada, picture)
    await mo.use("limits spoiler", pictures=decided)
    await says(setup.ada.begin_choice(early, menu_id(early), action), "Nothing was changed.")
    assert action not in offered(await menu_of(setup.ada, picture))
    assert action in offered(await menu_of(mo, picture))


async def test_a_private_picture_has_the_menu_too_as_long_as_its_press_is_fresh(setup: Setup) -> None:
    bot = await setup.start_bot()
    picture = await setup.ada.use("imagine", prompt="a fox", private="yes")
    assert picture.ephemeral
    menu = await menu_of(setup.ada, picture)
    await shows(await choose(setup.ada, menu, "hide"), "until they click")
    assert seen(picture)["attachments"][0]["flags"] == IS_SPOILER
    await shows(await choose(setup.ada, await menu_of(setup.ada, picture), "copy"), "I've sent you a copy.")
    [sent] = setup.discord.messages.by_channel[setup.ada.dm.id].values()
    assert "fields" not in sent.embeds[0]
    menu = await menu_of(setup.ada, picture)
    assert offered(menu) == ["copy", "show", "describe", "delete"], "no moderator could look at it"
    question = await asked(setup.ada, menu)
    assert "Only you see it" in question.text
    assert "everybody" not in question.text
    await bot.terminate()
    await setup.start_bot()
    await says(setup.ada.begin_press(question, "Yes, delete it"), "Press **⋯** below the picture again")
    await shows(await delete(setup.ada, picture), "Deleted.")
    assert picture.message
    assert picture.message.deleted


async def test_in_direct_messages_and_without_the_bot_the_menu_works_by_its_press(setup: Setup) -> None:
    await setup.start_bot(DIRECT_DAILY_LIMIT="5")
    there = elsewhere(setup)
    for member, channel in ((setup.ada, setup.ada.dm), (there, None)):
        picture = await member.imagine("a fox", channel=channel)
        menu = await menu_of(member, picture)
        assert offered(menu) == ["copy", "hide", "describe", "delete"]
        await shows(await choose(member, menu, "hide"), "until they click")
        form = await choose(member, await menu_of(member, picture), "describe")
        await shows(await member.begin_submit(form, {"0": "A red fox"}).finished(), "new description.")
        assert seen(picture)["attachments"][0]["description"] == "A red fox"
        await shows(await delete(member, picture), "Deleted, for everybody.")
        assert picture.message
        assert picture.message.deleted
    assert None not in deleted_at(setup.folder)


async def test_a_moderator_who_deletes_a_picture_settles_the_reports_of_it(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    for name in ("Bob", "Eve"):
        member = setup.tea_house.member(name)
        form = await choose(member, await menu_of(member, picture), "report")
        assert "kept for the moderators" in (await member.submit(form)).text
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    assert "2 reports waiting" in (await mo.use("limits show")).text
    await shows(await delete(mo, picture), "Deleted, for everybody. 2 reports of it are settled with that.")
    assert "waiting" not in (await mo.use("limits show")).text


async def test_a_discord_that_does_not_answer_is_said_and_nothing_is_half_done(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    question = await asked(setup.ada, await menu_of(setup.ada, picture))
    for status in (429, 404):
        setup.discord.faults.fail("delete_original", status=status, code=0, times=9)
        setup.discord.faults.fail("delete_message", status=403, code=50001, times=9)
        await says(
            setup.ada.begin_press(question, "Yes, delete it"),
            "Discord did" if status == 429 else "Discord doesn't",
        )
        setup.discord.faults.clear()
        assert picture.message
        assert not picture.message.deleted
        assert deleted_at(setup.folder) == [None]
    await shows(await setup.ada.press(question, "Yes, delete it"), "Deleted, for everybody.")


async def test_a_picture_that_discord_does_not_hand_out_is_not_copied(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    menu = await menu_of(setup.ada, picture)
    setup.discord.faults.fail("attachment", status=404, times=9)
    await says(setup.ada.begin_choice(menu, menu_id(menu), "copy"), "couldn't get this picture from Discord")
    assert setup.ada.dm.id not in setup.discord.messages.by_channel


async def test_after_a_restart_nothing_is_drawn_anew_where_the_bot_may_draw_no_embeds(setup: Setup) -> None:
    bot = await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    menu = await menu_of(setup.ada, picture)
    setup.tea_house.general.deny_bot(embed_links=True)
    await bot.terminate()
    await setup.start_bot()
    before = seen(picture)
    await says(setup.ada.begin_choice(menu, menu_id(menu), "hide"), "Press **⋯** below the picture again")
    assert seen(picture) == before
    await shows(await choose(setup.ada, await menu_of(setup.ada, picture), "hide"), "until they click")


async def test_a_member_has_one_copy_made_at_a_time(setup: Setup) -> None:
    await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    menus = [await menu_of(setup.ada, picture) for _ in range(2)]
    held = setup.discord.faults.hold("attachment")
    first = setup.ada.begin_choice(menus[0], menu_id(menus[0]), "copy")
    await until(lambda: any(one.route == "attachment" for one in setup.discord.traffic))
    await says(
        setup.ada.begin_choice(menus[1], menu_id(menus[1]), "copy"),
        "still working on what you asked for last",
    )
    held.set()
    await says(first, "I've sent you a copy.")
    assert len(setup.discord.messages.by_channel[setup.ada.dm.id]) == 1


async def test_pictures_that_stand_there_without_embeds_are_hidden_and_shown(setup: Setup) -> None:
    """As the bot posts them late where it has not got the permission for embeds."""
    await setup.start_bot()
    picture = await setup.ada.use("imagine", prompt="a fox", images=2)
    assert picture.message
    picture.message.embeds, picture.message.embedded = [], frozenset()
    menu = await menu_of(setup.ada, picture)
    assert "hide" in offered(menu)
    await shows(await choose(setup.ada, menu, "hide"), "until they click")
    assert [file.get("flags") for file in seen(picture)["attachments"]] == 2 * [IS_SPOILER]
    await shows(await choose(setup.ada, await menu_of(setup.ada, picture), "show"), "at once again")
    assert len(picture.embeds) == len(picture.attachments) == 2
    assert seen(picture)["attachments"] == []


async def test_a_deletion_that_is_cut_off_anywhere_is_done_when_it_is_asked_for_again(setup: Setup) -> None:
    bot = await setup.start_bot()
    lost, killed = await setup.ada.imagine("a fox"), await setup.ada.imagine("an owl")
    question = await asked(setup.ada, await menu_of(setup.ada, lost))
    setup.discord.faults.cut("delete_original", after_effect=True)
    await shows(await setup.ada.press(question, "Yes, delete it"), "Deleted, for everybody.")
    question = await asked(setup.ada, await menu_of(setup.ada, killed))
    setup.discord.faults.hold("delete_original")
    setup.ada.begin_press(question, "Yes, delete it")
    await until(lambda: sum(one.route == "delete_original" for one in setup.discord.traffic) == 3)
    await bot.kill()
    assert killed.message
    setup.discord.messages.delete(killed.message)  # it arrived all the same
    assert [at is None for at in deleted_at(setup.folder)] == [False, True]
    await setup.start_bot()
    await shows(await setup.ada.press(question, "Yes, delete it"), "Deleted, for everybody.")
    assert None not in deleted_at(setup.folder)
