"""What a member is offered who gets no picture: to try the same again, to ask for fewer, or to use other words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.errors import BotError, DatabaseBusy, DatabaseUnavailable, UnforeseenFailure
from bot.core.generation.errors import (
    ApiUnavailable,
    Cancelled,
    DeliveryFailed,
    GenerationTimedOut,
    ImageApiTrouble,
    InputRefused,
    InputTrouble,
    Interrupted,
    NoBudgetForRetry,
    OutcomeUnknown,
    OutOfService,
    PictureOriginNotAllowed,
    PicturesLost,
    PromptRejected,
    PromptTooLongForModel,
    RateLimited,
    ShuttingDown,
)
from bot.core.limits.errors import (
    BudgetReached,
    ForbiddenWithStyle,
    LimitReached,
    MaxConcurrencyReached,
    OnCooldown,
    PrivateNotAllowed,
    PromptTooLongForStyle,
    SpoilerNotAllowed,
    StyleNotOffered,
    TooManyImages,
)
from bot.core.word_filter.errors import ForbiddenWord, PromptCheckBusy, PromptTooLong


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The reason passes: the same may be painted in a moment. With so many `images`, where only fewer fit."""

    images: int | None = None


@dataclass(frozen=True, slots=True)
class UseOtherWords:
    """It is the prompt, or what was chosen with it, that keeps it from being painted, or why it was cancelled."""


RetryOffer: TypeAlias = TryAgain | UseOtherWords


def retry_offer(error: BotError) -> RetryOffer | None:
    """None where nothing would come of it: somebody has to decide otherwise first, or the day has to end."""
    match error:
        case LimitReached(left=left, weight=weight) if left >= weight:
            return TryAgain(left // weight)
        case BudgetReached(fitting=fitting) if fitting:
            return TryAgain(fitting)
        case TooManyImages(ruling=ruling) if ruling.value:
            return TryAgain(ruling.value)
        case (
            ForbiddenWord()
            | ForbiddenWithStyle()
            | PromptTooLong()
            | PromptTooLongForStyle()
            | PromptTooLongForModel()
            | PromptRejected()
            | StyleNotOffered()
            | PrivateNotAllowed()
            | SpoilerNotAllowed()
            | Cancelled()
        ):
            return UseOtherWords()
        case OutOfService(trouble=trouble):
            return TryAgain() if trouble is ImageApiTrouble.DOWN else None
        case InputRefused(trouble=InputTrouble.TOO_SLOW | InputTrouble.UNAVAILABLE):
            return TryAgain()
        case NoBudgetForRetry() | PictureOriginNotAllowed():
            return None
        case (
            DatabaseBusy()
            | DatabaseUnavailable()
            | PromptCheckBusy()
            | ShuttingDown()
            | OnCooldown()
            | MaxConcurrencyReached()
            | RateLimited()
            | ApiUnavailable()
            | OutcomeUnknown()
            | PicturesLost()
            | GenerationTimedOut()
            | Interrupted()
            | DeliveryFailed()
            | UnforeseenFailure()
        ):
            return TryAgain()
    return None
