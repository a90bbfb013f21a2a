"""Preferences are read seldom, and what was changed holds at once."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from bot.core.errors import DatabaseBusy, DatabaseUnavailable
from bot.core.generation.model import Shape
from bot.core.preferences.preferences import (
    CHANGE_SECONDS,
    KEPT_SECONDS,
    MOST_KEPT,
    NO_PREFERENCES,
    MemberPreferences,
    Preferences,
)
from tests.core.fakes import noon
from tests.core.services import FakePreferenceStore

MEMBER = 2
WIDE = Preferences(Shape.WIDE)


class Times:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_they_are_read_once_in_a_while_whether_there_are_any_or_not() -> None:
    store, times = FakePreferenceStore(), Times()
    preferences = MemberPreferences(store, noon, times)
    for expected in (NO_PREFERENCES, NO_PREFERENCES):
        assert await preferences.of(MEMBER) == expected
    assert store.reads == 1
    store.kept[MEMBER] = WIDE  # by another process
    times.now = KEPT_SECONDS
    assert [await preferences.of(MEMBER) for _ in range(2)] == [WIDE, WIDE]
    assert store.reads == 2


async def test_what_was_changed_or_erased_here_holds_at_once() -> None:
    store = FakePreferenceStore()
    preferences = MemberPreferences(store, noon)
    await preferences.of(MEMBER)
    await preferences.change(MEMBER, WIDE)
    assert await preferences.of(MEMBER) == WIDE
    del store.kept[MEMBER]
    preferences.forget(MEMBER)
    assert await preferences.of(MEMBER) == NO_PREFERENCES


class Slow(FakePreferenceStore):
    """Reads, and answers only when it is `released`."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()

    async def of(self, member: int) -> Preferences:
        found = await super().of(member)
        await self.released.wait()
        return found


async def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    store = Slow()
    preferences = MemberPreferences(store, noon)
    reading = asyncio.create_task(preferences.of(MEMBER))
    await asyncio.sleep(0)
    await preferences.change(MEMBER, WIDE)
    store.released.set()
    assert await reading == NO_PREFERENCES
    assert await preferences.of(MEMBER) == WIDE


async def test_what_was_read_while_another_process_was_changing_them_is_not_kept() -> None:
    store, times = FakePreferenceStore(), Times()
    preferences = MemberPreferences(store, noon, times)
    preferences.forget(MEMBER)
    assert await preferences.of(MEMBER) == NO_PREFERENCES
    store.kept[MEMBER] = WIDE  # what the other process is done with now
    assert await preferences.of(MEMBER) == WIDE
    times.now = CHANGE_SECONDS
    reads = store.reads
    assert [await preferences.of(MEMBER) for _ in range(2)] == [WIDE, WIDE]
    assert store.reads == reads + 1


async def test_a_database_that_is_slow_keeps_nobody_waiting_and_is_taken_for_no_preferences_by_nobody() -> (
    None
):
    with pytest.raises(DatabaseBusy):
        await MemberPreferences(Slow(), noon, read_seconds=0.01).of(MEMBER)


class Down(FakePreferenceStore):
    async def put(self, member: int, preferences: Preferences, now: datetime) -> None:
        await super().put(member, preferences, now)
        raise DatabaseUnavailable("cut off")


async def test_where_nobody_knows_whether_a_change_was_written_they_are_read_again() -> None:
    preferences = MemberPreferences(Down(), noon)
    await preferences.of(MEMBER)
    with pytest.raises(DatabaseUnavailable):
        await preferences.change(MEMBER, WIDE)
    assert await preferences.of(MEMBER) == WIDE


async def test_no_more_are_kept_than_there_is_room_for() -> None:
    store = FakePreferenceStore()
    preferences = MemberPreferences(store, noon)
    for member in range(MOST_KEPT + 1):
        await preferences.of(member)
    await preferences.of(MOST_KEPT)
    assert store.reads == MOST_KEPT + 1
    await preferences.of(0)
    assert store.reads == MOST_KEPT + 2
