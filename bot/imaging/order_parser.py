"""Reading a paid answer: where its pictures are and what they cost. Pure, and forgives all but no picture.

All that comes from outside and is stored or shown is cleaned here, once: no half characters, no control characters, no
absurd lengths and no absurd numbers.
"""

from __future__ import annotations

import binascii
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.generation.model import CREDITS_PER_DOLLAR, Order, Source
from bot.core.redaction import Redact, by_shape
from bot.imaging.pictures import looks_like_one

TICKS_PER_CREDIT = 10_000_000_000 // CREDITS_PER_DOLLAR  # xAI bills in ticks, 10,000,000,000 to the dollar
_MOST_CREDITS = 10**15  # beyond any bill; keeps nonsense out of a 64-bit column
LONGEST_URL = 16_384
LONGEST_SENTENCE = 8000
"""Characters: what the most patient model takes as a prompt."""
_MOST_ROWS = 100  # that are looked at, for the pictures among them
_DEEPEST = 4

_LISTS = (
    *("data", "images", "image", "output", "outputs", "result", "results", "artifacts", "predictions"),
    *("generated_images", "generatedImages", "generations", "pictures", "files", "assets", "asset", "sample"),
)
# What is a sentence where it is a text, and may hold pictures where it isn't.
_ENVELOPES = ("response", "choices", "message", "candidates", "content", "parts")
_ADDRESSES = (
    *("url", "image_url", "imageUrl", "uri", "src", "download_url", "downloadUrl", "fileUrl"),
    *("file_url", "public_url", "signed_url", "output_url", "image", "file", "output", "sample"),
)
_ENCODED = (
    *("b64_json", "b64", "base64", "image_base64", "base64_image", "image_b64", "bytesBase64Encoded"),
    *("imageBytes", "image_data", "binary", "data"),
)
_REVISED = ("revised_prompt", "revisedPrompt", "up_sampled_prompt", "enhanced_prompt")
_BEGINNINGS = ("iVBORw0KGgo", "/9j/", "UklGR")  # of PNG, JPEG and WebP in base64
_WAITING = frozenset(
    {"queued", "pending", "processing", "in_progress", "in_queue", "submitted", "starting", "running", "created",
     "generating", "waiting", "accepted", "not_started", "scheduled"}
)  # fmt: skip
_JOBS = (
    "task_id",
    "taskId",
    "job_id",
    "jobId",
    "generation_id",
    "prediction_id",
    "polling_url",
    "status_url",
    "id",
)
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
)
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_DECODED_AT_ONCE = 1024 * 1024
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_IS_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,9}:/|/)\S", re.IGNORECASE)
_IS_PICTURE = re.compile(
    rf"\s*(?:https?://\S+\s*\Z|data:|{'|'.join(map(re.escape, _BEGINNINGS))})", re.IGNORECASE
)
_HALF = re.compile(r"[\ud800-\udfff]")


def read_order(
    answer: Any,
    headers: Mapping[str, str],
    model: str,
    images: int = 10,
    redact: Redact = by_shape,
) -> Order | None:
    """The order, with at most `images` pictures; None where the answer holds no picture at all."""
    for rows in _lists_in(answer, _DEEPEST):  # the first list with a picture in it
        found = dict[object, Source]()  # a picture that is given twice is one
        for row in itertools.islice(rows, _MOST_ROWS):
            if (source := _source(row, redact)) is not None:
                found.setdefault(source.content or source.url or len(found), source)
            if len(found) == images:
                break
        if found:
            return Order(model, tuple(found.values()), _credits(answer, headers), fresh=True)
    return None


def bare_picture(body: bytes, headers: Mapping[str, str], model: str) -> Order | None:
    """The order, where the body is no JSON but the picture itself."""
    if body[:1] in (b"{", b"[") or not looks_like_one(body):
        return None
    return Order(model, (Source(content=body),), _credits({}, headers), fresh=True)


def was_moderated(answer: Any) -> bool:
    """Whether an answer without a picture says, by a flag, that moderation took it."""
    return any(
        row.get("respect_moderation") is False
        or row.get("nsfw") is True
        or row.get("moderated") is True
        or row.get("blocked_by_moderation") is True
        or (isinstance(concepts := row.get("has_nsfw_concepts"), list) and True in concepts)
        for row in _mappings(answer, _DEEPEST)
    )


def job_of(answer: Any, status: int) -> str | None:
    """The id under which the pictures could be asked for later, where the answer says so."""
    for row in _mappings(answer, 2):
        named = next(((name, str(row[name])) for name in _JOBS if isinstance(row.get(name), str | int)), None)
        if named and (_waits(row) or status == 202 or named[0] != "id"):
            return sentence(named[1], 200)
    return "without an id" if status == 202 else None


def _waits(row: Mapping[str, Any]) -> bool:
    return str(row.get("status") or row.get("state") or "").lower() in _WAITING


def sentence(value: object, longest: int = LONGEST_SENTENCE) -> str | None:
    """A text for people and for databases, or None."""
    if not isinstance(value, str):
        return None
    # Half a surrogate pair is legal in JSON and nowhere else: no database and no Discord takes it.
    text = _HALF.sub("?", value[: 2 * longest])
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return text.strip()[:longest].rstrip() or None


def _lists_in(answer: Any, deeper: int) -> Iterator[list[Any]]:
    """Every place where rows of pictures may stand, the likeliest first."""
    if isinstance(answer, list):
        yield _flat(answer)
    if not isinstance(answer, dict):
        return
    for name in (*_LISTS, *_ENVELOPES):
        rows = answer.get(name)
        if rows is None or (isinstance(rows, str) and name in _ENVELOPES):
            continue
        rows = _flat(rows) if isinstance(rows, list) else [rows]
        yield rows
        for row in rows if deeper else ():
            yield from _lists_in(row, deeper - 1)
    # An error has links to documents, and a job the address to ask at.
    if not answer.get("error") and not _waits(answer):
        yield [answer]


def _flat(rows: list[Any]) -> list[Any]:
    """Lists within the list are taken for rows, too."""
    flat = list[Any]()
    for row in rows[:_MOST_ROWS]:
        flat += row[:_MOST_ROWS] if isinstance(row, list) else [row]
    return flat


def _source(row: Any, redact: Redact) -> Source | None:
    if isinstance(row, str):
        return _of_text(row, None) if _IS_PICTURE.match(row) else None
    if not isinstance(row, dict) or row.get("respect_moderation") is False:
        return None
    revised = next((redact(text) for name in _REVISED if (text := sentence(row.get(name)))), None)
    inline = _mapping(row.get("inline_data") or row.get("inlineData"))
    for place, name in (*((row, name) for name in _ENCODED), (inline, "data")):
        if (text := _text(place.get(name))) and (place is inline or name != "data" or _looks_encoded(text)):
            address = _text(row.get("url"))
            if address is None or address.startswith("data:"):
                return _encoded(text, revised)
            # Of a row that has the picture and its address, both: the picture may be broken.
            return replace(_encoded(text, revised), url=_address(address))
    texts = (_text(_mapping(row.get(name)).get("url") or row.get(name)) for name in _ADDRESSES)
    return next((source for text in texts if text and (source := _of_text(text, revised))), None)


def _looks_encoded(text: str) -> bool:
    return text.startswith(("data:", *_BEGINNINGS))


def _of_text(text: str, revised: str | None) -> Source | None:
    """A text is an address, or a picture in base64, or neither."""
    text = text.strip()
    if _looks_encoded(text):
        return _encoded(text, revised)
    if not _IS_ADDRESS.match(text):
        return None
    address = _address(text)
    # It was paid for: one that can't be asked for counts as lost, and not as refused.
    return Source(address, None if address else b"", revised)


def _address(text: str) -> str | None:
    """As it can be stored and asked for. None for one of an absurd length."""
    if len(text) > LONGEST_URL:
        return None
    text = _HALF.sub("%EF%BF%BD", _CONTROLS.sub("", text.replace(" ", "%20")))
    return text if len(text) <= LONGEST_URL else None


def _encoded(text: str, revised: str | None) -> Source:
    """Broken base64 becomes an empty picture: it was paid for, so it counts as lost and not as refused."""
    _, _, bare = text.rpartition(",")
    signs = bare.encode("ascii", "ignore").translate(_TO_STANDARD, _NOT_BASE64)
    try:
        # By pieces, between which others have their turn: all of it at once would keep every thread waiting.
        pieces = [
            binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
            for piece in (signs[at : at + _DECODED_AT_ONCE] for at in range(0, len(signs), _DECODED_AT_ONCE))
        ]
    except ValueError:
        pieces = []
    return Source(None, b"".join(pieces), revised)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _mappings(value: Any, deeper: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        children = [value[name] for name in (*_LISTS, "error") if name in value]
    elif isinstance(value, list):
        children = value[:_MOST_ROWS]
    else:
        return
    if deeper:
        for child in children:
            yield from _mappings(child, deeper - 1)


def _credits(answer: Any, headers: Mapping[str, str]) -> int | None:
    usage = _mapping(_mapping(_mapping(answer).get("meta")).get("usage"))
    by_name = {name.lower(): value for name, value in headers.items()}
    told = (
        amount_of(usage.get("credits_used")),
        amount_of(usage.get("tokens_used")),
        amount_of(_mapping(_mapping(answer).get("usage")).get("cost_in_usd_ticks"), 1 / TICKS_PER_CREDIT),
        amount_of(by_name.get("x-aimlapi-credits-used")),
        amount_of(by_name.get("x-aimlapi-usd-spent"), CREDITS_PER_DOLLAR),
    )
    return next((amount for amount in told if amount is not None), None)


def amount_of(value: object, factor: float = 1.0) -> int | None:
    """A whole amount of anything that has a price, or None where `value` is no such thing."""
    number = number_of(value)
    amount = None if number is None else number * factor
    return round(amount) if amount is not None and 0 <= amount <= _MOST_CREDITS else None


def number_of(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
