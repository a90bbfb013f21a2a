"""What an answer means: a pure function from status, headers and body to a decision.

`RULES` is the table; docs/image-api-answers.md has it with an example for each rule, and a test walks it there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import (
    ApiUnavailable,
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModelRetired,
    ModerationStage,
    NoPicture,
    OutcomeUnknown,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
)
from bot.core.generation.model import Order, Source
from bot.core.redaction import Redact, by_shape
from bot.imaging.http import parse_json
from bot.imaging.moderation import Refusal
from bot.imaging.order_parser import credits_of, job_of, read_order, was_moderated
from bot.imaging.pictures import looks_like_one
from bot.imaging.response_text import BodyKind, Indication, Text, read_envelope, read_text

LONGEST_RETRY_AFTER = 60.0  # seconds; whoever asks for more is given up on, a member waits for the answer
REPEATS_OF_BUSY = 4
REPEATS_OF_BROKEN = 2
WHILE_THERE_IS_TIME = None
"""As often as the order's own deadline allows."""
_LONGEST_SAID = 300


@dataclass(frozen=True, slots=True)
class FinalFailure:
    """Final: a repeat would change nothing, or might be billed again.

    `unless_there_is_credit`: what it comes to where the balance says otherwise.
    """

    error: GenerationFailed
    unless_there_is_credit: Repeat | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is nothing at this address for this order: no such model, or no such path. The catalogue may know."""

    said: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """Ask again, at most `times`, after `after` seconds if that was said; then `error`.

    `error.may_have_cost`: whether this attempt may be on the bill, as where only a proxy spoke.
    """

    times: int | None
    error: GenerationFailed
    after: float | None = None


Answer = Order | FinalFailure | NotFound | Repeat


class About(StrEnum):
    """Whom an answer speaks about: only what is said of the account or of the model concerns other orders."""

    PROMPT = "this prompt"
    ORDER = "this order"
    MODEL = "the model"
    ACCOUNT = "the account"
    SERVICE = "the service"


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """What one kind of answer means. Empty `statuses`, `kinds` and `indicates` are any.

    `error` is None where the catalogue has to be asked.
    """

    name: str
    about: About
    error: type[GenerationFailed] | None
    statuses: frozenset[int] = frozenset()
    kinds: frozenset[BodyKind] = frozenset()
    indicates: Indication | None = None
    repeats: int | None = 0
    may_have_cost: bool = False

    def fits(self, status: int, text: Text) -> bool:
        return (
            (not self.statuses or status in self.statuses)
            and (not self.kinds or text.kind in self.kinds)
            and (self.indicates is None or self.indicates in text.indications)
        )


_REFUSED = frozenset({400, 403, 404, 409, 413, 415, 422})
_TOO_LARGE_OR_ODD = frozenset({413, 415})
_BUSY = frozenset({420, 429})
_WORDS = frozenset({BodyKind.ENVELOPE, BodyKind.PLAIN})
_ENVELOPE = frozenset({BodyKind.ENVELOPE})
_NO_PAGE = frozenset(BodyKind) - {BodyKind.HTML}

RULES = (
    AnswerRule(
        "too many requests, in words",
        About.SERVICE,
        RateLimited,
        _BUSY,
        indicates=Indication.RATE,
        repeats=WHILE_THERE_IS_TIME,
    ),
    AnswerRule(
        "moderation", About.PROMPT, PromptRejected, indicates=Indication.MODERATION, may_have_cost=True
    ),
    AnswerRule("the model is gone", About.MODEL, ModelRetired, indicates=Indication.GONE),
    AnswerRule("the prompt is too long", About.PROMPT, PromptTooLongForModel, indicates=Indication.TOO_LONG),
    AnswerRule(
        "a wait, whatever it advises",
        About.SERVICE,
        RateLimited,
        _BUSY,
        indicates=Indication.WAIT,
        repeats=WHILE_THERE_IS_TIME,
    ),
    AnswerRule("no credit", About.ACCOUNT, CreditExhausted, indicates=Indication.CREDIT),
    AnswerRule("the key is named", About.ACCOUNT, KeyRejected, indicates=Indication.KEY),
    AnswerRule("not authorized", About.ACCOUNT, KeyRejected, frozenset({401}), _WORDS, Indication.CALLER),
    AnswerRule(
        "the caller may not", About.ACCOUNT, KeyRejected, frozenset({403}), _ENVELOPE, Indication.CALLER
    ),
    AnswerRule("too many requests", About.SERVICE, RateLimited, _BUSY, repeats=WHILE_THERE_IS_TIME),
    AnswerRule(
        "a rate, by another status",
        About.SERVICE,
        RateLimited,
        indicates=Indication.RATE,
        repeats=WHILE_THERE_IS_TIME,
    ),
    AnswerRule(
        "moderation, or the member's own words",
        About.ORDER,
        RequestRejected,
        indicates=Indication.QUOTED_MODERATION,
        may_have_cost=True,
    ),
    AnswerRule(
        "moderation, by its status",
        About.PROMPT,
        PromptRejected,
        frozenset({451}),
        _NO_PAGE,
        may_have_cost=True,
    ),
    AnswerRule("a payment is asked for", About.ACCOUNT, CreditExhausted, frozenset({402}), _NO_PAGE),
    AnswerRule("nothing at this address", About.ORDER, None, frozenset({404, 410})),
    AnswerRule("the request is too large", About.PROMPT, PromptTooLongForModel, frozenset({413}), _ENVELOPE),
    AnswerRule(
        "a proxy gave up on it",
        About.ORDER,
        OutcomeUnknown,
        frozenset({504, 520, 524, 598, 599}),
        may_have_cost=True,
    ),
    AnswerRule(
        "a proxy could not reach it",
        About.ORDER,
        ApiUnavailable,
        frozenset({408, 502, 521, 522, 523, 525, 526, 527, 530}),
        repeats=REPEATS_OF_BROKEN,
        may_have_cost=True,
    ),
    AnswerRule("it broke", About.ORDER, ApiUnavailable, frozenset({500}), repeats=REPEATS_OF_BROKEN),
    AnswerRule(
        "it is busy", About.ORDER, ApiUnavailable, frozenset({425, 503, 529}), repeats=REPEATS_OF_BUSY
    ),
    AnswerRule(
        "the request is wrong", About.ORDER, RequestRejected, frozenset({400, 409, 415, 422}), _ENVELOPE
    ),
    AnswerRule("anything else", About.ORDER, ApiUnavailable),
)
"""The first that fits decides."""


def judge(  # noqa: PLR0913 — the three parts of an answer, and what was asked for
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    model: str,
    prompt: str = "",
    images: int = 10,
    editing: bool = False,
    now: datetime | None = None,
    redact: Redact = by_shape,
) -> Answer:
    """Decide on one answer to an order of `images` pictures; `editing` others that were given. Raises nothing.

    `now` (aware) is needed for a Retry-After that is a date; `redact` is applied to whatever is quoted in an error.
    """
    headers = {name.lower(): value.strip() for name, value in headers.items()}
    if 200 <= status < 300:
        if body[:1] not in (b"{", b"[") and looks_like_one(body):  # the picture itself
            return Order(model, (Source(content=body),), credits_of(None, headers))
        try:
            value = parse_json(body)
        except (ValueError, RecursionError) as error:
            return FinalFailure(ResponseLost(f"{status}: a success that is no JSON: {error}"))
        if order := read_order(value, headers, model, images, redact):
            return order
        said = _read_refusal(read_envelope(value, model=model, prompt=prompt), redact, editing=editing)
        return _judge_empty(status, value, said, model, redact)
    text, asked = read_text(body, model=model, prompt=prompt), retry_after(headers, now or datetime.now(UTC))
    wait = text.wait if asked is None else asked
    indications = text.indications if wait is None else text.indications | {Indication.WAIT}
    if "invalid_token" in headers.get("www-authenticate", "").lower() and text.kind is not BodyKind.HTML:
        indications |= {Indication.KEY}
    text = replace(_read_refusal(text, redact, editing=editing), indications=indications, wait=wait)
    if editing and _is_about_an_input(status, text):
        return FinalFailure(InputRejected(_said(status, text, redact)))
    return _judge_failure(status, text, model, redact)


def _is_about_an_input(status: int, text: Text) -> bool:
    """Whether it is a given picture that the API can't use, and nothing that is said of anybody else."""
    if status not in _REFUSED or (text.kind is BodyKind.HTML and status not in _TOO_LARGE_OR_ODD):
        return False  # but of these two statuses, a proxy's own page says the same
    rule = rule_of(status, text)
    named = Indication.INPUT in text.indications or status in _TOO_LARGE_OR_ODD
    return named and rule.about in (About.ORDER, About.PROMPT) and not rule.may_have_cost


def rule_of(status: int, text: Text) -> AnswerRule:
    """The first rule that fits an answer which is no success."""
    return next(rule for rule in RULES if rule.fits(status, text))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, given as seconds or as a date; None where there is none to be read.

    `headers` by their names in lower case. A date is by the clock of whoever answers, which their Date shows: `now` is
    this host's, and only for those that send none.
    """
    value = ""
    for name, parts in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = headers.get(name, "")
        with suppress(ValueError):
            if value[:1].isdigit() and math.isfinite(number := float(value)):
                return number / parts
    until, answered_at = _instant(value), _instant(headers.get("date", ""))
    return None if until is None else max(0.0, (until - (answered_at or now)).total_seconds())


def _instant(text: str) -> datetime | None:
    """As HTTP writes it; None where it can't be read."""
    try:
        instant = parsedate_to_datetime(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _judge_failure(status: int, text: Text, model: str, redact: Redact) -> FinalFailure | NotFound | Repeat:
    rule, said = rule_of(status, text), _said(status, text, redact)
    if rule.error is None:
        return NotFound(said)
    if rule.error is ModelRetired:
        return FinalFailure(ModelRetired(model))
    if rule.error is PromptRejected:
        return FinalFailure(_rejection(said, text.refusal))
    error = rule.error(said, may_have_cost=rule.may_have_cost)
    if rule.error is CreditExhausted and status in _BUSY:
        return FinalFailure(error, Repeat(WHILE_THERE_IS_TIME, RateLimited(said)))
    if rule.repeats == 0:
        return FinalFailure(error)
    if text.wait is not None and text.wait > LONGEST_RETRY_AFTER:
        return FinalFailure(
            rule.error(f"{said}, to be repeated after {text.wait:.0f} s", may_have_cost=rule.may_have_cost)
        )
    return Repeat(rule.repeats, error, text.wait)


def _judge_empty(status: int, value: Any, text: Text, model: str, redact: Redact) -> Answer:
    """A success without a picture. Where it is an error after all, its text decides; it is repeated for a rate only."""
    said = _said(status, text, redact)
    if was_moderated(value):
        return FinalFailure(_rejection(said, replace(text.refusal, stage=ModerationStage.OUTPUT)))
    if Indication.MODERATION in text.indications:
        return FinalFailure(_rejection(said, text.refusal))
    if isinstance(value, dict) and (value.get("error") or value.get("errors")):
        match answer := _judge_failure(_status_within(value), text, model, redact):
            case NotFound():
                return FinalFailure(ApiUnavailable(said, may_have_cost=True))
            case (
                Repeat(error=RateLimited())
                | FinalFailure(error=KeyRejected() | CreditExhausted() | ModelRetired())
            ):
                return answer
            case Repeat(error=error) | FinalFailure(error=error):
                error.may_have_cost = True
                return FinalFailure(error)
    if job := job_of(value, status):
        return FinalFailure(
            NoPicture(
                f"{status}: this API works in two steps, which the bot doesn't: it answered with the job "
                f"{redact(job)}, whose pictures would have to be asked for later"
            )
        )
    return FinalFailure(NoPicture(f"{said}: a success without a picture"))


def _read_refusal(text: Text, redact: Redact, *, editing: bool) -> Text:
    """What moderation says, without what is secret; where pictures were given, they may be what it objects to."""
    stage, categories = text.refusal.stage, text.refusal.categories
    if editing and stage is not ModerationStage.OUTPUT:
        stage = ModerationStage.INPUTS
    shown = tuple(one for one in categories if redact(one) == one)
    return replace(text, refusal=replace(text.refusal, stage=stage, categories=shown))


def _rejection(said: str, refusal: Refusal) -> PromptRejected:
    return PromptRejected(said, stage=refusal.stage, categories=refusal.categories)


def _status_within(value: Mapping[str, Any]) -> int:
    """The status that an error says of itself, where the wire says 200."""
    error = value.get("error")
    for place in (error if isinstance(error, dict) else {}, value):
        for name in ("status", "statusCode", "status_code", "code"):
            status = str(place.get(name))
            if len(status) < 10 and status.isdecimal() and 400 <= int(status) <= 599:
                return int(status)
    return 200


def _said(status: int, text: Text, redact: Redact) -> str:
    # Redacted before it is cut: half a key is a key.
    words = redact(text.words)[:_LONGEST_SAID]
    return f"{status}: {words}" if words else str(status)
