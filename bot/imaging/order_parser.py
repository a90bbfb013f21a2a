"""Reading a paid answer: where its pictures are and what they cost. Pure functions, for any shape of JSON.

It was paid, so whatever is missing or odd in it is passed over, as long as there is a picture. What is stored or shown
of it is cleaned here, once: no lone surrogates, no control characters, no absurd lengths and no absurd numbers.
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.generation.model import Order, Source
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.redaction import Redact, by_shape

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
_BEGINNINGS = ("data:", "iVBORw0KGgo", "/9j/", "UklGR")  # in base64; the last three of PNG, JPEG and WebP
_WAITING = frozenset(
    {"queued", "pending", "processing", "in_progress", "in_queue", "submitted", "starting", "running", "created",
     "generating", "waiting", "accepted", "not_started", "scheduled"}
)  # fmt: skip
_JOBS = (
    *("task_id", "taskId", "job_id", "jobId", "generation_id", "prediction_id"),
    *("polling_url", "status_url", "id"),
)
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
)
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_DECODED_AT_ONCE = 1024 * 1024
_MODEL_ID = re.compile(r"[\w.@+-][\w.:/@+-]{0,99}", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
# Absolute, or relative: one that begins with no slash is known by the ending of its file.
_IS_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,9}:/|/)\S|[^\s:/]\S{0,500}\.(?:png|jpe?g|webp)(?:[?#]\S*)?\Z", re.IGNORECASE
)
_IS_PICTURE = re.compile(rf"\s*(?:https?://\S+\s*\Z|{'|'.join(map(re.escape, _BEGINNINGS))})", re.IGNORECASE)
_HALF = re.compile(r"[\ud800-\udfff]")


def read_order(
    answer: Any,
    headers: Mapping[str, str],
    model: str,
    images: int = 10,
    redact: Redact = by_shape,
) -> Order | None:
    """The order, with at most `images` pictures; None where the answer holds no picture at all.

    `headers` by their names in lower case.
    """
    for rows in _lists_in(answer, _DEEPEST):  # the first list with a picture in it
        found = dict[object, Source]()  # a picture that is given twice is one
        for row in rows[:_MOST_ROWS]:
            if (source := _source(row, redact)) is not None:
                found.setdefault(source.content or source.url or len(found), source)
            if len(found) == images:
                break
        if found:
            painter = painter_of(answer, model, redact)
            return Order(painter, tuple(found.values()), credits_of(answer, headers))
    return None


def painter_of(answer: Any, asked: str, redact: Redact = by_shape) -> str:
    """The id of the model that really painted, where the answer names another one; else the one that was `asked`.

    A retired id may be answered by its successor: xAI has served `grok-imagine-image-quality` by
    `grok-imagine-image-2.0` since November 2026. Whose model it is says no more than the id does.
    https://docs.x.ai/developers/migration/imagine-image-quality-nov-2
    """
    named = answer.get("model") if isinstance(answer, dict) else None
    # A local server may name a file, and nobody is to read its path.
    if not isinstance(named, str) or not _MODEL_ID.fullmatch(named) or redact(named) != named:
        return asked
    is_the_same = named.rpartition("/")[2].lower() == asked.rpartition("/")[2].lower()
    return asked if is_the_same else named


def was_moderated(answer: Any) -> bool:
    """Whether an answer without a picture says, by a flag, that moderation took it."""
    return any(
        row.get("respect_moderation") is False
        or any(row.get(name) is True for name in ("nsfw", "moderated", "blocked_by_moderation"))
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
    """`value`, cleaned and cut, where it is a text with anything in it; else None."""
    if not isinstance(value, str):
        return None
    text = value[: 2 * longest]
    if not text.isprintable():
        # Half a surrogate pair is legal in JSON and nowhere else: no database and no Discord takes it.
        text = _HALF.sub("?", text)
        text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return text.strip()[:longest].rstrip() or None


def _lists_in(answer: Any, deeper: int) -> Iterator[list[Any]]:
    """Every list that may have a picture in each row, the likeliest first; a list within a list is unpacked into it."""
    if isinstance(answer, list):
        rows = list[Any]()
        for row in answer[:_MOST_ROWS]:
            rows += row[:_MOST_ROWS] if isinstance(row, list) else [row]
        yield rows
        for row in rows if deeper else ():
            yield from _lists_in(row, deeper - 1)
    elif isinstance(answer, dict):
        for name in (*_LISTS, *_ENVELOPES):
            value = answer.get(name)
            if isinstance(value, list):
                yield from _lists_in(value, deeper)
            elif value is not None and not (isinstance(value, str) and name in _ENVELOPES):
                yield [value]
                if deeper:
                    yield from _lists_in(value, deeper - 1)
        # An error has links to documents, and a job the address to ask at.
        if not answer.get("error") and not _waits(answer):
            yield [answer]


def _source(row: Any, redact: Redact) -> Source | None:
    """The picture of one row. Where it can't be read, its `content` is empty: it was paid for, and counts as lost."""
    if isinstance(row, str) and _IS_PICTURE.match(row):
        row = {"url": row}
    if not isinstance(row, dict) or row.get("respect_moderation") is False:
        return None
    encoded, address = _encoded_and_address(row)
    if not encoded and not address:
        return None
    url = None
    if address and len(address) <= LONGEST_URL:  # as it can be stored and asked for
        url = address.replace(" ", "%20")
        if not url.isprintable():
            url = _HALF.sub("%EF%BF%BD", _CONTROLS.sub("", url))
        url = url if len(url) <= LONGEST_URL else None
    content = None if url else b""
    if encoded:
        content = _decoded(encoded)
    revised = next((redact(text) for name in _REVISED if (text := sentence(row.get(name)))), None)
    return Source(url, content, revised)


def _encoded_and_address(row: Mapping[str, Any]) -> tuple[str, str]:
    """A row's picture in base64, and where it can be fetched; empty where it has none."""
    texts = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
    if not texts.get("data", "").startswith(_BEGINNINGS):
        texts["data"] = ""  # other things are called so, too
    encoded = next((texts[name] for name in _ENCODED if texts.get(name)), "")
    if encoded.startswith(("http://", "https://")):  # a careless server's
        texts["url"], encoded = texts.get("url") or encoded, ""
        row = {**row, "url": texts["url"]}
    match row.get("inline_data") or row.get("inlineData"):
        case {"data": str(text)} if not encoded:
            encoded = text.strip()
    if encoded:
        # Of a row that has the picture and its address, both: the picture may be broken.
        address = texts.get("url", "")
        return encoded, "" if address.startswith("data:") else address
    for name in _ADDRESSES:
        match row.get(name):
            case str(text) | {"url": str(text)}:
                text = text.strip()
                if text.startswith(_BEGINNINGS):
                    return text, ""
                if _IS_ADDRESS.match(text):
                    return "", text
    return "", ""


def _decoded(text: str) -> bytes:
    """The bytes that `text` is in base64, of either alphabet, or in a data: URL; empty where it is neither."""
    _, _, bare = text.rpartition(",")
    signs = bare.encode("ascii", "ignore").translate(_TO_STANDARD, _NOT_BASE64)
    try:
        # By pieces, between which others have their turn: all of it at once would keep every thread waiting.
        pieces = [
            binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
            for piece in (signs[at : at + _DECODED_AT_ONCE] for at in range(0, len(signs), _DECODED_AT_ONCE))
        ]
    except ValueError:
        return b""
    return b"".join(pieces)


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


def credits_of(answer: Any, headers: Mapping[str, str]) -> int | None:
    """What an order has cost, by the first of the fields and headers that says so; None where none does.

    `headers` by their names in lower case.
    """
    prices = list[tuple[object, float]]()
    match answer:
        case {"meta": {"usage": dict(usage)}}:
            prices += [(usage.get("credits_used"), 1.0), (usage.get("tokens_used"), 1.0)]
            prices.append((usage.get("usd_spent"), CREDITS_PER_DOLLAR))
    match answer:
        case {"usage": dict(usage)}:
            prices.append((usage.get("cost_in_usd_ticks"), 1 / TICKS_PER_CREDIT))  # xAI
            prices.append((usage.get("cost"), CREDITS_PER_DOLLAR))  # OpenRouter
    match answer:
        case {"inference_status": dict(status)}:
            prices.append((status.get("cost"), CREDITS_PER_DOLLAR))  # DeepInfra
    prices.append((headers.get("x-aimlapi-credits-used"), 1.0))
    for name in ("x-aimlapi-usd-spent", "x-litellm-response-cost"):
        prices.append((headers.get(name), CREDITS_PER_DOLLAR))
    amounts = (amount_of(price, factor) for price, factor in prices)
    return next((amount for amount in amounts if amount is not None), None)


def amount_of(value: object, factor: float = 1.0) -> int | None:
    """`value` times `factor`, rounded; None where `value` is no number, negative, or absurdly large."""
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
