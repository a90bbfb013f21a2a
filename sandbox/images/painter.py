"""Pictures for prompts: painted in a thread, kept, the same for the same prompt on every machine."""

from __future__ import annotations

import asyncio
import io
from functools import lru_cache
from typing import Literal

from PIL import Image

from sandbox.images.landscape import paint

Style = Literal["pretty", "plain"]
JPEG_SIZE = (1024, 768)
PNG_SIZE = (1280, 720)


class Painter:
    """`plain` answers every prompt with one and the same JPEG, so that a benchmark measures the bot alone."""

    def __init__(self, style: Style) -> None:
        self._plain = encoded("", 0, "jpeg") if style == "plain" else None

    async def picture(self, prompt: str, variation: int, kind: Literal["jpeg", "png"]) -> bytes:
        if self._plain is not None:
            return self._plain
        return await asyncio.to_thread(encoded, prompt, variation, kind)


@lru_cache(maxsize=128)
def encoded(prompt: str, variation: int, kind: Literal["jpeg", "png"]) -> bytes:
    """The file for the `variation`th picture of a prompt."""
    target = io.BytesIO()
    if kind == "jpeg":
        paint(prompt, variation, JPEG_SIZE).save(target, "JPEG", quality=88)
    else:
        small = paint(prompt, variation, PNG_SIZE).quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(target, "PNG")
    return target.getvalue()
