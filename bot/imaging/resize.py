"""Making a picture fit under an upload limit, when it does not."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

from bot.core.generation.errors import PicturesLost
from bot.core.generation.model import Picture
from bot.imaging.image_format import JPEG, MOST_PIXELS

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
        if opened.has_transparency_data:  # JPEG has none: the picture is put on white
            layer = opened.convert("RGBA")
            whole = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
        else:
            whole = opened.convert("RGB")
    smallest = content
    for scale in _SCALES:
        sides = max(1, round(whole.width * scale)), max(1, round(whole.height * scale))
        scaled = whole if scale == 1 else whole.resize(sides, Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            encoded = io.BytesIO()
            scaled.save(encoded, "JPEG", quality=quality, optimize=True)
            smallest = min(smallest, encoded.getvalue(), key=len)
            if len(smallest) <= limit:
                return smallest
    return smallest
