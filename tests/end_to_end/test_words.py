"""Blocked words that somebody chose to hold the bot up, and text that nobody can see."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.limits.policy import Policy
from bot.core.word_filter.word_list import WordList
from bot.storage.engine.opening import open_database
from bot.storage.policies import SqlPolicies
from tests.core.word_filter.hostile_words import LISTS, of_different_characters
from tests.end_to_end.conftest import Setup


async def block(url: str, server: int, words: WordList) -> None:
    def edit(policy: Policy) -> Policy:
        return replace(policy, words=words)

    async with open_database(url) as database:
        await SqlPolicies(database).change(server, edit, 1, datetime.now(UTC))


async def test_while_one_server_has_the_worst_prompts_searched_another_is_answered(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url, DAILY_LIMIT="100")
    await block(database_url, setup.tea_house.id, LISTS["all letters"])
    elsewhere = setup.discord.server("Elsewhere")
    others = [elsewhere.member(f"Other {number}") for number in range(4)]
    crowd = [setup.tea_house.member(f"Member {number}") for number in range(12)]
    worst = of_different_characters(1000)
    for _ in range(20):  # once at least, on a busy machine: whoever is held up would be held up each time
        attack = [asyncio.create_task(one.imagine(worst)) for one in crowd]
        replies = await asyncio.gather(*(one.imagine("a fox") for one in others))
        for reply in await asyncio.gather(*attack):
            assert reply.attachments or "Nothing was counted. Try again in a minute." in reply.text
        if all(reply.attachments for reply in replies):
            return
    pytest.fail("those of another server were held up each time")


async def test_text_that_nobody_can_see_is_not_painted(setup: Setup) -> None:
    await setup.start_bot()
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "and a gun")
    reply = await setup.ada.imagine(f"a fox{hidden} 🏴󠁧󠁢󠁥󠁮󠁧󠁿")
    assert reply.attachments
    [order] = setup.images.requests
    assert order.body["prompt"] == "a fox 🏴󠁧󠁢󠁥󠁮󠁧󠁿"


async def test_a_prompt_of_nothing_that_can_be_seen_is_empty(setup: Setup) -> None:
    await setup.start_bot()
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "a fox in the snow")
    reply = await setup.ada.imagine(hidden)
    assert reply.ephemeral
    assert "Your prompt is empty" in reply.text
