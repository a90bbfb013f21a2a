"""Pictures for prompts: painted in a thread, kept, the same for the same prompt on every machine."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from sandbox.images.landscape import paint
from sandbox.images.palettes import palette_for
from sandbox.images.request_bodies import PictureUnreadable

Style = Literal["pretty", "plain"]
Kind = Literal["jpeg", "png"]
Size = tuple[int, int]
JPEG_SIZE = (1024, 768)
PNG_SIZE = (1280, 720)
_LONGEST_SIDE = 1280
_NAMES: Mapping[str, Size] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}


class Painter:
    """`plain` answers every prompt with one and the same JPEG, so that a benchmark measures the bot alone."""

    def __init__(self, style: Style) -> None:
        self._plain = encoded("", 0, "jpeg") if style == "plain" else None

    async def picture(
        self,
        prompt: str,
        variation: int,
        kind: Kind,
        size: Size | None = None,
        inputs: tuple[bytes, ...] = (),
    ) -> bytes:
        """Raises PictureUnreadable where one of `inputs`, which are changed, is no picture."""
        if inputs:
            return await asyncio.to_thread(changed, inputs, prompt, variation, kind, size)
        if self._plain is not None and size is None:
            return self._plain
        return await asyncio.to_thread(encoded, prompt, variation, kind, size)


def size_asked_for(fields: Mapping[str, Any]) -> Size | None:
    """What a request asks for, in pixels, and no more than is quickly painted; None where it doesn't say."""
    asked: Any = fields.get("image_size")
    if isinstance(asked, str):
        return _NAMES.get(asked)
    if isinstance(asked, dict):
        return _bounded(asked["width"], asked["height"])
    if isinstance(fields.get("width"), int) and isinstance(fields.get("height"), int):
        return _bounded(fields["width"], fields["height"])
    for name, separator in (("size", "x"), ("aspect_ratio", ":")):
        width, found, height = str(fields.get(name, "")).partition(separator)
        if found:
            return _bounded(float(width), float(height))
    return None


def _bounded(width: float, height: float) -> Size:
    scale = _LONGEST_SIDE / max(width, height)
    return round(width * scale), round(height * scale)


@lru_cache(maxsize=128)
def encoded(prompt: str, variation: int, kind: Kind, size: Size | None = None) -> bytes:
    """The file for the `variation`th picture of a prompt."""
    return _file(paint(prompt, variation, size or (JPEG_SIZE if kind == "jpeg" else PNG_SIZE)), kind)


@lru_cache(maxsize=32)
def changed(inputs: tuple[bytes, ...], prompt: str, variation: int, kind: Kind, size: Size | None) -> bytes:
    """The first picture in the colours of the prompt, with the others in its corner: one sees what it was made of.

    It keeps its shape, unless a size is asked for. Raises PictureUnreadable.
    """
    first, *others = map(_opened, inputs)
    first = ImageOps.fit(first, size or _bounded(*first.size))
    palette = palette_for(prompt, zlib.crc32(f"{variation}{prompt}".encode("utf-8", "replace")))
    tinted = ImageOps.colorize(first.convert("L"), palette.near, palette.light, mid=palette.horizon)
    result = Image.blend(first, tinted, 0.6)
    side = max(result.size) // 5
    for number, other in enumerate(others, start=1):
        corner = (result.width - number * side, result.height - side)
        result.paste(ImageOps.fit(other, (side, side)), corner)
    return _file(ImageOps.expand(result, max(result.size) // 64, palette.light), kind)


def _opened(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureUnreadable(str(error)) from error


def _file(image: Image.Image, kind: Kind) -> bytes:
    target = io.BytesIO()
    if kind == "jpeg":
        image.save(target, "JPEG", quality=88)
    else:
        image.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(target, "PNG")
    return target.getvalue()
