"""What is told once and then as a number."""

from __future__ import annotations

from datetime import timedelta

from bot.core.errors import BotError
from bot.core.generation.errors import ApiUnavailable
from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.model import ImageSpec, Request
from bot.core.limits.errors import ChannelNotAgeRestricted
from bot.core.moderator_log.deduplication import MOST_FOLDS, Entry, Folds
from bot.core.moderator_log.events import LogEvent, Reported
from bot.core.word_filter.errors import EmptyPrompt, ForbiddenWord
from tests.core.factories import NOON, caller

MINUTE = timedelta(seconds=60)


def refused(member: int = 2, refusal: BotError | None = None, prompt: str = "a fox") -> Refused:
    return Refused(Request(1, caller(member=member), ImageSpec(prompt)), refusal or EmptyPrompt())


def delivered() -> Delivered:
    return Delivered(Request(1, caller(), ImageSpec("a fox")), 1, 0, "m", None, 9)


def told(entries: list[Entry]) -> list[tuple[LogEvent, int]]:
    return [(entry.event, entry.times) for entry in entries]


def test_the_first_passes_at_once_and_the_others_when_the_minute_is_over_as_one() -> None:
    folds = Folds()
    first, last = refused(prompt="first"), refused(prompt="last")
    assert told(folds.take(first, NOON)) == [(first, 1)]
    assert folds.take(refused(prompt="second"), NOON) == []
    assert folds.take(last, NOON) == []
    assert folds.due(NOON + MINUTE / 2) == []
    assert folds.next_end() == NOON + MINUTE
    assert told(folds.due(NOON + MINUTE)) == [(last, 2)]


def test_a_flood_that_goes_on_is_told_once_a_minute() -> None:
    folds, passed = Folds(), []
    for second in range(600):
        at = NOON + timedelta(seconds=second)
        passed += [*folds.due(at), *folds.take(refused(), at)]
    passed += folds.all()
    assert len(passed) == 11
    assert sum(entry.times for entry in passed) == 600


def test_after_a_quiet_minute_the_next_passes_at_once_again() -> None:
    folds = Folds()
    folds.take(refused(), NOON)
    assert folds.due(NOON + MINUTE) == []
    assert folds.next_end() is None
    assert len(folds.take(refused(), NOON + MINUTE)) == 1


def test_only_what_is_the_same_of_the_same_member_is_folded() -> None:
    folds = Folds()
    request = Request(1, caller(), ImageSpec("a fox"))
    different: list[LogEvent] = [
        refused(),
        refused(member=3),
        refused(refusal=ChannelNotAgeRestricted()),
        refused(refusal=ForbiddenWord("a*")),
        refused(refusal=ForbiddenWord("b*")),
        Failed(request, ApiUnavailable(), returned=True, may_have_cost=False, message=None),
        Reported(caller(), 7, 2, ""),
        Reported(caller(), 8, 2, ""),
        delivered(),
        delivered(),
    ]
    assert sum(len(folds.take(event, NOON)) for event in different) == len(different)


def test_many_members_reporting_one_picture_are_folded() -> None:
    folds = Folds()
    passed = [folds.take(Reported(caller(member=member), 7, 2, ""), NOON) for member in range(5)]
    assert [len(entries) for entries in passed] == [1, 0, 0, 0, 0]


def test_what_is_held_is_bounded_and_nothing_of_it_gets_lost() -> None:
    folds, passed = Folds(), []
    for member in range(2 * MOST_FOLDS):
        for _ in range(2):
            passed += folds.take(refused(member=member), NOON)
    passed += folds.all()
    assert sum(entry.times for entry in passed) == 4 * MOST_FOLDS
    assert folds.all() == []
