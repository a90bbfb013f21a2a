"""Pictures are deleted in Discord before that is on record, and by nobody who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.deletion import Deletions, require_say
from bot.core.generation.errors import DeliveryFailed, NotYourPicture, PictureOutOfReach, StillPainting
from bot.core.generation.model import Generation, ImageSpec, Request, State
from tests.core.factories import NOON, caller

POSTED = 5
FOX = Generation(Request(1, caller(member=2), ImageSpec("a fox")), State.DELIVERED, NOON, NOON)


class FakeMessage:
    """`reachable`: whether Discord lets the bot delete it."""

    def __init__(self, done: list[str], *, reachable: bool = True, failing: bool = False) -> None:
        self._done, self._reachable, self._failing = done, reachable, failing

    async def delete(self) -> bool:
        if self._failing:
            raise DeliveryFailed
        if self._reachable:
            self._done.append("in Discord")
        return self._reachable


class FakeStore:
    def __init__(self, done: list[str]) -> None:
        self._done = done
        self.down = False

    async def delete(self, generation: int, now: datetime, *, for_good: bool) -> None:
        if self.down:
            raise DatabaseUnavailable
        self._done.append(f"{generation} on record{', for good' if for_good else ''}")


class Scene:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.store = FakeStore(self.done)
        self.deletions = Deletions(self.store, lambda: NOON)

    def message(self, *, reachable: bool = True, failing: bool = False) -> FakeMessage:
        return FakeMessage(self.done, reachable=reachable, failing=failing)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("asked_by", "member", "moderates", "may"),
    [
        (2, 2, False, True),
        (2, 3, False, False),
        (2, 3, True, True),
        (None, 3, False, False),
        (None, 3, True, True),
    ],
)
def test_whoever_asked_and_moderators_have_a_say(
    asked_by: int | None, member: int, moderates: bool, may: bool
) -> None:
    if may:
        require_say(asked_by, member, moderates=moderates)
    else:
        with pytest.raises(NotYourPicture):
            require_say(asked_by, member, moderates=moderates)


async def test_a_picture_is_gone_from_discord_before_that_is_on_record(scene: Scene) -> None:
    await scene.deletions.delete(1, FOX, scene.message(), POSTED)
    assert scene.done == ["in Discord", "1 on record"]


@pytest.mark.parametrize(("posted", "on_record"), [(POSTED, True), (None, True), (POSTED + 1, False)])
async def test_where_it_was_only_shown_once_more_it_stays_where_it_was_posted(
    scene: Scene, posted: int | None, on_record: bool
) -> None:
    await scene.deletions.delete(1, replace(FOX, message=posted), scene.message(), POSTED)
    assert scene.done == ["in Discord", *(["1 on record"] if on_record else [])]


async def test_what_was_cut_off_between_the_two_can_be_done_again(scene: Scene) -> None:
    scene.store.down = True
    with pytest.raises(DatabaseUnavailable):
        await scene.deletions.delete(1, FOX, scene.message(), POSTED)
    scene.store.down = False
    await scene.deletions.delete(1, FOX, scene.message(), POSTED)
    assert scene.done[-1] == "1 on record"


async def test_a_picture_that_discord_keeps_is_not_on_record_as_deleted(scene: Scene) -> None:
    with pytest.raises(PictureOutOfReach):
        await scene.deletions.delete(1, FOX, scene.message(reachable=False), POSTED)
    with pytest.raises(DeliveryFailed):
        await scene.deletions.delete(1, FOX, scene.message(failing=True), POSTED)
    assert scene.done == []


async def test_a_picture_of_which_nothing_is_on_record_any_more_is_deleted_all_the_same(scene: Scene) -> None:
    await scene.deletions.delete(1, None, scene.message(), POSTED)
    assert scene.done[0] == "in Discord"


async def test_a_picture_that_may_still_be_delivered_is_not_deleted(scene: Scene) -> None:
    running = replace(FOX, settled_at=None, state=State.PAID)
    with pytest.raises(StillPainting):
        await scene.deletions.delete(1, running, scene.message(), POSTED)
    with pytest.raises(StillPainting):
        await scene.deletions.delete_for_good(running, scene.message(), 2)
    assert scene.done == []


async def test_whoever_asked_deletes_for_good_also_what_was_never_shown(scene: Scene) -> None:
    assert await scene.deletions.delete_for_good(FOX, None, 2)
    assert scene.done == ["1 on record, for good"]


async def test_what_is_deleted_for_good_is_so_also_where_its_message_has_to_stay(scene: Scene) -> None:
    assert not await scene.deletions.delete_for_good(FOX, scene.message(reachable=False), 2)
    assert scene.done == ["1 on record, for good"]


async def test_nobody_else_deletes_for_good(scene: Scene) -> None:
    with pytest.raises(NotYourPicture):
        await scene.deletions.delete_for_good(FOX, scene.message(), 3)
    assert scene.done == []
