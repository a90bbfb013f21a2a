"""The panel of `/limits show`, its buttons and its forms, with the real bot as a process."""

from __future__ import annotations

import asyncio
import contextlib

from sandbox.discord import Member, Reply
from sandbox.discord.permissions import Permission
from tests.end_to_end.conftest import Stage


def moderator(stage: Stage, name: str = "Mo") -> Member:
    return stage.tea_house.member(name, permissions=Permission.MANAGE_GUILD)


async def shows(reply: Reply, words: str) -> None:
    """The panel is acknowledged first and drawn anew after that: wait for what it comes to say."""
    with contextlib.suppress(TimeoutError):
        await reply.interaction.changes.until(lambda: words in reply.text, 10)
    assert words in reply.text


async def opened(member: Member, button: str) -> Reply:
    return await member.press(await member.use("limits show"), button)


async def test_a_moderator_sees_the_whole_policy_alone(stage: Stage) -> None:
    await stage.start_bot(SERVER_DAILY_LIMIT="200", SERVER_DAILY_LIMIT_CEILING="500")
    await stage.ada.imagine("a fox", 3)
    panel = await moderator(stage).use("limits show")
    assert panel.ephemeral
    assert "**3** used of **200** · the operator's default · at most 500 · again <t:" in panel.text
    assert "Nothing was decided here yet" in panel.text


async def test_a_change_by_a_form_holds_for_the_next_command(stage: Stage) -> None:
    await stage.start_bot()
    mo = moderator(stage)
    changed = await mo.submit(await opened(mo, "Member limits"), daily="2")
    await shows(changed, "**Images per member and day**: the operator's default (10) → 2")
    await shows(changed, "`per day  ` **2** · set here · at most 100")
    assert changed.ephemeral
    assert "You asked for 3 images" in (await stage.ada.imagine("a fox", 3)).text


async def test_what_is_no_number_is_said_and_not_lost(stage: Stage) -> None:
    await stage.start_bot()
    mo = moderator(stage)
    form = await opened(mo, "Pace")
    refused = await mo.submit(form, per_prompt="2", cooldown="a while")
    await asyncio.wait_for(refused.interaction.changes.until(lambda: bool(refused.followups), 10), 10)
    [told] = refused.followups
    assert told.ephemeral
    assert "“a while” is not a span of time" in told.text
    assert "per_prompt: 2" in told.text
    assert "`per prompt` **4** · the operator's default" in (await mo.use("limits show")).text
