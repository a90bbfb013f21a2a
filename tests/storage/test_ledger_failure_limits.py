"""What may be paid for and come to nothing in a day: of a member in all servers, of a server; on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Request, State
from bot.core.limits.errors import FailureLimitReached
from bot.core.limits.meters import Scope
from bot.core.limits.policy import FailureLimits
from bot.core.limits.rules import terms_for
from bot.core.place import Caller, Direct, InServer
from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from tests.core.factories import NOON, operator
from tests.storage.factories import MEMBER, SERVER, caller, request, rules

OPERATOR = operator(100, bot_daily=None)
ONE_DAY = timedelta(days=1)


class Failing:
    """A bot with such limits, and orders that come to nothing in it."""

    def __init__(self, database: Database, member: int | None = 5, server: int | None = 12) -> None:
        failures = FailureLimits(member, server, ZoneInfo("UTC"))
        self.ledger, self.counters = SqlLedger(database, failures), SqlCounters(database, failures)

    async def reserve(self, images: int = 1, *, by: int = MEMBER, at: int = SERVER, day: int = 0) -> Request:
        now = NOON + day * ONE_DAY
        made = replace(request(images), caller=Caller(by, InServer(at, 1)))
        await self.ledger.reserve(made, lambda policy: terms_for(policy, OPERATOR, made.caller, now), now)
        return made

    async def submit(self, made: Request) -> None:
        await self.ledger.advance(made.id, Step(State.SUBMITTED), NOON)

    async def fail(self, made: Request, state: State = State.UNKNOWN, refund: int | None = None) -> None:
        await self.ledger.settle(
            made.id, Settlement(state, made.spec.count if refund is None else refund), NOON
        )

    async def order(self, images: int = 1, *, by: int = MEMBER, at: int = SERVER) -> None:
        made = await self.reserve(images, by=by, at=at)
        await self.submit(made)
        await self.fail(made)


@pytest.fixture
def failing(database: Database) -> Failing:
    return Failing(database)


async def test_a_member_is_refused_once_so_many_images_came_to_nothing_in_all_servers_together(
    failing: Failing,
) -> None:
    for server in range(5):
        await failing.order(at=server)
    with pytest.raises(FailureLimitReached) as caught:
        await failing.order(at=77)
    found = caught.value.failed
    assert found
    assert (found.scope, found.used, found.limit) == (Scope.MEMBER, 5, 5)
    assert found.until == (NOON + ONE_DAY).replace(hour=0)
    await failing.order(by=7)
    await failing.reserve(day=1)


async def test_a_server_is_refused_once_so_many_images_of_its_members_came_to_nothing(
    failing: Failing,
) -> None:
    for member in range(1, 5):
        await failing.order(3, by=member)
    with pytest.raises(FailureLimitReached) as caught:
        await failing.order(by=9)
    assert caught.value.failed
    assert (caught.value.failed.scope, caught.value.failed.used) == (Scope.SERVER, 12)
    await failing.order(by=9, at=77)


@pytest.mark.parametrize(
    ("delivered", "spent", "nothing"), [(1, 1, 0), (1, 2, 1), (1, 3, 2), (0, 1, 1), (0, 3, 3), (0, 6, 3)]
)
async def test_of_an_order_in_several_requests_those_that_cost_nothing_are_not_held_against_anybody(
    failing: Failing, delivered: int, spent: int, nothing: int
) -> None:
    made = await failing.reserve(3)
    for so_far in range(1, spent + 1):
        await failing.ledger.advance(made.id, Step(State.SUBMITTED, spent=so_far), NOON)
    state = State.DELIVERED if delivered else State.UNKNOWN
    await failing.ledger.settle(made.id, Settlement(state, 3 - delivered, spent=spent), NOON)
    assert [it.used for it in await failing.counters.failed_today(caller(), NOON)] == [nothing] * 2


async def test_pictures_of_an_order_that_got_lost_on_the_way_came_to_nothing_too(failing: Failing) -> None:
    for _ in range(2):
        made = await failing.reserve(4)
        await failing.submit(made)
        await failing.fail(made, State.DELIVERED, refund=3)
    with pytest.raises(FailureLimitReached):
        await failing.reserve()


@pytest.mark.parametrize("state", [State.REFUNDED, State.DELIVERED, State.UNDELIVERED])
async def test_what_was_delivered_or_certainly_not_paid_for_is_held_against_nobody(
    failing: Failing, state: State
) -> None:
    for _ in range(8):
        await failing.fail(await failing.reserve(), state, refund=int(state is State.REFUNDED))
    await failing.order()


async def test_a_burst_of_a_member_whose_orders_go_well_is_not_refused(failing: Failing) -> None:
    assert len(await asyncio.gather(*(failing.reserve(4) for _ in range(20)))) == 20


async def test_of_twenty_orders_at_once_those_that_wait_in_line_are_not_sent_once_too_many_failed(
    failing: Failing,
) -> None:
    """Those that were with the image API already are: so many more than the limit at most."""
    made = await asyncio.gather(*(failing.reserve() for _ in range(20)))
    for one in made[:5]:
        await failing.submit(one)
        await failing.fail(one)
    for one in made[5:]:
        with pytest.raises(FailureLimitReached):
            await failing.submit(one)
    used = await failing.counters.failed_today(caller(), NOON)
    assert [one.used for one in used] == [5, 5]
    for one in made[5:]:
        await failing.fail(one, State.REFUNDED)
    assert [one.used for one in await failing.counters.failed_today(caller(), NOON)] == [5, 5]


async def test_who_has_everything_about_them_erased_may_not_begin_anew(
    failing: Failing, database: Database
) -> None:
    for _ in range(5):
        await failing.order()
    await SqlMemberDataStore(database).erase(MEMBER, NOON)
    with pytest.raises(FailureLimitReached):
        await failing.order()


async def test_without_limits_nobody_is_refused(database: Database) -> None:
    failing = Failing(database, None, None)
    for _ in range(15):
        await failing.order(4)


async def test_every_process_knows_what_came_to_nothing_in_another(database_url: str) -> None:
    async with open_database(database_url) as first, open_database(database_url) as second:
        here, there = Failing(first), Failing(second)
        for _ in range(5):
            await here.order()
        with pytest.raises(FailureLimitReached):
            await there.order()


async def test_members_who_have_no_server_in_common_are_not_refused_for_each_other(failing: Failing) -> None:
    for member in range(1, 5):
        made = replace(request(4), caller=Caller(member, Direct(member)))
        await failing.ledger.reserve(made, rules(100, member=member), NOON)
        await failing.submit(made)
        await failing.fail(made)
    last = Caller(9, Direct(9))
    await failing.ledger.reserve(replace(request(), caller=last), rules(member=9), NOON)
    assert [it.scope for it in await failing.counters.failed_today(last, NOON)] == [Scope.MEMBER]
