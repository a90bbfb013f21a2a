"""Pending notices: how a settled generation ended, stored until the member has been notified.

A notice is the stable code of an error. Of an unforeseen failure its reference follows; of a refusal by moderation its
stage and categories, as in `prompt_rejected output violence,self_harm` (`-` for a stage that is not known). It holds
nobody's own words. Codes are a stored format: a class may be renamed, its code may not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.errors import BotError, DatabaseUnavailable, UnforeseenFailure
from bot.core.generation.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    ApiUnavailable,
    Cancelled,
    ChosenModelRetired,
    CreditExhausted,
    DeliveryFailed,
    EditModelRetired,
    EditsOff,
    GenerationTimedOut,
    InputLost,
    InputRejected,
    Interrupted,
    KeyRejected,
    ModelRetired,
    ModerationStage,
    NoBudgetForRetry,
    NoPicture,
    OutcomeUnknown,
    PictureOriginNotAllowed,
    PicturesLost,
    PicturesUnavailable,
    PictureUndelivered,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    RequestRejected,
    ResponseLost,
)
from bot.core.limits.errors import FailureLimitReached

ERRORS: Mapping[str, type[BotError]] = {
    kind.code: kind
    for kind in (
        AcknowledgementPending,
        AcknowledgementUnclear,
        ApiUnavailable,
        Cancelled,
        ChosenModelRetired,
        CreditExhausted,
        DatabaseUnavailable,
        DeliveryFailed,
        EditModelRetired,
        EditsOff,
        GenerationTimedOut,
        InputLost,
        InputRejected,
        Interrupted,
        KeyRejected,
        ModelRetired,
        NoBudgetForRetry,
        NoPicture,
        OutcomeUnknown,
        PictureUndelivered,
        PictureOriginNotAllowed,
        PicturesLost,
        PicturesUnavailable,
        PromptRejected,
        PromptTooLongForModel,
        RateLimited,
        RequestRejected,
        ResponseLost,
        FailureLimitReached,
        UnforeseenFailure,
    )
}
"""Every error that is stored, by its code."""

_UNKNOWN = "-"

# Versions without codes stored the name of the class: these are the codes where it is not the same in other letters.
_RENAMED = {
    "answer_lost": "response_lost",
    "generation_took_too_long": "generation_timed_out",
    "ledger_unavailable": "database_unavailable",
    "model_gone": "model_retired",
    "no_room_to_repeat": "no_budget_for_retry",
    "pictures_not_allowed": "picture_origin_not_allowed",
    "pictures_out_of_reach": "pictures_unavailable",
    "too_many_failed": "failure_limit_reached",
}


def notice_of(failure: BotError) -> str:
    """What is stored of a failure of which the member has yet to be notified."""
    code = failure.code if failure.code in ERRORS else Interrupted.code
    match failure:
        case UnforeseenFailure(reference=reference):
            return f"{code} {reference}"
        case PromptRejected(stage=stage, categories=categories) if stage or categories:
            return f"{code} {stage or _UNKNOWN} {','.join(categories)}".rstrip()
    return code


def failure_of(notice: str) -> BotError:
    """The failure with the same words for the member. A code that this version does not know was an interruption."""
    name, _, rest = notice.partition(" ")
    code = re.sub(r"\B(?=[A-Z])", "_", name).lower()
    kind = ERRORS.get(_RENAMED.get(code, code), Interrupted)
    if kind is UnforeseenFailure:
        return UnforeseenFailure(rest)
    if kind is PromptRejected:
        stage, _, categories = rest.partition(" ")
        return PromptRejected(
            stage=ModerationStage(stage) if stage in set(ModerationStage) else None,
            categories=tuple(filter(None, categories.split(","))),
        )
    if kind in (ModelRetired, ChosenModelRetired, EditModelRetired):
        return kind("the model")
    return PictureOriginNotAllowed("their host") if kind is PictureOriginNotAllowed else kind()
