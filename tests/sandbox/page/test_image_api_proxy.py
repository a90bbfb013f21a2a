"""Between the bot and the image API: passes on what comes as it comes, and adds up what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ClientSession

from sandbox.images import ImageApi
from sandbox.page.image_api_proxy import Relay, cost

ORDER = {"model": "x-ai/grok-2-image", "prompt": "a fox", "n": 2}


@pytest.fixture
async def images() -> AsyncIterator[ImageApi]:
    async with ImageApi(painting="plain") as images:
        yield images


@pytest.fixture
async def relay(images: ImageApi) -> AsyncIterator[Relay]:
    async with Relay(images.url, images.key) as relay:
        yield relay


async def order(relay: Relay) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {relay.key}"}
    async with (
        ClientSession() as client,
        client.post(f"{relay.url}/images/generations", json=ORDER, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_an_order_arrives_and_its_cost_is_noted(relay: Relay, images: ImageApi) -> None:
    status, _ = await order(relay)
    assert (status, images.paid_pictures) == (200, 2)
    assert relay.pictures == 2
    assert relay.dollars == pytest.approx(2 * 0.0735)
    [exchange] = relay.exchanges
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/v1/images/generations", 200)


async def test_no_more_pictures_are_counted_than_were_ordered(relay: Relay, images: ImageApi) -> None:
    images.misbehave("many_pictures")
    await order(relay)
    assert relay.pictures == 2


@pytest.mark.parametrize("name", ["reset", "cut_short"])
async def test_a_broken_answer_stays_broken(relay: Relay, images: ImageApi, name: str) -> None:
    images.misbehave(name)
    with pytest.raises(ClientError):
        await order(relay)


async def test_a_refusal_keeps_its_status_and_costs_nothing(relay: Relay, images: ImageApi) -> None:
    images.misbehave("rate_limited_briefly")
    assert (await order(relay))[0] == 429
    assert (relay.dollars, relay.pictures) == (0, 0)


async def test_where_nobody_listens_there_is_no_answer(relay: Relay, images: ImageApi) -> None:
    async with images.down():
        with pytest.raises(ClientError):
            await order(relay)
    assert relay.exchanges[-1].status is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"data": [{}], "meta": {"usage": {"credits_used": 147000}}}', (0.0735, 1)),
        (b'{"data": [{}, {}], "usage": {"cost_in_usd_ticks": 400000000}}', (0.04, 2)),
        (b'{"data": [{}]}', (None, 1)),
        (b'{"data": null, "meta": null}', (None, 0)),
        (b"<html>", (None, 0)),
        (b"[]", (None, 0)),
    ],
)
def test_what_an_answer_cost_is_read_from_either_api(body: bytes, told: tuple[float | None, int]) -> None:
    assert cost(body, {}) == told


def test_what_an_answer_does_not_say_its_headers_may() -> None:
    assert cost(b'{"data": [{}]}', {"x-aimlapi-usd-spent": "0.0735"}) == (0.0735, 1)
    assert cost(b"", {"x-aimlapi-usd-spent": "0.01"}) == (0.01, 0)
    for nonsense in ("", "nan", "-1", "free"):
        assert cost(b'{"data": [{}]}', {"x-aimlapi-usd-spent": nonsense}) == (None, 1)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1" + "0" * 400, "[]", '"a lot"'])
def test_an_amount_that_is_none_is_no_price(amount: str) -> None:
    spent = '{"data": [{}], "meta": {"usage": {"credits_used": %s}}}'
    assert cost((spent % amount).encode(), {}) == (None, 1)
    ticks = '{"data": [{}], "usage": {"cost_in_usd_ticks": %s}}'
    assert cost((ticks % amount).encode(), {}) == (None, 1)


async def test_a_purchase_that_does_not_tell_its_price_is_counted_as_one_of_unknown_price(
    relay: Relay, images: ImageApi
) -> None:
    await order(relay)
    assert relay.last == pytest.approx(2 * 0.0735)
    assert relay.unpriced == 0
    images.misbehave("no_usage")
    await order(relay)
    assert (relay.last, relay.unpriced, relay.pictures) == (None, 2, 4)
    assert relay.dollars == pytest.approx(2 * 0.0735)
