"""A pending notice is read back as the same sentence, whichever version of the bot stored it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core import errors
from bot.core.errors import BotError, GenerationFailed, Interrupted, LedgerUnavailable, PictureKept
from bot.core.generation.notices import ERRORS, failure_of, notice_of
from bot.ui.error_messages import apology
from tests.ui.error_examples import leaves, sample

STORED = [*leaves(GenerationFailed), LedgerUnavailable, PictureKept, *ERRORS.values()]
CLASS_NAMES: dict[str, Callable[[], BotError]] = {
    "AcknowledgementPending": errors.AcknowledgementPending,
    "AcknowledgementUnclear": errors.AcknowledgementUnclear,
    "AnswerLost": errors.AnswerLost,
    "ApiUnavailable": errors.ApiUnavailable,
    "CreditExhausted": errors.CreditExhausted,
    "DeliveryFailed": errors.DeliveryFailed,
    "GenerationTookTooLong": errors.GenerationTookTooLong,
    "Interrupted": errors.Interrupted,
    "KeyRejected": errors.KeyRejected,
    "LedgerUnavailable": errors.LedgerUnavailable,
    "ModelGone": lambda: errors.ModelGone("the model"),
    "NoPicture": errors.NoPicture,
    "NoRoomToRepeat": errors.NoRoomToRepeat,
    "OutcomeUnknown": errors.OutcomeUnknown,
    "PictureKept": errors.PictureKept,
    "PicturesLost": errors.PicturesLost,
    "PicturesNotAllowed": lambda: errors.PicturesNotAllowed("their host"),
    "PicturesOutOfReach": errors.PicturesOutOfReach,
    "PromptRejected": errors.PromptRejected,
    "PromptTooLongForModel": errors.PromptTooLongForModel,
    "RateLimited": errors.RateLimited,
    "RequestRejected": errors.RequestRejected,
    "TooManyFailed": errors.TooManyFailed,
    "UnforeseenFailure abcd1234": lambda: errors.UnforeseenFailure("abcd1234"),
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


def test_nobodys_own_words_are_stored() -> None:
    assert notice_of(LedgerUnavailable("a fox in the snow")) == "database_unavailable"


@pytest.mark.parametrize("notice", ["something_of_tomorrow", "SomethingOfTomorrow", ""])
def test_a_code_that_this_version_does_not_know_was_an_interruption(notice: str) -> None:
    assert type(failure_of(notice)) is Interrupted
