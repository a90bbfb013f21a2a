"""A pending notice is read back as the same sentence, whichever version of the bot stored it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core.errors import BotError, DatabaseUnavailable, GenerationFailed, UnforeseenFailure
from bot.core.generation.errors import (
    AcknowledgementPending,
    AcknowledgementUnclear,
    ApiUnavailable,
    CreditExhausted,
    DeliveryFailed,
    GenerationTimedOut,
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
from bot.core.generation.notices import ERRORS, failure_of, notice_of
from bot.core.limits.errors import FailureLimitReached
from bot.ui.error_messages import apology
from tests.ui.error_examples import leaves, sample

STORED = [*leaves(GenerationFailed), DatabaseUnavailable, PictureUndelivered, *ERRORS.values()]
CLASS_NAMES: dict[str, Callable[[], BotError]] = {
    "AcknowledgementPending": AcknowledgementPending,
    "AcknowledgementUnclear": AcknowledgementUnclear,
    "AnswerLost": ResponseLost,
    "ApiUnavailable": ApiUnavailable,
    "CreditExhausted": CreditExhausted,
    "DeliveryFailed": DeliveryFailed,
    "GenerationTookTooLong": GenerationTimedOut,
    "Interrupted": Interrupted,
    "KeyRejected": KeyRejected,
    "LedgerUnavailable": DatabaseUnavailable,
    "ModelGone": lambda: ModelRetired("the model"),
    "NoPicture": NoPicture,
    "NoRoomToRepeat": NoBudgetForRetry,
    "OutcomeUnknown": OutcomeUnknown,
    "PictureKept": PictureUndelivered,
    "PicturesLost": PicturesLost,
    "PicturesNotAllowed": lambda: PictureOriginNotAllowed("their host"),
    "PicturesOutOfReach": PicturesUnavailable,
    "PromptRejected": PromptRejected,
    "PromptTooLongForModel": PromptTooLongForModel,
    "RateLimited": RateLimited,
    "RequestRejected": RequestRejected,
    "TooManyFailed": FailureLimitReached,
    "UnforeseenFailure abcd1234": lambda: UnforeseenFailure("abcd1234"),
}
"""What versions without codes stored: the names that the classes had."""


@pytest.mark.parametrize("kind", STORED)
def test_a_stored_notice_has_the_words_of_its_failure(kind: type[BotError]) -> None:
    failure = sample(kind)
    again = failure_of(notice_of(failure))
    assert type(again) is kind
    assert apology(again, returned=True) == apology(failure, returned=True)


@pytest.mark.parametrize(("name", "failure"), CLASS_NAMES.items())
def test_the_name_of_a_class_that_an_older_version_stored_has_the_same_words(
    name: str, failure: Callable[[], BotError]
) -> None:
    again = failure_of(name)
    assert type(again) is type(failure())
    assert apology(again, returned=True) == apology(failure(), returned=True)


@pytest.mark.parametrize("stage", [None, *ModerationStage])
@pytest.mark.parametrize("categories", [(), ("violence",), ("violence", "self_harm")])
def test_a_refusal_by_moderation_keeps_its_stage_and_what_it_was_for(
    stage: ModerationStage | None, categories: tuple[str, ...]
) -> None:
    again = failure_of(notice_of(PromptRejected(stage=stage, categories=categories)))
    assert isinstance(again, PromptRejected)
    assert (again.stage, again.categories) == (stage, categories)


def test_nobodys_own_words_are_stored() -> None:
    assert notice_of(DatabaseUnavailable("a fox in the snow")) == "database_unavailable"


@pytest.mark.parametrize("notice", ["something_of_tomorrow", "SomethingOfTomorrow", ""])
def test_a_code_that_this_version_does_not_know_was_an_interruption(notice: str) -> None:
    assert type(failure_of(notice)) is Interrupted
