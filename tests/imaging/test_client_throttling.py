"""A 429 of the image API slows all orders down together, and none is lost."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.errors import RateLimited
from bot.core.generation.model import ImageSpec
from bot.imaging.client import ImageClient, ImagingSettings, Unrecorded
from sandbox.images import ImageApi
from tests.imaging.conftest import Pauses, serving
from tests.patience import PATIENCE


async def ordered(client: ImageClient, limiter: FairLimiter, number: int, attempts: Unrecorded) -> None:
    async with Turn(limiter, 1, number) as turn:
        await client.order(ImageSpec("a fox"), str(number), attempts, turn)


async def test_of_a_burst_that_is_too_fast_every_order_is_painted_in_the_end(
    images: ImageApi, settings: ImagingSettings
) -> None:
    limiter = FairLimiter(16)
    async with ImageClient(settings, random=lambda: 0.1) as client:
        images.inject_fault("rate_limited", 12)
        await asyncio.gather(*(ordered(client, limiter, number, Unrecorded()) for number in range(30)))
    assert images.paid == 30
    assert limiter.width < 16


async def test_a_width_that_the_api_takes_is_found_out_by_trying(
    images: ImageApi, settings: ImagingSettings
) -> None:
    limiter = FairLimiter(16, 2)
    async with ImageClient(settings) as client:
        await asyncio.gather(*(ordered(client, limiter, number, Unrecorded()) for number in range(4)))
    assert limiter.width == 16


async def test_orders_wait_in_line_where_the_api_takes_so_many_in_a_window_and_says_no_more(
    settings: ImagingSettings,
) -> None:
    window, taken, limiter = 0.3, list[float](), FairLimiter(8)

    async def five_in_a_window(request: web.BaseRequest) -> web.Response:
        now = asyncio.get_running_loop().time()
        if len([at for at in taken if at > now - window]) >= 5:
            return web.json_response({"message": "Too Many Requests", "statusCode": "429"}, status=429)
        taken.append(now)
        return web.json_response({"data": [{"url": f"http://{request.host}/a.png"}]})

    async with serving(five_in_a_window) as origin:
        there = ImagingSettings(f"{origin}/v1", settings.key, settings.models, timeout_seconds=PATIENCE)
        async with ImageClient(there, random=lambda: 0.1) as client:
            await asyncio.gather(*(ordered(client, limiter, number, Unrecorded()) for number in range(18)))

    assert len(taken) == 18


class Announced(Unrecorded):
    """Counts the requests that were announced, each of which may cost."""

    requests = 0

    async def submitting(self, model: str, images: int) -> None:
        self.requests += 1


async def test_an_order_that_waits_out_a_pause_may_not_have_cost_anything_yet(
    settings: ImagingSettings, images: ImageApi, client: ImageClient
) -> None:
    attempts, limiter = Announced(), FairLimiter(2)
    async with Turn(limiter, 1, 1) as one:
        one.throttled(2 * settings.timeout_seconds)
    with pytest.raises(RateLimited):
        await ordered(client, limiter, 1, attempts)
    assert attempts.requests == len(images.requests) == 0


async def test_an_order_without_a_limiter_keeps_to_its_own_pause(
    client: ImageClient, images: ImageApi, pauses: Pauses
) -> None:
    images.inject_fault("rate_limited_briefly")
    await client.order(ImageSpec("a fox"), "1")
    await client.order(ImageSpec("a fox"), "2")
    assert len(pauses.seconds) == 1
