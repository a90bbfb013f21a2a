"""The look-alike is as strict as the API that it stands in for, and paints the same picture twice."""

from __future__ import annotations

import base64
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


FLUX_EDIT = {"model": "blackforestlabs/flux-2-edit", "prompt": "in blue"}


def corner_colours(content: bytes, size: tuple[int, int] = (2, 1)) -> list[float]:
    """How light the left and the right half of a picture are."""
    image = Image.open(io.BytesIO(content)).convert("L").resize(size, Image.Resampling.BOX)
    return [float(value) for value in image.tobytes()]


def half_black(size: tuple[int, int] = (400, 300)) -> bytes:
    image = Image.new("RGB", size, (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


async def painted(images: ImageApi, answer: httpx.Response) -> bytes:
    assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient() as http:
        return (await http.get(answer.json()["data"][0]["url"])).content


def data_uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


async def test_a_changed_picture_shows_what_it_was_made_of(images: ImageApi) -> None:
    answer = await post(images, {**FLUX_EDIT, "image_urls": [data_uri(half_black())]})

    left, right = corner_colours(await painted(images, answer))
    assert left + 40 < right


async def test_a_picture_is_fetched_from_its_link(images: ImageApi) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {images.key}"}) as http:
        link = (await http.post(f"{images.url}/images/generations", json=GROK)).json()["data"][0]["url"]

    answer = await post(images, {**FLUX_EDIT, "image_urls": [link]})

    assert await painted(images, answer)
    assert len(images.downloads) == 2  # the first picture by the API itself, the second by us


async def test_a_picture_is_taken_from_a_form_on_the_route_for_edits(images: ImageApi) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {images.key}"}) as http:
        answer = await http.post(
            f"{images.url}/images/edits",
            data={"model": "openai/gpt-image-2", "prompt": "in blue", "n": "2", "size": "1024x1536"},
            files=[("image", ("fox.png", half_black(), "image/png"))],
        )

    picture = Image.open(io.BytesIO(await painted(images, answer)))
    assert picture.height > picture.width
    assert images.paid_pictures == 2
    assert (images.requests[0].route, images.requests[0].files) == ("/images/edits", (half_black(),))


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("generations", FLUX_EDIT),  # without a picture
        ("generations", {**FLUX_EDIT, "image_urls": [data_uri(b"no picture")]}),
        ("generations", {**FLUX_EDIT, "image_urls": ["http://127.0.0.1:9/gone.png"]}),
        ("generations", {**FLUX_EDIT, "image_urls": [data_uri(half_black())] * 4}),
        ("generations", {**IMAGINE, "image_url": data_uri(half_black())}),
        ("edits", {**IMAGINE, "image": data_uri(half_black())}),
        ("edits", {**FLUX_EDIT, "image_urls": [data_uri(half_black())]}),
    ],
)
async def test_a_picture_is_taken_only_by_a_model_and_on_a_route_that_changes_it(
    images: ImageApi, route: str, body: Any
) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {images.key}"}) as http:
        answer = await http.post(f"{images.url}/images/{route}", json=body)

    assert answer.status_code == 400
    assert images.paid == 0


@pytest.mark.parametrize(
    ("model", "fields", "size"),
    [
        ("x-ai/grok-imagine-image", {"aspect_ratio": "9:16"}, (720, 1280)),
        ("openai/gpt-image-2", {"size": "1536x1024"}, (1280, 853)),
        ("flux/dev", {"image_size": "portrait_4_3"}, (768, 1024)),
        ("bytedance/seedream-4-5", {"image_size": {"width": 2560, "height": 1440}}, (1280, 720)),
    ],
)
async def test_a_picture_has_the_shape_that_was_asked_for(
    images: ImageApi, model: str, fields: dict[str, Any], size: tuple[int, int]
) -> None:
    answer = await post(images, {"model": model, "prompt": "a fox", **fields})

    assert Image.open(io.BytesIO(await painted(images, answer))).size == size


async def test_the_list_of_models_says_what_each_costs_and_where_its_fields_are(images: ImageApi) -> None:
    async with httpx.AsyncClient() as http:
        rows = (await http.get(f"{images.url}/models?id=blackforestlabs/flux-2")).json()["data"]
        described = (await http.get(rows[0]["info"]["docsJson"])).json()

    assert [row["id"] for row in rows] == ["blackforestlabs/flux-2"]
    assert rows[0]["pricing"]["units"][0]["price"] == 0.0126
    body = described["paths"]["/v1/images/generations"]["post"]["requestBody"]["content"]
    fields = body["application/json"]["schema"]["properties"]
    assert fields["model"] == {"enum": ["blackforestlabs/flux-2"]}
    assert {"prompt", "image_size", "num_images"} <= set(fields)
