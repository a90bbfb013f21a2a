"""Who is served next when there are more requests than slots, and how many slots there are."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.fair_limiter import START, FairLimiter, Turn
from tests.patience import PATIENCE

A_WHILE = 120.0
"""Seconds: what nobody has to wait for comes sooner on any machine."""


class LimiterSetup:
    """Everybody holds their turn until `gate` opens; remembers who got one, in order."""

    def __init__(self, limiter: FairLimiter) -> None:
        self.limiter = limiter
        self.gate = asyncio.Event()
        self.served: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def work(self, server: int, member: int, name: str) -> None:
        async with Turn(self.limiter, server, member):
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await self.gate.wait()
            self.served.append(name)
            await asyncio.sleep(0)
            self.at_once -= 1

    async def start(self, *names: str) -> list[asyncio.Task[None]]:
        """Queue up in this order; the first letter names the server, the second the member."""
        tasks = [asyncio.create_task(self.work(ord(name[0]), ord(name[1]), name)) for name in names]
        await asyncio.sleep(0)
        return tasks


def until(seconds: float = A_WHILE) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_busy_server_does_not_keep_the_others_waiting() -> None:
    setup = LimiterSetup(FairLimiter(1))
    tasks = await setup.start("ax1", "ax2", "ax3", "ax4", "bx1", "cx1", "bx2")
    setup.gate.set()
    await asyncio.gather(*tasks)
    assert setup.served == ["ax1", "ax2", "bx1", "cx1", "ax3", "bx2", "ax4"]


async def test_a_busy_member_does_not_keep_the_others_of_the_server_waiting() -> None:
    setup = LimiterSetup(FairLimiter(1))
    tasks = await setup.start("ax1", "ax2", "ax3", "ax4", "ay1", "bx1", "az1", "ay2")
    setup.gate.set()
    await asyncio.gather(*tasks)
    assert setup.served == ["ax1", "ax2", "bx1", "ay1", "az1", "ax3", "ay2", "ax4"]


async def test_no_more_than_the_slots_are_taken_and_all_are_served() -> None:
    setup = LimiterSetup(FairLimiter(3))
    tasks = await setup.start(*(f"{server}x{number}" for number in range(10) for server in "abc"))
    assert setup.limiter.is_full
    setup.gate.set()
    await asyncio.gather(*tasks)
    assert setup.most_at_once == 3
    assert len(setup.served) == 30
    assert not setup.limiter.is_full


async def test_whoever_gives_up_waiting_costs_nobody_a_slot_or_a_turn() -> None:
    setup = LimiterSetup(FairLimiter(1))
    first, second, *others = await setup.start("ax1", "ax2", "ax3", "ay1", "bx1", "bx2")
    second.cancel()
    setup.gate.set()
    await asyncio.gather(first, *others)
    assert setup.served == ["ax1", "ax3", "bx1", "ay1", "bx2"]
    async with asyncio.timeout(PATIENCE), Turn(setup.limiter, 9, 9):
        pass


async def test_whoever_is_told_to_leave_the_line_costs_nobody_a_slot_or_a_turn() -> None:
    setup = LimiterSetup(FairLimiter(1))
    holding = Turn(setup.limiter, 1, 1)
    await holding.acquire()
    leaving = Turn(setup.limiter, ord("a"), ord("x"))
    waiting = asyncio.create_task(leaving.acquire())
    others = await setup.start("ax2", "bx1")
    leaving.leave(ZeroDivisionError())
    leaving.leave(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await waiting
    setup.gate.set()
    holding.release()
    await asyncio.gather(*others)
    assert setup.served == ["ax2", "bx1"]
    leaving.leave(ZeroDivisionError())  # it waits for nothing any more
    async with asyncio.timeout(PATIENCE), leaving:
        assert leaving.place is None


async def test_whoever_is_cancelled_as_they_are_told_to_leave_gives_no_slot_back_that_they_never_had() -> (
    None
):
    limiter = FairLimiter(1)
    await Turn(limiter, 1, 1).acquire()
    leaving = Turn(limiter, 1, 1)
    waiting = asyncio.create_task(leaving.acquire())
    await asyncio.sleep(0)
    leaving.leave(ZeroDivisionError())
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert limiter.is_full


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=25),
    st.sets(st.integers(0, 24), max_size=6),
)
def test_everybodys_place_in_line_is_the_order_in_which_they_are_called(
    comers: list[tuple[int, int]], leavers: set[int]
) -> None:
    async def run() -> None:
        limiter, called = FairLimiter(1), list[Turn]()
        holding = Turn(limiter, 9, 9)
        await holding.acquire()

        async def wait(turn: Turn) -> None:
            await turn.acquire()
            called.append(turn)

        turns = [Turn(limiter, *comer) for comer in comers]
        waiting = [asyncio.create_task(wait(turn)) for turn in turns]
        await asyncio.sleep(0)
        for number in leavers & set(range(len(turns))):
            if number % 2:
                turns[number].leave(ZeroDivisionError())
            else:
                waiting[number].cancel()
        await asyncio.sleep(0)
        line = [(turn.place, turn) for turn in turns if turn.place is not None]
        assert sorted(place for place, _ in line) == list(range(1, len(line) + 1))
        promised = [turn for _, turn in sorted(line, key=lambda one: one[0])]
        holding.release()
        for turn in promised:  # each gives its slot to the next, and all others move up
            await asyncio.sleep(0)
            assert called[-1] is turn
            assert [one.place for one in promised[len(called) :]] == list(
                range(1, len(promised) - len(called) + 1)
            )
            turn.release()
        assert called == promised
        await asyncio.gather(*waiting, return_exceptions=True)
        assert not limiter.is_full

    asyncio.run(run())


async def test_places_are_fair_to_servers_and_in_each_to_members() -> None:
    limiter = FairLimiter(1)
    await Turn(limiter, 9, 9).acquire()
    names = ["ax1", "ax2", "ax3", "ay1", "bx1", "cx1"]
    turns = [Turn(limiter, ord(name[0]), ord(name[1])) for name in names]
    waiting = [asyncio.create_task(turn.acquire()) for turn in turns]
    await asyncio.sleep(0)
    assert {name: turn.place for name, turn in zip(names, turns, strict=True)} == {
        "ax1": 1,
        "bx1": 2,
        "cx1": 3,
        "ay1": 4,
        "ax2": 5,
        "ax3": 6,
    }
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_whoever_gives_up_in_the_moment_of_being_called_passes_the_slot_on() -> None:
    limiter = FairLimiter(1)
    holding = Turn(limiter, 1, 1)
    await holding.acquire()
    waiting = asyncio.create_task(Turn(limiter, 1, 1).acquire())
    await asyncio.sleep(0)
    holding.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(PATIENCE), Turn(limiter, 1, 1):
        pass


async def success(limiter: FairLimiter) -> None:
    async with Turn(limiter, 1, 1) as turn:
        await turn.wait_to_send(until())
        turn.succeeded()


async def refused(limiter: FairLimiter, seconds: float = 0.0) -> None:
    async with Turn(limiter, 1, 1) as turn:
        await turn.wait_to_send(until())
        turn.throttled(seconds)


async def test_the_width_grows_with_successes_from_eight_to_the_most() -> None:
    limiter = FairLimiter(64, START)
    widths = []
    for _ in range(9):
        widths.append(int(limiter.width))
        await success(limiter)
    assert widths == [8, 15, 22, 29, 36, 43, 50, 57, 64]
    assert limiter.width == 64


async def test_a_most_below_the_start_is_kept_to() -> None:
    limiter = FairLimiter(3, START)
    await success(limiter)
    assert limiter.width == 3


async def test_whoever_waits_is_called_as_soon_as_a_success_makes_room() -> None:
    limiter = FairLimiter(8, 1)
    async with Turn(limiter, 1, 1) as turn:
        setup = LimiterSetup(limiter)
        tasks = await setup.start("ax1", "ax2", "ax3")
        assert setup.at_once == 0
        turn.succeeded()
        await asyncio.sleep(0)
        assert setup.at_once == 3
    setup.gate.set()
    await asyncio.gather(*tasks)


async def test_a_round_trip_that_is_throttled_halves_the_width_once() -> None:
    limiter = FairLimiter(16)
    async with Turn(limiter, 1, 1) as one, Turn(limiter, 1, 2) as two, Turn(limiter, 1, 3) as three:
        for turn in (one, two, three):
            await turn.wait_to_send(until())
        one.throttled(0)
        two.throttled(0)
        for _ in range(20):
            three.succeeded()  # sent at the width that was too much
        assert limiter.width == 8
        await two.wait_to_send(until())
        two.throttled(0)
        assert limiter.width == 4


async def test_it_never_stops_altogether_and_recovers_by_one_slot_a_round() -> None:
    limiter = FairLimiter(4)
    for _ in range(10):
        await refused(limiter)
    assert limiter.width == 1
    widths = []
    while limiter.width < 4:
        await success(limiter)
        widths.append(int(limiter.width))
    assert widths == [2, 2, 2, 3, 3, 3, 4]


async def test_a_change_of_width_is_logged_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    limiter = FairLimiter(2, name="the image API")
    await refused(limiter, 0.01)
    await refused(limiter)  # one at a time already
    for _ in range(3):
        await success(limiter)
    assert [record.message for record in caplog.records] == [
        "the image API asks to slow down: nothing is sent for 0.0 s, then at most 1 at a time",
        "the image API takes as much as before: 2 at a time",
    ]


async def test_everybody_waits_as_long_as_was_asked_for() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    limiter = FairLimiter(4, sleep=sleep)
    await refused(limiter, 90)
    assert limiter.is_full
    for _ in range(3):
        await success(limiter)
    assert pauses == pytest.approx([90, 90, 90], abs=PATIENCE)


async def test_a_pause_beyond_the_deadline_is_not_waited_for() -> None:
    async def sleep(seconds: float) -> None:
        pytest.fail(f"waited for {seconds} s")

    limiter = FairLimiter(1, sleep=sleep)
    async with Turn(limiter, 1, 1) as turn:
        turn.throttled(2 * A_WHILE)
        with pytest.raises(TimeoutError):
            await turn.wait_to_send(until(A_WHILE))


async def test_who_runs_beyond_a_width_that_shrank_gives_its_slot_back_and_is_called_before_all_others() -> (
    None
):
    limiter = FairLimiter(2)
    setup = LimiterSetup(limiter)
    async with Turn(limiter, 1, 1) as one, Turn(limiter, 1, 2) as two:
        one.throttled(0)
        again = asyncio.create_task(two.wait_to_send(until()))
        [other] = await setup.start("bx1")
        await one.wait_to_send(until())  # the one slot that is left
        assert not again.done()
        setup.gate.set()
        one.throttled(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await again
    await other
    assert setup.served == ["bx1"]
    assert not limiter.is_full


async def test_of_those_who_wait_again_the_first_is_called_first() -> None:
    limiter, called = FairLimiter(3), list[str]()

    async def ordered(name: str, throttled: bool) -> None:
        async with Turn(limiter, 1, 1) as turn:
            await asyncio.sleep(0)
            if throttled:
                turn.throttled(0)
            await turn.wait_to_send(until())
            called.append(name)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(ordered(name, name == "a") for name in "abcd"))
    assert called == ["c", "a", "b", "d"]


WAITING = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=25)


def in_turn(lines: Iterable[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    return [one for column in zip_longest(*lines) for one in column if one is not None]


def in_rotation(waiting: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The servers by turns, in each its members by turns, each in the order in which they came."""
    servers: dict[int, dict[int, list[tuple[int, int]]]] = {}
    for server, member in waiting:
        servers.setdefault(server, {}).setdefault(member, []).append((server, member))
    return in_turn(in_turn(members.values()) for members in servers.values())


@given(WAITING, st.integers(0, 2**32))
async def test_whoever_gives_up_the_others_are_served_in_rotation_and_no_slot_is_lost(
    waiting: list[tuple[int, int]], seed: int
) -> None:
    chance = random.Random(seed)
    limiter, served = FairLimiter(1), list[tuple[int, int]]()

    async def work(who: tuple[int, int]) -> None:
        async with Turn(limiter, *who):
            served.append(who)
            await asyncio.sleep(0)

    async with Turn(limiter, 9, 9):
        tasks = [asyncio.create_task(work(who)) for who in waiting]
        await asyncio.sleep(0)
        gone = {number for number in range(len(tasks)) if chance.random() < 0.3}
        for number in gone:
            tasks[number].cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    kept = [who for number, who in enumerate(waiting) if number not in gone]
    assert sorted(served) == sorted(kept)
    if not gone:
        assert served == in_rotation(waiting)
    assert not limiter.is_full


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 6))
async def test_whatever_happens_no_slot_is_lost_and_none_is_taken_twice(
    seed: int, most: int, start: int
) -> None:
    chance, limiter, running, beyond = random.Random(seed), FairLimiter(most, start), 0, 0

    async def order(member: int) -> None:
        nonlocal running, beyond
        async with Turn(limiter, member % 3, member) as turn:
            for _ in range(chance.randint(1, 3)):
                await turn.wait_to_send(until())
                running += 1
                beyond = max(beyond, running - most)
                try:
                    await asyncio.sleep(0)
                finally:
                    running -= 1
                if chance.random() < 0.4:
                    turn.throttled(0)
                else:
                    turn.succeeded()

    tasks = [asyncio.create_task(order(chance.randint(1, 9))) for _ in range(30)]
    while not all(task.done() for task in tasks):
        if chance.random() < 0.2:
            chance.choice(tasks).cancel()
        await asyncio.sleep(0)
    assert beyond == 0
    assert 1 <= limiter.width <= most
    async with asyncio.timeout(PATIENCE):
        for _ in range(int(limiter.width)):
            assert not limiter.is_full
            await Turn(limiter, 1, 1).acquire()
    assert limiter.is_full
