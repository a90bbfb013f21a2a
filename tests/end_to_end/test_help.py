"""The real bot as a process: `/help` names what this member can use here, and nothing else."""

from __future__ import annotations

import json
import re

from sandbox.discord import Reply
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup, log_line

MEMBERS = [
    "imagine",
    "edit",
    "gallery",
    "preferences",
    "usage",
    "privacy info",
    "privacy show",
    "privacy delete",
]


def named(reply: Reply) -> list[str]:
    """The commands that can be clicked in its list."""
    return re.findall(r"</([a-z ]+):\d+>", reply.embeds[0].description)


async def test_a_member_reads_what_they_can_use_and_what_they_have_left(setup: Setup) -> None:
    await setup.start_bot()
    await setup.ada.imagine("a fox")
    shown = await setup.ada.use("help")
    assert shown.ephemeral
    assert named(shown) == MEMBERS
    assert "**Imagine this**, **Edit this picture**, **Report this picture**" in shown.text
    assert "today**: 1 of 10 used" in shown.text
    assert "Need more? Ask this server's moderators." in shown.text


async def test_moderators_read_of_what_is_for_them(setup: Setup) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    shown = await mo.use("help")
    assert named(shown) == [*MEMBERS, "limits show"]
    assert "Ask this server's moderators" not in shown.text
    assert "limits set:" in shown.text


async def test_nobody_reads_of_what_the_admins_took_from_them(setup: Setup) -> None:
    await setup.start_bot()
    helpers = setup.tea_house.role("Helpers")
    hal = setup.tea_house.member("Hal", roles=[helpers])
    setup.tea_house.set_command_permission("limits", helpers, allowed=True)
    setup.tea_house.set_command_permission("edit", setup.ada, allowed=False)
    setup.tea_house.set_command_permission("Report this picture", setup.ada, allowed=False)
    assert named(await hal.use("help")) == [*MEMBERS, "limits show"]
    shown = await setup.ada.use("help")
    assert named(shown) == [one for one in MEMBERS if one != "edit"]
    assert "Report this picture" not in shown.text
    setup.tea_house.set_command_permission("imagine", setup.ada, allowed=False)
    without = await setup.ada.use("help")
    assert "imagine" not in named(without)
    assert "the admins of this server decide who can" in without.text
    assert "of 10 used" not in without.text


async def test_what_the_admins_decided_for_the_whole_bot_holds_where_they_decided_nothing_else(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    setup.tea_house.set_command_permission("edit", setup.ada, allowed=True)
    [edit] = [one["id"] for one in [setup.discord.commands.find("edit", None)] if one]
    everyone = {"type": 1, "id": str(setup.tea_house.id), "permission": False}
    these = [{"type": 2, "id": str(person.id), "permission": True} for person in (setup.ada, mo)]
    decided = [
        {"id": str(setup.discord.state.bot.id), "permissions": [everyone, these[1]]},
        {"id": edit, "permissions": these[:1]},
    ]
    setup.discord.faults.respond("all_command_permissions", json.dumps(decided).encode(), times=None)
    assert named(await setup.ada.use("help")) == ["edit"]
    assert named(await mo.use("help")) == [*MEMBERS, "limits show"]
    assert named(await setup.tea_house.member("Bob").use("help")) == ["edit"]


async def test_where_discord_does_not_say_what_the_admins_decided_there_is_help_all_the_same(
    setup: Setup,
) -> None:
    await setup.start_bot()
    setup.tea_house.set_command_permission("edit", setup.ada, allowed=False)
    for body in (b"{}", b"[]", b'[{"id": "1"}]'):
        setup.discord.faults.respond("all_command_permissions", body)
        assert named(await setup.ada.use("help")) == MEMBERS
    assert "edit" not in named(await setup.ada.use("help"))


async def test_a_member_reads_why_they_cannot_paint_here(setup: Setup) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    await mo.use("limits channel", mode="only", add=setup.tea_house.channel("art"))
    assert "⛔ Not in this channel: only in" in (await setup.ada.use("help")).text


async def test_where_the_operator_lets_nobody_paint_there_is_only_what_is_a_members_own(setup: Setup) -> None:
    await setup.start_bot(ALLOWED_SERVERS=str(setup.tea_house.id + 1))
    shown = await setup.ada.use("help")
    assert named(shown) == ["preferences", "privacy info", "privacy show", "privacy delete"]
    assert "only in servers that the people who run me chose" in shown.text
    assert "Apps" not in shown.text


async def test_in_a_direct_message_there_is_only_what_works_there(setup: Setup) -> None:
    async with setup.bot():
        shown = await setup.ada.use("help", channel=setup.ada.dm)
        assert named(shown) == ["preferences", "privacy info", "privacy show", "privacy delete"]
        assert "Pictures are painted in servers that have me." in shown.text
    await setup.start_bot(DIRECT_DAILY_LIMIT="3")
    direct = await setup.ada.use("help", channel=setup.ada.dm)
    assert named(direct) == MEMBERS
    assert "0 of 3 used" in direct.text
    assert "moderators" not in direct.text


async def test_the_moderators_are_told_where_to_begin_soon_after_the_bot_has_started(setup: Setup) -> None:
    updates = setup.tea_house.guild.public_updates_channel = setup.tea_house.channel("updates")
    bot = await setup.start_bot()
    await log_line(bot, "told its moderators what to do")
    [said] = setup.discord.messages.by_channel[updates.id].values()
    assert re.search(r"</limits show:\d+>", said.content)
