"""Pending notices: what a member has yet to be told of a settled generation, as the journal stores it.

A notice is the stable code of an error, for an unforeseen failure followed by its reference. It holds nobody's own
words. Codes are a stored format: a class may be renamed, its code may not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    AnswerLost,
    ApiUnavailable,
    BotError,
    CreditExhausted,
    DeliveryFailed,
    GenerationTookTooLong,
    Interrupted,
    KeyRejected,
    LedgerUnavailable,
    ModelGone,
    NoPicture,
    NoRoomToRepeat,
    OutcomeUnknown,
    PictureKept,
    PicturesLost,
    PicturesNotAllowed,
    PicturesOutOfReach,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    TooManyFailed,
    UnforeseenFailure,
)

ERRORS: Mapping[str, type[BotError]] = {
    "acknowledgement_pending": AcknowledgementPending,
    "acknowledgement_unclear": AcknowledgementUnclear,
    "api_unavailable": ApiUnavailable,
    "credit_exhausted": CreditExhausted,
    "database_unavailable": LedgerUnavailable,
    "delivery_failed": DeliveryFailed,
    "generation_timed_out": GenerationTookTooLong,
    "interrupted": Interrupted,
    "key_rejected": KeyRejected,
    "model_retired": ModelGone,
    "no_budget_for_retry": NoRoomToRepeat,
    "no_picture": NoPicture,
    "outcome_unknown": OutcomeUnknown,
    "picture_kept": PictureKept,
    "picture_origin_not_allowed": PicturesNotAllowed,
    "pictures_lost": PicturesLost,
    "pictures_unavailable": PicturesOutOfReach,
    "prompt_rejected": PromptRejected,
    "prompt_too_long_for_model": PromptTooLongForModel,
    "rate_limited": RateLimited,
    "request_rejected": RequestRejected,
    "response_lost": AnswerLost,
    "too_many_failed": TooManyFailed,
    "unforeseen_failure": UnforeseenFailure,
}
"""Every error that is stored, by its code."""

_CODES = {kind: code for code, kind in ERRORS.items()}
# Versions without codes stored the name of the class: these are the codes where it is not the same in other letters.
_RENAMED = {
    "answer_lost": "response_lost",
    "generation_took_too_long": "generation_timed_out",
    "ledger_unavailable": "database_unavailable",
    "model_gone": "model_retired",
    "no_room_to_repeat": "no_budget_for_retry",
    "pictures_not_allowed": "picture_origin_not_allowed",
    "pictures_out_of_reach": "pictures_unavailable",
}


def notice_of(failure: BotError) -> str:
    """What is stored of a failure that the member has yet to be told."""
    code = _CODES.get(type(failure), "interrupted")
    return f"{code} {failure.reference}" if isinstance(failure, UnforeseenFailure) else code


def failure_of(notice: str) -> BotError:
    """The failure with the same words for the member. A code that this version does not know was an interruption."""
    name, _, reference = notice.partition(" ")
    code = re.sub(r"\B(?=[A-Z])", "_", name).lower()
    kind = ERRORS.get(_RENAMED.get(code, code), Interrupted)
    if kind is UnforeseenFailure:
        return UnforeseenFailure(reference)
    if kind is ModelGone:
        return ModelGone("the model")
    return PicturesNotAllowed("their host") if kind is PicturesNotAllowed else kind()
