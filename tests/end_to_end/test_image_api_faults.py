"""The bot as a process, while everything around it fails."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.conftest import Setup, log_line
from tests.patience import PATIENCE

MODERATED = [
    "moderated_400",
    "moderated_400_code",
    "moderated_403",
    "moderated_500",
    "moderated_input",
    "moderated_output",
    "moderated_451",
    "moderated_flag",
]
UNANSWERED = ["gateway_timeout", "hang", "drip"]
REPEATABLE = ["rate_limited_briefly", "internal_error", "maintenance", "bad_gateway", "unavailable"]
ODD_BUT_GOOD = [
    "images_for_data",
    "output_of_addresses",
    "many_pictures",
    "twice",
    "odd_numbers",
    "odd_texts",
]
ODD_BUT_GOOD += ["created", "no_meta", "no_usage", "empty_revised_prompt", "picture_error", "picture_reset"]
BRIEFLY_BROKEN = ["picture_of_chunks", "picture_missing", "picture_truncated", "picture_bomb"]
UNTOUCHABLE = ["picture_huge", "huge_answer"]
LOST_ON_ITS_WAY = ["html", "broken_json", "reset", "cut_short"]
TOO_MUCH = ["empty_rows", "packed_bomb"]
WITHOUT_A_PICTURE = ["data_null", "data_empty", "no_image", "job"]


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (MODERATED, "safety filter"),
        (["invalid_request"], "didn't understand"),
        (["key_in_a_400"], "isn't accepting this bot's account"),
        (["hard_limit"], "isn't accepting this bot's account"),
        (["bad_key"], "isn't accepting this bot's account"),
        (["no_credit"], "isn't accepting this bot's account"),
        (["rate_limited_for_an_hour"], "overloaded"),
        (UNANSWERED, "didn't answer in time"),
        (LOST_ON_ITS_WAY, "got lost on its way back"),
        (TOO_MUCH, "got lost on its way back"),
        (WITHOUT_A_PICTURE, "answered without a picture"),
        (["prompt_too_long"], "too long for the image model"),
        (["firewall", "permission_unclear", "error_in_a_200"], "isn't available"),
        (UNTOUCHABLE, "couldn't download"),
    ],
)
async def test_a_failure_is_told_in_a_sentence_is_not_counted_and_is_not_bought_again(
    setup: Setup, faults: list[str], words: str
) -> None:
    # Megabytes that unpack take their time on a busy machine: only silence is given up on soon.
    await setup.start_bot(IMAGE_TIMEOUT_SECONDS="1" if faults is UNANSWERED else "15")
    for fault in faults:
        setup.images.inject_fault(fault)
        reply = await setup.ada.imagine("a fox")
        assert words in reply.text, fault
        assert "None of your images were used." in reply.text
        assert not reply.attachments
        assert not reply.ephemeral
    assert len(setup.images.requests) == len(faults)
    assert "today**: 0 of 10 used" in (await setup.ada.use("usage")).text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            "moderated_input",
            "That prompt was turned down by the image service's safety filter: sexual content.",
        ),
        (
            "moderated_output",
            "painted that prompt, and then its safety filter refused the picture: violence and self-harm.",
        ),
        ("moderated_flag", "painted that prompt, and then its safety filter refused the picture."),
    ],
)
async def test_a_refusal_by_moderation_says_what_for_and_whether_it_had_been_painted(
    setup: Setup, fault: str, words: str
) -> None:
    await setup.start_bot()
    setup.images.inject_fault(fault)
    assert words in (await setup.ada.imagine("a fox")).text


async def test_what_cannot_have_been_bought_is_asked_for_again_and_counted_once(setup: Setup) -> None:
    await setup.start_bot()
    for fault in REPEATABLE:
        setup.images.inject_fault(fault)
        assert (await setup.ada.imagine("a fox")).attachments, fault
    assert setup.images.paid == len(REPEATABLE)
    assert len(setup.images.requests) == 2 * len(REPEATABLE)
    assert f"today**: {len(REPEATABLE)} of 10 used" in (await setup.ada.use("usage")).text


async def test_an_odd_answer_with_a_picture_in_it_is_a_picture(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="20")
    for fault in ODD_BUT_GOOD:
        setup.images.inject_fault(fault)
        assert (await setup.ada.imagine("a fox")).attachments, fault
    assert setup.images.paid == len(setup.images.requests) == len(ODD_BUT_GOOD)


@pytest.mark.parametrize("fault", BRIEFLY_BROKEN)
async def test_a_paid_picture_that_cannot_be_fetched_is_fetched_again_and_never_bought_again(
    setup: Setup, fault: str
) -> None:
    await setup.start_bot()
    setup.images.inject_fault(fault, 9)
    reply = await setup.ada.imagine("a fox")
    assert "couldn't download it. None of your images were used." in reply.text
    assert len(setup.images.requests) == 1
    setup.images.clear_faults()
    setup.images.inject_fault(fault, 1)
    assert (await setup.ada.imagine("a fox")).attachments
    assert len(setup.images.requests) == 2
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text


@pytest.mark.parametrize("fault", ["gone_404", "gone_400", "gone_500"])
async def test_a_model_that_is_gone_has_a_successor_and_after_that_a_sentence(
    setup: Setup, fault: str
) -> None:
    await setup.start_bot()
    setup.images.inject_fault(fault)
    reply = await setup.ada.imagine("a fox")
    assert reply.embeds[0].footer.endswith("\nPainted by grok-imagine-image")
    setup.images.inject_fault(fault, 2)  # the first is asked again
    assert "no longer offered. None of your images were used." in (await setup.ada.imagine("a fox")).text
    assert setup.images.paid == 1


async def test_a_picture_whose_host_is_down_comes_when_it_is_back(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.images.inject_fault("picture_error", 3)
    asking = setup.ada.begin("imagine", prompt="a fox")
    await log_line(bot, "will be tried again in")
    assert asking.reply.state in ("thinking", "in progress")
    assert (await asking.finished(within=PATIENCE)).attachments
    assert setup.images.paid == len(setup.images.requests) == 1


async def test_one_lost_picture_of_three_is_one_lost_picture(setup: Setup) -> None:
    await setup.start_bot()
    setup.images.inject_fault("picture_missing", 7)  # three pictures at the first try, two at the second, …
    reply = await setup.ada.imagine("foxes", 3)
    assert 1 <= len(reply.attachments) <= 2
    assert "couldn't be painted or downloaded, and w" in reply.text
    async with asyncio.timeout(PATIENCE):  # the lost one is given back when the others are there
        while f"today**: {len(reply.attachments)} of 10 used" not in (await setup.ada.use("usage")).text:
            pass
    assert setup.images.paid == 1


async def test_an_image_api_that_is_down_costs_nobody_anything(setup: Setup) -> None:
    await setup.start_bot(IMAGE_TIMEOUT_SECONDS="2")
    async with setup.images.down():
        reply = await setup.ada.imagine("a fox")
    assert "isn't available" in reply.text
    assert "None of your images were used." in reply.text
    assert (await setup.ada.imagine("a fox")).attachments


async def test_a_delivery_whose_connection_is_cut_is_made_again(setup: Setup) -> None:
    await setup.start_bot()
    setup.discord.faults.cut("edit_original", times=1)
    reply = await setup.ada.imagine("a fox")
    assert reply.attachments
    assert setup.images.paid == 1


async def test_a_picture_that_discord_calls_too_large_is_sent_smaller(setup: Setup) -> None:
    await setup.start_bot()
    setup.discord.faults.fail("edit_original", status=413)
    reply = await setup.ada.imagine("a fox")
    assert reply.attachments


async def test_nothing_is_bought_for_a_command_whose_acknowledgement_came_too_late(setup: Setup) -> None:
    setup.left_open = "the member reads Discord's own words"
    bot = await setup.start_bot()
    held = setup.discord.faults.hold("callback")
    asking = setup.ada.begin("imagine", prompt="a fox")
    asking.miss_deadline()
    held.set()
    await log_line(bot, "its images are returned")
    usage = await setup.ada.use("usage")
    assert "today**: 0 of 10 used" in usage.text
    assert setup.images.requests == []
    assert bot.running


async def test_stopping_lets_a_running_picture_arrive_and_closes_the_door(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.images.latency = 0.6
    asking = setup.ada.begin("imagine", prompt="a fox")
    await asking.acknowledged()
    stopped, reply = await asyncio.gather(bot.terminate(), asking.finished())
    assert stopped == 0
    assert reply.attachments


async def test_a_wrong_token_ends_the_bot_with_one_sentence(setup: Setup) -> None:
    code, log = await setup.failing_bot(DISCORD_TOKEN="some.other.token")
    assert code == 78
    assert "DISCORD_TOKEN" in log
    assert "some.other.token" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("database", "code", "words"),
    [
        ("sqlite:///folder", 78, "can't open folder: make sure it isn't a folder"),
        ("sqlite:///letter.txt/imagine.db", 78, "can't open letter.txt/imagine.db"),
        ("sqlite:///letter.txt", 78, "letter.txt isn't an SQLite database"),
        ("sqlite:///future.db", 1, "is of a newer version of the bot (schema 999"),
    ],
)
async def test_a_database_that_cannot_be_used_ends_the_bot_with_one_sentence(
    setup: Setup, database: str, code: int, words: str
) -> None:
    bot = setup.bot(DATABASE_URL=database)
    (bot.folder / "folder").mkdir()
    (bot.folder / "letter.txt").write_text("this is a letter to my aunt, " * 50)
    with closing(sqlite3.connect(bot.folder / "future.db")) as future:
        future.execute("CREATE TABLE schema_migration (number INTEGER, name TEXT)")
        future.execute("INSERT INTO schema_migration VALUES (999, 'from the future')")
        future.commit()
    await bot.start()
    assert await bot.ended() == code
    (line,) = [line for line in bot.log if '"level": "error"' in line]
    assert not any("Traceback" in line for line in bot.log)
    assert f"Database: {words}" in line or f"Database: answers, but is {words}" in line
    await bot.close()


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("postgresql://me:pw@127.0.0.1:1/x", "can't reach 127.0.0.1: nothing is listening there"),
        ("postgresql://me:pw@db.invalid/x", "can't reach db.invalid: the name can't be resolved"),
    ],
)
async def test_a_database_that_may_come_is_waited_for_and_the_bot_can_be_stopped_meanwhile(
    setup: Setup, database: str, words: str
) -> None:
    bot = setup.bot(DATABASE_URL=database)
    await bot.start()
    await log_line(bot, f"Database: {words}")
    assert await bot.terminate() == 0
    assert len([line for line in bot.log if "Database:" in line]) == 1
    await bot.close()


@pytest.mark.parametrize("code", [4011, 4014])
async def test_a_bot_that_discord_turns_away_says_so_in_one_sentence(setup: Setup, code: int) -> None:
    bot = await setup.start_bot()
    await setup.discord.gateway.close(code)
    assert await bot.ended() == 1
    (line,) = [line for line in bot.log if '"level": "error"' in line]
    assert f"Discord: closed the connection permanently ({code})" in line
    assert not any("Traceback" in line for line in bot.log)


async def test_wrong_settings_are_told_all_at_once(setup: Setup) -> None:
    code, log = await setup.failing_bot(DISCORD_TOKEN="", DAILY_LIMIT="many", DAY_TIME_ZONE="Mars/Olympus")
    assert code == 78
    assert [name in log for name in ("DISCORD_TOKEN", "DAILY_LIMIT", "DAY_TIME_ZONE")] == 3 * [True]
    assert "Traceback" not in log


async def test_whoever_has_set_nothing_yet_is_told_where(setup: Setup) -> None:
    nothing = setup.bot(DISCORD_TOKEN="", IMAGE_API_KEY="")
    await nothing.start()
    assert await nothing.ended() == 78
    assert "Copy .env.example to .env and fill it in" in nothing.tail()
    await nothing.close()


async def test_what_is_plainly_no_token_is_refused_before_discord_is_asked(setup: Setup) -> None:
    code, log = await setup.failing_bot(DISCORD_TOKEN="abc", DISCORD_API_URL="https://discord.com/api/v10")
    assert code == 78
    assert (
        "DISCORD_TOKEN: isn't a bot's token: that has three parts, with dots between them. You'll find" in log
    )
    assert "Traceback" not in log


async def test_the_line_about_a_picture_says_where_how_long_and_for_how_much(setup: Setup) -> None:
    bot = await setup.start_bot()
    await setup.ada.imagine("a fox")
    await log_line(bot, "delivered: 1 of 1")
    line = json.loads(next(line for line in bot.log if "delivered: 1 of 1" in line))
    assert line["channel"] == next(iter(setup.tea_house.guild.channels))
    assert 0 < line["dollars"] < 1
    assert line["dollars"] * 2_000_000 == line["credits"]
    assert 0 <= line["seconds"] < 30


async def test_a_connection_that_was_lost_is_no_error_and_its_return_is_told(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.discord.gateway.drop()
    await log_line(bot, "connected again")
    assert not any('"level": "error"' in line or "Traceback" in line for line in bot.log)


async def test_discord_being_down_at_the_start_is_waited_out(setup: Setup) -> None:
    setup.discord.faults.fail("current_user", status=503)
    await setup.start_bot()
    assert (await setup.ada.imagine("a fox")).attachments


async def test_an_acknowledgement_that_discord_carried_out_and_called_an_error_is_gone_on_with(
    setup: Setup,
) -> None:
    await setup.start_bot()
    setup.discord.faults.fail("callback", status=502, after_effect=True)
    assert (await setup.ada.imagine("a fox")).attachments
    assert setup.images.paid == 1
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text


async def test_a_bot_that_discord_shuts_out_leaves_what_it_was_painting_to_its_next_start(
    setup: Setup,
) -> None:
    setup.images.latency = 0.5
    bot = await setup.start_bot()
    asking = setup.ada.begin("imagine", prompt="a fox")
    await asking.acknowledged()
    await setup.discord.gateway.close(4004)
    assert await bot.ended() == 78
    await setup.start_bot()
    assert (await asking.finished()).attachments
    assert setup.images.paid == 1


async def test_a_host_that_forgets_its_files_is_warned_of_loudly(setup: Setup) -> None:
    bot = await setup.start_bot(DYNO="worker.1", DATABASE_URL="")
    await log_line(bot, "Heroku wipes this disk at a restart")


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize(("limit", "words"), [("10", "1 of 10"), ("0", "turned off")])
async def test_a_first_answer_whose_connection_is_cut_is_given_again(
    setup: Setup, after_effect: bool, limit: str, words: str
) -> None:
    await setup.start_bot(DAILY_LIMIT=limit)
    setup.discord.faults.cut("callback", after_effect=after_effect)
    reply = await setup.ada.imagine("a fox")
    assert words in reply.text
    assert len(setup.images.requests) == bool(reply.attachments)
