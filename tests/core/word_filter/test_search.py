"""Looking for blocked words beside everything else that the bot does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from threading import Event

import pytest

from bot.core.word_filter.errors import PromptCheckBusy
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList
from tests.core.word_filter.hostile_words import LISTS, prompt_of
from tests.patience import PATIENCE

MEMBER = 1_000


@dataclass(frozen=True, slots=True)
class SlowWords(WordList):
    """A search that lasts until it is let go."""

    begun: Event = field(default_factory=Event)
    finish: Event = field(default_factory=Event)

    def found_in(self, prompt: str) -> str | None:
        self.begun.set()
        assert self.finish.wait(10)
        return WordList.found_in(self, prompt)


async def test_while_a_search_runs_the_event_loop_does_everything_else() -> None:
    search, words = WordSearch(10), SlowWords(("fox",))
    running = asyncio.create_task(search.first_in("a fox", words, 1, MEMBER))
    assert await asyncio.to_thread(words.begun.wait, 10)
    assert not running.done()
    words.finish.set()
    assert await running == "fox"


async def test_a_search_that_does_not_get_its_turn_in_time_refuses() -> None:
    search, words = WordSearch(0.05), SlowWords(("fox",))
    with pytest.raises(PromptCheckBusy):
        await search.first_in("a fox", words, 1, MEMBER)
    with pytest.raises(PromptCheckBusy):
        await search.first_in("a fox", WordList(("fox",)), 2, MEMBER + 1)
    words.finish.set()
    assert await search.first_in("a fox", WordList(("fox",)), 2, MEMBER + 1) == "fox"


async def test_a_server_with_many_prompts_keeps_the_others_waiting_for_one_of_them_only() -> None:
    search, words, ended = WordSearch(10), SlowWords(("fox",)), list[int]()

    async def searched(server: int, member: int) -> None:
        await search.first_in("a fox", words, server, member)
        ended.append(server)

    crowd = [asyncio.create_task(searched(1, member)) for member in range(5)]
    assert await asyncio.to_thread(words.begun.wait, 10)
    await asyncio.sleep(0)
    other = asyncio.create_task(searched(2, MEMBER))
    await asyncio.sleep(0)
    words.finish.set()
    await asyncio.gather(*crowd, other)
    assert ended.index(2) <= 2


async def test_a_member_with_many_prompts_keeps_others_in_the_server_waiting_for_one_of_them_only() -> None:
    search, words, ended = WordSearch(10), SlowWords(("fox",)), list[int]()

    async def searched(member: int) -> None:
        await search.first_in("a fox", words, 1, member)
        ended.append(member)

    flood = [asyncio.create_task(searched(MEMBER)) for _ in range(20)]
    assert await asyncio.to_thread(words.begun.wait, 10)
    others = [asyncio.create_task(searched(member)) for member in (1, 2, 3)]
    await asyncio.sleep(0)
    words.finish.set()
    await asyncio.gather(*flood, *others)
    assert [ended.index(member) for member in (1, 2, 3)] <= [1, 3, 5]


async def test_a_member_who_floods_many_servers_keeps_others_waiting_for_one_of_them_only() -> None:
    search, words, ended = WordSearch(10), SlowWords(("fox",)), list[int]()

    async def searched(server: int, member: int) -> None:
        await search.first_in("a fox", words, server, member)
        ended.append(server)

    flood = [asyncio.create_task(searched(server, MEMBER)) for server in range(20)]
    assert await asyncio.to_thread(words.begun.wait, 10)
    other = asyncio.create_task(searched(99, MEMBER + 1))
    await asyncio.sleep(0)
    words.finish.set()
    await asyncio.gather(*flood, other)
    assert ended.index(99) <= 1


async def test_a_flood_of_the_worst_prompts_keeps_another_server_waiting_for_one_of_them_at_a_time() -> None:
    search, listed, prompt = WordSearch(10), LISTS["all letters"], prompt_of("ɐʋI🅰а乃б ")
    flood = [asyncio.create_task(search.first_in(prompt, listed, 1, member)) for member in range(200)]
    await asyncio.sleep(0)
    for server in range(2, 7):
        before = sum(task.done() for task in flood)
        assert await search.first_in("a fox", WordList(("fox",)), server, MEMBER) == "fox"
        assert sum(task.done() for task in flood) <= before + 2
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_without_blocked_words_nobody_waits_for_a_turn() -> None:
    search, words = WordSearch(10), SlowWords(("fox",))
    running = asyncio.create_task(search.first_in("a fox", words, 1, MEMBER))
    assert await asyncio.wait_for(search.first_in("a fox", WordList(), 2, MEMBER), PATIENCE) is None
    words.finish.set()
    await running
