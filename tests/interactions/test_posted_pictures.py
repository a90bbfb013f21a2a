"""Messages with pictures are found again for everybody who looks at some, however many somebody looks at."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.core.generation.model import Generation, ImageSpec, Request, State
from bot.core.place import Caller, InServer
from bot.interactions.posted_pictures import AT_ONCE, UNKNOWN, PostedPicturesFinder
from tests.core.factories import NOON
from tests.patience import PATIENCE, until


class SlowDiscord:
    """Does not say of any message what is in it, one at a time; `asked` are the channels of those."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.answers = asyncio.Semaphore(0)

    def get_partial_messageable(self, channel: int) -> SlowChannel:
        return SlowChannel(channel, self)


class SlowChannel:
    def __init__(self, id: int, discord: SlowDiscord) -> None:
        self._id, self._discord = id, discord

    async def fetch_message(self, _message: int) -> None:
        self._discord.asked.append(self._id)
        await self._discord.answers.acquire()
        raise TimeoutError


def posted(id: int, channel: int) -> Generation:
    request = Request(id, Caller(2, InServer(1, channel)), ImageSpec("a fox"))
    return replace(Generation(request, State.DELIVERED, NOON), message=id)


async def test_a_channel_that_discord_answers_slowly_keeps_no_other_waiting() -> None:
    discord: Any = SlowDiscord()
    finder = PostedPicturesFinder(discord, look_seconds=PATIENCE)
    many = asyncio.create_task(finder.of([posted(id, channel=7) for id in range(1, 60)]))
    await until(lambda: len(discord.asked) == AT_ONCE)
    other = asyncio.create_task(finder.of([posted(99, channel=8)]))
    for _ in range(10):  # until it waits as well: a task begins another
        await asyncio.sleep(0)
    for _ in range(2):
        discord.answers.release()
    await until(lambda: len(discord.asked) == AT_ONCE + 2)
    assert 8 in discord.asked
    for _ in range(60):
        discord.answers.release()
    assert set((await many).values()) == set((await other).values()) == {UNKNOWN}
