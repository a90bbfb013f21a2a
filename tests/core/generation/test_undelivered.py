"""What `/gallery` finds, against fakes of its ports."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.core.generation.errors import PicturesLost
from bot.core.generation.model import Generation, ImageSpec, Order, Picture, Request, Source, State
from bot.core.generation.undelivered import MOST_PICTURES_SHOWN, UndeliveredPictures
from tests.core.factories import NOON, caller
from tests.core.fakes import FakeImageApi
from tests.core.services import FakeGenerations, as_it_is
from tests.patience import PATIENCE

UNDELIVERED = Generation(
    Request(1, caller(), ImageSpec("a fox", 2)),
    State.UNDELIVERED,
    NOON,
    model="m",
    sources=(Source("http://pictures/0"), Source("http://pictures/1")),
)


async def test_what_is_kept_is_fetched_one_by_one_and_never_bought_again() -> None:
    painter = FakeImageApi()
    gallery = UndeliveredPictures(FakeGenerations(UNDELIVERED), painter)
    shown = await gallery.of(caller())
    assert [(one.generation, one.source) for one in shown] == [
        (UNDELIVERED, it) for it in UNDELIVERED.sources
    ]
    assert all(await gallery.fetch(shown, as_it_is, 1000))
    assert painter.orders == []


async def test_a_picture_that_the_journal_keeps_is_read_when_it_is_shown() -> None:
    painter = FakeImageApi()
    generations = FakeGenerations(replace(UNDELIVERED, sources=(Source(stored=0), *UNDELIVERED.sources)))
    generations.pictures[UNDELIVERED.id, 0] = b"kept"
    gallery = UndeliveredPictures(generations, painter)
    assert all(await gallery.fetch(await gallery.of(caller()), as_it_is, 1000))
    assert [it.content for order in painter.fetched for it in order.sources] == [b"kept", None, None]


async def test_no_more_is_fetched_than_a_message_holds() -> None:
    many = [replace(UNDELIVERED, sources=UNDELIVERED.sources * 2)] * 4
    assert (
        len(await UndeliveredPictures(FakeGenerations(*many), FakeImageApi()).of(caller()))
        == MOST_PICTURES_SHOWN
    )


async def test_what_has_expired_is_a_gap() -> None:
    painter = FakeImageApi()
    painter.fetch_error = PicturesLost()
    gallery = UndeliveredPictures(FakeGenerations(UNDELIVERED), painter)
    assert await gallery.fetch(await gallery.of(caller()), as_it_is, 1000) == [None, None]


class Silent(FakeImageApi):
    """Its host answers nobody."""

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        await asyncio.Event().wait()
        return ()


async def test_a_host_that_does_not_answer_is_a_gap_in_time() -> None:
    gallery = UndeliveredPictures(FakeGenerations(UNDELIVERED), Silent(), within=0.01)
    assert await gallery.fetch(await gallery.of(caller()), as_it_is, 1000) == [None, None]


async def test_a_host_that_does_not_answer_is_not_waited_for_once_for_each_picture() -> None:
    gallery = UndeliveredPictures(FakeGenerations(UNDELIVERED), Silent(), within=PATIENCE, all_within=0.01)
    async with asyncio.timeout(PATIENCE):
        assert await gallery.fetch(await gallery.of(caller()), as_it_is, 1000) == [None, None]


async def test_a_picture_that_can_not_be_made_smaller_keeps_no_other_from_being_shown() -> None:
    async def broken(_: Picture, limit: int) -> Picture:
        raise PicturesLost(f"over {limit} bytes")

    gallery = UndeliveredPictures(FakeGenerations(UNDELIVERED), FakeImageApi())
    assert all(await gallery.fetch(await gallery.of(caller()), broken, 1000))
