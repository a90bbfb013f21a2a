"""The crash matrix: the real bot is killed at every change of state, and what people see and pay adds up after it."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.limits.meters import BOT_METER
from sandbox.discord import PendingInteraction
from tests.end_to_end import crash_points
from tests.end_to_end.audit import RecordedState, settled_state
from tests.end_to_end.conftest import Setup
from tests.end_to_end.crash_points import Point
from tests.end_to_end.ways_to_order import WAYS, Way

log = logging.getLogger(__name__)
IMAGINE, EDIT = WAYS[:2]

PICTURE, APOLOGY, REFUSED, DISCORDS_OWN = (
    "picture",
    "I was restarted while painting this. None of your images were used.",
    "The image service painted that prompt, and then its safety filter refused the picture. "
    "None of your images were used.",
    "",
)


@dataclass(frozen=True)
class Settlement:
    """What Ada sees, the state of her generation, how often it was bought, and how many images are counted.

    `bots` are those on the bot's own meter, Bob's before her in the line included. She gets as many pictures as are
    counted.
    """

    seen: str
    state: str
    bought: int
    counted: int
    bots: int


BEFORE = Settlement(PICTURE, "delivered", bought=1, counted=1, bots=1)
MATRIX: list[tuple[Point, Settlement]] = [
    (crash_points.reserved, Settlement(DISCORDS_OWN, "refunded", bought=0, counted=0, bots=0)),
    (crash_points.acknowledged_response_lost, BEFORE),
    (crash_points.acknowledged_unrecorded, BEFORE),
    (crash_points.acknowledged, replace(BEFORE, bots=2)),
    (crash_points.submitted, Settlement(APOLOGY, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.billed, Settlement(APOLOGY, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.paid_unrecorded, Settlement(APOLOGY, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.paid, BEFORE),
    (crash_points.delivering, BEFORE),
    (crash_points.delivered_response_lost, BEFORE),
    (crash_points.delivered_unrecorded, BEFORE),
    (crash_points.settled, BEFORE),
    (crash_points.refunded_notice_lost, Settlement(REFUSED, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.refunded_response_lost, Settlement(REFUSED, "unknown", bought=1, counted=0, bots=1)),
]


def used(recorded: RecordedState, meter: str) -> int:
    return sum(
        count for (name, window), count in recorded.used.items() if name == meter and len(window) == 10
    )


def say_what_stays_open(setup: Setup, ending: Settlement) -> None:
    if ending.seen == DISCORDS_OWN:
        setup.left_open = "the member reads Discord's own words"


@pytest.mark.parametrize(("point", "ending"), MATRIX, ids=[point.__name__ for point, _ in MATRIX])
async def test_a_bot_that_is_killed_at_any_point_leaves_nobody_waiting_and_nothing_paid_twice(
    setup: Setup, database_url: str, point: Point, ending: Settlement
) -> None:
    await kill_and_audit(setup, database_url, point, ending)


IN_PROGRESS: list[tuple[Point, Settlement]] = [
    (crash_points.in_line_in_progress, replace(BEFORE, bots=2)),
    (crash_points.submitted_in_progress, Settlement(APOLOGY, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.delivering_over_progress, BEFORE),
]
"""Where the member has not only seen "thinking…"."""


@pytest.mark.parametrize(("point", "ending"), IN_PROGRESS, ids=[point.__name__ for point, _ in IN_PROGRESS])
async def test_no_progress_stands_there_for_ever_after_a_kill(
    setup: Setup, database_url: str, point: Point, ending: Settlement
) -> None:
    await kill_and_audit(setup, database_url, point, ending)


INSIDE_ANSWERS: list[tuple[Point, Settlement]] = [
    (crash_points.paid_unrecorded, Settlement(APOLOGY, "unknown", bought=1, counted=0, bots=1)),
    (crash_points.paid_inside, BEFORE),
    (crash_points.delivering, BEFORE),
    (crash_points.delivered_response_lost, BEFORE),
    (crash_points.delivered_unrecorded, BEFORE),
    (crash_points.settled, BEFORE),
]
"""What is different where the picture comes as base64: nothing could be downloaded."""


@pytest.mark.parametrize(
    ("point", "ending"), INSIDE_ANSWERS, ids=[point.__name__ for point, _ in INSIDE_ANSWERS]
)
async def test_a_picture_that_came_inside_the_answer_outlives_a_kill_like_one_that_is_linked_to(
    setup: Setup, database_url: str, point: Point, ending: Settlement
) -> None:
    setup.images.pictures_inside = True
    await kill_and_audit(setup, database_url, point, ending)
    assert not setup.images.downloads
    assert await crash_points.pictures_on_record(database_url) == 0


@pytest.mark.parametrize(("point", "ending"), MATRIX, ids=[point.__name__ for point, _ in MATRIX])
async def test_a_picture_that_is_changed_outlives_a_kill_like_one_that_is_made(
    setup: Setup, database_url: str, point: Point, ending: Settlement
) -> None:
    await kill_and_audit(setup, database_url, point, ending, EDIT)


OTHER_WAYS = [way for way in WAYS if way not in (IMAGINE, EDIT)]
TELLING = {
    crash_points.acknowledged_response_lost,
    crash_points.submitted,
    crash_points.paid,
    crash_points.delivering,
    crash_points.delivered_response_lost,
}
"""What each way to order differs in if it differs: who is answered where, by what token, and what is known of it."""


@pytest.mark.parametrize(
    ("point", "ending"),
    [(point, ending) for point, ending in MATRIX if point in TELLING],
    ids=[point.__name__ for point, _ in MATRIX if point in TELLING],
)
@pytest.mark.parametrize("way", OTHER_WAYS, ids=[way.name for way in OTHER_WAYS])
async def test_in_whatever_way_a_picture_was_ordered_it_outlives_a_kill(
    setup: Setup, sqlite_url: str, way: Way, point: Point, ending: Settlement
) -> None:
    await kill_and_audit(setup, sqlite_url, point, ending, way)


async def test_a_bot_that_is_killed_while_it_looks_at_a_picture_has_begun_nothing(
    setup: Setup, database_url: str
) -> None:
    await EDIT.begin_with(setup, database_url)
    setup.left_open = "the member reads Discord's own words"
    scene = await crash_points.checking_pictures(setup, database_url)
    await scene.kill()
    await setup.start_bot(DATABASE_URL=database_url)
    recorded = await settled_state(database_url)
    assert (recorded.states, setup.images.requests) == ({}, [])


IN_PARTS: list[tuple[Point, Settlement]] = [
    (crash_points.no_part_paid, Settlement(APOLOGY, "unknown", bought=3, counted=0, bots=3)),
    (crash_points.one_part_paid, Settlement(PICTURE, "delivered", bought=3, counted=1, bots=3)),
    (
        crash_points.one_part_paid_and_one_billed,
        Settlement(PICTURE, "delivered", bought=2, counted=1, bots=2),
    ),
    (crash_points.second_part_unrecorded, Settlement(PICTURE, "delivered", bought=2, counted=1, bots=2)),
    (crash_points.parts_delivering, Settlement(PICTURE, "delivered", bought=3, counted=3, bots=3)),
    (
        crash_points.two_parts_delivered_response_lost,
        Settlement(PICTURE, "delivered", bought=3, counted=2, bots=3),
    ),
]


@pytest.mark.parametrize(("point", "ending"), IN_PARTS, ids=[point.__name__ for point, _ in IN_PARTS])
async def test_of_an_order_in_several_requests_what_was_painted_outlives_a_kill_and_the_rest_is_given_back(
    setup: Setup, database_url: str, point: Point, ending: Settlement
) -> None:
    setup.images.pictures_inside = True
    await kill_and_audit(setup, database_url, point, ending)
    assert await crash_points.pictures_on_record(database_url) == 0


async def kill_and_audit(
    setup: Setup, url: str, point: Point, ending: Settlement, way: Way | None = None
) -> None:
    """Kill the bot at that point, start it again, and compare what follows with `ending`.

    Ada orders in that way; without one, as `setup` says.
    """
    say_what_stays_open(setup, ending)
    if way is not None:
        await way.begin_with(setup, url)
    way = way or IMAGINE
    scene = await point(setup, url)
    asking = scene.asking
    await scene.kill()
    await setup.start_bot(DATABASE_URL=url)
    recorded = await settled_state(url)
    recorded.audit(setup.images)
    reply = await asking.finished()
    assert recorded.states[asking.interaction.id] == ending.state
    assert orders_of(setup, asking.interaction.id) == ending.bought
    if ending.seen == PICTURE:
        assert len(reply.attachments) == ending.counted + way.inputs
        assert f"{ending.counted} of 10" in reply.text
        assert reply.edits == 1
        assert reply.ephemeral == way.private
    else:
        assert ending.seen in reply.text
        assert not reply.attachments
    changed = [request for request in setup.images.requests if "image_urls" in request.body]
    assert len(changed) == (ending.bought if way.inputs else 0)
    assert used(recorded, way.meter(setup)) == ending.counted
    assert used(recorded, BOT_METER) == ending.bots + way.painted_before


ANSWERED_LATER = [(point, ending) for point, ending in MATRIX if point is not crash_points.settled]
ANSWERED_LATER += [one for one in IN_PARTS if one[0] is crash_points.one_part_paid_and_one_billed]


@pytest.mark.parametrize(
    ("point", "ending"), ANSWERED_LATER, ids=[point.__name__ for point, _ in ANSWERED_LATER]
)
async def test_of_two_copies_the_one_that_is_left_finishes_what_the_killed_one_began(
    setup: Setup, postgres_url: str, point: Point, ending: Settlement
) -> None:
    say_what_stays_open(setup, ending)
    scene = await point(setup, postgres_url)
    survivor = await setup.start_bot(DATABASE_URL=postgres_url)
    await scene.kill()
    recorded = await settled_state(postgres_url)
    recorded.audit(setup.images)
    reply = await scene.asking.finished()
    assert recorded.states[scene.asking.interaction.id] == ending.state
    assert orders_of(setup, scene.asking.interaction.id) == ending.bought
    assert len(reply.attachments) == (ending.counted if ending.seen == PICTURE else 0)
    assert ending.seen == PICTURE or ending.seen in reply.text
    assert survivor.running


@pytest.mark.parametrize("point", [crash_points.acknowledged_unrecorded, crash_points.submitted])
async def test_whoever_saw_it_begin_hears_of_a_kill_even_when_discords_15_minutes_are_over(
    setup: Setup, database_url: str, point: Point
) -> None:
    scene = await point(setup, database_url)
    await scene.kill()
    scene.asking.expire_token()
    await crash_points.age(database_url, timedelta(minutes=20))
    await setup.start_bot(DATABASE_URL=database_url)
    (await settled_state(database_url)).audit(setup.images)
    assert APOLOGY in (await scene.asking.finished()).text


async def test_a_bot_that_is_killed_again_and_again_by_chance_loses_nobody(
    setup: Setup, sqlite_url: str
) -> None:
    setup.left_open = "whoever was not acknowledged before a kill"
    seed = random.SystemRandom().randrange(10**6)
    log.warning("seed %d", seed)  # shown where it fails
    chance = random.Random(seed)
    setup.discord.deadlines.first_response = 2.0
    setup.images.latency = 0.3
    crowd = [setup.tea_house.member(f"Member {number}") for number in range(5)]
    asked: list[PendingInteraction] = []
    for _ in range(5):
        bot = await setup.start_bot(DATABASE_URL=sqlite_url)
        asked += [member.begin("imagine", prompt="a fox") for member in crowd]
        await asyncio.sleep(chance.uniform(0.0, 0.8))
        await bot.kill()
        await crash_points.expire_leases(sqlite_url)
    await setup.start_bot(DATABASE_URL=sqlite_url)
    replies = await asyncio.gather(*(one.finished() for one in asked))
    recorded = await settled_state(sqlite_url)
    recorded.audit(setup.images)
    for reply in replies:
        generation = reply.interaction.id
        assert bool(reply.attachments) == (recorded.states.get(generation) == "delivered")
        assert orders_of(setup, generation) <= 1
        assert reply.attachments or APOLOGY in reply.text or reply.state == "no answer"


def orders_of(setup: Setup, generation: int) -> int:
    """How often the image API was asked to paint it."""
    headers = [request.headers.get("X-Client-Request-Id") for request in setup.images.requests]
    return headers.count(str(generation))
