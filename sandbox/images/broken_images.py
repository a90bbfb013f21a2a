"""Files that claim to be images."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from sandbox.images.painter import encoded


@cache
def decompression_bomb(side: int = 9000) -> bytes:
    """A black, valid PNG of `side`×`side` pixels in about ten kilobytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 7) // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@cache
def empty_chunks() -> bytes:
    """A PNG of 25 MB that consists of empty chunks."""
    header = struct.pack(">IIBBBBB", 64, 64, 1, 0, 0, 0, 0)
    empty = _chunk(b"tEXt", b"")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + empty * (25_000_000 // len(empty))


@cache
def gzip_of_spaces(megabytes: int) -> bytes:
    """So many megabytes of spaces, as gzip."""
    pack = zlib.compressobj(9, wbits=31)
    return b"".join(pack.compress(b" " * 1_000_000) for _ in range(megabytes)) + pack.flush()


def truncated() -> bytes:
    """The first half of a JPEG."""
    whole = encoded("half a picture", 0, "jpeg")
    return whole[: len(whole) // 2]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
