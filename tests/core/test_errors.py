"""Errors are data with a stable code; what the log says of them has nobody's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.core.errors import BotError, UnforeseenFailure
from bot.core.generation.errors import ModelRetired, OutcomeUnknown, RateLimited
from bot.core.word_filter.errors import ForbiddenWord, PromptTooLong
from tests.ui.error_examples import kinds, sample


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in kinds()]
    assert [code for code in codes if codes.count(code) > 1] == []
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if not kind.__subclasses__()])
def test_every_error_says_something_in_the_log(kind: type[BotError]) -> None:
    assert re.fullmatch(r"[\w.:/'` ,()+-]{5,100}", str(sample(kind)))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PromptTooLong(1500, 1024), "prompt of 1500 characters, the model takes 1024"),
        (RateLimited("HTTP 429"), "HTTP 429"),
        (RateLimited(), "rate limited"),
        (ModelRetired("grok-2-image"), "grok-2-image is no longer served"),
        (UnforeseenFailure("abcd1234"), "unforeseen failure abcd1234"),
    ],
)
def test_the_text_of_an_error_is_for_the_log(error: BotError, text: str) -> None:
    assert str(error) == text
    assert repr(error) == f"{type(error).__name__}({text!r})"


def test_what_a_moderator_forbids_is_in_no_text_of_the_error() -> None:
    assert "secret" not in f"{ForbiddenWord('secret')} {ForbiddenWord('secret')!r}"


def test_whether_it_may_have_cost_is_said_by_the_kind_or_when_it_is_made() -> None:
    assert OutcomeUnknown().may_have_cost
    assert not RateLimited().may_have_cost
    assert RateLimited(may_have_cost=True).may_have_cost


def test_an_error_passes_through_a_context_manager() -> None:
    """Which sets its traceback, so that it can't be frozen at run time."""

    @contextmanager
    def anything() -> Iterator[None]:
        yield

    with pytest.raises(PromptTooLong), anything():
        raise PromptTooLong(2, 1)
