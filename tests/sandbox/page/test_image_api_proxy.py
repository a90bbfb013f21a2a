"""The proxy before the image API: forwards responses as they come, and adds up their cost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ClientSession

from sandbox.images import ImageApi
from sandbox.page.image_api_proxy import MOST_SHOWN, ImageApiProxy, cost

ORDER = {"model": "x-ai/grok-2-image", "prompt": "a fox", "n": 2}


@pytest.fixture
async def images() -> AsyncIterator[ImageApi]:
    async with ImageApi(style="plain") as images:
        yield images


@pytest.fixture
async def image_proxy(images: ImageApi) -> AsyncIterator[ImageApiProxy]:
    async with ImageApiProxy(images.url, images.key) as image_proxy:
        yield image_proxy


async def order(image_proxy: ImageApiProxy) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {image_proxy.key}"}
    async with (
        ClientSession() as client,
        client.post(f"{image_proxy.url}/images/generations", json=ORDER, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_an_order_arrives_and_its_cost_is_noted(image_proxy: ImageApiProxy, images: ImageApi) -> None:
    status, _ = await order(image_proxy)
    assert (status, images.paid_pictures) == (200, 2)
    assert image_proxy.pictures == 2
    assert image_proxy.dollars == pytest.approx(2 * 0.0735)
    [exchange] = image_proxy.exchanges
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/v1/images/generations", 200)


async def test_no_more_pictures_are_counted_than_were_ordered(
    image_proxy: ImageApiProxy, images: ImageApi
) -> None:
    images.inject_fault("many_pictures")
    await order(image_proxy)
    assert image_proxy.pictures == 2


@pytest.mark.parametrize("name", ["reset", "cut_short"])
async def test_a_broken_answer_stays_broken(image_proxy: ImageApiProxy, images: ImageApi, name: str) -> None:
    images.inject_fault(name)
    with pytest.raises(ClientError):
        await order(image_proxy)


async def test_a_refusal_keeps_its_status_and_costs_nothing(
    image_proxy: ImageApiProxy, images: ImageApi
) -> None:
    images.inject_fault("rate_limited_briefly")
    assert (await order(image_proxy))[0] == 429
    assert (image_proxy.dollars, image_proxy.pictures) == (0, 0)


async def test_where_nobody_listens_there_is_no_answer(image_proxy: ImageApiProxy, images: ImageApi) -> None:
    async with images.down():
        with pytest.raises(ClientError):
            await order(image_proxy)
    assert image_proxy.exchanges[-1].status is None


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
    image_proxy: ImageApiProxy, images: ImageApi
) -> None:
    await order(image_proxy)
    assert image_proxy.last == pytest.approx(2 * 0.0735)
    assert image_proxy.unpriced == 0
    images.inject_fault("no_usage")
    await order(image_proxy)
    assert (image_proxy.last, image_proxy.unpriced, image_proxy.pictures) == (None, 2, 4)
    assert image_proxy.dollars == pytest.approx(2 * 0.0735)


async def test_pictures_are_counted_however_an_order_says_how_many(image_proxy: ImageApiProxy) -> None:
    body = {"model": "flux/schnell", "prompt": "a fox " * 9000, "num_images": 3}
    headers = {"Authorization": f"Bearer {image_proxy.key}"}
    async with ClientSession() as client:
        for prompt in (body["prompt"], "a fox"):
            await client.post(
                f"{image_proxy.url}/images/generations", json={**body, "prompt": prompt}, headers=headers
            )
    assert image_proxy.pictures == 3
    assert [len(one.request_body) for one in image_proxy.exchanges] == [MOST_SHOWN, 61]
