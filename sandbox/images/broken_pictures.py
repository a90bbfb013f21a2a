"""Files that pretend to be pictures."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from sandbox.images.painter import encoded


@cache
def bomb(side: int = 9000) -> bytes:
    """A black, valid PNG of `side`×`side` pixels in about ten kilobytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 7) // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def truncated() -> bytes:
    """The first half of a JPEG."""
    whole = encoded("half a picture", 0, "jpeg")
    return whole[: len(whole) // 2]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
