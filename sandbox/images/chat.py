"""The chat route: it revises prompts, and refuses what the real one refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sandbox.images.prompt_revision import revised, revised_edit

MODELS = ("x-ai/grok-4-20-0309-non-reasoning", "x-ai/grok-4.20-non-reasoning")
NEWER = "openai/gpt-5-mini"
"""One that refuses fields which all others take, and names them."""
CREDITS = 204
"""Of one answer; 2,000,000 are 1 US dollar."""

_FIELDS = {"model", "messages", "max_tokens", "temperature", "seed"}
_CHANGES = "changes pictures"
"""In an instruction: what is rewritten says how to change a picture."""
_MOST = re.compile(r"at most (\d+) characters")


def find(name: object, retired: set[str]) -> str | None:
    """The id of the chat model that is served under that id or alias."""
    served = [model for model in (*MODELS, NEWER) if model not in retired]
    return next((model for model in served if name in (model, alias(model))), None)


def alias(model: str) -> str:
    """Its maker's own name for it."""
    return model.removeprefix("x-ai/")


def model_row(model: str) -> dict[str, Any]:
    """A row of GET /v1/models."""
    return {
        "id": model,
        "aliases": [alias(model)],
        "object": "model",
        "type": "chat-completion",
        "modalities": {"input": ["text"], "output": ["text"]},
    }


def validation_error(body: Mapping[str, Any]) -> str | None:
    """What is wrong with the body of a chat, or None."""
    if body.get("model") == NEWER:
        for name in ("max_tokens", "temperature", "seed"):
            if name in body:
                return f"Unsupported parameter: '{name}' is not supported with this model."
        body = {name: value for name, value in body.items() if name != "max_completion_tokens"}
    if unknown := sorted(set(body) - _FIELDS):
        return f"Argument not supported: {unknown[0]}"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "Body validation error! messages: Required"
    for message in messages:
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            return "Body validation error! messages: Invalid input"
        if message["role"] not in ("system", "user") or not isinstance(message["content"], str):
            return "Body validation error! messages: Invalid input"
    most = body.get("max_tokens", 1)
    if type(most) is not int or most < 1:
        return "Body validation error! max_tokens: Number must be greater than or equal to 1"
    return None


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a model answers that does as it is told; the same to the same messages."""
    prompt, told = _last(body, "user"), _last(body, "system")
    with suppress(ValueError, TypeError, KeyError):  # else it is a prompt by itself
        prompt = str(json.loads(prompt)["prompt"])
    text = revised_edit(prompt) if _CHANGES in told else revised(prompt)
    most = int(found[1]) if (found := _MOST.search(told)) else len(text)
    return completion(text if len(text) <= most else prompt)


def _last(body: Mapping[str, Any], role: str) -> str:
    return next((one["content"] for one in reversed(body["messages"]) if one["role"] == role), "")


def completion(
    content: str | None, finish_reason: str = "stop", refusal: str | None = None
) -> dict[str, Any]:
    """A whole answer of the chat route."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-look-alike",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "choices": [{"index": 0, "finish_reason": finish_reason, "logprobs": None, "message": message}],
        "usage": {"prompt_tokens": 183, "completion_tokens": 100, "total_tokens": 283},
        "meta": {"usage": {"tokens_used": CREDITS}},
    }
