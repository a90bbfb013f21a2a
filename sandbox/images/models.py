"""The models that the look-alike serves, and what each refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

RATIOS = (
    *("auto", "1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2"),
    *("9:19.5", "19.5:9", "9:20", "20:9", "1:2", "2:1"),
)
RETIRED_ON = "2026-03-29T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Model:
    """A served model. `credits` a picture; 2,000,000 are 1 US dollar."""

    id: str
    longest_prompt: int
    credits: int
    picture: Literal["jpeg", "png"]
    revises_prompt: bool
    choices: Mapping[str, tuple[str, ...]]

    @property
    def alias(self) -> str:
        return self.id.removeprefix("x-ai/")


_SHAPES = {"aspect_ratio": RATIOS, "resolution": ("1k", "2k")}
GROK_2 = Model("x-ai/grok-2-image", 1024, 147_000, "jpeg", revises_prompt=True, choices={})
IMAGINE = Model("x-ai/grok-imagine-image", 8000, 52_000, "png", revises_prompt=False, choices=_SHAPES)
IMAGINE_PRO = Model(
    "x-ai/grok-imagine-image-pro", 8000, 147_000, "png", revises_prompt=False, choices=_SHAPES
)
MODELS = (GROK_2, IMAGINE, IMAGINE_PRO)


def find(name: object) -> Model | None:
    """The model of that id or alias."""
    return next((model for model in MODELS if name in (model.id, model.alias)), None)


def validation_error(model: Model, body: Mapping[str, Any]) -> str | None:
    """What is wrong with a generation's body, or None."""
    known = {"model", "prompt", "n", "response_format", *model.choices}
    if unknown := sorted(set(body) - known):
        return f"Argument not supported: {unknown[0]}"
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        return "Body validation error! prompt: Required"
    if len(prompt) > model.longest_prompt:
        return f"Prompt len is larger than the maximum allowed length which is {model.longest_prompt}"
    n = body.get("n", 1)
    if type(n) is not int or not 1 <= n <= 10:
        return "Body validation error! n: Number must be between 1 and 10"
    choices = {"response_format": ("url", "b64_json"), **model.choices}
    for field, allowed in choices.items():
        if field in body and body[field] not in allowed:
            return f"Body validation error! {field}: Invalid enum value. Expected {' | '.join(allowed)}"
    return None


def model_row(model: Model) -> dict[str, Any]:
    """A row of GET /v1/models."""
    return {"id": model.id, "aliases": [model.alias], "object": "model", "type": "image"}


def deprecation_row(model: Model) -> dict[str, Any]:
    """A row of GET /v1/models/deprecations."""
    return {
        "id": model.id,
        "aliases": [model.alias],
        "status": "withdrawn",
        "deprecated_at": "2026-02-24T00:00:00.000Z",
        "shutdown_at": RETIRED_ON,
        "replaced_by": IMAGINE.id,
        "reason": "Retired by its provider.",
    }
