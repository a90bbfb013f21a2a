"""Every error has words, and they say whether it was counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core import errors
from bot.core.errors import BotError, GenerationFailed, LimitReached, Refusal
from bot.core.limits import Period, Scope
from bot.core.policy import Block, Setting
from bot.ui.messages import GIVEN_BACK, NOT_GIVEN_BACK, apology, refusal
from tests.core.samples import NOON, meter

FALLBACK = "That didn't work"


def leaves(kind: type[BotError]) -> Iterator[type[BotError]]:
    children = kind.__subclasses__()
    if not children:
        yield kind
    for child in children:
        yield from leaves(child)


def sample(kind: type[BotError]) -> BotError:
    arguments: dict[type[BotError], tuple[object, ...]] = {
        errors.PromptTooLong: (1500, 1024),
        errors.TooManyImages: (9, 4),
        errors.LimitReached: (meter(Scope.MEMBER, 10), 10, 1),
        errors.ModelGone: ("grok-2-image",),
        errors.Blocked: (Block(NOON, "spam"),),
        errors.ChannelClosed: (frozenset({9}),),
        errors.ForbiddenWord: ("f*",),
        errors.WordsOverLimit: ("words", 201, 200),
        errors.WordUnusable: ("!!!",),
        errors.CoolingDown: (NOON,),
        errors.TooManyAtOnce: (2, 2),
        errors.OutOfBounds: (Setting.DAILY, 101, 100),
        errors.TooManyDecisions: ("roles", 100),
        errors.UnforeseenFailure: ("abcd1234",),
    }
    return kind(*arguments.get(kind, ()))


@pytest.mark.parametrize("kind", list(leaves(Refusal)))
def test_every_refusal_has_words_of_its_own(kind: type[BotError]) -> None:
    assert FALLBACK not in refusal(sample(kind))


@pytest.mark.parametrize("kind", list(leaves(GenerationFailed)))
def test_every_failure_has_words_of_its_own_and_says_that_it_was_not_counted(kind: type[BotError]) -> None:
    words = apology(sample(kind), returned=True)
    assert FALLBACK not in words
    assert GIVEN_BACK in words
    assert NOT_GIVEN_BACK in apology(sample(kind), returned=False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            LimitReached(meter(Scope.MEMBER, 10), 10, 1),
            "You have used your 10 images for today. New ones arrive <t:1795478400:R>.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 10), 8, 4),
            "You asked for 4 images, but you have only 2 left today. New ones arrive <t:1795478400:R>.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 0), 0, 1),
            "Images are switched off for members right now. Nothing was counted.",
        ),
        (
            LimitReached(meter(Scope.SERVER, 1), 1, 1),
            "This server has used its 1 image for today. New ones arrive <t:1795478400:R>.",
        ),
        (
            LimitReached(meter(Scope.BOT, 200), 199, 2),
            "You asked for 2 images, but this bot has only 1 left today. New ones arrive <t:1795478400:R>.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 300, Period.MONTH), 300, 1),
            "You have used your 300 images for this month. New ones arrive <t:1796083200:R>.",
        ),
        (
            errors.PromptTooLong(1500, 1024),
            "Your prompt has 1,500 characters; the image model takes 1,024. Shorten it and try again.",
        ),
        (errors.TooManyImages(9, 1), "One prompt can have at most 1 image here. Ask for fewer."),
        (
            errors.WordsOverLimit("words", 201, 200),
            "The list can have at most 200 words; these are 201. Nothing was changed.",
        ),
        (
            errors.WordsOverLimit("word", 61, 60),
            "A word on the list can have at most 60 characters; one has 61. Nothing was changed.",
        ),
        (
            errors.WordsOverLimit("list", 4001, 4000),
            "The list can have at most 4,000 characters in all; this one has 4,001. Nothing was changed.",
        ),
        (
            errors.WordUnusable("*"),
            "“\\*” has no letter to look for, so it can't be on the list. Nothing was changed.",
        ),
    ],
)
def test_a_refusal_says_which_limit_how_much_and_when_it_ends(error: BotError, words: str) -> None:
    assert refusal(error) == words


def test_an_unforeseen_failure_tells_the_reference_that_the_log_has() -> None:
    assert "`abcd1234`" in refusal(sample(errors.UnforeseenFailure))
    assert "`abcd1234`" in apology(sample(errors.UnforeseenFailure), returned=True)
