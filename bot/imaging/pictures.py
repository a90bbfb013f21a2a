"""Paid pictures: they are fetched from allowed origins, inspected without being decoded, and made to fit an upload."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import httpx

from bot.core.generation.errors import PicturesLost
from bot.core.generation.image_api import MOST_PIXELS
from bot.core.generation.model import Picture, Source
from bot.core.retries import DOWNLOAD
from bot.imaging.http import REQUEST_FAILURES, BodyLost, BodyTooLarge, off_loop, read_body
from bot.settings.proxies import is_loopback

if TYPE_CHECKING:
    from PIL import Image

LARGEST_PICTURE = 25 * 1024 * 1024
MOST_REDIRECTS = 3
LONGEST_ORIGIN = 300  # a host's name has 253 characters at most
DEADLINE_SECONDS = 30.0  # for one try, redirects included
_IDLE = {"timeout": httpx.Timeout(10.0, connect=5.0, pool=DEADLINE_SECONDS).as_dict()}
_HEADERS = {"Accept": "image/png, image/jpeg, image/webp", "Accept-Encoding": "identity"}

MOST_CHUNKS = 20_000
"""Of one file. A PNG of 25 MB in the usual pieces of 8 KB has 3,200; each costs the event loop half a microsecond."""
MOST_SCANS = 100
"""Of a progressive JPEG, which has ten as a rule. Each runs over the whole picture, and can be 60 bytes long: 25 MB of
them would take hours to decode.
"""
WEBP_ANIMATION = 0b10
"""In the flags of an extended WebP: https://developers.google.com/speed/webp/docs/riff_container#extended_file_format"""
SMALL_SIDE = 256  # pixels: Discord draws a thumbnail with 80
MOST_SHRUNK = 17_000_000
"""Pixels that are decoded for a small copy: 4096×4096 takes 70 MB. Any member can send more; the result goes without.
"""
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
_FILL = re.compile(rb"\xff+")  # however many, in one step

_QUALITIES = (92, 85, 75, 60)
# A picture of 40 megapixels takes 350 MiB while it is re-encoded: one at a time is what a small host can bear.
_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shrink")
_SCALES = (1.0, 0.75, 0.5, 0.25, 0.125)


class Lost(Exception):
    """One picture can't be had. `again`: another try may find it. `out_of_reach`: another one in some minutes may, too.

    `origin` is set where the picture is at an origin that is not allowed.
    """

    def __init__(
        self, reason: str, *, again: bool, out_of_reach: bool = False, origin: str | None = None
    ) -> None:
        super().__init__(reason)
        self.again = again
        self.out_of_reach = out_of_reach
        self.origin = origin


class Broken(Lost):
    """No picture, not a whole one, or one too large to be looked at: another try may bring a whole one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, again=True)


class NotAPicture(Broken):
    """It begins like none of the formats."""


class TooManyPixels(Broken):
    """Or none at all."""


class Animated(Broken):
    """Several pictures in one file."""


class Downloads:
    """Fetches single pictures. `api_url`'s own origin is always allowed."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_url: str,
        origins: Iterable[str],
        *,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        api = httpx.URL(api_url)
        self._http = http
        self._headers = httpx.Headers(http.headers)
        self._headers.update(_HEADERS)
        self._api = api
        # httpx leaves out the port that a scheme has anyway, and writes a host in one way.
        self._allowed = {(url.scheme, url.netloc) for url in (api, *map(httpx.URL, origins))}
        self._plain_allowed = api.scheme == "http"
        self._sleep = sleep
        self._random = random
        self._deadline = deadline

    def allows(self, origin: str) -> bool:
        """Whether pictures may be fetched from there; `origin` as a `Lost` has it."""
        try:
            self._check(httpx.URL(origin))
        except (Lost, httpx.InvalidURL, ValueError):
            return False
        return True

    async def fetch(self, source: Source) -> Picture:
        """The picture, whole. Raises Lost."""
        if source.content is not None:
            try:
                found = await off_loop(len(source.content), partial(inspect, source.content))
                return Picture(source.content, found.media_type, source.revised_prompt)
            except Broken:
                if not source.url:
                    raise

        return await DOWNLOAD(
            partial(self._download, source),
            lambda error: isinstance(error, Lost) and error.again,
            sleep=self._sleep,
            random=self._random,
        )

    async def _download(self, source: Source) -> Picture:
        """One try, redirects included. Raises Lost."""
        try:
            async with asyncio.timeout(self._deadline):
                url = httpx.URL(source.url or "")
                url = url if url.is_absolute_url else self._api.join(url)
                for hop in range(MOST_REDIRECTS + 1):
                    self._check(url, redirected=hop > 0)
                    request = httpx.Request("GET", url, headers=self._headers, extensions=_IDLE)
                    async with aclosing(await self._http.send(request, stream=True)) as response:
                        if not response.has_redirect_location:
                            status = response.status_code
                            if status != httpx.codes.OK:
                                later = status >= 500 or status in (408, 425, 429)
                                raise Lost(f"status {status}", again=True, out_of_reach=later)
                            content = await read_body(response, LARGEST_PICTURE)
                            break
                        url = url.join(response.headers["Location"])
                else:
                    raise Lost(f"more than {MOST_REDIRECTS} redirects", again=True)
        except TimeoutError as error:
            raise Lost(f"not there within {self._deadline:g} s", again=True, out_of_reach=True) from error
        except (httpx.InvalidURL, ValueError) as error:  # also of a redirect
            raise Lost("no address", again=False) from error
        except BodyLost as error:
            raise Lost(str(error), again=not isinstance(error, BodyTooLarge)) from error
        except REQUEST_FAILURES as error:
            raise Lost(type(error).__name__, again=True, out_of_reach=True) from error
        found = await off_loop(len(content), partial(inspect, content))
        return Picture(content, found.media_type, source.revised_prompt)

    def _check(self, url: httpx.URL, *, redirected: bool = False) -> None:
        """Raises Lost for an origin that is not allowed, which in the end stops all buying.

        So after a redirect the host is asked again: it may have been a single one.
        """
        plain = url.scheme == "http" and (self._plain_allowed or is_loopback(url.host))
        if (
            (url.scheme, url.netloc) not in self._allowed
            or url.userinfo
            or not (plain or url.scheme == "https")
        ):
            origin = f"{url.scheme}://{url.netloc.decode('ascii')}"[:LONGEST_ORIGIN]
            theirs = url.scheme in ("http", "https") and url.host and not url.userinfo
            raise Lost(
                f"not an allowed origin: {origin}", again=redirected, origin=origin if theirs else None
            )


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
            raise NotAPicture(f"no picture: it begins with {content[:8]!r}")
    except (struct.error, IndexError) as error:
        raise Broken("a picture cut short") from error
    if not 0 < found.width * found.height <= MOST_PIXELS:
        raise TooManyPixels(f"a picture of {found.width}×{found.height} pixels")
    return found


def inspect_still(content: bytes) -> Format:
    """As `inspect`, of a single picture whose bytes arrived as they were written, as far as its format can say.

    Raises Broken.
    """
    if content.startswith((b"GIF87a", b"GIF89a")):
        raise Animated("a GIF")
    found = inspect(content)
    try:
        animated_png = found.media_type == PNG and _is_animated_png(content)
    except struct.error as error:
        raise Broken("a PNG cut short") from error
    animated_webp = found.media_type == WEBP and content[12:16] == b"VP8X" and content[20] & WEBP_ANIMATION
    if animated_png or animated_webp:
        raise Animated(f"an animation as {found.media_type}")
    return found


def _is_animated_png(content: bytes) -> bool:
    """Raises Broken where a chunk is not what its checksum says: https://www.w3.org/TR/png-3/#5CRC-algorithm"""
    at, kind, animated = 8, b"", False
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(memoryview(content)[at + 4 : at + 8 + length]) != checksum:
            raise Broken("a PNG with a chunk that is damaged")
        animated = animated or kind == b"acTL"
        at += 12 + length
    return animated


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
    width = height = components = 0
    one_scan = False
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
            # libjpeg decodes no other scan of one that is not progressive and has all components in its first. Most are
            # such, and counting takes much longer than all the rest.
            is_whole = one_scan and content[at + 2] == components
            if not is_whole and content.count(b"\xff\xda", at) >= MOST_SCANS:
                raise Broken(f"a JPEG of more than {MOST_SCANS} scans")
            return Format(JPEG, width, height)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width, components = struct.unpack_from(">HHB", content, at + 3)
            one_scan = marker in (0xC0, 0xC1)
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


async def small(content: bytes) -> Picture:
    """A copy of at most SMALL_SIDE pixels a side, as it is to be looked at. Raises PicturesLost."""
    try:
        made = await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _shrunk, content)
    except Exception as error:  # Pillow's words for a picture that is broken inside, in its metadata as well
        raise PicturesLost(f"a picture that can't be decoded: {type(error).__name__}") from error
    return Picture(made, JPEG)


def _shrunk(content: bytes) -> bytes:
    from PIL import Image, ImageOps  # noqa: PLC0415 — as below

    Image.MAX_IMAGE_PIXELS = None
    sides = (SMALL_SIDE, SMALL_SIDE)
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        opened.draft("RGB", (2 * SMALL_SIDE, 2 * SMALL_SIDE))  # of a JPEG, only so much is decoded
        if opened.width * opened.height > MOST_SHRUNK:
            raise ValueError(f"a picture of {opened.width}×{opened.height} pixels")
        opened.thumbnail(sides, Image.Resampling.LANCZOS)
        ImageOps.exif_transpose(opened, in_place=True)
        encoded = io.BytesIO()
        _on_white(opened).save(encoded, "JPEG", quality=85, optimize=True)
    return encoded.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """JPEG has no transparency."""
    from PIL import Image  # noqa: PLC0415

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _reencoded(content: bytes, limit: int) -> bytes:
    # Imported when first needed: most pictures fit, and a bot at rest has no memory to spare.
    from PIL import Image  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = None  # asked below: what Pillow raises for it is no error of a broken picture
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        # Of a file with several headers `inspect` has read one, and Pillow goes by another.
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"a picture of {opened.width}×{opened.height} pixels")
        whole = _on_white(opened)
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
