"""Callbacks whose effect or whose response is lost, and those that another copy has sent."""

from __future__ import annotations

import asyncio
import json

from sandbox.bot_process import BotProcess
from sandbox.discord import Discord, Reply
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE

COMMANDS = (
    "gallery",
    "usage",
    "privacy info",
    "privacy show",
    "privacy delete",
    "limits show",
    "limits history",
)


def quiet(bot: BotProcess) -> bool:
    """Whether nothing in its log is worse than a warning, or a traceback."""
    lines = [json.loads(line) for line in bot.log if line.startswith("{")]
    loud = [line for line in lines if line["level"] in ("error", "critical") or "exception" in line]
    return not loud and not any("Traceback" in line for line in bot.log)


def said_of_another(copies: list[BotProcess]) -> int:
    return sum("another process" in line for bot in copies for line in bot.log)


def lost_before(discord: Discord) -> None:
    discord.faults.cut("callback")


def refused_before(discord: Discord) -> None:
    discord.faults.fail("callback", status=500)


def twice_refused_before(discord: Discord) -> None:
    discord.faults.fail("callback", status=503, times=2)


def lost_after(discord: Discord) -> None:
    discord.faults.cut("callback", after_effect=True)


def refused_after(discord: Discord) -> None:
    discord.faults.fail("callback", status=500, after_effect=True)


MISFORTUNES = (lost_before, refused_before, twice_refused_before, lost_after, refused_after)


async def test_whatever_becomes_of_a_first_answer_the_command_is_carried_out(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.ada.permit(manage_guild=True)
    for misfortune in MISFORTUNES:
        for command in COMMANDS:
            misfortune(setup.discord)
            reply = await setup.ada.use(command)
            assert reply.state == "done", (command, misfortune)
            assert "(reference" not in reply.text, (command, misfortune)
    assert quiet(bot)


async def test_whatever_becomes_of_it_a_button_opens_its_form_and_a_form_is_taken(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.ada.permit(manage_guild=True)
    for zone, misfortune in zip(
        ("Asia/Tokyo", "UTC", "Asia/Seoul", "Asia/Dubai", "Europe/Rome"), MISFORTUNES, strict=True
    ):
        panel = await setup.ada.use("limits show")
        misfortune(setup.discord)
        opened = await setup.ada.press(panel, "Time zone")
        misfortune(setup.discord)
        submitted = setup.ada.begin_submit(opened, {"zone": zone})
        await submitted.wait_for(
            lambda reply: "Changed" in reply.text, what=f"changed ({misfortune.__name__})"
        )
    assert quiet(bot)


async def test_a_picture_comes_whatever_becomes_of_its_acknowledgement(setup: Setup) -> None:
    bot = await setup.start_bot()
    for misfortune in MISFORTUNES:
        misfortune(setup.discord)
        assert (await setup.ada.imagine("a fox")).attachments, misfortune
    assert setup.images.paid == len(MISFORTUNES)
    assert quiet(bot)


async def test_an_answer_whose_connection_is_cut_is_given_again(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.ada.permit(manage_guild=True)
    for command in ("gallery", "privacy show", "limits show", "limits history", "limits export"):
        setup.discord.faults.cut("edit_original")
        assert (await setup.ada.use(command)).state == "done", command
    assert quiet(bot)


async def more_than(setup: Setup, edits: int) -> None:
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: len(traffic.of("edit_original")) > edits, PATIENCE)


async def test_an_answer_that_discord_does_not_take_or_has_no_place_for_is_no_surprise(setup: Setup) -> None:
    bot = await setup.start_bot()
    for status, code in ((429, 0), (404, 10008), (404, 10015), (401, 50027), (403, 50001)):
        if status == 429:
            setup.discord.faults.rate_limit("edit_original", via=False)
        else:
            setup.discord.faults.fail("edit_original", status=status, code=code, times=3)
        edits = len(setup.discord.traffic.of("edit_original"))
        setup.ada.begin("gallery")
        await more_than(setup, edits)
        setup.discord.faults.clear()
    setup.left_open = "what could not be answered"
    assert (await setup.ada.use("gallery")).state == "done"
    assert quiet(bot)


async def test_what_another_copy_has_answered_is_a_line_in_the_log_and_no_more(setup: Setup) -> None:
    copies = [await setup.start_bot(), await setup.start_bot()]
    setup.ada.permit(manage_guild=True)
    for command in COMMANDS:
        assert (await setup.ada.use(command)).state == "done"
    panel: Reply = await setup.ada.use("limits show")
    opened = await setup.ada.press(panel, "Time zone")
    submitted = setup.ada.begin_submit(opened, {"zone": "Asia/Tokyo"})
    await submitted.wait_for(lambda reply: "Changed" in reply.text)
    assert await setup.ada.suggestions("limits set", "day_begins", "tok")
    async with asyncio.timeout(PATIENCE):
        while said_of_another(copies) < len(COMMANDS):  # noqa: ASYNC110 — a process tells by its log alone
            await asyncio.sleep(0.05)
    assert all(quiet(bot) for bot in copies)
