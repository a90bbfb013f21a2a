"""The models that are known by name: what each takes, and nothing that it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.generation.model import ImageSpec


@dataclass(frozen=True, slots=True)
class Model:
    """`longest_prompt` in characters; `extras` are sent beside model, prompt and n."""

    longest_prompt: int
    extras: Mapping[str, str] = field(default_factory=dict)


GROK_2_IMAGE = Model(longest_prompt=1024)
# Its default is a 2816×1536 PNG, which is too much for Discord and tells a member nothing more.
GROK_IMAGINE = Model(longest_prompt=8000, extras={"resolution": "1k"})
# The shortest limit of any known model, and no field that one of them refuses: a longer prompt would be turned
# down by some, a shorter limit only asks the member for fewer words.
UNKNOWN = Model(longest_prompt=1024)

_KNOWN = {
    "grok-2-image": GROK_2_IMAGE,
    "grok-2-image-1212": GROK_2_IMAGE,
    "grok-2-image-latest": GROK_2_IMAGE,
    "grok-imagine-image": GROK_IMAGINE,
    "grok-imagine-image-pro": GROK_IMAGINE,
}


def bare_name(model_id: str) -> str:
    """The id as its maker writes it: resellers put `x-ai/` before it."""
    return model_id.lower().removeprefix("x-ai/")


def lookup(model_id: str) -> Model:
    """What is known of a model, under either of its names."""
    return _KNOWN.get(bare_name(model_id), UNKNOWN)


def order_body(model_id: str, spec: ImageSpec) -> dict[str, str | int]:
    """The body of the paid request. `n` is left out where it says what is the default anyway."""
    body: dict[str, str | int] = {"model": model_id, "prompt": spec.prompt, **lookup(model_id).extras}
    return body if spec.count == 1 else {**body, "n": spec.count}
