"""Whatever moderators do to time zones, counters and limits: a window that has begun goes on to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.ledger import Settlement
from bot.core.generation.model import Request, State
from bot.core.limits.errors import LimitReached
from bot.core.limits.policy import Operator
from bot.core.limits.rules import meters_for
from bot.core.moderation.edits import Edit, ResetAll, ResetCounter, SetMember, SetZone, TopUpMember
from bot.core.moderation.service import Moderation
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from bot.storage.operator_clock import operators_clock
from bot.storage.policies import SqlPolicies
from tests.core.factories import NOON, operator
from tests.storage.factories import MEMBER, SERVER, caller, request, rules_of

EAST, WEST, UTC_ZONE = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12"), ZoneInfo("UTC")
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)


class ServerSetup:
    """A server with a limit of 10 images a day and a ceiling of 15, and a clock that is moved by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        self.operator: Operator = operator(10, ceiling=15, bot_daily=None, monthly=40)
        self.ledger = SqlLedger(database)

    @property
    def moderation(self) -> Moderation:
        return Moderation(
            SqlPolicies(self.database), SqlCounters(self.database), self.operator, lambda: self.now
        )

    async def change(self, edit: Edit, by: int = 1) -> None:
        await self.moderation.change(SERVER, by, edit)

    async def move(self, zone: ZoneInfo | None) -> None:
        await self.change(SetZone(zone))

    async def restart(self, zone: ZoneInfo) -> None:
        running = await operators_clock(self.database, zone, self.now)
        self.operator = replace(self.operator, zone=zone, running=running)

    async def take(self, images: int = 1, member: int = MEMBER) -> Request:
        taken = request(images, member=member)
        await self.ledger.reserve(taken, rules_of(self.operator, member=member, now=self.now), self.now)
        return taken

    async def give_back(self, taken: Request) -> None:
        assert await self.ledger.settle(taken.id, Settlement(State.REFUNDED, taken.spec.count), self.now)

    async def left(self, member: int = MEMBER) -> int:
        """How many images the member can still have today: found by taking them."""
        count = 0
        while True:
            try:
                await self.take(1, member)
            except LimitReached:
                return count
            count += 1

    async def day(self) -> tuple[str, datetime, datetime]:
        policy = (await SqlPolicies(self.database).of(SERVER)).policy
        window = meters_for(policy, self.operator, caller(), self.now)[0].window
        return window.key, window.starts_at, window.ends_at


@pytest.fixture
def setup(database: Database) -> ServerSetup:
    return ServerSetup(database)


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_a_used_up_day_stays_used_up_until_its_end(setup: ServerSetup, zone: ZoneInfo) -> None:
    assert await setup.left() == 10
    _, _, ends_at = await setup.day()
    await setup.move(zone)
    setup.now = ends_at - timedelta(seconds=1)
    assert await setup.left() == 0
    setup.now = ends_at
    assert await setup.left() == 10


def where_it_is_23(hour: int) -> ZoneInfo:
    east = 23 - hour if 23 - hour <= 14 else -1 - hour
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "UTC")


async def test_midnight_always_a_minute_away_gives_no_more_than_two_days_in_one(setup: ServerSetup) -> None:
    taken = 0
    for hour in range(24):
        setup.now = NOON + hour * HOUR + timedelta(minutes=59)
        await setup.move(where_it_is_23(setup.now.hour))
        taken += await setup.left()
        setup.now += timedelta(minutes=2)
        taken += await setup.left()
    assert taken == 20


async def test_a_days_window_is_fixed_once_it_has_begun(setup: ServerSetup) -> None:
    for hours in range(0, 24 * 12, 5):
        setup.now = NOON + hours * HOUR
        begun = await setup.day()
        for zone in (EAST, WEST, None, ZoneInfo("Asia/Kolkata")):
            await setup.move(zone)
            if begun[2] - setup.now > timedelta(minutes=1):
                assert await setup.day() == begun
        assert timedelta(hours=23) <= begun[2] - begun[1] <= timedelta(hours=50)


async def test_a_months_end_gives_no_second_month(setup: ServerSetup) -> None:
    setup.now = NOON.replace(month=11, day=29)
    setup.operator = operator(None, bot_daily=None, monthly=40)
    assert await setup.left() == 40
    for zone in (EAST, WEST, EAST):
        await setup.move(zone)
        setup.now += 10 * HOUR
        assert await setup.left() == 0
    setup.now = NOON.replace(month=12, day=2)
    assert await setup.left() == 40
    await setup.move(WEST)
    assert await setup.left() == 0


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_todays_reset_and_top_up_hold_on(setup: ServerSetup, zone: ZoneInfo) -> None:
    await setup.take(10)
    await setup.change(ResetCounter(MEMBER))
    await setup.change(TopUpMember(MEMBER, 2))
    await setup.take(4)
    await setup.move(zone)
    assert await setup.left() == 1  # of the ceiling of 15


async def test_thirty_resets_give_what_the_ceiling_allows(setup: ServerSetup) -> None:
    taken = 0
    for moderator in (1, 2) * 15:
        taken += await setup.left()
        await setup.change(ResetCounter(MEMBER), moderator)
    assert taken == 15


async def test_other_members_have_their_own_day(setup: ServerSetup) -> None:
    await setup.left()
    await setup.change(ResetCounter(MEMBER))
    assert await setup.left(member=7) == 10


async def test_top_ups_and_limits_after_resets_give_no_more_than_the_ceiling(setup: ServerSetup) -> None:
    taken = await setup.left()
    for edit in (
        TopUpMember(MEMBER, 5),
        ResetCounter(MEMBER),
        SetMember(MEMBER, 1),
        SetMember(MEMBER, 15),
        ResetCounter(MEMBER),
        ResetAll(),
        ResetCounter(MEMBER),
    ):
        await setup.change(edit)
        taken += await setup.left()
    assert taken == 15


async def test_what_is_given_back_later_finds_its_counter(setup: ServerSetup) -> None:
    before = await setup.take(8)
    await setup.change(ResetCounter(MEMBER))
    after = await setup.take(4)
    await setup.move(WEST)
    await setup.give_back(before)
    assert await setup.left() == 6  # of the limit; what was used before the reset does not add to it
    await setup.give_back(after)
    assert await setup.left() == 4


async def test_what_was_taken_yesterday_is_not_given_back_to_today(setup: ServerSetup) -> None:
    late = await setup.take(5)
    await setup.move(WEST)
    setup.now += ONE_DAY
    await setup.take(10)
    await setup.give_back(late)
    assert await setup.left() == 0


async def test_another_server_keeps_its_day(setup: ServerSetup) -> None:
    before = await setup.day()
    await setup.moderation.change(SERVER + 1, 1, SetZone(EAST))
    assert await setup.day() == before


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_the_operators_new_zone_gives_no_second_day_either(setup: ServerSetup, zone: ZoneInfo) -> None:
    setup.operator = replace(setup.operator, bot_daily=12)
    await setup.restart(UTC_ZONE)
    assert await setup.left() == 10
    _, _, ends_at = await setup.day()
    for _ in range(2):  # and at the next start it is remembered
        await setup.restart(zone)
        assert await setup.left() == 0
        assert await setup.left(member=7) in {0, 2}
    setup.now = ends_at
    assert await setup.left() == 10


async def test_a_server_that_takes_a_zone_and_gives_it_back_has_one_day(setup: ServerSetup) -> None:
    await setup.restart(UTC_ZONE)
    await setup.restart(EAST)
    assert await setup.left() == 10
    for zone in (EAST, WEST, None):
        await setup.move(zone)
        assert await setup.left() == 0


async def test_a_clock_that_is_put_back_over_midnight_gives_nothing(setup: ServerSetup) -> None:
    setup.now = NOON.replace(hour=23, minute=59)
    assert await setup.left() == 10
    setup.now += timedelta(minutes=2)
    assert await setup.left() == 10
    setup.now -= timedelta(minutes=2)
    assert await setup.left() == 0
    await setup.move(EAST)
    assert await setup.left() == 0


async def test_moderators_read_when_the_new_zone_holds(setup: ServerSetup) -> None:
    assert (await setup.moderation.panel(SERVER)).zone_from is None
    _, _, ends_at = await setup.day()
    await setup.move(EAST)
    assert (await setup.moderation.panel(SERVER)).zone_from == ends_at
    setup.now = ends_at
    await setup.moderation.panel(SERVER)
    setup.now += 3 * ONE_DAY
    assert (await setup.moderation.panel(SERVER)).zone_from is None


async def test_images_taken_while_the_zone_changes_count_on_one_day(setup: ServerSetup) -> None:
    stale = rules_of(setup.operator, now=setup.now)
    await setup.take(4)
    await setup.move(EAST)
    policy = await SqlPolicies(setup.database).at(SERVER, 0)
    assert policy is not None
    await setup.ledger.reserve(request(6), lambda _: stale(policy), setup.now)  # as read before the change
    assert await setup.left() == 0
