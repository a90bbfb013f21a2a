"""The look-alike's chat route rewrites prompts, and refuses what the real one refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.images import ImageApi, chat
from sandbox.images.prompt_revision import revised

MODEL = chat.MODELS[0]


@pytest.fixture
async def images() -> AsyncIterator[ImageApi]:
    async with ImageApi(style="plain") as api:
        yield api


def asking(prompt: str, told: str = "Rewrite it.", **fields: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": told}, {"role": "user", "content": prompt}]
    return {"model": MODEL, "messages": messages, **fields}


async def post(images: ImageApi, body: Any) -> httpx.Response:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {images.key}"}) as http:
        return await http.post(f"{images.url}/chat/completions", json=body)


async def said(images: ImageApi, body: Any) -> str:
    return str((await post(images, body)).json()["choices"][0]["message"]["content"])


async def test_a_prompt_is_rewritten_by_itself_or_inside_of_json(images: ImageApi) -> None:
    assert await said(images, asking("a fox")) == revised("a fox")
    assert await said(images, asking(json.dumps({"prompt": "a fox"}))) == revised("a fox")


async def test_an_answer_is_no_longer_than_it_was_told_to_be(images: ImageApi) -> None:
    assert await said(images, asking("a fox", "Write at most 20 characters.")) == "a fox"


async def test_a_chat_is_paid_and_is_no_order(images: ImageApi) -> None:
    await post(images, asking("a fox"))
    assert images.balance == pytest.approx(100 - chat.CREDITS / 2_000_000)
    assert (len(images.chats), images.requests, images.paid) == (1, [], 0)


@pytest.mark.parametrize(
    "fields",
    [{"seed_": 1}, {"max_tokens": 0}, {"messages": []}, {"messages": [{"role": "god", "content": "x"}]}],
)
async def test_what_the_real_route_refuses_is_refused(images: ImageApi, fields: dict[str, Any]) -> None:
    assert (await post(images, {**asking("a fox"), **fields})).status_code == 400


async def test_a_retired_model_is_named_by_the_answer(images: ImageApi) -> None:
    images.retired.add(MODEL)
    answer = await post(images, asking("a fox"))
    assert answer.status_code == 404
    assert MODEL in answer.text
