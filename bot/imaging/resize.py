"""Making a picture fit under an upload limit, when it does not."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot.core.errors import PicturesLost
from bot.core.generation.model import Picture
from bot.imaging.image_format import JPEG, MOST_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image

_QUALITIES = (92, 85, 75, 60)
# A picture of 40 megapixels takes 350 MiB while it is re-encoded: one at a time is what a small host can bear.
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shrink")
_SCALES = (1.0, 0.75, 0.5, 0.25, 0.125)


async def fit(picture: Picture, limit: int) -> Picture:
    """The picture itself where it has at most `limit` bytes, else the best JPEG that has; the smallest if none has.

    Raises PicturesLost for one that can't be decoded.
    """
    if len(picture.content) <= limit:
        return picture
    loop = asyncio.get_running_loop()
    try:
        content = await loop.run_in_executor(_ONE_AT_A_TIME, _reencoded, picture.content, limit)
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's words for a picture that is broken inside
        raise PicturesLost(
            f"a picture over the upload limit can't be decoded: {type(error).__name__}"
        ) from error
    return Picture(content, JPEG, picture.revised_prompt)


def _reencoded(content: bytes, limit: int) -> bytes:
    # Imported when first needed: most pictures fit, and a bot at rest has no memory to spare.
    from PIL import Image  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        whole = _on_white(opened)
    smallest = content
    for scale in _SCALES:
        scaled = whole if scale == 1 else whole.resize(_sides(whole, scale), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            smallest = min(smallest, _jpeg(scaled, quality), key=len)
            if len(smallest) <= limit:
                return smallest
    return smallest


def _on_white(image: Image) -> Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    from PIL import Image as pillow  # noqa: PLC0415, N813 — the same, and the name is taken by the type

    layer = image.convert("RGBA")
    ground = pillow.new("RGBA", layer.size, "white")
    return pillow.alpha_composite(ground, layer).convert("RGB")


def _sides(image: Image, scale: float) -> tuple[int, int]:
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _jpeg(image: Image, quality: int) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality, optimize=True)
    return target.getvalue()
