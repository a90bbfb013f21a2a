"""Discord's global rate limit, longer than anybody waits: over when it is over, for the whole process."""

from __future__ import annotations

import asyncio

from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE

LIMITED_SECONDS = 2.0
"""Longer than the right is waited for (1.2 s), and than a thread's channel is (0.7 s)."""


async def test_after_a_global_limit_everything_that_is_asked_of_discord_goes_on(setup: Setup) -> None:
    bot = await setup.start_bot()
    mo = setup.tea_house.member("Mo")
    mo.permit(manage_guild=True)
    art = setup.tea_house.channel("art")
    thread = setup.tea_house.thread("fox", parent=art)
    setup.discord.faults.rate_limit("list_commands", retry_after=LIMITED_SECONDS, is_global=True)
    assert "didn't tell me whether" in (await mo.use("limits show")).text
    assert (
        await setup.ada.imagine("a fox", channel=thread)
    ).attachments  # by the token: no limit holds it up
    await asyncio.sleep(LIMITED_SECONDS)
    assert "Image limits" in (await mo.use("limits show")).text
    assert "Changed" in (await mo.use("limits log", options={"channel": art})).text
    assert not [line for line in bot.log if "Traceback" in line or "held back" in line]
    assert await bot.terminate() == 0


async def test_a_bot_that_is_asked_to_stop_does_not_wait_for_a_limit_to_end(setup: Setup) -> None:
    bot = await setup.start_bot()
    mo = setup.tea_house.member("Mo")
    mo.permit(manage_guild=True)
    setup.discord.faults.rate_limit("list_commands", retry_after=600, is_global=True)
    await mo.use("limits show")
    assert await bot.terminate(within=PATIENCE) == 0
    assert not [line for line in bot.log if "request to Discord" in line or "Traceback" in line]
