"""The operator's budgets, by the real bot: what does not fit is refused in private, and never said in money."""

from __future__ import annotations

import asyncio

from sandbox.bot_process import BotProcess
from sandbox.discord.state.messages import Message
from tests.end_to_end.conftest import BUSY, Setup
from tests.patience import PATIENCE

SEVEN_CENTS = 140_000
FITTING = 14
"""Pictures for seven cents in a dollar, with what their prompts cost."""
USED_UP = "This bot has used up what it may spend today, across all servers."


def posted(setup: Setup, channel: int) -> list[Message]:
    return list(setup.discord.messages.by_channel.get(channel, {}).values())


async def test_of_a_dollar_two_copies_buy_no_more_than_14_pictures_for_7_cents(
    setup: Setup, database_url: str
) -> None:
    office = setup.tea_house.channel("operators")
    bots: list[BotProcess] = [
        await setup.start_bot(
            DATABASE_URL=database_url, BOT_DAILY_BUDGET="1", OPERATOR_CHANNEL_ID=str(office.id)
        )
        for _ in range(2)
    ]
    setup.images.credits = SEVEN_CENTS
    first = await setup.ada.imagine("a fox")  # what the list of models says is not what it costs here
    members = [setup.tea_house.member(f"Member {number}") for number in range(24)]
    replies = [first, *await asyncio.gather(*(member.imagine("a fox") for member in members))]
    while sum(bool(reply.attachments) for reply in replies) < FITTING:
        assert any(BUSY in reply.text for reply in replies)  # what was taken for them has been given back
        replies.append(await setup.tea_house.member(f"Member {len(replies)}").imagine("a fox"))

    assert sum(bool(reply.attachments) for reply in replies) == setup.images.paid_pictures == FITTING
    refused = [reply for reply in replies if not reply.attachments]
    assert all(reply.ephemeral and reply.text.startswith((USED_UP, BUSY)) for reply in refused)
    assert not any("$" in reply.text or "budget" in reply.text for reply in refused)

    async with asyncio.timeout(PATIENCE):
        while not any("is used up" in one.content for one in posted(setup, office.id)):  # noqa: ASYNC110 — no signal
            await asyncio.sleep(0.02)
    assert sum("is used up" in one.content for one in posted(setup, office.id)) == 1
    lines = [line for bot in bots for line in bot.log if "BOT_DAILY_BUDGET is used up" in line]
    assert len(lines) == 1


async def test_a_member_sees_what_share_of_a_budget_is_used_and_how_many_images_would_fit(
    setup: Setup,
) -> None:
    setup.images.credits = SEVEN_CENTS
    await setup.start_bot(BOT_MONTHLY_BUDGET="0.30")
    await setup.ada.imagine("a fox")
    used = (await setup.ada.use("usage")).text
    assert "this month's budget**: 23% used" in used
    refused = await setup.ada.use("imagine", prompt="a fox", images=4)
    assert refused.text.startswith(
        "You asked for 4 images, but the bot's budget for this month is only enough for 3 more."
    )
    assert refused.text.partition("\n")[0].endswith("It's a limit of the bot itself. Ask for fewer.")
    assert "$" not in used + refused.text
    assert (await setup.ada.use("imagine", prompt="a fox", images=3)).attachments
    assert setup.images.paid_pictures == 4


async def test_what_fails_for_nothing_leaves_room_for_another(setup: Setup) -> None:
    setup.images.credits = SEVEN_CENTS
    await setup.start_bot(BOT_DAILY_BUDGET="0.08", REVISE_PROMPTS="never")
    setup.images.inject_fault("invalid_request")
    assert not (await setup.ada.imagine("a fox")).attachments
    assert (await setup.ada.imagine("a fox")).attachments
    assert (await setup.ada.imagine("a fox")).text.startswith(USED_UP)
