"""What an answer of the image API means: a pure function from status, headers and body to a decision."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.core.errors import (
    ApiUnavailable,
    CreditExhausted,
    GenerationFailed,
    KeyRejected,
    OutcomeUnknown,
    PromptRejected,
    RateLimited,
    RequestRejected,
)
from bot.core.generation import Order
from bot.imaging.models import bare_name
from bot.imaging.orders import read_order

LONGEST_RETRY_AFTER = 60.0  # seconds; whoever asks for more is given up on, a member waits for the answer
REPEATS_OF_BUSY = 4
REPEATS_OF_BROKEN = 2


@dataclass(frozen=True, slots=True)
class Failed:
    """Final: a repeat would change nothing, or might be billed again."""

    error: GenerationFailed


@dataclass(frozen=True, slots=True)
class Gone:
    """The model is no longer served; another one may be."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Ask again, at most `times`, after `after` seconds if that was said; then `otherwise`."""

    times: int
    otherwise: GenerationFailed
    after: float | None = None

    @property
    def may_have_cost(self) -> bool:
        """Whether this attempt may be on the bill: a proxy spoke, and what became of it behind that is not known."""
        return self.otherwise.may_have_cost


Answer = Order | Failed | Gone | Repeat

_MODERATION = re.compile(
    r"content[ _-]?moderat|moderated|moderation|usage guidelines|content[ _-]policy|safety[ _-]?(check|system|filter)"
    r"|SAFETY_CHECK_TYPE",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"deprecated|not found|does not exist|no longer (available|supported|served)|has been (retired|withdrawn)"
    r"|(unknown|invalid|unsupported) model",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"credit|\bbalance\b|billing|exceeded your (current )?quota|quota exceeded|spending limit|payment|funds|top[ -]?up",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"api[ _-]?key|permission|unauthori[sz]ed|not authori[sz]ed|access denied|blocked", re.IGNORECASE
)
_TEXT_FIELDS = ("message", "error", "title", "detail", "code", "name")
_LONGEST_TEXT = 300


def judge(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    model: str,
    prompt: str = "",
    now: datetime | None = None,
) -> Answer:
    """Decide on one answer. Raises nothing. `now` (aware) is needed for a Retry-After that is a date."""
    if 200 <= status < 300:
        return _judge_success(headers, body, model)
    # The words of the member must not be taken for the API's: whoever paints "this model does not exist" and gets his
    # prompt echoed in an error would retire the model for everybody.
    text = _without(error_text(body), prompt)
    if _MODERATION.search(text):
        return Failed(PromptRejected(_said(status, text)))
    if status in (404, 410) or (status in (400, 422, 500) and _says_model_is_gone(text, model)):
        return Gone()
    if status == 429 and not _CREDIT.search(text):
        return _judge_busy(headers, _said(status, text), now or datetime.now(UTC))
    return _judge_status(status, text)


def _says_model_is_gone(text: str, model: str) -> bool:
    """Not "argument `size` is deprecated": it has to be about the model."""
    about_it = "model" in text.lower() or bare_name(model) in text.lower()
    return about_it and _GONE.search(text) is not None


def error_text(body: bytes) -> str:
    """Whatever was said in any of the known envelopes, on one line; of foreign ones, the beginning."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = re.sub(r"<[^>]*>", " ", body[:4096].decode("utf-8", "replace"))
    return " ".join(" ".join(dict.fromkeys(_texts(value))).split())


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, given as seconds or as a date; None where there is none to be read."""
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "").strip()
    try:
        seconds = (
            float(value)
            if value[:1].isdigit()
            else (_aware(parsedate_to_datetime(value)) - now).total_seconds()
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _judge_success(headers: Mapping[str, str], body: bytes, model: str) -> Answer:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Failed(OutcomeUnknown("a success that is no JSON object"))
    if order := read_order(value, headers, model):
        return order
    return Failed(PromptRejected("a success without a picture"))


def _judge_busy(headers: Mapping[str, str], said: str, now: datetime) -> Answer:
    after = retry_after(headers, now)
    if after is not None and after > LONGEST_RETRY_AFTER:
        return Failed(RateLimited(f"{said}, to be repeated after {after:.0f} s"))
    return Repeat(REPEATS_OF_BUSY, RateLimited(said), after)


def _judge_status(status: int, text: str) -> Answer:
    said = _said(status, text)
    match status:
        case 500:
            return Repeat(REPEATS_OF_BROKEN, ApiUnavailable(said))
        case 425 | 503:
            return Repeat(REPEATS_OF_BUSY, ApiUnavailable(said))
        case 408 | 502 | 521 | 522 | 523:
            return Repeat(REPEATS_OF_BROKEN, ApiUnavailable(said, may_have_cost=True))
        case _:
            return Failed(_final_error(status, text)(said))


def _final_error(status: int, text: str) -> type[GenerationFailed]:
    match status:
        case 401:
            return KeyRejected
        case 402 | 429:
            return CreditExhausted
        case 403:
            return KeyRejected if _KEY.search(text) and not _CREDIT.search(text) else CreditExhausted
        case 504 | 520 | 524 | 598 | 599:
            # A proxy's patience ended; what happened behind it is not known.
            return OutcomeUnknown
        case _:
            return ApiUnavailable if status >= 500 else RequestRejected


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for name in _TEXT_FIELDS if name in value for text in _texts_of_field(value[name])]
        case _:
            return []


def _texts_of_field(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            # One level only: an envelope is not a tree, and somebody else's nesting must not become ours.
            return [text for name in _TEXT_FIELDS if isinstance(text := value.get(name), str)]
        case list():
            return [item for item in value if isinstance(item, str)]
        case _:
            return []


def _without(text: str, prompt: str) -> str:
    echo = " ".join(prompt.split())
    return text.replace(echo, "…") if len(echo) > 3 else text


def _said(status: int, text: str) -> str:
    return f"{status}: {text[:_LONGEST_TEXT]}" if text else str(status)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
