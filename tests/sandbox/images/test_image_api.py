"""The look-alike is as strict as the API that it stands in for, and paints the same picture twice."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.images import ImageApi
from sandbox.images.painter import encoded

GROK = {"model": "x-ai/grok-2-image", "prompt": "a fox"}
IMAGINE = {"model": "x-ai/grok-imagine-image", "prompt": "a fox"}


@pytest.fixture
async def images() -> AsyncIterator[ImageApi]:
    async with ImageApi(style="plain") as api:
        yield api


async def post(images: ImageApi, body: Any, key: str | None = None) -> httpx.Response:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key or images.key}"}) as http:
        return await http.post(f"{images.url}/images/generations", json=body)


async def test_a_generation_is_billed_and_its_picture_is_served(images: ImageApi) -> None:
    answer = (await post(images, {**GROK, "n": 3})).json()

    async with httpx.AsyncClient() as http:
        picture = await http.get(answer["data"][2]["url"])
    assert picture.content.startswith(b"\xff\xd8")
    assert "a fox" in answer["data"][0]["revised_prompt"]
    assert (images.paid, images.paid_pictures, answer["meta"]["usage"]["credits_used"]) == (1, 3, 441_000)


@pytest.mark.parametrize(
    "body",
    [
        {**GROK, "aspect_ratio": "1:1"},
        {**GROK, "resolution": "1k"},
        {**GROK, "size": "1024x1024"},
        {**GROK, "n": 0},
        {**GROK, "n": 11},
        {**GROK, "n": True},
        {**GROK, "response_format": "png"},
        {**GROK, "prompt": "x" * 1025},
        {**GROK, "prompt": ""},
        {**IMAGINE, "prompt": "x" * 8001},
        {**IMAGINE, "aspect_ratio": "5:4"},
        {**IMAGINE, "quality": "high"},
        ["no object"],
    ],
)
async def test_what_the_real_api_refuses_is_refused(images: ImageApi, body: Any) -> None:
    response = await post(images, body)

    assert response.status_code == 400
    assert images.paid == 0


async def test_what_grok_imagine_takes_is_taken(images: ImageApi) -> None:
    answer = await post(images, {**IMAGINE, "aspect_ratio": "auto", "resolution": "1k", "prompt": "x" * 8000})

    assert answer.status_code == 200
    assert answer.json()["data"][0]["revised_prompt"] == ""


async def test_a_wrong_key_an_empty_purse_and_a_retired_model_are_refused(images: ImageApi) -> None:
    assert (await post(images, GROK, key="wrong")).status_code == 401
    images.retired = {"x-ai/grok-2-image"}
    assert (await post(images, GROK)).status_code == 404
    images.balance = 0
    assert (await post(images, IMAGINE)).status_code == 403
    assert images.paid == 0


async def test_a_fault_happens_as_often_as_was_said(images: ImageApi) -> None:
    images.inject_fault("rate_limited", times=2)

    statuses = [(await post(images, GROK)).status_code for _ in range(3)]

    assert statuses == [429, 429, 200]
    assert images.paid == 1


async def test_the_log_says_what_became_of_an_order(images: ImageApi) -> None:
    headers = {"Authorization": f"Bearer {images.key}", "X-Client-Request-Id": "42"}
    images.inject_fault("gateway_timeout")

    async with httpx.AsyncClient(headers=headers) as http:
        await http.post(f"{images.url}/images/generations", json=GROK)
        log = (await http.get(f"{images.origin}/v2/logs")).json()

    assert [(row["client_request_id"], row["cost"]) for row in log["data"]] == [("42", 0.0735)]


def test_each_fault_is_explained() -> None:
    sentences = ImageApi(style="plain").faults

    assert all(sentences.values())
    assert len(set(sentences.values())) >= len(sentences) - 3


@pytest.mark.parametrize(("kind", "size"), [("jpeg", (1024, 768)), ("png", (1280, 720))])
def test_a_prompt_has_its_own_picture_the_same_each_time(kind: Any, size: tuple[int, int]) -> None:
    first = encoded("a fox in the snow", 0, kind)
    encoded.cache_clear()

    assert encoded("a fox in the snow", 0, kind) == first
    assert encoded("a fox in the snow", 1, kind) != first
    assert encoded("a ship in the snow", 0, kind) != first
    assert Image.open(io.BytesIO(first)).size == size
