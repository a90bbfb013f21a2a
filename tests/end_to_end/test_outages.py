"""An image API that can't paint: the first member hears it, the next ones at once, and nobody is counted."""

from __future__ import annotations

import asyncio
import base64

import pytest

from sandbox.discord.state.permissions import EVERYONE, Permission
from tests.end_to_end.conftest import Setup, log_line
from tests.patience import PATIENCE


async def test_without_credit_the_next_command_is_refused_at_once_and_credit_brings_it_back(
    setup: Setup,
) -> None:
    bot = await setup.start_bot()
    setup.images.balance = 0
    first = await setup.ada.imagine("a fox")
    assert "isn't accepting this bot's account" in first.text
    orders = len(setup.images.requests)
    second = await setup.ada.imagine("a fox")
    assert second.ephemeral
    assert "out of credit" in second.text
    assert len(setup.images.requests) == orders
    setup.images.balance = 50
    await log_line(bot, "has credit again")
    third = await setup.ada.imagine("a fox")
    assert "1 of 10" in third.text


async def test_the_operator_is_told_once_in_the_log_and_in_their_channel(setup: Setup) -> None:
    office = setup.tea_house.channel("operators")
    bot = await setup.start_bot(OPERATOR_CHANNEL_ID=str(office.id))
    setup.images.balance = 0
    await asyncio.gather(*(setup.ada.imagine("a fox") for _ in range(8)))
    await log_line(bot, "balance is used up")
    assert sum("balance is used up" in line for line in bot.log) == 1
    async with asyncio.timeout(PATIENCE):
        while not (told := setup.discord.messages.by_channel.get(office.id)):  # noqa: ASYNC110 — it has no signal
            await asyncio.sleep(0.02)
    assert ["balance is used up" in message.content for message in told.values()] == [True]


async def test_a_channel_where_nobody_can_be_told_is_found_out_at_the_start(setup: Setup) -> None:
    office = setup.tea_house.channel("operators")
    office.bot_permissions = EVERYONE & ~Permission.SEND_MESSAGES
    silent = await setup.start_bot(OPERATOR_CHANNEL_ID=str(office.id))
    await log_line(silent, "OPERATOR_CHANNEL_ID: the bot needs Send Messages there")
    gone = await setup.start_bot(OPERATOR_CHANNEL_ID="100000000000000000")
    await log_line(gone, "OPERATOR_CHANNEL_ID: there's no such channel")


async def test_a_balance_that_runs_low_is_told_at_the_start(setup: Setup) -> None:
    setup.images.balance = 4.2
    bot = await setup.start_bot()
    await log_line(bot, "balance is down to 4.20 USD")


async def test_orders_of_one_member_that_time_out_shut_nobody_else_out(setup: Setup) -> None:
    bot = await setup.start_bot(IMAGE_TIMEOUT_SECONDS="1")
    setup.images.inject_fault("hang", 6)
    begun = [setup.ada.begin("imagine", prompt="a fox") for _ in range(6)]
    await asyncio.gather(*(one.finished() for one in begun))
    assert (await setup.tea_house.member("Bob").imagine("a cat")).attachments
    assert not any("API is down" in line for line in bot.log)


async def test_pictures_where_they_may_not_be_fetched_stop_all_buying_until_the_operator_allows_it(
    setup: Setup,
) -> None:
    elsewhere = setup.images.origin.replace("127.0.0.1", "localhost")
    setup.images.inject_fault("forbidden_origin", 9)
    bob = setup.tea_house.member("Bob")
    bot = await setup.start_bot()

    first = await setup.ada.imagine("a fox")
    assert "couldn't download it yet" in first.text
    await log_line(bot, f"{elsewhere}, which IMAGE_DOWNLOAD_ORIGINS doesn't allow")
    assert "may not fetch them" in (await bob.imagine("a cat")).text
    await bot.terminate()

    unchanged = await setup.start_bot()
    await log_line(unchanged, "IMAGE_DOWNLOAD_ORIGINS doesn't allow")
    assert "may not fetch them" in (await bob.imagine("a cat")).text
    assert setup.images.paid == 1
    await unchanged.terminate()

    await setup.start_bot(IMAGE_DOWNLOAD_ORIGINS=elsewhere)
    assert (await bob.imagine("a cat")).attachments
    assert (await setup.ada.use("gallery")).attachments
    assert setup.images.paid == 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [("key_in_a_400", "doesn't accept the key"), ("hard_limit", "balance is used up")],
)
async def test_an_account_that_is_named_stops_everybody_whatever_the_status(
    setup: Setup, fault: str, told: str
) -> None:
    bot = await setup.start_bot()
    setup.images.inject_fault(fault, 9)
    assert "isn't accepting this bot's account" in (await setup.ada.imagine("a fox")).text
    await log_line(bot, told)
    assert (await setup.tea_house.member("Bob").imagine("a cat")).ephemeral
    assert len(setup.images.requests) == 1


@pytest.mark.parametrize("fault", ["firewall", "permission_unclear", "data_empty", "error_in_a_200"])
async def test_an_answer_that_names_nobody_concerns_one_order_alone(setup: Setup, fault: str) -> None:
    bot = await setup.start_bot()
    setup.images.inject_fault(fault, 3)
    for _ in range(3):
        assert not (await setup.ada.imagine("a fox")).attachments
    assert (await setup.tea_house.member("Bob").imagine("a cat")).attachments
    assert not any("ERROR" in line or '"level": "error"' in line for line in bot.log)


async def test_a_key_in_disguise_reaches_neither_the_log_nor_the_operators_channel(setup: Setup) -> None:
    office = setup.tea_house.channel("operators")
    bot = await setup.start_bot(OPERATOR_CHANNEL_ID=str(office.id))
    setup.images.inject_fault("key_escaped")
    await setup.ada.imagine("a fox")
    async with asyncio.timeout(PATIENCE):
        while not (told := setup.discord.messages.by_channel.get(office.id)):  # noqa: ASYNC110 — it has no signal
            await asyncio.sleep(0.02)
    key = setup.images.key
    spelled = "".join(f"\\u{ord(sign):04x}" for sign in key[:8])
    coded = base64.b64encode(key.encode()).decode()[:12]
    for text in ("\n".join(bot.log), *(message.content for message in told.values())):
        assert not any(form in text for form in (key, key[:10], spelled, f"&#{ord(key[0])};", coded))


async def test_an_address_without_its_end_is_named_to_the_operator_and_blamed_on_no_model(
    setup: Setup,
) -> None:
    bot = await setup.start_bot(IMAGE_API_URL=setup.images.origin)
    await log_line(bot, "IMAGE_API_URL: there is no list of models")
    told = (await setup.ada.imagine("a fox")).text
    assert "isn't available right now" in told
    assert "model" not in told


async def test_a_wrong_key_and_an_address_where_nobody_answers_are_named_at_the_start(setup: Setup) -> None:
    locked_out = await setup.start_bot(IMAGE_API_KEY="another")
    await log_line(locked_out, "IMAGE_API_KEY isn't accepted at")
    await locked_out.terminate()
    alone = await setup.start_bot(IMAGE_API_URL="http://127.0.0.1:1/v1")
    await log_line(alone, "IMAGE_API_URL: nothing answers at http://127.0.0.1:1/v1")
