"""Who may use the panel of `/limits show`, and what two moderators do to each other, with the real bot."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.discord import Member
from sandbox.discord.kit.errors import RefusedByDiscord
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_limits_panel import moderator, opened, shows

UNDECIDED = "Nothing set yet"


async def test_a_plain_member_is_not_offered_the_command(setup: Setup) -> None:
    await setup.start_bot()
    with pytest.raises(RefusedByDiscord):
        await setup.ada.use("limits show")


@pytest.mark.parametrize("button", ["Member limits", "Edit words", "Refresh"])
async def test_a_plain_members_forged_press_opens_and_tells_nothing(setup: Setup, button: str) -> None:
    await setup.start_bot()
    panel = await moderator(setup).use("limits show")
    pressed = await setup.ada.forge_press(panel, button)
    assert pressed.ephemeral
    assert pressed.modal is None
    assert "Only moderators of this server" in pressed.text
    assert "a day" not in pressed.text


async def test_a_plain_members_forged_form_changes_nothing(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    form = await opened(mo, "Member limits")
    refused = await setup.ada.submit(form, forged=True, daily="90")
    assert "Only moderators of this server" in refused.text
    assert UNDECIDED in (await mo.use("limits show")).text


async def test_a_plain_members_forged_yes_changes_nothing(setup: Setup) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    asked = await mo.submit(await opened(mo, "Member limits"), daily="100")
    await shows(asked, "Change this?")
    assert "Only moderators" in (await setup.ada.forge_press(asked, "Yes, change it")).text
    assert UNDECIDED in (await mo.use("limits show")).text


async def test_what_the_admins_decide_in_discord_holds_at_the_next_press(setup: Setup) -> None:
    await setup.start_bot()
    helpers = setup.tea_house.role("Helpers")
    hal = setup.tea_house.member("Hal", roles=[helpers])
    setup.tea_house.set_command_permission("limits", helpers, allowed=True)
    at_the_start = len(setup.discord.traffic.of("list_commands"))
    panel = await hal.use("limits show")
    assert (await hal.press(panel, "Member limits")).modal is not None
    setup.tea_house.set_command_permission("limits", hal, allowed=False)
    assert "Only moderators" in (await hal.press(panel, "Member limits")).text
    assert len(setup.discord.traffic.of("list_commands")) == at_the_start + 1


@pytest.mark.parametrize("button", ["Member limits", "Refresh"])
async def test_a_moderator_whom_an_admin_denied_the_command_has_lost_its_buttons_too(
    setup: Setup, button: str
) -> None:
    await setup.start_bot()
    mo = moderator(setup)
    panel = await mo.use("limits show")
    form = await mo.press(panel, "Member limits")
    setup.tea_house.set_command_permission("limits", mo, allowed=False)
    assert "Only moderators" in (await mo.press(panel, button)).text
    assert "Only moderators" in (await mo.submit(form, daily="3")).text
    assert "Only moderators" in (await mo.use("usage", member=setup.ada)).text
    assert "today**: 0 of 10 used" in (await setup.ada.use("usage")).text


async def test_an_administrator_is_never_denied(setup: Setup) -> None:
    await setup.start_bot()
    admin = setup.tea_house.member("Al", permissions=Permission.ADMINISTRATOR)
    setup.tea_house.set_command_permission("limits", admin, allowed=False)
    setup.discord.faults.fail("command_permissions", status=403)
    assert "Image limits" in (await admin.use("limits show")).text


async def test_a_command_that_was_registered_anew_is_found_again(setup: Setup) -> None:
    await setup.start_bot()
    setup.tea_house.set_command_permission("limits", setup.ada, allowed=True)
    panel = await setup.ada.use("limits show")
    commands = setup.discord.commands
    known = commands.find("limits", None)
    assert known is not None
    commands.delete(int(known["id"]), None)
    commands.create(known, None)
    assert "Discord didn't tell me" in (await setup.ada.press(panel, "Member limits")).text
    assert (await setup.ada.press(panel, "Member limits")).modal is not None


async def test_where_discord_does_not_say_who_may_moderate_nobody_else_does(setup: Setup) -> None:
    await setup.start_bot()
    setup.tea_house.set_command_permission("limits", setup.ada, allowed=True)
    panel = await setup.ada.use("limits show")
    setup.discord.faults.fail("command_permissions", status=403)
    assert "Discord didn't tell me" in (await setup.ada.press(panel, "Member limits")).text
    assert (await setup.ada.press(panel, "Member limits")).modal is not None


@pytest.mark.parametrize(
    "forged",
    [
        "limits:edit:foo",
        "limits:confirm:0:d=1",
        "limits:confirm:00000000:foo",
        "limits:confirm:00000000:d=1,",
    ],
)
async def test_a_moderators_forged_press_is_no_mistake_of_the_bots(setup: Setup, forged: str) -> None:
    bot = await setup.start_bot()
    mo = moderator(setup)
    mo.begin_forged_press(forged).miss_deadline()
    setup.left_open = "nobody is answered whom no panel of the bot can have asked"
    await mo.use("limits show")
    assert [line for line in bot.log if '"level": "error"' in line] == []


def stranger(setup: Setup) -> Member:
    """A moderator of another server."""
    return setup.discord.server("Elsewhere").member("Eve", permissions=Permission.MANAGE_GUILD)


async def test_a_moderator_of_another_server_neither_sees_nor_changes_anything_by_what_was_opened_here(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo, eve = moderator(setup), stranger(setup)
    panel = await mo.submit(await opened(mo, "Member limits"), daily="7")
    await shows(panel, "**7** a day")
    asked = await mo.submit(await opened(mo, "Member limits"), daily="90")
    await shows(asked, "Change this?")
    for refused in (
        await eve.forge_press(panel, "Member limits"),
        await eve.forge_press(asked, "Yes, change it"),
        await eve.submit(await opened(mo, "Edit words"), forged=True, words="fox"),
    ):
        assert refused.modal is None
        assert "Only moderators of this server can do that. Nothing was changed." in refused.text
    assert (await setup.ada.imagine("a fox")).attachments
    assert "**7** a day" in (await mo.use("limits show")).text
    assert "Nothing set yet" in (await eve.use("limits show")).text


async def test_two_moderators_who_edit_the_words_at_once_both_have_their_way(setup: Setup) -> None:
    await setup.start_bot()
    mo, jo = moderator(setup), moderator(setup, "Jo")
    await shows(await mo.submit(await opened(mo, "Edit words"), words="wolf\nbear"), "2 entries")
    first, second = await opened(mo, "Edit words"), await opened(jo, "Edit words")
    both = await asyncio.gather(
        mo.submit(first, words="wolf\nbear\nfox"),
        jo.submit(second, words="bear\nowl"),
    )
    await asyncio.gather(*(shows(reply, "✅ **Changed**") for reply in both))
    await shows(await mo.use("limits show"), "3 entries")
    refused = [await setup.ada.imagine(f"a {animal}") for animal in ("fox", "owl", "bear")]
    assert all("isn't allowed in this server" in reply.text for reply in refused)
    assert not any(
        animal in reply.text.partition("\n> ")[0]
        for reply, animal in zip(refused, ("fox", "owl", "bear"), strict=True)
    )
    assert (await setup.ada.imagine("a wolf")).attachments


async def test_two_moderators_who_change_different_numbers_of_one_form_both_have_their_way(
    setup: Setup,
) -> None:
    await setup.start_bot()
    mo, jo = moderator(setup), moderator(setup, "Jo")
    first, second = await opened(mo, "Member limits"), await opened(jo, "Member limits")
    await shows(await mo.submit(first, daily="20"), "**20** a day")
    changed = await jo.submit(second, monthly="300")
    await shows(changed, "**300** a month")
    assert "**20** a day" in changed.text


async def test_two_moderators_who_change_the_channels_at_once_both_have_their_way(setup: Setup) -> None:
    await setup.start_bot()
    mo, jo = moderator(setup), moderator(setup, "Jo")
    art, lab = setup.tea_house.channel("art"), setup.tea_house.channel("lab")
    first, second = await opened(mo, "Channels"), await opened(jo, "Channels")
    await shows(await mo.submit(first, mode="only", channels=[art]), f"only in <#{art.id}>")
    changed = await jo.submit(second, channels=[lab], age=True)
    await shows(changed, f"only in <#{art.id}>, <#{lab.id}>\nage-restricted channels only")


async def test_a_form_and_a_panel_outlive_a_restart(setup: Setup) -> None:
    mo = moderator(setup)
    async with setup.bot():
        form = await opened(mo, "Member limits")
    await setup.start_bot()
    changed = await mo.submit(form, daily="2")
    await shows(changed, "**2** a day")
    assert (await mo.press(changed, "Pace")).modal is not None
