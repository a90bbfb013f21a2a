"""The chat route of the image API: one question, one short answer, in a moment or not at all."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import ModelRetired, PromptRejected, PromptTooLongForModel, RequestRejected
from bot.core.generation.model import Order
from bot.core.generation.revision import ANSWER_SECONDS, ChatAnswer
from bot.core.generation.revision_text import RevisionFailed, RevisionRefused, RevisionUnusable
from bot.core.redaction import Redact, Redactor
from bot.imaging.families import UNKNOWN
from bot.imaging.http import (
    REQUEST_FAILURES,
    BodyLost,
    api_headers,
    exchange,
    off_loop,
    open_client,
    parse_json,
)
from bot.imaging.models import Model, ModelChoice
from bot.imaging.order_parser import credits_of, sentence
from bot.imaging.response import NotFound, judge
from bot.imaging.response_text import without_quotations
from bot.imaging.servers import id_at, server_of

MOST_TOKENS = 300
LARGEST_CHAT = 256 * 1024
"""Bytes of an answer: 300 tokens are two kilobytes, and what servers put around them rarely more."""
SEED = 1
"""Any one: with a temperature of 0, the same prompt is revised in the same way, as far as a model can."""
_FIELDS: Mapping[str, object] = {"max_tokens": MOST_TOKENS, "temperature": 0, "seed": SEED}
_ABOUT_THE_PROMPT: Mapping[type[GenerationFailed], type[RevisionFailed]] = {
    PromptRejected: RevisionRefused,
    PromptTooLongForModel: RevisionUnusable,
    RequestRejected: RevisionUnusable,
}
"""What says nothing of the chat model, or may say nothing: one member's prompts must not end it for everybody."""
_NAMED = re.compile(rb"""['"`](max_tokens|temperature|seed)['"`]""")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """`url` up to and with /v1; `models` in the order in which they are asked; `seconds` for an answer, with all."""

    url: str
    key: str = field(repr=False)
    models: Sequence[str]
    concurrency: int = 64
    seconds: float = ANSWER_SECONDS
    redact: Redact | None = None


class ChatRoute:
    """Implements `bot.core.generation.revision.ChatModel`. Used as `async with ChatRoute(settings) as chat:`.

    Nothing is repeated, for there is no time: what one model can't answer, the next one is asked. One that is gone is
    left out for a while.
    """

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        self._http = open_client(settings.concurrency)
        ids = (id_at(server_of(settings.url), model) for model in settings.models)
        self._models = ModelChoice((Model(id, UNKNOWN, known=False) for id in ids), what="chat model")
        self._refused: dict[str, set[str]] = {}
        self._redact = settings.redact or Redactor((), (settings.key,))
        self._url = httpx.URL(f"{settings.url.rstrip('/')}/chat/completions")
        self._headers = api_headers(self._http, settings.key)
        self._headers["Content-Type"] = "application/json"

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._http.aclose()

    async def answer(self, instruction: str, message: str) -> ChatAnswer:
        """Raises RevisionFailed: RevisionRefused and RevisionUnusable where a model has answered so."""
        failure, spent = RevisionFailed("there is no chat model"), None
        in_passing = False
        deadline = asyncio.get_running_loop().time() + self._settings.seconds
        for model in self._models.candidates:
            seconds = deadline - asyncio.get_running_loop().time()
            if seconds <= 0:
                break
            try:
                answer = await self._ask(model.id, instruction, message, seconds)
            except RevisionFailed as error:
                failure = error
                failure.credits = spent = _together(spent, error.credits)
                if isinstance(error, RevisionRefused):
                    break
                if isinstance(error.__cause__, ModelRetired):
                    self._models.mark_unserved(model)
                else:
                    in_passing = True
            else:
                if not in_passing:  # else the one before it is asked first the next time, too
                    self._models.use(model)
                return replace(answer, credits=_together(spent, answer.credits))
        raise failure

    async def _ask(self, model: str, instruction: str, message: str, seconds: float) -> ChatAnswer:
        """One question to one model, asked again without a field that it refuses.

        Raises RevisionFailed, with what the API says where that is known.
        """
        messages = [{"role": "system", "content": instruction}, {"role": "user", "content": message}]
        try:
            async with asyncio.timeout(seconds):
                while True:
                    refused = self._refused.setdefault(model, set())
                    fields = {name: value for name, value in _FIELDS.items() if name not in refused}
                    if "max_tokens" in refused:
                        fields["max_completion_tokens"] = MOST_TOKENS
                    body = {"model": model, "messages": messages, **fields}
                    response, content = await self._post(body, seconds)
                    name = _refused_field(response.status_code, content)
                    if name is None or name in refused or name in message:  # or it is the member who names it
                        break
                    refused.add(name)
        except TimeoutError:
            raise RevisionFailed(f"{model} has not answered within {self._settings.seconds:g} s") from None
        except (BodyLost, *REQUEST_FAILURES) as error:
            raise RevisionFailed(
                f"no answer of {model}: {type(error.__cause__ or error).__name__}"
            ) from error
        if not response.is_success:
            raise self._failure(model, message, response, content)
        headers = {name.lower(): value.strip() for name, value in response.headers.items()}
        try:
            return await off_loop(len(content), lambda: read_answer(parse_json(content), headers))
        except (ValueError, RecursionError):
            raise RevisionFailed(f"{model} has not answered in JSON") from None

    async def _post(self, body: dict[str, object], seconds: float) -> tuple[httpx.Response, bytes]:
        """Raises BodyLost and REQUEST_FAILURES."""
        request = httpx.Request(
            "POST",
            self._url,
            # json.dumps made ASCII of it: half a surrogate pair has no UTF-8.
            content=json.dumps(body).encode("ascii"),
            headers=self._headers,
            extensions={"timeout": httpx.Timeout(seconds).as_dict()},
        )
        return await exchange(self._http, request, LARGEST_CHAT)

    def _failure(self, model: str, message: str, response: httpx.Response, content: bytes) -> RevisionFailed:
        """What an answer to `message` means that is no success: by the rules for orders, for it is the same API."""
        answer = judge(
            response.status_code,
            response.headers,
            content,
            model=model,
            prompt=message,
            redact=self._redact,
        )
        if isinstance(answer, Order):
            return RevisionFailed(f"{model} has sent a picture")
        error = None if isinstance(answer, NotFound) else answer.error
        said = answer.said if isinstance(answer, NotFound) else str(answer.error)
        kinds = (kind for cause, kind in _ABOUT_THE_PROMPT.items() if isinstance(error, cause))
        failure = next(kinds, RevisionFailed)(f"{model}: {without_quotations(said, message)}")
        failure.__cause__ = error
        return failure


def _together(credits: int | None, others: int | None) -> int | None:
    return credits if others is None else others + (credits or 0)


def _refused_field(status: int, content: bytes) -> str | None:
    """The field that a model does not take: OpenAI's newer ones take no max_tokens, and no temperature but their own.

    https://platform.openai.com/docs/api-reference/chat/create
    """
    found = _NAMED.search(content) if status in {400, 422} else None
    return found[1].decode() if found else None


def read_answer(answer: Any, headers: dict[str, str]) -> ChatAnswer:
    """What a chat model says in the first of its choices.

    Raises RevisionRefused, RevisionUnusable where it says nothing or was cut off, and RevisionFailed where this is no
    answer of a chat model. `headers` by their names in lower case.
    """
    credits = credits_of(answer, headers)
    match answer:
        case {"choices": [{"message": dict(message), **choice}, *_]}:
            pass
        case {"choices": []}:
            raise RevisionUnusable("the chat model has no answer", credits)
        case _:
            raise RevisionFailed("an answer that is none of a chat model", credits)
    content, refusal, reason = message.get("content"), message.get("refusal"), choice.get("finish_reason")
    if reason == "content_filter":
        raise RevisionRefused("the chat model's filter", credits)
    if isinstance(content, list):  # of parts
        parts = [part for part in content if isinstance(part, dict)]
        refusal = refusal or next((part["refusal"] for part in parts if part.get("refusal")), None)
        content = "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    if refusal:
        raise RevisionRefused("the chat model refused", credits)
    if reason == "length":
        raise RevisionUnusable(f"the chat model was cut off after {MOST_TOKENS} tokens", credits)
    text = sentence(content)
    if text is None:
        raise RevisionUnusable("the chat model wrote nothing", credits)
    return ChatAnswer(text, credits)
