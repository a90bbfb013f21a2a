"""What a member has yet to be told, as the journal keeps it: by name, without anybody's own words."""

from __future__ import annotations

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

_BY_NAME = {
    kind.__name__: kind
    for kind in (
        AcknowledgementPending,
        AcknowledgementUnclear,
        AnswerLost,
        ApiUnavailable,
        CreditExhausted,
        DeliveryFailed,
        GenerationTookTooLong,
        KeyRejected,
        LedgerUnavailable,
        NoRoomToRepeat,
        NoPicture,
        OutcomeUnknown,
        PictureKept,
        PicturesLost,
        PicturesOutOfReach,
        PromptRejected,
        PromptTooLongForModel,
        RateLimited,
        RequestRejected,
        TooManyFailed,
    )
}


def noted(failure: BotError) -> str:
    name = type(failure).__name__
    return f"{name} {failure.reference}" if isinstance(failure, UnforeseenFailure) else name


def recalled(note: str) -> BotError:
    """With the same words for the member. What no version of the bot knows any more was an interruption."""
    name, _, reference = note.partition(" ")
    match name:
        case "UnforeseenFailure":
            return UnforeseenFailure(reference)
        case "ModelGone":
            return ModelGone("the model")
        case "PicturesNotAllowed":
            return PicturesNotAllowed("their host")
        case _:
            return _BY_NAME.get(name, Interrupted)()
