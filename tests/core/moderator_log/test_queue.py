"""What waits for the servers' logs."""

from __future__ import annotations

from bot.core.generation.events import Delivered
from bot.core.generation.model import ImageSpec, Request
from bot.core.moderator_log.deduplication import Entry
from bot.core.moderator_log.queue import Backlog, Batch
from tests.core.factories import NOON, caller


def entry(number: int, server: int = 1) -> Entry:
    return Entry(
        Delivered(Request(number, caller(server=server), ImageSpec("a fox")), 1, 0, "m", None, 9), NOON
    )


def numbers(batch: Batch | None) -> list[int]:
    assert batch
    return [one.event.request.id for one in batch.entries if isinstance(one.event, Delivered)]


def test_what_piles_up_goes_out_together_oldest_first() -> None:
    backlog = Backlog()
    backlog.add(entry(number) for number in range(15))
    assert numbers(backlog.next(10)) == list(range(10))
    assert numbers(backlog.next(10)) == list(range(10, 15))
    assert backlog.next(10) is None


def test_servers_take_turns() -> None:
    backlog = Backlog()
    backlog.add(entry(number, server=1) for number in range(3))
    backlog.add([entry(9, server=2)])
    assert [numbers(backlog.next(2)) for _ in range(3)] == [[0, 1], [9], [2]]


def test_too_much_of_one_server_costs_its_own_oldest_and_is_told() -> None:
    backlog = Backlog(most=4)
    backlog.add([entry(9, server=2)])
    backlog.add(entry(number, server=1) for number in range(10))
    assert len(backlog) == 4
    assert numbers(backlog.next(10)) == [9]
    batch = backlog.next(10)
    assert numbers(batch) == [7, 8, 9]
    assert batch
    assert batch.lost == 7


def test_what_did_not_arrive_is_told_with_the_next() -> None:
    backlog = Backlog()
    backlog.add([entry(1)])
    batch = backlog.next(10)
    assert batch
    backlog.lose(batch)
    backlog.add([entry(2)])
    batch = backlog.next(10)
    assert batch
    assert (numbers(batch), batch.lost) == ([2], 1)
