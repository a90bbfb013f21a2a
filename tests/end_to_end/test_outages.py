"""An image API that can't paint: the first member hears it, the next ones at once, and nobody is counted."""

from __future__ import annotations

import asyncio

from sandbox.discord.permissions import EVERYONE, Permission
from tests.end_to_end.conftest import Stage, log_line


async def test_without_credit_the_next_command_is_refused_at_once_and_credit_brings_it_back(
    stage: Stage,
) -> None:
    bot = await stage.start_bot()
    stage.images.balance = 0
    first = await stage.ada.imagine("a fox")
    assert "isn't accepting this bot's account" in first.text
    orders = len(stage.images.requests)
    second = await stage.ada.imagine("a fox")
    assert second.ephemeral
    assert "out of credit" in second.text
    assert len(stage.images.requests) == orders
    stage.images.balance = 50
    await log_line(bot, "has credit again")
    third = await stage.ada.imagine("a fox")
    assert "1 / 10" in third.text


async def test_the_operator_is_told_once_in_the_log_and_in_their_channel(stage: Stage) -> None:
    office = stage.tea_house.channel("operators")
    bot = await stage.start_bot(OPERATOR_CHANNEL_ID=str(office.id))
    stage.images.balance = 0
    await asyncio.gather(*(stage.ada.imagine("a fox") for _ in range(8)))
    await log_line(bot, "balance is used up")
    assert sum("balance is used up" in line for line in bot.log) == 1
    async with asyncio.timeout(10):
        while not (told := stage.discord.messages.by_channel.get(office.id)):  # noqa: ASYNC110 — it has no signal
            await asyncio.sleep(0.02)
    assert ["balance is used up" in message.content for message in told.values()] == [True]


async def test_a_channel_where_nobody_can_be_told_is_found_out_at_the_start(stage: Stage) -> None:
    office = stage.tea_house.channel("operators")
    office.bot_permissions = EVERYONE & ~Permission.SEND_MESSAGES
    silent = await stage.start_bot(OPERATOR_CHANNEL_ID=str(office.id))
    await log_line(silent, "OPERATOR_CHANNEL_ID: the bot needs Send Messages there")
    gone = await stage.start_bot(OPERATOR_CHANNEL_ID="100000000000000000")
    await log_line(gone, "OPERATOR_CHANNEL_ID: there's no such channel")


async def test_a_balance_that_runs_low_is_told_at_the_start(stage: Stage) -> None:
    stage.images.balance = 4.2
    bot = await stage.start_bot()
    await log_line(bot, "balance is down to 4.20 USD")


async def test_orders_of_one_member_that_time_out_shut_nobody_else_out(stage: Stage) -> None:
    bot = await stage.start_bot(IMAGE_TIMEOUT_SECONDS="1")
    stage.images.misbehave("hang", 6)
    begun = [stage.ada.begin("imagine", prompt="a fox") for _ in range(6)]
    await asyncio.gather(*(one.finished() for one in begun))
    assert (await stage.tea_house.member("Bob").imagine("a cat")).attachments
    assert not any("API is down" in line for line in bot.log)
