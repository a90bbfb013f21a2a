"""Looking at the image API without buying anything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from aiohttp import web

from bot.core.generation.model import ImageSpec
from bot.core.health.image_api_monitor import Balance
from bot.imaging.catalogue import Catalogue
from bot.imaging.client import ImageClient, ImagingSettings
from bot.imaging.probe import Inspector, KeyState
from sandbox.images import ImageApi
from tests.imaging.conftest import GROK, IMAGINE, serving


async def test_a_working_key_comes_with_its_balance(client: ImageClient, images: ImageApi) -> None:
    found = await client.probe.inspect()

    assert (found.reachable, found.key, found.balance) == (True, KeyState.WORKS, Balance(100.0, "USD"))
    assert [model.served for model in found.models] == [True, True]
    assert images.requests == []


async def test_what_is_left_of_the_balance_is_learned_without_reading_the_list_of_models(
    client: ImageClient, images: ImageApi
) -> None:
    assert await client.probe.balance() == Balance(100.0, "USD")
    assert images.catalogue_reads == 0


async def test_a_wrong_key_is_rejected(settings: ImagingSettings) -> None:
    async with ImageClient(replace(settings, key="wrong")) as client:
        assert (await client.probe.inspect()).key is KeyState.REJECTED


async def test_a_retired_model_is_not_served_and_called_withdrawn(
    client: ImageClient, images: ImageApi
) -> None:
    images.retired = {GROK}

    model, _ = (await client.probe.inspect()).models

    assert model.served is False
    assert model.deprecation is not None
    assert model.deprecation.status == "withdrawn"


@pytest.mark.parametrize("key_path", ["/elsewhere"])
async def test_an_api_without_these_questions_cannot_tell(
    settings: ImagingSettings, images: ImageApi, key_path: str
) -> None:
    async with ImageClient(replace(settings, url=f"{images.origin}{key_path}")) as client:
        found = await client.probe.inspect()

    assert [(model.served, model.deprecation) for model in found.models] == [(None, None)] * 2


async def test_an_api_that_is_down_is_unreachable(client: ImageClient, images: ImageApi) -> None:
    async with images.down():
        found = await client.probe.inspect()

    assert (found.reachable, found.key, found.models[0].served) == (False, KeyState.UNKNOWN, None)


async def test_a_start_that_finds_no_model_says_so(client: ImageClient, images: ImageApi) -> None:
    images.retired = {GROK, IMAGINE}
    assert not await client.probe.choose_model()
    assert client.model == GROK


async def test_what_an_order_has_cost_is_found_by_its_id(client: ImageClient, images: ImageApi) -> None:
    await client.order(ImageSpec("a fox", 2), "42")
    await client.order(ImageSpec("a cat"), "43")
    assert await client.logged_cost("42", 1) == 294_000


async def test_an_order_that_the_api_has_not_on_record_may_have_cost_something(
    client: ImageClient, images: ImageApi
) -> None:
    await client.order(ImageSpec("a fox"), "42")
    assert await client.logged_cost("7", 1) is None


async def test_an_api_without_a_record_does_not_say_what_an_order_has_cost(
    client: ImageClient, settings: ImagingSettings, images: ImageApi
) -> None:
    async with ImageClient(replace(settings, key="wrong")) as stranger:
        assert await stranger.logged_cost("42", 1) is None
    async with images.down():
        assert await client.logged_cost("42", 1) is None


@pytest.mark.parametrize("cost", ["NaN", "Infinity", "-1", "1" + "0" * 400, "true", '"much"'])
async def test_a_cost_that_is_none_is_not_known(cost: str) -> None:
    answer = f'{{"data": [{{"client_request_id": "42", "cost": {cost}}}]}}'
    async with answering(answer) as inspector:
        assert await inspector.logged_cost("42", 1) is None


@pytest.mark.parametrize(
    ("rows", "attempts", "credits"),
    [
        ([("429", 0)], 1, 0),
        ([("failed", 0), (None, "0")], 2, 0),
        ([(429, 0), (200, 0.0735)], 2, 147_000),
        ([], 1, None),
        ([], 0, None),
        ([(429, 0)], 2, None),  # the second is on its way, or on the next page
        ([(429, 0), (429, 0)], 1, None),  # of somebody who uses the same ids
        ([(200, 0.0735)], 2, None),
        ([(200, 0)], 1, None),  # billed later
        ([("processing", 0)], 1, None),
        ([(429, 0), (500, None)], 2, None),
        ([(429, 0.0735), (500, -0.0735)], 2, None),
    ],
)
async def test_what_an_order_has_cost_is_known_once_each_of_its_attempts_is_on_record(
    rows: list[tuple[object, object]], attempts: int, credits: int | None
) -> None:
    others = [{"client_request_id": "7", "status": 429, "cost": 0}, {"status": 200, "cost": 1}, 5]
    log = [{"client_request_id": "42", "status": status, "cost": cost} for status, cost in rows]
    async with answering(json.dumps({"data": [*others, *log]})) as inspector:
        assert await inspector.logged_cost("42", attempts) == credits


@pytest.mark.parametrize("balance", ["NaN", "-Infinity", "1" + "0" * 400, "false", "null"])
async def test_a_balance_that_is_none_is_not_known(balance: str) -> None:
    async with answering(f'{{"current_balance": {balance}}}') as inspector:
        assert (await inspector.inspect(["m"])).balance is None


@asynccontextmanager
async def answering(text: str) -> AsyncIterator[Inspector]:
    """An API that says this to whatever it is asked."""

    async def say(_request: web.BaseRequest) -> web.Response:
        return web.Response(text=text)

    async with serving(say) as origin, httpx.AsyncClient() as http:
        yield Inspector(http, f"{origin}/v1", "key", Catalogue(http, f"{origin}/v1", "key"))
