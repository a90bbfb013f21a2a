"""The real bot as a process: what members see while they wait, and cancelling it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from sandbox.bot_process import BotProcess
from sandbox.discord.people.replies import Reply
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup, log_line
from tests.end_to_end.crash_points import expire_leases
from tests.patience import until

CANCEL = "Cancel"
SLOW = 5.0
"""Seconds: progress is shown after two."""


def is_in_progress(reply: Reply) -> bool:
    return reply.state == "in progress"


async def in_line(setup: Setup, **settings: str) -> BotProcess:
    """Somebody else has the only slot, for as long as the image API pleases."""
    setup.images.inject_fault("hang")
    bot = await setup.start_bot(IMAGE_CONCURRENCY="1", SHUTDOWN_GRACE_SECONDS="0", **settings)
    setup.tea_house.member("Bob").begin("imagine", prompt="a hare")
    await until(lambda: setup.images.paid == 1)
    setup.left_open = "the hare"
    return bot


async def test_a_bar_is_drawn_against_what_the_last_pictures_took(setup: Setup) -> None:
    setup.images.latency = 1.0
    await setup.start_bot()
    await setup.ada.imagine("a fox")
    setup.images.latency = SLOW
    asking = setup.ada.begin("imagine", prompt="a fox")
    reply = await asking.wait_for(lambda reply: is_in_progress(reply) and "usual" in reply.text)
    assert "> a fox" in reply.text
    await asking.wait_for(lambda reply: "longer than" in reply.text)
    assert "95 %" not in reply.text
    shown = await asking.finished()
    assert len(shown.attachments) == 1
    assert "usual" not in shown.text
    edits = [one for one in setup.discord.traffic if one.route == "edit_original"]
    assert len(edits) <= 1 + 1 + SLOW / 2.5


async def test_whoever_waits_in_line_is_told_their_place_and_can_cancel(setup: Setup) -> None:
    await in_line(setup, DAILY_LIMIT="3")
    asking = setup.ada.begin("imagine", prompt="a fox", images=3)
    reply = await asking.wait_for(is_in_progress)
    assert "Next in line." in reply.text
    setup.ada.begin_press(reply, CANCEL)
    told = await asking.followed_up()
    assert told.ephemeral
    assert told.text.startswith("This order was cancelled before anything was painted.")
    assert told.text.endswith("> a fox")
    await asking.wait_for(lambda reply: reply.state == "deleted")
    assert "0 of 3" in (await setup.ada.use("usage")).text
    assert setup.images.paid == 1


@pytest.mark.parametrize("who", ["stranger", "moderator"])
async def test_a_moderator_can_cancel_and_nobody_else(setup: Setup, who: str) -> None:
    await in_line(setup)
    asking = setup.ada.begin("imagine", prompt="a fox")
    reply = await asking.wait_for(is_in_progress)
    may = who == "moderator"
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_MESSAGES if may else Permission(0))
    told = await mo.begin_press(reply, CANCEL).followed_up()
    assert told.ephemeral
    if may:
        assert f"<@{setup.ada.id}>" in told.text
        assert (await asking.followed_up()).text.startswith("This order was cancelled")
    else:
        assert asking.reply.state == "in progress"
        setup.ada.begin_press(asking.reply, CANCEL)
        await asking.followed_up()


async def test_what_is_being_painted_is_not_cancelled_and_comes(setup: Setup) -> None:
    setup.images.latency = SLOW
    await setup.start_bot()
    asking = setup.ada.begin("imagine", prompt="a fox")
    reply = await asking.wait_for(is_in_progress)
    told = await setup.ada.begin_press(reply, CANCEL).followed_up()
    assert told.ephemeral
    assert "too late" in told.text
    assert len((await asking.finished()).attachments) == 1


async def test_cancelling_twice_at_once_gives_back_once(setup: Setup) -> None:
    await in_line(setup, DAILY_LIMIT="3")
    asking = setup.ada.begin("imagine", prompt="a fox", images=2)
    reply = await asking.wait_for(is_in_progress)
    pressed = [setup.ada.begin_press(reply, CANCEL) for _ in range(3)]
    await asking.wait_for(lambda reply: reply.state == "deleted")
    for one in pressed:
        await one.wait_for(lambda reply: reply.state != "waiting")
    await asyncio.sleep(0.1)
    assert len(asking.reply.followups) == 1
    assert "0 of 3" in (await setup.ada.use("usage")).text


async def test_what_a_frozen_process_has_in_line_is_cancelled_by_another_and_never_bought(
    setup: Setup, database_url: str
) -> None:
    setup.images.latency = SLOW
    frozen = await setup.start_bot(
        DATABASE_URL=database_url, IMAGE_CONCURRENCY="1", DAILY_LIMIT="3", LOG_LEVEL="DEBUG"
    )
    hare = setup.tea_house.member("Bob").begin("imagine", prompt="a hare")
    await until(lambda: bool(setup.images.requests))
    asking = setup.ada.begin("imagine", prompt="a fox", images=2)
    reply = await asking.wait_for(is_in_progress)
    os.kill(frozen.pid, signal.SIGSTOP)
    await setup.start_bot(DATABASE_URL=database_url, DAILY_LIMIT="3")
    setup.ada.begin_press(reply, CANCEL)
    await asking.followed_up()
    await asking.wait_for(lambda reply: reply.state == "deleted")
    os.kill(frozen.pid, signal.SIGCONT)
    await log_line(frozen, "is not painted: it was cancelled")
    await hare.finished()
    assert "0 of 3" in (await setup.ada.use("usage")).text
    assert len(setup.images.requests) == 1


@pytest.mark.parametrize("who", ["owner", "stranger"])
async def test_a_forged_press_cancels_nothing_of_anybody_elses(setup: Setup, who: str) -> None:
    await in_line(setup)
    asking = setup.ada.begin("imagine", prompt="a fox")
    await asking.wait_for(is_in_progress)
    eve = setup.ada if who == "owner" else setup.tea_house.member("Eve")
    for custom_id in ("cancel:0", "cancel:7", f"cancel:{'9' * 19}"):
        pressed = eve.begin_forged_press(custom_id)
        await pressed.wait_for(lambda reply: reply.state != "waiting")
        assert is_in_progress(asking.reply)
    pressed = eve.begin_forged_press(f"cancel:{asking.interaction.id}")
    assert (await pressed.followed_up()).ephemeral if who == "stranger" else await asking.followed_up()
    assert is_in_progress(asking.reply) == (who == "stranger")
    if who == "stranger":
        setup.ada.begin_press(asking.reply, CANCEL)
        await asking.followed_up()


async def test_who_is_killed_while_cancelling_leaves_it_to_others_to_say_so(
    setup: Setup, database_url: str
) -> None:
    bot = await in_line(setup, DATABASE_URL=database_url)
    asking = setup.ada.begin("imagine", prompt="a fox")
    reply = await asking.wait_for(is_in_progress)
    held = setup.discord.faults.hold("edit_original", times=None)
    setup.ada.begin_press(reply, CANCEL)
    await log_line(bot, "cancelled by its member; its images are returned")
    await bot.kill()
    setup.discord.faults.clear()
    held.set()
    await expire_leases(database_url)
    await setup.start_bot(DATABASE_URL=database_url)
    told = await asking.followed_up()
    assert told.text.startswith("This order was cancelled")
    assert "0 of 10" in (await setup.ada.use("usage")).text
