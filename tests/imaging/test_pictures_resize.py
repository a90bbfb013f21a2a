"""Pictures over an upload limit are re-encoded until they fit; others are left alone."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from random import Random

import pytest
from PIL import Image

from bot.core.generation.errors import PicturesLost
from bot.core.generation.model import Picture
from bot.imaging.pictures import fit, inspect


def noisy(mode: str, kind: str) -> Picture:
    size, bands = (900, 700), len(mode)
    target = io.BytesIO()
    Image.frombytes(mode, size, Random(1).randbytes(size[0] * size[1] * bands)).save(target, kind)
    return Picture(target.getvalue(), f"image/{kind.lower()}", "A revised prompt.")


async def test_a_picture_that_fits_is_returned_untouched() -> None:
    picture = Picture(b"whatever", "image/png")

    assert await fit(picture, 8) is picture


@pytest.mark.parametrize("limit", [600_000, 100_000, 8_000])
@pytest.mark.parametrize(("mode", "kind"), [("RGB", "PNG"), ("RGBA", "PNG"), ("L", "JPEG"), ("RGBA", "WEBP")])
async def test_a_picture_over_the_limit_is_made_to_fit(mode: str, kind: str, limit: int) -> None:
    picture = noisy(mode, kind)

    fitted = await fit(picture, limit)

    assert len(fitted.content) <= limit
    assert inspect(fitted.content).media_type == fitted.media_type == "image/jpeg"
    assert fitted.revised_prompt == picture.revised_prompt


async def test_a_picture_that_is_broken_inside_is_said_to_be_lost() -> None:
    whole = noisy("RGB", "PNG")
    middle = len(whole.content) // 2
    broken = replace(whole, content=whole.content[:middle] + bytes(64) + whole.content[middle + 64 :])
    with pytest.raises(PicturesLost):
        await fit(broken, 1000)


async def test_a_picture_whose_second_header_is_a_bomb_is_said_to_be_lost() -> None:
    whole = noisy("RGB", "PNG")
    header = b"IHDR" + struct.pack(">IIBBBBB", 7000, 7000, 8, 2, 0, 0, 0)
    second = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    bomb = replace(whole, content=whole.content[:33] + second + whole.content[33:])
    assert inspect(bomb.content).width == 900
    with pytest.raises(PicturesLost):
        await fit(bomb, 1000)
