"""Preferences are kept, shown, erased, and in the end forgotten, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.generation.model import Shape
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.core.privacy.service import Retention
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from bot.storage.preferences import SqlPreferences, decode
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.storage.factories import MEMBER, painted, selecting

DAY = timedelta(days=1)
ALL = Preferences(
    Shape.TALL, "Öl auf Leinwand 🎨", private=True, spoiler=True, revise=False, language="pt-BR"
)


@pytest.fixture
def preferences(database: Database) -> SqlPreferences:
    return SqlPreferences(database)


@pytest.mark.parametrize(
    "wanted",
    [
        ALL,
        Preferences(shape=Shape.WIDE),
        Preferences(style="Noir"),
        Preferences(private=True),
        Preferences(spoiler=True),
        Preferences(revise=False),
        Preferences(language="de"),
    ],
)
async def test_each_is_kept(preferences: SqlPreferences, wanted: Preferences) -> None:
    assert await preferences.of(MEMBER) == NO_PREFERENCES
    await preferences.put(MEMBER, Preferences(Shape.SQUARE), NOON)
    await preferences.put(MEMBER, wanted, NOON)
    assert await preferences.of(MEMBER) == wanted
    assert await preferences.of(7) == NO_PREFERENCES


async def test_of_whoever_wants_nothing_nothing_is_kept(
    preferences: SqlPreferences, database: Database
) -> None:
    await preferences.put(MEMBER, ALL, NOON)
    await preferences.put(MEMBER, NO_PREFERENCES, NOON)
    assert await database.run(selecting("SELECT member FROM preference")) == []


async def test_they_are_shown_and_erased_with_everything_else_about_the_member(
    preferences: SqlPreferences, database: Database
) -> None:
    records = SqlMemberDataStore(database)
    await preferences.put(MEMBER, ALL, NOON)
    await preferences.put(7, ALL, NOON)
    assert (await records.about(MEMBER)).preferences == ALL
    assert (await records.erase(MEMBER, NOON)).preferences
    assert not (await records.erase(MEMBER, NOON)).preferences
    assert await preferences.of(MEMBER) == NO_PREFERENCES
    assert await preferences.of(7) == ALL


async def test_what_is_preferred_after_an_erasure_is_not_part_of_it(
    preferences: SqlPreferences, database: Database
) -> None:
    records = SqlMemberDataStore(database)
    await records.erase(MEMBER, NOON)
    await preferences.put(MEMBER, ALL, NOON)
    await records.finish_erasures(NOON + 40 * DAY)
    assert await preferences.of(MEMBER) == ALL


async def test_those_of_a_member_of_whom_nothing_else_is_kept_any_more_are_swept(
    preferences: SqlPreferences, database: Database
) -> None:
    for member in (MEMBER, 7):
        await preferences.put(member, ALL, NOON)
    await preferences.put(8, ALL, NOON + 2 * DAY)
    retained, retention = SqlRetentionStore(database), Retention(NOON, NOON + DAY, NOON)
    assert [await retained.sweep(retention, 1) for _ in range(3)] == [1, 1, 0]
    assert [await preferences.of(member) for member in (MEMBER, 7, 8)] == [
        NO_PREFERENCES,
        NO_PREFERENCES,
        ALL,
    ]


async def test_those_of_a_member_who_still_paints_are_never_swept(
    preferences: SqlPreferences, ledger: SqlLedger, database: Database
) -> None:
    await preferences.put(MEMBER, ALL, NOON - 500 * DAY)
    await painted(ledger, NOON)
    retention = Retention(NOON - DAY, NOON - DAY, NOON - DAY)
    assert await SqlRetentionStore(database).sweep(retention, 10) == 0
    assert await preferences.of(MEMBER) == ALL


def test_a_shape_that_a_later_version_knows_is_none() -> None:
    assert decode('{"shape": "round", "private": true}') == Preferences(private=True)
