"""All orders keep one pace: a 429 slows every one of them, and it recovers."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import replace

import pytest
from aiohttp import web

from bot.core.errors import RateLimited
from bot.imaging.client import ImageClient, ImagingSettings
from bot.imaging.throttle import Pace
from sandbox.images import ImageApi
from tests.imaging.conftest import serving

NEVER = math.inf


class Crowd:
    """Orders that each hold a place until `gate` opens."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()

    async def order(self) -> None:
        async with self.pace.place(NEVER):
            self.running += 1
            self.most = max(self.most, self.running)
            await self.gate.wait()
            self.running -= 1


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def no_time(_: float) -> None:
    await asyncio.sleep(0)


async def test_no_more_than_the_most_run_at_once() -> None:
    crowd = Crowd(Pace(3, no_time))
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(crowd.order())
        await settled()
        assert crowd.running == 3
        crowd.gate.set()
    assert crowd.most == 3


async def test_a_change_of_pace_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pace = Pace(2, no_time)
    for _ in range(8):
        pace.slow_down(0.01)
    await asyncio.sleep(0.02)
    pace.slow_down(0.01)  # one at a time already
    for _ in range(3):
        pace.went_well()
    assert [record.message for record in caplog.records] == [
        "the image API asks to slow down: 1 at once, after 0.0 s",
        "back to the full pace: 2 at once",
    ]


async def test_a_429_halves_what_runs_at_once_and_those_that_say_it_together_count_once() -> None:
    pace = Pace(16, no_time)
    for _ in range(8):
        pace.slow_down(0.05)
    assert pace.allowed == 8
    await asyncio.sleep(0.06)
    pace.slow_down(0.05)
    assert pace.allowed == 4


async def test_it_never_stops_altogether_and_recovers_to_the_most() -> None:
    pace = Pace(4, no_time)
    for _ in range(10):
        pace.slow_down(0)
    assert pace.allowed == 1
    for _ in range(100):
        pace.went_well()
    assert pace.allowed == 4


async def test_everybody_waits_as_long_as_the_api_asked_for() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    pace = Pace(4, sleep)
    pace.slow_down(7)
    for _ in range(3):
        async with pace.place(NEVER):
            pass
    assert pauses == pytest.approx([7, 7, 7], abs=0.1)


async def test_one_that_gives_up_waiting_leaves_its_place_to_others() -> None:
    crowd = Crowd(Pace(1, no_time))
    first, second, third = (asyncio.create_task(crowd.order()) for _ in range(3))
    await settled()
    second.cancel()
    crowd.gate.set()
    await asyncio.gather(first, third)
    assert second.cancelled()


async def test_of_a_burst_that_is_too_fast_every_order_is_painted_in_the_end(
    images: ImageApi, settings: ImagingSettings
) -> None:
    async with ImageClient(replace(settings, concurrency=16), random=lambda: 0.1) as client:
        images.inject_fault("rate_limited", 12)
        await asyncio.gather(*(client.order("a fox", 1, str(number)) for number in range(30)))
    assert images.paid == 30


async def test_whoever_does_not_get_a_turn_in_time_does_not_wait_for_longer() -> None:
    loop = asyncio.get_running_loop()
    pace = Pace(1, no_time)
    async with pace.place(NEVER):
        with pytest.raises(RateLimited):
            async with pace.place(loop.time() + 0.02):
                raise AssertionError("there is no place")
    async with pace.place(loop.time() + 1):
        pass
    pace.slow_down(60)
    with pytest.raises(RateLimited):
        async with pace.place(loop.time() + 30):
            raise AssertionError("all are asked to wait for longer")


async def test_orders_wait_in_line_where_the_api_takes_so_many_in_a_window_and_says_no_more(
    settings: ImagingSettings,
) -> None:
    window, taken = 0.3, list[float]()

    async def five_in_a_window(request: web.BaseRequest) -> web.Response:
        now = asyncio.get_running_loop().time()
        if len([at for at in taken if at > now - window]) >= 5:
            return web.json_response({"message": "Too Many Requests", "statusCode": "429"}, status=429)
        taken.append(now)
        return web.json_response({"data": [{"url": f"http://{request.host}/a.png"}]})

    async with serving(five_in_a_window) as origin:
        there = replace(settings, url=f"{origin}/v1")
        async with ImageClient(there, random=lambda: 0.1) as client:
            await asyncio.gather(*(client.order("a fox", 1, str(number)) for number in range(18)))

    assert len(taken) == 18
