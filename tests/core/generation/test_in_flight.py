"""A process that nobody uses asks rarely, and at once when there may be work."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.generation.in_flight import BUSY_SECONDS, LONGEST_PAUSE_SECONDS, IdlePolling, pause_after
from bot.core.generation.ledger import LEASE_SECONDS
from bot.core.generation.recovery import POLL_SECONDS
from tests.patience import PATIENCE

HOUR = 3600.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def looks(seconds: float) -> int:
    """How many there are in so many seconds after the last activity."""
    now, count = 0.0, 0
    while (now := now + pause_after(now, POLL_SECONDS)) <= seconds:
        count += 1
    return count


def test_whoever_was_active_is_found_dead_as_soon_as_ever() -> None:
    assert BUSY_SECONDS >= LEASE_SECONDS + 2 * POLL_SECONDS
    assert pause_after(BUSY_SECONDS, POLL_SECONDS) == POLL_SECONDS


def test_the_longer_it_is_quiet_the_rarer_the_looks() -> None:
    pauses = [pause_after(quiet, POLL_SECONDS) for quiet in range(0, 7200, 10)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    assert looks(HOUR) <= 30
    assert looks(24 * HOUR) - looks(HOUR) <= 47


async def test_a_long_rest_ends_at_once_where_there_may_be_work(clock: Clock) -> None:
    idle_polling = IdlePolling(clock)
    clock.now += HOUR
    assert idle_polling.is_slow
    resting = asyncio.create_task(idle_polling.rest(POLL_SECONDS))
    await asyncio.sleep(0)
    assert not resting.done()
    idle_polling.end()
    async with asyncio.timeout(PATIENCE):
        await resting
    assert not idle_polling.is_slow
