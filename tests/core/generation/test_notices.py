"""What a member has yet to be told survives the journal."""

from __future__ import annotations

import pytest

from bot.core.errors import BotError, GenerationFailed, LedgerUnavailable, PictureKept
from bot.core.generation.notices import noted, recalled
from bot.ui.error_messages import apology
from tests.ui.test_error_messages import leaves, sample

TOLD = [*leaves(GenerationFailed), LedgerUnavailable, PictureKept]


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_recalled_has_the_same_words(kind: type[BotError]) -> None:
    failure = sample(kind)
    assert apology(recalled(noted(failure)), returned=True) == apology(failure, returned=True)


def test_nobodys_own_words_are_kept() -> None:
    failure = LedgerUnavailable("a fox in the snow")
    assert noted(failure) == "LedgerUnavailable"


def test_what_this_version_does_not_know_was_an_interruption() -> None:
    words = apology(recalled("SomethingOfTomorrow"), returned=True)
    assert "I was restarted" in words
