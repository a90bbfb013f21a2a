"""The real bot as a process: what a member sees of `/imagine`."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
from PIL import Image

from bot.ui.text import units
from sandbox.discord import Reply
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE


def footer(reply: Reply) -> str:
    return reply.embeds[0].footer


def counter(reply: Reply) -> str:
    return reply.embeds[0].fields[0].value.removesuffix(" images")


async def test_a_member_sees_the_picture_the_revised_prompt_and_the_counter(setup: Setup) -> None:
    await setup.start_bot()
    reply = await setup.ada.imagine("a T-Rex relaxing on a beach")
    [embed] = reply.embeds
    [file] = reply.attachments
    assert not reply.ephemeral
    assert embed.description == r"> a T\-Rex relaxing on a beach"
    assert embed.image == file
    assert Image.open(io.BytesIO(file.data)).format == "JPEG"
    assert counter(reply) == "1 of 10"
    assert "T-Rex" in footer(reply)
    assert footer(reply).splitlines() == [embed.alt, "Painted by grok-2-image"]
    assert file.description == embed.alt
    assert setup.images.paid == 1


async def test_the_counter_goes_up_with_each_picture_and_is_each_members_own(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    replies = [
        await setup.ada.imagine("a fox"),
        await setup.ada.imagine("a fox", 3),
        await bob.imagine("a cat"),
    ]
    assert [counter(reply) for reply in replies] == ["1 of 10", "4 of 10", "1 of 10"]


async def test_several_pictures_are_one_gallery(setup: Setup) -> None:
    await setup.start_bot(MAX_IMAGES_PER_PROMPT="10")
    reply = await setup.ada.imagine("foxes", 6)
    assert len(reply.attachments) == 6
    first, second = sorted({embed.url for embed in reply.embeds})
    assert [embed.url for embed in reply.embeds] == 4 * [first] + 2 * [second]
    assert [bool(embed.footer) for embed in reply.embeds] == [True] + 5 * [False]
    assert all(embed.image for embed in reply.embeds)


async def test_a_limit_of_five_and_twenty_clicks_at_once_are_exactly_five_pictures(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="5")
    replies = await asyncio.gather(*(setup.ada.imagine("a cat") for _ in range(20)))
    pictures = [reply for reply in replies if reply.attachments]
    refusals = [reply for reply in replies if not reply.attachments]
    assert (len(pictures), len(refusals)) == (5, 15)
    assert sorted(counter(reply) for reply in pictures) == [f"{n} of 5" for n in range(1, 6)]
    assert all(reply.ephemeral and "You've used your 5 images" in reply.text for reply in refusals)
    assert setup.images.paid == 5


async def test_a_burst_of_forty_is_delivered_to_the_last_one(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="unlimited", DAILY_LIMIT_CEILING="unlimited")
    replies = await asyncio.gather(*(setup.ada.imagine(f"cat {number}") for number in range(40)))
    assert all(len(reply.attachments) == 1 for reply in replies)
    assert max(reply.acknowledged_after or 99 for reply in replies) < 3
    assert setup.images.paid == 40
    assert setup.images.peak_concurrency <= 8


@pytest.mark.parametrize(
    ("settings", "images", "words"),
    [
        ({"DAILY_LIMIT": "0"}, 1, "turned off for you"),
        ({"DAILY_LIMIT": "3"}, 4, "your limit is 3 images a day"),
        ({"SERVER_DAILY_LIMIT": "0"}, 1, "turned off in this server"),
        ({"SERVER_DAILY_LIMIT": "2"}, 3, "the limit of this server is 2 images a day"),
        ({"BOT_DAILY_LIMIT": "1"}, 2, "the limit of this bot is 1 image a day"),
        ({"MAX_IMAGES_PER_PROMPT": "2"}, 3, "at most 2 images"),
    ],
)
async def test_whoever_is_refused_is_told_privately_and_nothing_is_bought(
    setup: Setup, settings: dict[str, str], images: int, words: str
) -> None:
    await setup.start_bot(**settings)
    reply = await setup.ada.imagine("a fox", images, forged=True)
    assert reply.ephemeral
    assert words in reply.text
    assert setup.images.requests == []


async def test_the_servers_limit_is_shared_by_its_members_and_by_nobody_else(setup: Setup) -> None:
    await setup.start_bot(SERVER_DAILY_LIMIT="1")
    elsewhere = setup.discord.server("Elsewhere").member("Eve")
    await setup.ada.imagine("a fox")
    refused = await setup.tea_house.member("Bob").imagine("a fox")
    assert "This server has used its 1 image for today" in refused.text
    assert (await elsewhere.imagine("a fox")).attachments


async def test_an_empty_prompt_is_refused_privately(setup: Setup) -> None:
    await setup.start_bot()
    for nothing in ("   ", "\u200b\u200d", "\u202e\u2066"):
        reply = await setup.ada.imagine(nothing, forged=True)
        assert reply.ephemeral
        assert "Your prompt is empty" in reply.text
    assert setup.images.requests == []


async def test_a_prompt_too_long_for_the_model_is_told_both_numbers(setup: Setup) -> None:
    await setup.start_bot()
    reply = await setup.ada.imagine("x" * 4000)
    assert reply.ephemeral
    assert "4,000 characters" in reply.text
    assert "takes 1,024" in reply.text


HOSTILE = [
    "@everyone @here <@1> <@&2>",
    "``` `code` **bold** ||spoiler||",
    "[click me](https://evil.example) <https://evil.example>",
    "\u202eexof a\u202c",
    "🦊" * 500,
    "*" * 1024,
    "قطة على الشاطئ",
    "a\n# title\n> quote\n1. list",
]


async def test_a_hostile_prompt_is_shown_and_does_nothing(setup: Setup) -> None:
    await setup.start_bot()
    for hostile in HOSTILE:
        reply = await setup.ada.imagine(hostile, forged=True)
        [embed] = reply.embeds
        assert reply.attachments
        assert not reply.pings
        assert reply.content == ""
        assert "\u202e" not in embed.text
        assert units(embed.text) <= 6000
        assert "](" not in embed.description
    edits = [asked.body for asked in setup.discord.traffic.of("edit_original")]
    assert len(edits) == len(HOSTILE)
    assert all(isinstance(body, dict) and body["allowed_mentions"] == {"parse": []} for body in edits)


async def test_the_longest_prompt_of_the_fallback_model_still_fits_the_embed(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL="x-ai/grok-imagine-image")
    reply = await setup.ada.imagine("_" * 4000)
    assert reply.attachments
    assert footer(reply).startswith("Painted by grok-imagine-image, as written")


@pytest.mark.parametrize("how", ["retired", "withdrawn", "without_channels"])
async def test_a_model_that_goes_while_it_paints_is_replaced_inside_the_same_command(
    setup: Setup, how: str
) -> None:
    await setup.start_bot()
    setup.images.latency = 0.5
    pending = [setup.ada.begin("imagine", prompt=f"fox {number}") for number in range(3)]
    async with asyncio.timeout(PATIENCE):
        while len(setup.images.requests) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    getattr(setup.images, how).add("x-ai/grok-2-image")
    replies = [await one.finished() for one in pending]
    assert [footer(reply).splitlines()[-1] for reply in replies] == ["Painted by grok-imagine-image"] * 3
    assert setup.images.paid == 3
    assert len(setup.images.requests) == 6


async def test_a_retired_model_is_replaced_inside_the_same_command(setup: Setup) -> None:
    setup.images.retired = {"x-ai/grok-2-image"}
    bot = await setup.start_bot()
    replies = [await setup.ada.imagine("a fox") for _ in range(2)]
    assert [footer(reply).splitlines()[-1] for reply in replies] == 2 * ["Painted by grok-imagine-image"]
    assert [counter(reply) for reply in replies] == ["1 of 10", "2 of 10"]
    warnings = [line for line in map(json.loads, bot.log) if line["level"] == "warning"]
    assert ["grok-imagine-image" in line["message"] for line in warnings] == [True]


async def test_a_picture_over_the_upload_limit_arrives_smaller(setup: Setup) -> None:
    small = setup.discord.server("Small", upload_limit=20_000).member("Sam")
    await setup.start_bot()
    [file] = (await small.imagine("a fox")).attachments
    assert len(file.data) <= 20_000
    Image.open(io.BytesIO(file.data)).load()


async def test_usage_is_private_and_agrees_with_the_counter(setup: Setup) -> None:
    await setup.start_bot()
    await setup.ada.imagine("a fox", 3)
    reply = await setup.ada.use("usage")
    assert reply.ephemeral
    assert "**You, today**: 3 of 10 used, 7 left · resets <t:" in reply.text
    assert "Last 7 days: 3" in reply.text
    assert reply.text.count("\n") >= 8
    assert not setup.tea_house.member("Bob").sees(reply)


async def test_the_commands_are_registered_once_and_again_only_when_they_change(setup: Setup) -> None:
    for settings in ({}, {}, {"MAX_IMAGES_PER_PROMPT": "2"}):
        async with setup.bot(**settings):
            pass
    assert setup.discord.commands.syncs == 2


async def test_the_bot_asks_for_no_intents(setup: Setup) -> None:
    await setup.start_bot()
    [session] = setup.discord.gateway.sessions.values()
    assert session.intents == 0


async def test_the_log_tells_the_story_and_no_secret(setup: Setup) -> None:
    bot = await setup.start_bot(LOG_LEVEL="DEBUG")
    reply = await setup.ada.imagine("a fox")
    setup.images.inject_fault("bad_key")
    await setup.ada.imagine("a fox")
    assert await bot.terminate() == 0
    lines = [json.loads(line) for line in bot.log]
    delivered = [line for line in lines if "delivered" in line["message"]]
    assert len(delivered) == 1
    assert delivered[0]["level"] == "info"
    secrets = (setup.discord.token, setup.images.key, reply.interaction.token)
    assert not [line for line in bot.log for secret in secrets if secret in line]


async def test_two_copies_on_one_postgresql_share_each_command_out_and_keep_one_limit(
    setup: Setup, postgres_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=postgres_url, DAILY_LIMIT="5")
    await setup.start_bot(DATABASE_URL=postgres_url, DAILY_LIMIT="5")
    await setup.discord.gateway.changes.wait_for(lambda: setup.discord.gateway.identifies == 2, PATIENCE)
    replies = await asyncio.gather(*(setup.ada.imagine("a cat") for _ in range(20)))
    assert sum(len(reply.attachments) for reply in replies) == 5
    assert setup.images.paid == 5
    assert "today**: 5 of 5 used" in (await setup.ada.use("usage")).text
