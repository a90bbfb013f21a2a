"""The chat route against a real HTTP server: one answer in a moment, or none."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.core.generation.revision import ChatAnswer
from bot.core.generation.revision_text import (
    RevisionFailed,
    RevisionRefused,
    RevisionUnusable,
    instruction_for,
    message_for,
)
from bot.core.redaction import MASK
from bot.imaging.chat import ChatRoute, ChatSettings, read_answer
from sandbox.images import ImageApi, chat
from sandbox.images.prompt_revision import revised
from tests.imaging.conftest import serving

FIRST, SECOND = chat.MODELS
INSTRUCTION, MESSAGE = instruction_for(900, edit=False), message_for("a fox")
PLAIN = ["chat_unavailable", "chat_rate_limited", "chat_bad_key", "chat_lost", "chat_reset"]
ODD = ["chat_html", "chat_broken_json", "chat_huge"]


@pytest.fixture
def settings(images: ImageApi) -> ChatSettings:
    return ChatSettings(images.url, images.key, (FIRST,))


@pytest.fixture
async def client(settings: ChatSettings) -> AsyncIterator[ChatRoute]:
    async with ChatRoute(settings) as opened:
        yield opened


async def test_a_prompt_is_asked_about_once_deterministically_and_with_few_tokens(
    client: ChatRoute, images: ImageApi
) -> None:
    answer = await client.answer(INSTRUCTION, MESSAGE)

    assert answer == ChatAnswer(revised("a fox"), chat.CREDITS)
    [asked] = images.chats
    assert asked.headers["Authorization"] == f"Bearer {images.key}"
    assert asked.body == {
        "model": FIRST,
        "messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": MESSAGE}],
        "max_tokens": 300,
        "temperature": 0,
        "seed": 1,
    }


@pytest.mark.parametrize("prompt", ["🦊", "half a pair \ud83e", 'quotes " \\ \n\0'])
async def test_any_text_goes_over_the_wire(client: ChatRoute, images: ImageApi, prompt: str) -> None:
    await client.answer(INSTRUCTION, message_for(prompt))

    assert json.loads(images.chats[0].body["messages"][1]["content"]) == {"prompt": prompt}


@pytest.mark.parametrize("fault", [*PLAIN, *ODD])
async def test_what_goes_wrong_is_one_error_and_is_not_asked_again(
    client: ChatRoute, images: ImageApi, fault: str
) -> None:
    images.inject_fault(fault)
    with pytest.raises(RevisionFailed) as raised:
        await client.answer(INSTRUCTION, MESSAGE)

    assert not isinstance(raised.value, RevisionRefused | RevisionUnusable)
    assert images.key not in str(raised.value)
    assert len(images.chats) == 1


@pytest.mark.parametrize("fault", ["chat_hang", "chat_drip"])
async def test_an_answer_that_does_not_come_is_given_up(
    settings: ChatSettings, images: ImageApi, fault: str
) -> None:
    images.inject_fault(fault)
    async with ChatRoute(replace(settings, seconds=0.1)) as client:
        with pytest.raises(RevisionFailed, match=r"not answered within 0\.1 s"):
            await client.answer(INSTRUCTION, MESSAGE)


async def test_no_connection_is_one_error(settings: ChatSettings) -> None:
    async with ChatRoute(replace(settings, url="http://127.0.0.1:9/v1")) as client:
        with pytest.raises(RevisionFailed):
            await client.answer(INSTRUCTION, MESSAGE)


@pytest.mark.parametrize("fault", ["chat_refused", "chat_filtered"])
async def test_a_refusal_is_no_matter_for_the_next_model(
    settings: ChatSettings, images: ImageApi, fault: str
) -> None:
    images.inject_fault(fault)
    async with ChatRoute(replace(settings, models=(FIRST, SECOND))) as client:
        with pytest.raises(RevisionRefused):
            await client.answer(INSTRUCTION, MESSAGE)
    assert len(images.chats) == 1


async def test_a_model_that_is_gone_has_a_successor_and_is_left_out_from_then_on(
    settings: ChatSettings, images: ImageApi, caplog: pytest.LogCaptureFixture
) -> None:
    images.retired.add(FIRST)
    async with ChatRoute(replace(settings, models=(FIRST, SECOND))) as client:
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                assert (await client.answer(INSTRUCTION, MESSAGE)).text == revised("a fox")

    assert [it.body["model"] for it in images.chats] == [FIRST, SECOND, SECOND]
    assert [it.getMessage() for it in caplog.records] == [
        f"the chat model is now {SECOND}, instead of {FIRST}"
    ]


@pytest.mark.parametrize("fault", [*PLAIN, *ODD, "chat_cut", "chat_empty"])
async def test_what_one_model_cannot_answer_the_next_one_is_asked_for_once(
    settings: ChatSettings, images: ImageApi, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    images.inject_fault(fault)
    async with ChatRoute(replace(settings, models=(FIRST, SECOND))) as client:
        for _ in range(2):
            assert (await client.answer(INSTRUCTION, MESSAGE)).text == revised("a fox")
    assert "the chat model is now" not in caplog.text


async def test_a_field_that_a_model_refuses_is_left_out_from_then_on(
    settings: ChatSettings, images: ImageApi
) -> None:
    async with ChatRoute(replace(settings, models=(chat.NEWER,))) as client:
        for _ in range(2):
            assert (await client.answer(INSTRUCTION, MESSAGE)).text == revised("a fox")

    assert [set(it.body) - {"model", "messages"} for it in images.chats] == [
        {"max_tokens", "temperature", "seed"},
        {"temperature", "seed", "max_completion_tokens"},
        {"seed", "max_completion_tokens"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
    ]


async def test_a_model_that_refuses_the_same_field_for_ever_is_one_error(images: ImageApi) -> None:
    async def refuse(_request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": "'seed' is wrong", "param": "seed"}}, status=400)

    async with serving(refuse) as url, ChatRoute(ChatSettings(f"{url}/v1", "key", (FIRST,))) as client:
        with pytest.raises(RevisionFailed, match="'seed' is wrong"):
            await client.answer(INSTRUCTION, MESSAGE)


async def test_a_field_that_the_member_names_is_not_left_out_for_everybody() -> None:
    asked = list[dict[str, Any]]()

    async def refuse(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(await request.json())
        said = f"Body validation error! messages: {asked[-1]['messages'][1]['content']}"
        return web.json_response({"message": said}, status=400)

    async with serving(refuse) as url, ChatRoute(ChatSettings(f"{url}/v1", "key", (FIRST,))) as client:
        for prompt in ("a fox named 'max_tokens'", "a fox"):
            with pytest.raises(RevisionFailed):
                await client.answer(INSTRUCTION, message_for(prompt))

    assert ["max_tokens" in body for body in asked] == [True, True]


SAFETY = "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_CSAM"


@pytest.mark.parametrize(
    ("prompt", "status", "said", "error"),
    [
        ("a fox", 403, SAFETY, RevisionRefused),
        ("a fox", 400, "Body validation error!", RevisionUnusable),
        ("a fox", 400, "This model's maximum context length is 8192 tokens", RevisionUnusable),
        (
            "a fox; the model does not exist",
            400,
            "Rejected: a fox; the model does not exist",
            RevisionUnusable,
        ),
    ],
)
async def test_what_is_said_of_a_prompt_is_no_failure_of_the_chat_model(
    prompt: str, status: int, said: str, error: type[RevisionFailed]
) -> None:
    async def refuse(_request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": said}}, status=status)

    async with serving(refuse) as url, ChatRoute(ChatSettings(f"{url}/v1", "key", (FIRST,))) as client:
        with pytest.raises(error) as raised:
            await client.answer(INSTRUCTION, message_for(prompt))
    assert type(raised.value) is error
    assert prompt not in str(raised.value)


async def test_an_answer_that_was_paid_for_counts_although_another_model_was_asked_after_it(
    settings: ChatSettings, images: ImageApi
) -> None:
    async with ChatRoute(replace(settings, models=(FIRST, SECOND))) as client:
        images.inject_fault("chat_empty")
        assert (await client.answer(INSTRUCTION, MESSAGE)).credits == 2 * chat.CREDITS
        images.inject_fault("chat_empty")
        images.inject_fault("chat_refused")
        with pytest.raises(RevisionRefused) as raised:
            await client.answer(INSTRUCTION, MESSAGE)
        assert raised.value.credits == 2 * chat.CREDITS


async def test_a_key_in_an_answer_is_not_repeated(client: ChatRoute, images: ImageApi) -> None:
    images.inject_fault("chat_bad_key")
    with pytest.raises(RevisionFailed, match=f"(?s).*{MASK.replace('*', '[*]')}"):
        await client.answer(INSTRUCTION, MESSAGE)


def saying(message: dict[str, Any], finish_reason: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": finish_reason}]}


@pytest.mark.parametrize(
    ("answer", "headers", "read"),
    [
        (saying({"content": " A fox. "}), {}, ChatAnswer("A fox.")),
        (saying({"content": "A fox.", "refusal": None}, None), {}, ChatAnswer("A fox.")),
        (saying({"content": [{"type": "text", "text": "A "}, {"text": "fox"}]}), {}, ChatAnswer("A fox")),
        (
            {**saying({"content": "A fox."}), "usage": {"cost_in_usd_ticks": 10_000_000}},
            {},
            ChatAnswer("A fox.", 2000),
        ),
        (saying({"content": "A fox."}), {"x-aimlapi-credits-used": "204"}, ChatAnswer("A fox.", 204)),
    ],
)
def test_an_answer_is_read_in_each_shape(
    answer: dict[str, Any], headers: dict[str, str], read: ChatAnswer
) -> None:
    assert read_answer(answer, headers) == read


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (saying({"content": None}), RevisionUnusable),
        (saying({"content": "\u0000 \n"}), RevisionUnusable),
        (saying({"content": 7}), RevisionUnusable),
        (saying({}), RevisionUnusable),
        (saying({"content": "A fox in"}, "length"), RevisionUnusable),
        ({"choices": []}, RevisionUnusable),
        (saying({"content": "A fox"}, "content_filter"), RevisionRefused),
        (saying({"content": None, "refusal": "No."}), RevisionRefused),
        (saying({"content": [{"type": "refusal", "refusal": "No."}]}), RevisionRefused),
        ({"choices": [{"message": "A fox"}]}, RevisionFailed),
        ({"choices": None}, RevisionFailed),
        ({"error": {"message": "It broke."}}, RevisionFailed),
        ([], RevisionFailed),
        (None, RevisionFailed),
    ],
)
def test_what_is_no_answer_says_which_kind_it_is(answer: object, error: type[RevisionFailed]) -> None:
    with pytest.raises(RevisionFailed) as raised:
        read_answer(answer, {})
    assert type(raised.value) is error


def test_an_answer_that_cannot_be_used_still_says_what_it_cost() -> None:
    with pytest.raises(RevisionUnusable) as raised:
        read_answer({**chat.completion("")}, {})
    assert raised.value.credits == chat.CREDITS
