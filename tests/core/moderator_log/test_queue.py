"""What waits for the servers' logs, and what of it becomes a number."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.core.errors import BotError
from bot.core.generation.errors import ApiUnavailable
from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.generation.model import ImageSpec, Request
from bot.core.limits.errors import ChannelNotAgeRestricted
from bot.core.moderator_log.queue import MOST_KINDS, Batch, Deduplication, Entry, EntryQueue, LogEvent
from bot.core.moderator_log.reports import Reported
from bot.core.word_filter.errors import EmptyPrompt, ForbiddenWord
from tests.core.factories import NOON, caller

MINUTE = 60.0


def refused(member: int = 2, refusal: BotError | None = None, prompt: str = "a fox") -> Refused:
    return Refused(Request(1, caller(member=member), ImageSpec(prompt)), refusal or EmptyPrompt())


def delivered() -> Delivered:
    return Delivered(Request(1, caller(), ImageSpec("a fox")), 1, 0, "m", None, 9)


def events_and_times(entries: list[Entry]) -> list[tuple[LogEvent, int]]:
    return [(entry.event, entry.times) for entry in entries]


def test_the_first_passes_at_once_and_the_others_when_the_minute_is_over_as_one() -> None:
    deduplication = Deduplication()
    first, last = refused(prompt="first"), refused(prompt="last")
    assert events_and_times(deduplication.take(first, NOON, 0.0)) == [(first, 1)]
    assert deduplication.take(refused(prompt="second"), NOON, 0.0) == []
    assert deduplication.take(last, NOON, 0.0) == []
    assert deduplication.due(MINUTE / 2) == ([], MINUTE)
    passed, next_end = deduplication.due(MINUTE)
    assert (events_and_times(passed), next_end) == ([(last, 2)], 2 * MINUTE)


def test_a_flood_that_goes_on_is_told_once_a_minute() -> None:
    deduplication, passed = Deduplication(), []
    for second in range(600):
        at = NOON + timedelta(seconds=second)
        passed += [*deduplication.due(second)[0], *deduplication.take(refused(), at, second)]
    passed += deduplication.drain()
    assert len(passed) == 11
    assert sum(entry.times for entry in passed) == 600


def test_after_a_quiet_minute_the_next_passes_at_once_again() -> None:
    deduplication = Deduplication()
    deduplication.take(refused(), NOON, 0.0)
    assert deduplication.due(MINUTE) == ([], None)
    assert len(deduplication.take(refused(), NOON, MINUTE)) == 1


def test_only_what_is_the_same_of_the_same_member_becomes_one_entry() -> None:
    deduplication = Deduplication()
    request = Request(1, caller(), ImageSpec("a fox"))
    different: list[LogEvent] = [
        refused(),
        refused(member=3),
        refused(refusal=ChannelNotAgeRestricted()),
        refused(refusal=ForbiddenWord("a*")),
        refused(refusal=ForbiddenWord("b*")),
        Failed(request, ApiUnavailable(), counted=0, may_have_cost=False, message=None),
        Reported(caller(), 7, 2, ""),
        Reported(caller(), 8, 2, ""),
        delivered(),
        delivered(),
    ]
    assert sum(len(deduplication.take(event, NOON, 0.0)) for event in different) == len(different)


def test_many_members_reporting_one_picture_become_one_entry() -> None:
    deduplication = Deduplication()
    passed = [deduplication.take(Reported(caller(member=member), 7, 2, ""), NOON, 0.0) for member in range(5)]
    assert [len(entries) for entries in passed] == [1, 0, 0, 0, 0]


def test_what_is_held_is_bounded_and_nothing_of_it_gets_lost() -> None:
    deduplication, passed = Deduplication(), []
    for member in range(2 * MOST_KINDS):
        for _ in range(2):
            passed += deduplication.take(refused(member=member), NOON, 0.0)
    passed += deduplication.drain()
    assert sum(entry.times for entry in passed) == 4 * MOST_KINDS
    assert deduplication.drain() == []


def entry(number: int, server: int = 3) -> Entry:
    return Entry(
        Delivered(Request(number, caller(server=server), ImageSpec("a fox")), 1, 0, "m", None, 9), NOON
    )


def numbers(batch: Batch | None) -> list[int]:
    assert batch
    return [one.event.request.id for one in batch.entries if isinstance(one.event, Delivered)]


def test_what_piles_up_goes_out_together_oldest_first() -> None:
    queue = EntryQueue()
    queue.add(entry(number) for number in range(15))
    assert numbers(queue.next(10)) == list(range(10))
    assert numbers(queue.next(10)) == list(range(10, 15))
    assert queue.next(10) is None


def test_servers_take_turns() -> None:
    queue = EntryQueue()
    queue.add(entry(number, server=1) for number in range(3))
    queue.add([entry(9, server=2)])
    assert [numbers(queue.next(2)) for _ in range(3)] == [[0, 1], [9], [2]]


def test_too_much_of_one_server_costs_its_own_oldest_and_is_told() -> None:
    queue = EntryQueue(most=4)
    queue.add([entry(9, server=2)])
    queue.add(entry(number, server=1) for number in range(10))
    assert numbers(queue.next(10)) == [9]
    batch = queue.next(10)
    assert numbers(batch) == [7, 8, 9]
    assert batch
    assert batch.lost.total() == 7


def test_what_did_not_arrive_is_told_with_the_next() -> None:
    queue = EntryQueue()
    queue.add([entry(1)])
    batch = queue.next(10)
    assert batch
    queue.lose(batch)
    queue.add([entry(2)])
    batch = queue.next(10)
    assert batch
    assert (numbers(batch), batch.lost.total()) == ([2], 1)


def test_a_log_of_problems_misses_no_pictures() -> None:
    queue = EntryQueue(most=1)
    queue.add([entry(1), Entry(refused(), NOON, times=3), Entry(refused(), NOON), entry(2)])
    batch = queue.next(10)
    assert batch
    assert batch.problems() == Batch(batch.server, (), Counter({Refused: 4}))
    assert batch.missing_if_lost() == Counter({Refused: 4, Delivered: 2})


def test_what_waits_and_what_was_lost_is_unwritten() -> None:
    queue = EntryQueue(most=2)
    queue.add([entry(1), Entry(refused(), NOON, times=3), entry(2)])
    assert queue.unwritten() == 5
    queue.next(10)
    assert queue.unwritten() == 0
