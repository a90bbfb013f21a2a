"""What a file is, how large, and whether it is whole, from its bytes alone: nothing is ever decoded."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

MOST_PIXELS = 40_000_000
MOST_CHUNKS = 20_000
"""Of one file. A PNG of 25 MB in the usual pieces of 8 KB has 3,200; each costs the event loop half a microsecond."""
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"


_FILL = re.compile(rb"\xff+")  # however many, in one step


class Broken(ValueError):
    """No picture, not a whole one, or one too large to be looked at."""


@dataclass(frozen=True, slots=True)
class Format:
    """`width` and `height` in pixels."""

    media_type: str
    width: int
    height: int


def inspect(content: bytes) -> Format:
    """Recognise a picture by its magic bytes. Raises Broken, and nothing else, whatever the bytes."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            found = _png(content)
        elif content.startswith(b"\xff\xd8\xff"):
            found = _jpeg(content)
        elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            found = _webp(content)
        else:
            raise Broken(f"no picture: it begins with {content[:8]!r}")
    except (struct.error, IndexError) as error:
        raise Broken("a picture cut short") from error
    if not 0 < found.width * found.height <= MOST_PIXELS:
        raise Broken(f"a picture of {found.width}×{found.height} pixels")
    return found


def looks_like_one(content: bytes) -> bool:
    """Whether it begins like one of the formats."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )


def _png(content: bytes) -> Format:
    if content[12:16] != b"IHDR":
        raise Broken("a PNG without a header")
    width, height = struct.unpack_from(">II", content, 16)
    at = 8
    for _ in range(MOST_CHUNKS):
        if content[at + 4 : at + 8] == b"IEND":
            return Format(PNG, width, height)
        (length,) = struct.unpack_from(">I", content, at)
        at += 12 + length
        if at + 12 > len(content):
            raise Broken("a PNG cut short")
    raise Broken(f"a PNG of more than {MOST_CHUNKS} chunks")


def _jpeg(content: bytes) -> Format:
    width = height = 0
    at = 2
    for _ in range(MOST_CHUNKS):
        if content[at] != 0xFF:
            raise Broken("a JPEG out of step")
        fill = _FILL.match(content, at)
        at = fill.end() if fill else at
        marker = content[at]
        at += 1  # where the segment's length stands
        (length,) = struct.unpack_from(">H", content, at)
        if marker in (0x00, 0xD9) or length < 2:
            raise Broken("a JPEG without a picture")
        if marker == 0xDA:  # the scan: entropy-coded from here on, where FF D9 can only be the end
            if content.rfind(b"\xff\xd9", at + length) < 0:  # from the back: there it is, in a whole one
                raise Broken("a JPEG cut short")
            return Format(JPEG, width, height)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 3)
        at += length
    raise Broken(f"a JPEG of more than {MOST_CHUNKS} segments")


def _webp(content: bytes) -> Format:
    (size,) = struct.unpack_from("<I", content, 4)
    if size + 8 > len(content):
        raise Broken("a WebP cut short")
    match content[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
        case _:
            raise Broken("a WebP of no known kind")
    return Format(WEBP, width, height)
