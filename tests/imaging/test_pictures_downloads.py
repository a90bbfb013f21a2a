"""Fetching what was paid for: whole pictures from allowed places, and one loss is one loss."""

from __future__ import annotations

import base64
from dataclasses import replace

import httpx
import pytest

from bot.core.generation.errors import PicturesLost, PicturesUnavailable
from bot.core.generation.model import ImageSpec, Order, Source
from bot.imaging.client import ImageClient, ImagingSettings
from bot.imaging.pictures import Downloads, Lost
from sandbox.images import ImageApi
from tests.imaging.conftest import GROK, Pauses

PASSING = [
    "picture_missing",
    "picture_error",
    "picture_reset",
    "picture_truncated",
    "picture_html",
    "picture_empty",
    "picture_bomb",
    "picture_redirect_around",
    "picture_redirect_away",
]


async def test_a_picture_arrives_with_its_revised_prompt(client: ImageClient, images: ImageApi) -> None:
    order = await client.order(ImageSpec("a fox"), "1")

    (picture,) = await client.fetch(order)

    assert picture.media_type == "image/jpeg"
    assert picture.revised_prompt == order.sources[0].revised_prompt
    assert "Authorization" not in images.downloads[0].headers
    assert "Cookie" not in images.downloads[0].headers


@pytest.mark.parametrize("name", PASSING)
async def test_a_failed_download_is_fetched_again_and_never_paid_again(
    client: ImageClient, images: ImageApi, name: str
) -> None:
    order = await client.order(ImageSpec("a fox"), "1")
    images.inject_fault(name, 2)

    pictures = await client.fetch(order)

    assert len(pictures) == 1
    assert images.paid == 1


@pytest.mark.parametrize("name", ["picture_hang", "picture_drip"])
async def test_a_download_that_never_ends_is_fetched_again(
    hasty: ImageClient, images: ImageApi, name: str
) -> None:
    order = await hasty.order(ImageSpec("a fox"), "1")
    images.inject_fault(name)

    assert len(await hasty.fetch(order)) == 1


@pytest.mark.parametrize("name", [*PASSING[:-2], "picture_huge", PASSING[-1]])
async def test_one_lost_picture_of_three_leaves_two(client: ImageClient, images: ImageApi, name: str) -> None:
    order = await client.order(ImageSpec("a fox"), "1")
    good = order.sources[0]
    bad = Source(f"{images.origin}/files/nothing.jpeg")

    assert len(await client.fetch(replace(order, sources=(good, bad, good)))) == 2
    # aiohttp itself asks once more where a used connection was reset: a GET may be repeated.
    images.inject_fault(name, 6)
    with pytest.raises(PicturesLost):
        await client.fetch(order)


@pytest.mark.parametrize(
    ("name", "error"), [("picture_error", PicturesUnavailable), ("picture_missing", PicturesLost)]
)
async def test_a_host_that_is_down_may_be_back_and_an_address_that_has_expired_may_not(
    client: ImageClient, images: ImageApi, name: str, error: type[PicturesLost]
) -> None:
    order = await client.order(ImageSpec("a fox"), "1")
    images.inject_fault(name, 6)

    with pytest.raises(PicturesLost) as caught:
        await client.fetch(order)

    assert type(caught.value) is error


async def test_nothing_is_fetched_from_elsewhere(client: ImageClient, images: ImageApi) -> None:
    async with ImageApi(style="plain") as elsewhere:
        host = elsewhere.origin.removeprefix("http://")
        for url in (
            f"{elsewhere.origin}/files/a",
            f"http://{images.key}@{host}/a",
            "file:///etc/passwd",
            "http://[",
        ):
            with pytest.raises(PicturesLost):
                await client.fetch(Order(GROK, (Source(url),)))

        assert elsewhere.downloads == []


async def test_an_allowed_origin_is_fetched_from(settings: ImagingSettings) -> None:
    async with ImageApi(style="plain") as elsewhere:
        allowed = replace(settings, download_origins=(elsewhere.origin,))
        async with ImageClient(replace(settings, url=elsewhere.url)) as buyer, ImageClient(allowed) as client:
            order = await buyer.order(ImageSpec("a fox"), "1")
            assert len(await client.fetch(order)) == 1


@pytest.mark.parametrize("url", ["http://cdn.aimlapi.com/a.png", "https://user@cdn.aimlapi.com/a.png"])
async def test_plain_http_and_credentials_in_an_address_are_refused(url: str, pauses: Pauses) -> None:
    origins = ("http://cdn.aimlapi.com", "https://cdn.aimlapi.com")
    async with httpx.AsyncClient() as http:
        downloads = Downloads(http, "https://api.aimlapi.com/v1", origins, sleep=pauses, random=lambda: 1.0)
        with pytest.raises(Lost, match="not an allowed origin"):
            await downloads.fetch(Source(url))

    assert pauses.seconds == []


async def test_a_picture_that_came_with_the_answer_is_not_fetched(
    client: ImageClient, images: ImageApi
) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {images.key}"}) as http:
        body = {"model": GROK, "prompt": "a fox", "response_format": "b64_json"}
        answer = await http.post(f"{images.url}/images/generations", json=body)
    content = base64.b64decode(answer.json()["data"][0]["b64_json"])

    (picture,) = await client.fetch(Order(GROK, (Source(content=content),)))

    assert picture.content == content
    assert images.downloads == []


async def test_thirty_megabytes_of_nonsense_are_a_lost_picture(client: ImageClient, images: ImageApi) -> None:
    images.inject_fault("huge_answer")
    order = await client.order(ImageSpec("a fox"), "1")

    with pytest.raises(PicturesLost):
        await client.fetch(order)


async def test_an_address_that_nobody_can_read_loses_one_picture(
    client: ImageClient, images: ImageApi
) -> None:
    order = await client.order(ImageSpec("foxes", 2), "1")
    odd = replace(order, sources=(Source(url="https://xn--a.example/x.png"), *order.sources[1:]))
    assert len(await client.fetch(odd)) == 1
