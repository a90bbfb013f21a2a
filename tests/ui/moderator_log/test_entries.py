"""The lines of a server's log."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.core.errors import BotError, DatabaseBusy, DatabaseUnavailable, UnforeseenFailure
from bot.core.generation.errors import (
    ApiUnavailable,
    ImageApiTrouble,
    OutOfService,
    PromptRejected,
    ShuttingDown,
)
from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.model import Cost, ImageSpec, InputImage, Request
from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    LimitReached,
    MaxConcurrencyReached,
    MemberBlocked,
    OnCooldown,
    TooManyImages,
)
from bot.core.limits.meters import Ruling, Scope
from bot.core.limits.policy import Block
from bot.core.limits.styles import Style
from bot.core.moderator_log.queue import Batch, Entry, LogEvent
from bot.core.moderator_log.reports import Reported
from bot.core.place import Caller, InServer
from bot.core.word_filter.errors import EmptyPrompt, ForbiddenWord, PromptCheckBusy, PromptTooLong
from bot.ui.error_messages import refusal_reason
from bot.ui.moderator_log.entries import ENTRIES_IN_A_MESSAGE, log_message
from bot.ui.text import units
from tests.core.factories import NOIR, NOON, meter

LARGEST = 2**63 - 1
CALLER = Caller(LARGEST, InServer(LARGEST, LARGEST))
HOSTILE = "*_`@everyone <@1> [x](https://y.z) " * 100
PICTURES = (InputImage("https://cdn.discordapp.com/attachments/1/2/fox.png", "image/png"),) * 3
REQUEST = Request(
    LARGEST, CALLER, ImageSpec(HOSTILE, 10, inputs=PICTURES, style=Style("*" * 32, "x")), idea_by=LARGEST
)


def text(event: LogEvent, times: int = 1) -> str:
    [embed] = log_message(Batch(1, (Entry(event, NOON, times),), Counter())).embeds
    return embed.description or ""


@pytest.mark.parametrize(
    "event",
    [
        Delivered(REQUEST, 9, 1, "*" * 200, Cost(10**12, estimated=True), LARGEST),
        Refused(REQUEST, ForbiddenWord("*" * 200)),
        Refused(REQUEST, LimitReached(meter(Scope.MEMBER, 100_000), 100_000, 10)),
        Refused(REQUEST, UnforeseenFailure("abcd1234")),
        Failed(REQUEST, PromptRejected(), counted=10, may_have_cost=True, message=LARGEST),
        Failed(REQUEST, UnforeseenFailure("abcd1234"), counted=10, may_have_cost=True, message=LARGEST),
        Reported(CALLER, LARGEST, LARGEST, HOSTILE),
    ],
)
def test_ten_of_the_longest_entries_fit_into_one_message(event: LogEvent) -> None:
    entry = text(event, 1_000_000)
    assert ENTRIES_IN_A_MESSAGE * units(entry) <= 6000
    assert "@everyone" not in entry.replace(r"\@everyone", "")
    assert "](https://y" not in entry


def test_moderators_see_that_pictures_were_to_be_changed() -> None:
    made, changed = ImageSpec("a fox"), ImageSpec("make it night", inputs=PICTURES[:1])
    refused = [text(Refused(Request(1, CALLER, spec), EmptyPrompt())) for spec in (made, changed)]
    assert "> a fox\nThe prompt" in refused[0]
    assert "> make it night\nChanges 1 picture\nThe prompt" in refused[1]


def test_moderators_see_the_style_and_that_nobody_else_sees_a_private_picture() -> None:
    request = Request(1, CALLER, ImageSpec("a fox", style=NOIR, private=True))
    for message in (None, 5):
        entry = text(Delivered(request, 1, 0, "m", None, message))
        assert "private: only they see it" in entry
        assert "discord.com" not in entry
        assert "> a fox\nStyle: Noir\n" in entry


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (EmptyPrompt(), "The prompt was empty."),
        (PromptTooLong(1500, 1024), "The prompt was 1,500 characters long; the model takes 1,024."),
        (MemberBlocked(Block(NOON, "spam")), "The member is blocked until <t:1795435200:f>."),
        (MemberBlocked(Block(None)), "The member is blocked permanently."),
        (ChannelNotAllowed(frozenset()), "Images are not allowed in that channel."),
        (ChannelNotAgeRestricted(), "Images are allowed in age-restricted channels only."),
        (ForbiddenWord("b*d"), r"Blocked word: “b\*d”."),
        (TooManyImages(9, Ruling(4)), "9 images in one prompt; the limit is 4."),
        (OnCooldown(NOON, Ruling(90)), "Cooldown of 1 min 30 s per member."),
        (MaxConcurrencyReached(2, Ruling(2)), "2 of the member's commands were running; the limit is 2."),
        (
            LimitReached(meter(Scope.SERVER, 20), 19, 2),
            "The server's limit of 20 images a day: 19 used, 2 more needed.",
        ),
        (ShuttingDown(), "The bot was restarting."),
        (DatabaseBusy(), "The bot was too busy."),
        (PromptCheckBusy(), "Too many prompts were waiting to be checked for blocked words."),
        (DatabaseUnavailable(), "The bot's database wasn't responding."),
        (OutOfService(ImageApiTrouble.CREDIT), "The image service is unavailable."),
    ],
)
def test_moderators_read_the_reason_of_every_refusal(refusal: BotError, reason: str) -> None:
    assert refusal_reason(refusal) == reason


def test_what_the_api_does_not_say_of_the_cost_is_not_made_up() -> None:
    for cost, told in (
        (Cost(147_000, estimated=False), "$0.0735"),
        (Cost(0, estimated=False), "$0.0000"),
        (Cost(140_000, estimated=True), "about $0.0700"),
        (None, "cost unknown"),
    ):
        assert text(Delivered(REQUEST, 1, 0, "m", cost, 9)).endswith(f"m · {told}")


def test_a_failure_says_whether_it_was_counted_and_billed() -> None:
    failed = Failed(REQUEST, ApiUnavailable(), counted=0, may_have_cost=False, message=None)
    assert "(10 images, not counted, not billed)" in text(failed)
    assert "message" not in text(failed)


def test_entries_of_repeated_events_say_how_many_they_are() -> None:
    assert "**×12** within a minute; this is the last one" in text(Refused(REQUEST, EmptyPrompt()), 12)


def test_entries_that_are_missing_are_counted() -> None:
    refused = Refused(REQUEST, EmptyPrompt())
    for missing, words in (
        (0, None),
        (1, "1 earlier event couldn't be written here."),
        (1234, "1,234 earlier events couldn't be written here."),
    ):
        batch = Batch(1, (Entry(refused, NOON),), Counter({Refused: missing}))
        assert log_message(batch).content == words


def test_an_entry_says_whose_idea_a_picture_was() -> None:
    again = Request(1, CALLER, ImageSpec("a fox"), idea_by=7)
    assert "> a fox\nIdea by <@7>" in text(Delivered(again, 1, 0, "m", None, 5))
    assert "Idea by" not in text(Delivered(Request(1, CALLER, ImageSpec("a fox")), 1, 0, "m", None, 5))
