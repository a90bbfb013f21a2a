"""A new time zone moves what is counted of the running day under its new name, on both engines."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.edits import Edit, ResetCounter, SetZone, TopUpMember
from bot.core.errors import LimitReached
from bot.core.generation import Request, State
from bot.core.ledger import Ending
from bot.core.moderation import Moderation
from bot.core.policy import Operator
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.transaction import Database, Rows, Steps
from tests.core.samples import NOON, operator
from tests.storage.samples import MEMBER, SERVER, request, rules_of

EAST, WEST = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")
ONE_DAY = timedelta(days=1)
TODAY, YESTERDAY, TOMORROW = "2026-11-23", "2026-11-22", "2026-11-24"
MONTH = "2026-11"


class House:
    """A server with a limit of 10 images a day, and a clock that is moved by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        self.operator: Operator = operator(10)
        self.ledger = SqlLedger(database)
        self.moderation = Moderation(SqlPolicies(database), self.ledger, self.operator, lambda: self.now)

    async def change(self, edit: Edit) -> None:
        await self.moderation.change(SERVER, 1, edit)

    async def move(self, zone: ZoneInfo | None) -> None:
        await self.change(SetZone(zone))

    async def take(self, images: int, member: int = MEMBER) -> Request:
        taken = request(images, member=member)
        await self.ledger.reserve(taken, rules_of(self.operator, member=member, now=self.now), self.now)
        return taken

    async def give_back(self, taken: Request) -> None:
        ending = Ending(State.REFUNDED, taken.images)
        assert await self.ledger.settle(taken.id, ending, self.now)

    async def left(self, member: int = MEMBER) -> int:
        """How many images the member can still have today: found by taking them."""
        count = 0
        while True:
            try:
                await self.take(1, member)
            except LimitReached:
                return count
            count += 1

    async def counters(self) -> dict[tuple[str, str], int]:
        def steps() -> Steps[Rows]:
            return (yield "SELECT name, window_key, used FROM meter WHERE name <> 'bot'", {})

        rows = await self.database.run(steps)
        return {(name.partition("/")[0], window): used for name, window, used in rows}


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.mark.parametrize(("zone", "name"), [(EAST, TOMORROW), (WEST, YESTERDAY)])
async def test_what_is_counted_of_today_goes_by_its_new_name_alone(
    house: House, zone: ZoneInfo, name: str
) -> None:
    house.now = NOON - timedelta(hours=1)
    await house.take(3)
    await house.move(zone)
    counted = {("member", name): 3, ("member", MONTH): 3, ("server", name): 3, ("server", MONTH): 3}
    assert await house.counters() == counted


async def test_a_yesterday_that_was_used_up_is_not_today_again(house: House) -> None:
    house.now = NOON - ONE_DAY - timedelta(hours=1)
    await house.take(10)
    await house.take(10, member=7)
    house.now += ONE_DAY
    await house.take(3)
    await house.move(WEST)
    assert await house.left() == 7
    assert await house.left(member=7) == 10


async def test_the_next_day_begins_with_nothing_used(house: House) -> None:
    house.now = NOON - timedelta(hours=1)
    await house.take(10)
    await house.move(WEST)
    assert await house.left() == 0
    house.now += ONE_DAY
    assert await house.left() == 10


async def test_yesterdays_reset_does_not_come_back_to_life(house: House) -> None:
    house.now = NOON - ONE_DAY - timedelta(hours=1)
    await house.take(4)
    await house.change(ResetCounter(MEMBER))
    await house.take(4)
    house.now += ONE_DAY
    await house.take(10)
    await house.move(WEST)
    assert await house.left() == 0


async def test_yesterdays_top_up_does_not_come_back_to_life(house: House) -> None:
    house.now = NOON - ONE_DAY - timedelta(hours=1)
    await house.change(TopUpMember(MEMBER, 5))
    house.now += ONE_DAY
    await house.take(10)
    await house.move(WEST)
    assert await house.left() == 0


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_todays_reset_and_top_up_hold_on(house: House, zone: ZoneInfo) -> None:
    house.now = NOON - timedelta(hours=1)
    await house.take(10)
    await house.change(ResetCounter(MEMBER))
    await house.change(TopUpMember(MEMBER, 2))
    await house.take(4)
    await house.move(zone)
    assert await house.left() == 8


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_what_is_given_back_later_finds_its_counter(house: House, zone: ZoneInfo) -> None:
    house.now = NOON - timedelta(hours=1)
    before = await house.take(2)
    await house.change(ResetCounter(MEMBER))
    after = await house.take(4)
    await house.move(zone)
    for taken in (before, after):
        await house.give_back(taken)
    assert set((await house.counters()).values()) == {0}
    assert await house.left() == 10


async def test_what_was_taken_yesterday_is_not_given_back_to_today(house: House) -> None:
    house.now = NOON - ONE_DAY - timedelta(hours=1)
    late = await house.take(5)
    house.now += ONE_DAY
    await house.take(10)
    await house.move(WEST)
    await house.give_back(late)
    assert await house.left() == 0


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_there_and_back_is_as_if_nothing_had_been(house: House, zone: ZoneInfo) -> None:
    house.now = NOON - timedelta(hours=1)
    taken = await house.take(3)
    before = await house.counters()
    for there in (zone, None):
        await house.move(there)
    assert await house.counters() == before
    await house.give_back(taken)
    assert await house.left() == 10


async def test_the_running_month_is_moved_too(house: House) -> None:
    house.now = NOON.replace(month=11, day=30)
    await house.take(8)
    house.now = NOON.replace(month=12, day=1, hour=1)
    await house.take(2)
    await house.move(WEST)
    assert await house.counters() == {
        ("member", "2026-11-30"): 2,
        ("member", "2026-11"): 2,
        ("server", "2026-11-30"): 2,
        ("server", "2026-11"): 2,
    }


async def test_another_server_keeps_its_day(house: House) -> None:
    house.now = NOON - timedelta(hours=1)
    await house.take(10)
    await house.moderation.change(SERVER + 1, 1, SetZone(EAST))
    assert await house.left() == 0
