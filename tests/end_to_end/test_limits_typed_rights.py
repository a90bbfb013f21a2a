"""Who may use `/limits`, and where: typed by plain members, by moderators of another server, and forged."""

from __future__ import annotations

import pytest

from sandbox.discord import Member
from sandbox.discord.kit.errors import RefusedByDiscord
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE

ONLY_MODERATORS = "Only moderators of this server can do that."
USER = 2  # Discord's type of a person in what admins decided about a command


def given(setup: Setup) -> dict[str, dict[str, object]]:
    """Every sub-command, with options that would change something."""
    ada, artists = setup.ada, setup.tea_house.role("Artists")
    return {
        "show": {},
        "set": {"daily": 3},
        "role": {"role": artists, "images": 3},
        "channel": {"mode": "only", "add": setup.tea_house.general},
        "member": {"member": ada, "action": "top up", "images": 3},
        "words": {},
        "log": {"channel": setup.tea_house.general},
        "explain": {"member": ada},
        "history": {},
        "export": {},
        "reset": {"what": "everything"},
    }


async def test_a_plain_member_is_neither_offered_a_command_nor_served(setup: Setup) -> None:
    await setup.start_bot()
    for command, options in given(setup).items():
        with pytest.raises(RefusedByDiscord):
            setup.ada.begin(f"limits {command}", options=options)
        forged = await setup.ada.use(f"limits {command}", forged=True, options=options)
        assert forged.ephemeral
        assert ONLY_MODERATORS in forged.text, command
        assert not forged.modal
    founder = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    assert "Nothing has been changed here yet" in (await founder.use("limits history")).text


async def test_whoever_an_admin_gave_the_command_to_may_use_it(setup: Setup) -> None:
    await setup.start_bot()
    setup.discord.commands.set_permission(setup.tea_house.id, "limits", (USER, setup.ada.id), True)
    assert "→ 3" in (await setup.ada.use("limits set", daily=3)).text


async def test_another_member_is_looked_at_by_moderators_only(setup: Setup) -> None:
    await setup.start_bot()
    bob, mo = setup.tea_house.member("Bob"), moderator_of(setup)
    await bob.imagine("a fox", 2)
    refused = await setup.ada.use("usage", member=bob)
    assert refused.ephemeral
    assert ONLY_MODERATORS in refused.text
    assert "2 of 10" not in refused.text
    seen = await mo.use("usage", member=bob)
    assert seen.ephemeral
    assert f"<@{bob.id}>\n**This member, today**: 2 of 10 used" in seen.text
    assert "today**: 2 of 10 used" in (await bob.use("usage", member=bob)).text  # oneself is nobody else


async def test_a_moderator_of_one_server_changes_nothing_in_another(setup: Setup) -> None:
    await setup.start_bot()
    mo, coffee_house = moderator_of(setup), setup.discord.server("Coffee House")
    guest = coffee_house.member("Mo", user=mo)
    host = coffee_house.member("Cy", permissions=Permission.MANAGE_GUILD)
    await mo.use("limits set", daily=3)
    forged = await guest.use("limits set", forged=True, daily=99)
    assert ONLY_MODERATORS in forged.text
    page = await mo.use("limits history")
    assert "→ 3" in page.text
    question = await mo.use("limits set", daily=100)
    assert ONLY_MODERATORS in (await guest.forge_press(question, "Yes, change it")).text
    assert "Nothing has been changed here yet" in (await host.use("limits history")).text
    assert "today**: 0 of 10 used" in (await guest.use("usage")).text
    assert "today**: 0 of 3 used" in (await mo.use("usage")).text


async def test_the_pages_of_the_history_outlive_the_bot_and_open_for_moderators_only(setup: Setup) -> None:
    bot = await setup.start_bot()
    mo = moderator_of(setup)
    for daily in range(1, 8):
        await mo.use("limits set", daily=daily)
    page = await mo.use("limits history")
    assert await bot.terminate() == 0
    await setup.start_bot()
    assert ONLY_MODERATORS in (await setup.ada.forge_press(page, "Older")).text
    pressed = await mo.press(page, "Older")
    await pressed.interaction.changes.wait_for(lambda: "1 → 2" in pressed.text, PATIENCE)


def moderator_of(setup: Setup) -> Member:
    return setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
