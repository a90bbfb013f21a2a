"""What was asked for, as JSON: a format of its own, that a rename in the code never changes."""

from __future__ import annotations

import json

from bot.core.generation.model import ImageSpec
from bot.storage.engine.protocol import storable


def encode(spec: ImageSpec) -> str:
    document = {"prompt": str(storable(spec.prompt)), "count": spec.count, "model": spec.model}
    return json.dumps(
        {key: value for key, value in document.items() if value is not None}, ensure_ascii=False
    )


def decode(text: str | None, prompt: str, images: int) -> ImageSpec:
    """`prompt` and `images` stand beside the JSON: all that there is of a spec that was erased, or of an older row."""
    if text is None:
        return ImageSpec(prompt, images)
    document = json.loads(text)
    return ImageSpec(document["prompt"], document["count"], document.get("model"))
