"""Pages of a gallery, and the index in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import DatabaseBusy, DatabaseUnavailable
from bot.core.gallery.search import GallerySearch, OwnPictures
from bot.core.gallery.service import (
    AT_ONCE,
    PICTURES_ON_A_PAGE,
    SETTLED_AFTER,
    Indexing,
    PictureGallery,
    snowflake_at,
)
from bot.core.generation.model import Generation, ImageSpec, Request, State, created_at
from tests.core.factories import NOON, caller
from tests.core.fakes import FakePictureIndex
from tests.patience import until

MINE = GallerySearch(OwnPictures(2))


def generations(count: int) -> list[Generation]:
    return [
        Generation(Request(id, caller(), ImageSpec(f"a fox {id}")), State.DELIVERED, NOON)
        for id in range(count, 0, -1)
    ]


def ids(pictures: Sequence[Generation]) -> list[int]:
    return [one.id for one in pictures]


async def test_pages_go_to_the_oldest_and_back_to_the_newest() -> None:
    gallery = PictureGallery(FakePictureIndex(generations(25)))
    first = await gallery.page(MINE)
    assert (ids(first.pictures), first.has_newer, first.has_older) == (list(range(25, 15, -1)), False, True)
    second = await gallery.page(MINE, first.pictures[-1].id)
    assert (ids(second.pictures), second.has_newer, second.has_older) == (list(range(15, 5, -1)), True, True)
    third = await gallery.page(MINE, second.pictures[-1].id)
    assert (ids(third.pictures), third.has_newer, third.has_older) == (list(range(5, 0, -1)), True, False)
    back = await gallery.page(MINE, third.pictures[0].id, newer=True)
    assert (ids(back.pictures), back.has_newer, back.has_older) == (list(range(15, 5, -1)), True, True)
    top = await gallery.page(MINE, back.pictures[0].id, newer=True)
    assert (ids(top.pictures), top.has_newer, top.has_older) == (list(range(25, 15, -1)), False, True)


async def test_back_from_the_second_page_is_a_whole_first_page_whatever_was_painted_meanwhile() -> None:
    index = FakePictureIndex(generations(12))
    gallery = PictureGallery(index)
    second = await gallery.page(MINE, 3)
    index.pictures[:0] = generations(14)[:2]
    back = await gallery.page(MINE, second.pictures[0].id, newer=True)
    assert len(back.pictures) == PICTURES_ON_A_PAGE
    assert back.has_older


class SlowIndex(FakePictureIndex):
    """Finds something once it may; `asked` are the members whose pictures were looked for."""

    def __init__(self) -> None:
        super().__init__(generations(1))
        self.asked: list[int] = []
        self.answers = asyncio.Semaphore(0)

    async def find(
        self, search: GallerySearch, count: int, beside: int | None = None, *, newer: bool = False
    ) -> list[Generation]:
        assert isinstance(search.whose, OwnPictures)
        self.asked.append(search.whose.member)
        await self.answers.acquire()
        return await super().find(search, count, beside, newer=newer)


async def test_a_member_who_searches_over_and_over_keeps_nobody_else_waiting() -> None:
    index = SlowIndex()
    gallery = PictureGallery(index)
    many = [asyncio.create_task(gallery.page(MINE)) for _ in range(50)]
    suggestions = [asyncio.create_task(gallery.suggest(MINE, 9)) for _ in range(50)]
    other = asyncio.create_task(gallery.page(GallerySearch(OwnPictures(7))))
    for _ in range(10):  # until all of them wait
        await asyncio.sleep(0)
    assert index.asked == [2] * AT_ONCE
    for _ in range(2):
        index.answers.release()
    await until(lambda: len(index.asked) == AT_ONCE + 2)
    assert 7 in index.asked
    for _ in range(200):
        index.answers.release()
    await asyncio.gather(*many, *suggestions, other)


async def test_whoever_waits_too_long_for_a_search_is_told_so() -> None:
    index = SlowIndex()
    gallery = PictureGallery(index, patience=0.01)
    held = [asyncio.create_task(gallery.page(MINE)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(DatabaseBusy):
        await gallery.page(MINE)
    for _ in held:
        index.answers.release()
    await asyncio.gather(*held)
    index.answers.release()
    await gallery.page(MINE)


async def test_the_first_page_has_what_was_delivered_just_now() -> None:
    index = FakePictureIndex(generations(1))
    await PictureGallery(index).page(MINE)
    await PictureGallery(index).page(MINE, 5)
    await PictureGallery(index).suggest(MINE, 5)
    assert index.caught_up == [MINE.whose]


async def test_everything_before_is_indexed_once_and_then_what_is_delivered() -> None:
    index = FakePictureIndex(unindexed=250)
    indexing = Indexing(index, lambda: NOON, pause=0)
    assert await indexing.catch_up() == 250
    assert created_at(index.untils[-1]) == NOON - SETTLED_AFTER
    assert await indexing.catch_up() == 0


@pytest.mark.parametrize(("unindexed", "lines"), [(900, 0), (1000, 2), (1250, 2)])
async def test_the_operator_is_told_of_the_many_pictures_before_an_update(
    unindexed: int, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await Indexing(FakePictureIndex(unindexed=unindexed), lambda: NOON, pause=0).catch_up()
    messages = [record.message for record in caplog.records]
    assert len(messages) == lines
    assert not lines or f"{unindexed} generations" in messages[-1]


async def test_a_database_that_is_away_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    index = FakePictureIndex(unindexed=1, failure=DatabaseUnavailable("away"))
    running = asyncio.create_task(Indexing(index, lambda: NOON, pause=0).run())
    await asyncio.wait({running}, timeout=0.05)
    assert not running.done()
    running.cancel()
    assert "can't be indexed for the gallery: away" in caplog.text


@pytest.mark.parametrize("milliseconds", [0, 1, 999_999])
def test_an_id_of_an_instant_is_the_first_of_it(milliseconds: int) -> None:
    instant = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert created_at(snowflake_at(instant)) == instant
    assert created_at(snowflake_at(instant) - 1) < instant
    assert snowflake_at(datetime(1970, 1, 1, tzinfo=UTC)) == 0
