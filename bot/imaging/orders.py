"""Reading a paid answer: where its pictures are and what they cost. Pure, and forgives all but no picture."""

from __future__ import annotations

import binascii
import math
from collections.abc import Mapping
from typing import Any

from bot.core.generation import CREDITS_PER_DOLLAR, Order, Source

TICKS_PER_CREDIT = 10_000_000_000 // CREDITS_PER_DOLLAR  # xAI bills in ticks, 10,000,000,000 to the dollar
_MOST_CREDITS = 10**15  # beyond any bill; keeps nonsense out of a 64-bit column
_LONGEST_URL = 4096


def read_order(answer: Mapping[str, Any], headers: Mapping[str, str], model: str) -> Order | None:
    """The order, or None where the answer holds no picture at all."""
    rows = answer.get("data")
    if isinstance(rows, dict):
        rows = [rows]
    sources = [_source(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    found = tuple(source for source in sources if source is not None)
    return Order(model, found, _credits(answer, headers)) if found else None


def _source(row: Mapping[str, Any]) -> Source | None:
    if row.get("respect_moderation") is False:
        return None
    url, encoded = _text(row.get("url")), _text(row.get("b64_json"))
    if url is not None and url.startswith("data:"):
        url, encoded = None, encoded or url
    if (url is None or len(url) > _LONGEST_URL) and encoded is None:
        return None
    content = _decoded(encoded) if encoded is not None else None
    return Source(url, content, _sentence(row.get("revised_prompt")))


def _decoded(encoded: str) -> bytes:
    # Broken base64 becomes an empty picture: it was paid for, so it counts as lost and not as refused.
    _, _, bare = encoded.rpartition(",")
    try:
        return binascii.a2b_base64(bare.encode("ascii", "ignore"))
    except ValueError:
        return b""


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _sentence(value: object) -> str | None:
    text = _text(value)
    # Lone surrogates are legal in JSON and nowhere else: no database and no Discord takes them.
    return text.encode("utf-8", "replace").decode() if text else None


def _credits(answer: Mapping[str, Any], headers: Mapping[str, str]) -> int | None:
    usage = _mapping(_mapping(answer.get("meta")).get("usage"))
    told = (
        amount_of(usage.get("credits_used")),
        amount_of(usage.get("tokens_used")),
        _ticks(answer),
        _header(headers),
    )
    return next((amount for amount in told if amount is not None), None)


def _ticks(answer: Mapping[str, Any]) -> int | None:
    return amount_of(_mapping(answer.get("usage")).get("cost_in_usd_ticks"), 1 / TICKS_PER_CREDIT)


def _header(headers: Mapping[str, str]) -> int | None:
    by_name = {name.lower(): value for name, value in headers.items()}
    used = amount_of(by_name.get("x-aimlapi-credits-used"))
    return amount_of(by_name.get("x-aimlapi-usd-spent"), CREDITS_PER_DOLLAR) if used is None else used


def amount_of(value: object, factor: float = 1.0) -> int | None:
    """A whole amount of anything that has a price, or None where `value` is no such thing."""
    number = number_of(value)
    amount = None if number is None else number * factor
    return round(amount) if amount is not None and 0 <= amount <= _MOST_CREDITS else None


def number_of(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
