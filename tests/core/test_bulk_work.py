"""Commands that move much wait for each other, and nobody has two at a time."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.bulk_work import MOST_RUNNING, BulkWork
from bot.core.errors import BulkWorkRunning, DatabaseBusy


class BulkWorkSetup:
    """Members who ask for much, and hold their turn until they are let go."""

    def __init__(self, bulk: BulkWork) -> None:
        self.bulk = bulk
        self.done = asyncio.Event()
        self.running = self.most = 0

    async def ask(self, member: int) -> None:
        async with self.bulk.turn(1, member):
            self.running += 1
            self.most = max(self.most, self.running)
            await self.done.wait()
            self.running -= 1


async def test_of_twelve_members_a_few_are_served_at_a_time() -> None:
    setup = BulkWorkSetup(BulkWork())
    asking = [asyncio.create_task(setup.ask(member)) for member in range(12)]
    await asyncio.sleep(0)
    assert setup.running == MOST_RUNNING
    setup.done.set()
    await asyncio.gather(*asking)
    assert setup.most == MOST_RUNNING


async def test_who_has_not_got_an_answer_yet_is_told_so_and_may_ask_again_afterwards() -> None:
    setup = BulkWorkSetup(BulkWork())
    first = asyncio.create_task(setup.ask(1))
    await asyncio.sleep(0)
    for _ in range(11):
        with pytest.raises(BulkWorkRunning):
            await setup.ask(1)
    setup.done.set()
    await first
    await setup.ask(1)


async def test_whose_turn_does_not_come_is_told_that_the_bot_is_busy_and_is_forgotten() -> None:
    setup = BulkWorkSetup(BulkWork(at_once=1, patience=0.01))
    first = asyncio.create_task(setup.ask(1))
    await asyncio.sleep(0)
    for _ in range(2):
        with pytest.raises(DatabaseBusy):
            await setup.ask(2)
    setup.done.set()
    await first
    await setup.ask(2)
