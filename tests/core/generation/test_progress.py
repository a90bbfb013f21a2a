"""What members see while their pictures are painted, and that it stays out of the pictures' way."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.errors import ApiUnavailable
from bot.core.generation.model import Painting, Request
from bot.core.generation.progress import KEPT_SECONDS, MOST_SHOWN, Pace, UsualTimes, progress_of
from bot.core.generation.reply import Progress, Shown
from bot.core.limits.meters import MeterReading
from tests.core.factories import caller
from tests.core.fakes import FakeReply
from tests.core.generation.test_service import FOX, ServiceSetup
from tests.patience import until

AT_ONCE = Pace(look_after=0.0, first_after=0.0, between=0.0, tick=0.001)
OTHER = replace(FOX, id=2, caller=caller(member=4711))


class FakeDurations:
    def __init__(self, *found: float) -> None:
        self.found = found
        self.down = False
        self.asked: list[str] = []

    async def last(self, model: str) -> Sequence[float]:
        self.asked.append(model)
        if self.down:
            raise DatabaseUnavailable
        return self.found


def painting_setup(*usual: float, pace: Pace = AT_ONCE, concurrency: int = 8) -> ServiceSetup:
    """One whose image API paints once its gate opens."""
    setup = ServiceSetup(pace=pace, durations=FakeDurations(*usual), concurrency=concurrency)
    setup.image_api.gate = asyncio.Event()
    return setup


@given(st.floats(0, 1e6) | st.none(), st.floats(0.001, 1e6) | st.none(), st.integers(1, 9) | st.none())
def test_a_bar_is_never_full_and_says_what_takes_longer_than_usual(
    painting_for: float | None, usual: float | None, place: int | None
) -> None:
    found = progress_of(place, painting_for, usual)
    if painting_for is None:
        assert found == Progress(place=place)
    elif usual is None:
        assert found == Progress(submitted=True)
    else:
        assert found.percent is not None
        assert 0 <= found.percent <= MOST_SHOWN < 100
        assert found.percent <= 100 * painting_for / usual
        assert found.late == (painting_for > usual)


async def test_whoever_waits_is_shown_how_far_it_has_come_against_the_median() -> None:
    setup, reply = painting_setup(0.0001, 1000.0, 2000.0), FakeReply()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: any(one.usual for one in reply.progress))
    assert reply.progress[-1] == Progress(submitted=True, percent=0, usual=1000)
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking
    assert reply.seen[0] == "thinking"
    assert reply.seen[-1] == "picture"


async def test_nothing_runs_on_once_nobody_waits_and_whoever_comes_then_is_shown_theirs() -> None:
    setup = painting_setup(1000.0, pace=replace(AT_ONCE, tick=0.2))
    for request in (FOX, OTHER):
        await _shown_and_painted(setup, request)
        await asyncio.sleep(0)
        assert "progress reports" not in {task.get_name() for task in asyncio.all_tasks()}


async def _shown_and_painted(setup: ServiceSetup, request: Request) -> None:
    reply, gate = FakeReply(), setup.image_api.gate
    assert gate
    gate.clear()
    asking = asyncio.create_task(setup.imagine(request, reply))
    await until(lambda: bool(reply.progress))
    gate.set()
    await asking


async def test_nothing_is_shown_of_what_is_painted_in_a_moment() -> None:
    setup = ServiceSetup()
    reply = await setup.imagine()
    assert reply.seen == ["thinking", "picture"]


class SlowToDeliver(FakeReply):
    """Remembers how much was shown when the pictures came, and when they were there."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[int] = []

    async def deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        self.before.append(len(self.progress))
        await asyncio.sleep(0.05)
        self.before.append(len(self.progress))
        return await super().deliver(prompt, painting, readings)


async def test_nothing_is_shown_any_more_once_the_picture_is_sent() -> None:
    setup, reply = painting_setup(1000.0), SlowToDeliver()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: bool(reply.progress))
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking
    await asyncio.sleep(0.05)
    assert {*reply.before, len(reply.progress)} == {len(reply.progress)}
    assert reply.seen[-1] == "picture"


async def test_the_same_is_not_shown_twice() -> None:
    setup, reply = painting_setup(), FakeReply()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: Progress(submitted=True) in reply.progress)
    await asyncio.sleep(0.05)
    assert reply.progress.count(Progress(submitted=True)) == 1
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking


async def test_whoever_waits_for_a_slot_is_told_their_place_in_line() -> None:
    setup, reply = painting_setup(concurrency=1), FakeReply()
    first = asyncio.create_task(setup.imagine())
    await until(setup.image_api.painting.is_set)
    second = asyncio.create_task(setup.imagine(OTHER, reply))
    await until(lambda: Progress(place=1) in reply.progress)
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asyncio.gather(first, second)
    assert reply.seen[-1] == "picture"


async def test_nothing_is_shown_of_what_may_be_another_processs_by_now() -> None:
    setup, reply = painting_setup(1000.0), FakeReply()
    setup.ledger.lease_seconds = 0.0
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(setup.image_api.painting.is_set)
    await asyncio.sleep(0.05)
    assert reply.progress == []
    setup.ledger.lease_seconds = 30.0
    await until(lambda: bool(reply.progress))
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking


async def test_a_heartbeat_says_as_well_whose_it_is() -> None:
    setup = painting_setup()
    in_flight = setup.imagine_service.in_flight
    asking = asyncio.create_task(setup.imagine())
    await until(setup.image_api.painting.is_set)
    assert not in_flight.is_leased(FOX.id)
    await in_flight.renew_leases()
    assert in_flight.is_leased(FOX.id)
    assert not in_flight.is_leased(OTHER.id)
    setup.ledger.lost.add(FOX.id)
    await in_flight.renew_leases()
    assert not in_flight.is_leased(FOX.id)
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking


async def test_where_nothing_can_be_shown_any_more_it_is_not_tried_again() -> None:
    setup, reply = painting_setup(0.5), FakeReply()
    reply.progress_pause = math.inf
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: bool(reply.progress))
    await asyncio.sleep(0.05)
    assert len(reply.progress) == 1
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking
    assert reply.seen[-1] == "picture"


async def test_while_discord_fails_at_one_nothing_is_sent_of_any() -> None:
    setup, first, second = painting_setup(0.5), FakeReply(), FakeReply()
    first.progress_pause = 1000.0
    asking = [asyncio.create_task(setup.imagine(reply=first))]
    await until(lambda: bool(first.progress))
    asking.append(asyncio.create_task(setup.imagine(OTHER, second)))
    await asyncio.sleep(0.1)
    assert (len(first.progress), second.progress) == (1, [])
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asyncio.gather(*asking)
    assert first.seen[-1] == second.seen[-1] == "picture"


async def test_a_picture_does_not_wait_for_an_edit_that_hangs() -> None:
    setup, reply = painting_setup(1000.0), FakeReply()
    reply.showing = asyncio.Event()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: bool(reply.progress))
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asking
    assert reply.seen[-1] == "picture"
    reply.showing.set()


async def test_a_stop_leaves_it_to_others_once_no_edit_is_on_its_way() -> None:
    setup, reply = painting_setup(1000.0), FakeReply()
    reply.showing = asyncio.Event()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: bool(reply.progress))
    stopping = asyncio.create_task(setup.imagine_service.in_flight.close(grace=0.0))
    await asyncio.sleep(0.05)
    assert setup.ledger.released == {}
    reply.showing.set()
    await stopping
    assert setup.ledger.released == {FOX.id: 0}
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_failure_ends_it_too() -> None:
    setup, reply = painting_setup(2.0), FakeReply()
    setup.image_api.order_error = ApiUnavailable()
    reply.apologising = asyncio.Event()
    asking = asyncio.create_task(setup.imagine(reply=reply))
    await until(lambda: bool(reply.progress))
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await until(lambda: FOX.id in setup.ledger.endings)
    before = len(reply.progress)
    await asyncio.sleep(0.3)  # the bar would have moved
    reply.apologising.set()
    await asking
    assert len(reply.progress) == before
    assert reply.seen[-1] == "apology"


async def test_all_of_a_process_share_one_bound_and_everybody_has_their_turn() -> None:
    setup = painting_setup(pace=replace(AT_ONCE, tick=0.02, most_per_tick=3, between=1000.0), concurrency=50)
    replies = [FakeReply() for _ in range(10)]
    asking = [
        asyncio.create_task(setup.imagine(replace(FOX, id=id, caller=caller(member=id)), reply))
        for id, reply in enumerate(replies, start=1)
    ]
    counts = set[int]()

    def shown() -> int:
        counts.add(sum(len(reply.progress) for reply in replies))
        return max(counts)

    await until(lambda: shown() == 10, every=0.001)
    assert {after - before for before, after in zip(sorted(counts), sorted(counts)[1:], strict=False)} <= {
        1,
        2,
        3,
    }
    assert [len(reply.progress) for reply in replies] == [1] * 10
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asyncio.gather(*asking)


async def test_no_more_are_on_their_way_to_discord_than_the_bound() -> None:
    setup = painting_setup(pace=replace(AT_ONCE, most_in_flight=2), concurrency=50)
    replies = [FakeReply() for _ in range(5)]
    for reply in replies:
        reply.showing = asyncio.Event()
    asking = [
        asyncio.create_task(setup.imagine(replace(FOX, id=id, caller=caller(member=id)), reply))
        for id, reply in enumerate(replies, start=1)
    ]
    await until(lambda: sum(len(reply.progress) for reply in replies) == 2)
    await asyncio.sleep(0.05)
    assert sum(len(reply.progress) for reply in replies) == 2
    for reply in replies:
        assert reply.showing
        reply.showing.set()
    await until(lambda: all(reply.progress for reply in replies))
    assert setup.image_api.gate
    setup.image_api.gate.set()
    await asyncio.gather(*asking)


async def test_the_usual_time_is_asked_for_once_a_minute_and_kept_while_the_database_is_down() -> None:
    now = 0.0
    durations = FakeDurations(3.0, 1.0, 80.0)
    usual = UsualTimes(durations, lambda: now)
    assert usual.of("m") is None
    await until(lambda: usual.of("m") == 3.0)
    assert durations.asked == ["m"]
    durations.found = (7.0,)
    now += KEPT_SECONDS
    durations.down = True
    assert usual.of("m") == 3.0
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert usual.of("m") == 3.0
    assert durations.asked == ["m", "m"]
    now += KEPT_SECONDS
    durations.down = False
    await until(lambda: usual.of("m") == 7.0)
    assert usual.of("another") is None


@pytest.mark.parametrize("found", [(), (5.0,)])
async def test_what_was_never_painted_has_no_usual_time(found: tuple[float, ...]) -> None:
    usual = UsualTimes(FakeDurations(*found))
    usual.of("m")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert usual.of("m") == (found[0] if found else None)
