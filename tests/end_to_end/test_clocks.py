"""A host whose clock is wrong by more than Discord's 15 minutes, in either direction."""

from __future__ import annotations

import re

import pytest

from sandbox.bot_process import BotProcess
from sandbox.discord import ShownMessage
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.patience import PATIENCE

AHEAD = 16 * 60
pytestmark = pytest.mark.parametrize("ahead", [AHEAD, -AHEAD])


def bot_whose_clock_is(setup: Setup, ahead: int) -> BotProcess:
    setup.databases.add(setup.database_url)
    return setup.bot(command=("-m", "sandbox.shifted_clock", str(ahead), "-m", "bot"))


def said(setup: Setup) -> list[ShownMessage]:
    channel = setup.tea_house.general.id
    return [ShownMessage(message) for message in setup.discord.messages.by_channel[channel].values()]


async def test_pictures_and_failures_stand_where_they_are_waited_for(setup: Setup, ahead: int) -> None:
    async with bot_whose_clock_is(setup, ahead) as bot:
        assert (await setup.ada.imagine("a fox")).attachments
        setup.images.inject_fault("moderated_400")
        assert "safety filter" in (await setup.ada.imagine("a fox")).text
        assert len(said(setup)) == 2
    [line] = [line for line in bot.log if "clock" in line]
    assert re.search(f"9[56][0-9] s {'ahead of' if ahead > 0 else 'behind'} Discord's", line)


async def test_what_another_process_left_is_delivered_in_its_place(setup: Setup, ahead: int) -> None:
    first = await setup.start_bot()
    setup.images.inject_fault("picture_error", 3)
    asking = setup.ada.begin("imagine", prompt="a fox")
    await log_line(first, "will be tried again in")
    await first.terminate()
    async with bot_whose_clock_is(setup, ahead):
        assert (await asking.finished(within=PATIENCE)).attachments
        await settled_state(setup.database_url)
    assert len(said(setup)) == 1
    assert setup.images.paid == 1
