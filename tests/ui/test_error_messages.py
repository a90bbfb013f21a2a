"""Every error has words, and they say whether it was counted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import (
    BotError,
    DatabaseBusy,
    DatabaseUnavailable,
    GenerationFailed,
    Refusal,
    UnforeseenFailure,
)
from bot.core.limits.errors import (
    BudgetReached,
    ChannelNotAllowed,
    FailureLimitReached,
    LimitReached,
    MaxConcurrencyReached,
    MemberBlocked,
    OnCooldown,
    TooManyImages,
    UnknownTimeZone,
)
from bot.core.limits.meters import FailedToday, Origin, Period, Ruling, Scope
from bot.core.limits.policy import Block, Setting
from bot.core.moderation.errors import InvalidInput, PolicyListFull, SettingOutOfBounds
from bot.core.word_filter.errors import (
    EntryTooLong,
    EntryWithoutLetters,
    MisplacedWildcard,
    PromptTooLong,
    WordListTooLong,
)
from bot.ui.error_messages import apology, not_carried_out, refusal, refusal_reason, what_failed
from bot.ui.error_sentences import KnownError
from bot.ui.sentences import IN_ENGLISH, Sentences
from tests.core.factories import NOON, meter
from tests.ui.error_examples import examples, leaves, sample

FALLBACK = "That didn't work"
GOLDEN = Path(__file__).parent.parent / "golden" / "error_sentences.json"


def sentences(error: BotError, say: Sentences = IN_ENGLISH) -> dict[str, str]:
    """By who reads them; without those that say nothing of their own."""
    said = {
        "refusal": refusal(error, say),
        "not carried out": not_carried_out(error, say),
        "apology": apology(error, returned=False, say=say),
        "what failed": what_failed(error, say),
        "reason": refusal_reason(error, say),
    }
    if said["not carried out"] == said["refusal"]:
        del said["not carried out"]
    return {who: text for who, text in said.items() if not text.startswith((FALLBACK, "For another reason."))}


def test_every_error_says_what_it_said_before() -> None:
    assert {name: sentences(error) for name, error in examples().items()} == json.loads(
        GOLDEN.read_text("utf-8")
    )


@pytest.mark.parametrize("kind", list(leaves(BotError)))
def test_every_error_is_one_that_has_a_code(kind: type[BotError]) -> None:
    assert issubclass(kind, KnownError)


@pytest.mark.parametrize("kind", list(leaves(Refusal)))
def test_every_refusal_has_words_of_its_own(kind: type[BotError]) -> None:
    assert FALLBACK not in refusal(sample(kind))


def test_a_refused_field_is_called_by_its_label() -> None:
    words = refusal(InvalidInput("many", "number", "field.images"))
    assert (
        words == "**Images per day**: “many” isn't a whole number such as 10 or 1,000. Nothing was changed."
    )


def test_no_two_refusals_have_the_same_words() -> None:
    words = [refusal(sample(kind)) for kind in leaves(Refusal)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("error", [DatabaseBusy(), DatabaseUnavailable(), UnforeseenFailure("abcd1234")])
def test_whoever_did_not_ask_for_a_picture_hears_nothing_of_painting_and_counting(error: BotError) -> None:
    assert not re.search("paint|counted", not_carried_out(error))
    assert re.search("paint|counted", refusal(error))


@pytest.mark.parametrize("kind", list(leaves(GenerationFailed)))
def test_every_failure_has_words_of_its_own_and_says_that_it_was_not_counted(kind: type[BotError]) -> None:
    words = apology(sample(kind), returned=True)
    assert FALLBACK not in words
    assert IN_ENGLISH("failed.given_back") in words
    assert IN_ENGLISH("failed.not_given_back") in apology(sample(kind), returned=False)


OPERATOR = "If you need more, ask this server's moderators."


def of(ruling: Ruling, scope: Scope = Scope.MEMBER, used: int = 0, asked: int = 1) -> LimitReached:
    return LimitReached(replace(meter(scope), ruling=ruling), used, asked)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            LimitReached(meter(Scope.MEMBER, 10), 10, 1),
            f"You've used your 10 images for today. The limit resets <t:1795478400:R>. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 10), 8, 4),
            f"That's 4 images, but you have only 2 left today. The limit resets <t:1795478400:R>. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 3, Period.MONTH), 1, 4),
            f"That's 4 images, but your limit is 3 images a month, with 2 left. {OPERATOR} Ask for fewer.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 3), 0, 4),
            f"That's 4 images, but your limit is 3 images a day. {OPERATOR} Ask for fewer.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 2), 2, 3),
            f"You've used your 2 images for today. The limit resets <t:1795478400:R>. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 0), 0, 1),
            f"Images are turned off for you right now: your limit is 0. {OPERATOR} Nothing was counted.",
        ),
        (
            LimitReached(meter(Scope.SERVER, 1), 1, 1),
            f"This server has used its 1 image for today. The limit resets <t:1795478400:R>. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.BOT, 200), 199, 2),
            "That's 2 images, but this bot has only 1 left today. "
            "The limit resets <t:1795478400:R>. It's a limit of the bot itself.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 5), 3, 3, weight=3),
            "That's 3 images, but you have only 2 left today. The limit resets <t:1795478400:R>. "
            f"Each image by the model that you chose counts as 3; without `model`, as 1. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 2), 0, 3, weight=3),
            "That's 3 images, but your limit is 2 images a day. "
            f"Each image by the model that you chose counts as 3; without `model`, as 1. {OPERATOR}",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 4), 0, 6, weight=3),
            "That's 6 images, but your limit is 4 images a day. "
            "Each image by the model that you chose counts as 3; without `model`, as 1. "
            f"{OPERATOR} Ask for fewer.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 5), 5, 3, weight=3),
            f"You've used your 5 images for today. The limit resets <t:1795478400:R>. {OPERATOR}",
        ),
        (
            BudgetReached(meter(Scope.BUDGET, 20), 20, 28, 4),
            "This bot has used up what it may spend today, across all servers. "
            "It starts again <t:1795478400:R>. It's a limit of the bot itself.",
        ),
        (
            BudgetReached(meter(Scope.BUDGET, 6), 0, 28, 4),
            "That's more than this bot may spend in a day. It's a limit of the bot itself.",
        ),
        (
            LimitReached(meter(Scope.MEMBER, 300, Period.MONTH), 300, 1),
            f"You've used your 300 images for this month. The limit resets <t:1796083200:R>. {OPERATOR}",
        ),
        (
            of(Ruling(10, Origin.SERVER), used=10),
            "You've used your 10 images for today. The limit resets <t:1795478400:R>. "
            "The moderators of this server set this limit: ask them if you need more.",
        ),
        (
            of(Ruling(0, Origin.MEMBER)),
            "Images are turned off for you right now: your limit is 0. "
            "The moderators set this limit for you: ask them if you need more. Nothing was counted.",
        ),
        (
            of(Ruling(1, Origin.ROLE, 7), used=1),
            "You've used your 1 image for today. The limit resets <t:1795478400:R>. "
            "This limit comes from your role <@&7>. If you need more, ask this server's moderators.",
        ),
        (
            of(Ruling(1, Origin.ROLE, 7, capped=True), used=1),
            "You've used your 1 image for today. The limit resets <t:1795478400:R>. "
            "The moderators allow more, but this is the most that this bot allows.",
        ),
        (
            PromptTooLong(1500, 1024),
            "Your prompt is 1,500 characters long; the image model takes 1,024. Shorten it.",
        ),
        (
            TooManyImages(9, Ruling(1)),
            f"You can ask for at most 1 image per prompt here. {OPERATOR} Ask for fewer.",
        ),
        (
            WordListTooLong("words", 201, 200),
            "The list can have at most 200 words; this one has 201. Nothing was changed.",
        ),
        (
            EntryTooLong("long" * 16, 60),
            f"“{'long' * 16}” is longer than the 60 characters that an entry can have. Nothing was changed.",
        ),
        (
            MisplacedWildcard("big* cat"),
            "“big\\* cat” has a `*` inside. It can only stand at the beginning or at the end of an entry, "
            "as in `cat*`. Nothing was changed.",
        ),
        (
            WordListTooLong("list", 4001, 4000),
            "The list can have at most 4,000 characters in total; this one has 4,001. Nothing was changed.",
        ),
        (
            EntryWithoutLetters("*"),
            "“\\*” has no letters to look for, so it can't be on the list. Nothing was changed.",
        ),
        (
            OnCooldown(NOON, Ruling(90, Origin.SERVER)),
            "The moderators set a cooldown of 1 min 30 s per member. "
            "You can ask again <t:1795435200:R>. Nothing was counted.",
        ),
        (
            MaxConcurrencyReached(1, Ruling(1)),
            "This bot sets a limit of 1 at a time per member, and 1 of your commands is still running. "
            "Nothing was counted. Try again once that's done.",
        ),
        (
            FailureLimitReached(FailedToday(Scope.MEMBER, 8, 8, NOON)),
            "Today 8 images of yours came to nothing, though they may have been paid for: turned down by the "
            "safety filter, or lost on the way, which may be nobody's fault. So there are no more for today: you can "
            "ask again <t:1795435200:R>. Nothing was counted. It's a limit of the bot itself.",
        ),
        (
            MemberBlocked(Block(NOON, "*spam*")),
            "The moderators of this server have blocked you from making images until "
            "<t:1795435200:f> (<t:1795435200:R>). Nothing was counted.\nTheir reason: \\*spam\\*",
        ),
        (
            MemberBlocked(Block(None)),
            "The moderators of this server have permanently blocked you from making images. "
            "Nothing was counted.",
        ),
        (
            ChannelNotAllowed(frozenset({2, 1})),
            "The moderators allow images only in <#1>, <#2>. Nothing was counted.",
        ),
    ],
)
def test_a_refusal_says_which_limit_how_much_and_when_it_ends(error: BotError, words: str) -> None:
    assert refusal(error) == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            SettingOutOfBounds(Setting.DAILY, 101, 100),
            "**Images per member per day** can be from 0 to 100 here. It's a limit of the bot itself.",
        ),
        (
            SettingOutOfBounds(Setting.DAILY, None, 100),
            "**Images per member per day** can't be unlimited: the most this bot allows is 100.",
        ),
        (
            SettingOutOfBounds(Setting.MONTHLY, 100_001, None),
            "**Images per member per month** can be from 0 to 100,000 here.",
        ),
        (
            SettingOutOfBounds(Setting.COOLDOWN, 5, 30),
            "**Cooldown per member** can be from 30 s to 24 h here. It's a limit of the bot itself.",
        ),
        (
            PolicyListFull("roles", 100),
            "The limit is 100 roles.",
        ),
        (
            UnknownTimeZone(("Europe/Berlin", "UTC")),
            "There's no time zone called that. The closest: `Europe/Berlin`, `UTC`.",
        ),
    ],
)
def test_a_moderator_is_told_what_can_be_decided(error: BotError, words: str) -> None:
    assert refusal(error).startswith(f"{words} Nothing was changed.")


def test_an_unforeseen_failure_tells_the_reference_that_the_log_has() -> None:
    assert "`abcd1234`" in refusal(sample(UnforeseenFailure))
    assert "`abcd1234`" in apology(sample(UnforeseenFailure), returned=True)
