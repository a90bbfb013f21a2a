"""Pictures, whole and broken, told apart without decoding."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.imaging.pictures import Broken, Format, inspect
from sandbox.images.broken_images import decompression_bomb


def picture(kind: str, size: tuple[int, int] = (321, 123), **options: Any) -> bytes:
    target = io.BytesIO()
    noise = Image.frombytes("RGB", size, bytes(at * 7919 % 251 for at in range(size[0] * size[1] * 3)))
    noise.save(target, kind, **options)
    return target.getvalue()


WHOLE = [
    ("PNG", {}, "image/png"),
    ("JPEG", {}, "image/jpeg"),
    ("JPEG", {"progressive": True}, "image/jpeg"),
    ("WEBP", {}, "image/webp"),
    ("WEBP", {"lossless": True}, "image/webp"),
    ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}, "image/webp"),
]


@pytest.mark.parametrize(("kind", "options", "media_type"), WHOLE)
def test_a_whole_picture_is_recognised(kind: str, options: dict[str, Any], media_type: str) -> None:
    assert inspect(picture(kind, **options)) == Format(media_type, 321, 123)


@pytest.mark.parametrize(("kind", "options", "media_type"), WHOLE)
def test_a_picture_cut_anywhere_is_broken(kind: str, options: dict[str, Any], media_type: str) -> None:
    whole = picture(kind, **options)

    for end in (*range(64), len(whole) // 2, len(whole) - 13, len(whole) - 2):
        with pytest.raises(Broken):
            inspect(whole[:end])


def test_bytes_after_the_end_of_a_jpeg_are_tolerated() -> None:
    assert inspect(picture("JPEG") + b"\0\0trailing").width == 321


def test_a_cut_jpeg_with_a_whole_thumbnail_inside_is_broken() -> None:
    thumbnail = picture("JPEG", (8, 8))
    whole = picture("JPEG", exif=b"Exif\0\0" + thumbnail)

    assert inspect(whole).width == 321
    with pytest.raises(Broken):
        inspect(whole[:-200])


def test_a_jpeg_of_so_many_scans_that_it_takes_hours_to_decode_is_broken() -> None:
    whole = picture("JPEG", progressive=True)
    end = whole.rindex(b"\xff\xd9")
    last_scan = whole[whole.rindex(b"\xff\xda") : end]

    assert inspect(whole[:end] + 50 * last_scan + whole[end:]).width == 321
    with pytest.raises(Broken, match="scans"):
        inspect(whole[:end] + 100 * last_scan + whole[end:])


def test_of_a_jpeg_with_everything_in_its_first_scan_no_other_scan_is_decoded() -> None:
    whole = picture("JPEG")
    end, scan = whole.rindex(b"\xff\xd9"), whole.rindex(b"\xff\xda")
    repeated = whole[:end] + 200 * whole[scan:end] + whole[end:]
    first_of_three = bytearray(repeated)
    first_of_three[scan + 4] = 1  # components in this scan

    assert inspect(repeated).width == 321
    with Image.open(io.BytesIO(repeated)) as opened, pytest.raises(OSError, match="broken data stream"):
        opened.load()
    with pytest.raises(Broken, match="scans"):
        inspect(bytes(first_of_three))


def test_nine_kilobytes_of_nine_thousand_pixels_square_are_refused() -> None:
    assert len(decompression_bomb()) < 20_000
    with pytest.raises(Broken, match="9000×9000"):
        inspect(decompression_bomb())


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x10\0\0\0WEBPVP8X"]), st.binary())
def test_no_bytes_however_strange_raise_anything_but_broken(start: bytes, rest: bytes) -> None:
    with suppress(Broken):
        inspect(start + rest)
