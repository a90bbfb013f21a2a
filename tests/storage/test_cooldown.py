"""How fast a member may go, by the ledger, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.generation.ledger import Settlement
from bot.core.generation.model import State
from bot.core.limits.counters import Pace
from bot.core.limits.errors import MaxConcurrencyReached, OnCooldown
from bot.core.limits.meters import Ruling
from bot.core.place import Caller, Direct
from bot.storage.counters import SqlCounters
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON, operator
from tests.storage.factories import MEMBER, caller, request, rules_of, used

COOLDOWN = rules_of(operator(cooldown=30))


@pytest.mark.parametrize(("seconds", "allowed"), [(0, False), (29.9, False), (30, True)])
async def test_the_next_command_has_to_wait_for_the_cooldown(
    ledger: SqlLedger, seconds: float, allowed: bool
) -> None:
    await ledger.reserve(request(), COOLDOWN, NOON)
    reserving = ledger.reserve(request(), COOLDOWN, NOON + timedelta(seconds=seconds))
    if allowed:
        await reserving
        return
    with pytest.raises(OnCooldown) as caught:
        await reserving
    assert caught.value.until == NOON + timedelta(seconds=30)


async def test_the_pace_of_a_member_is_what_runs_and_when_the_last_began(
    ledger: SqlLedger, counters: SqlCounters
) -> None:
    cooldown = Ruling(30)
    assert await counters.pace(caller(), cooldown, NOON) == Pace(0, None)
    made = [request(), request(), request(member=7)]
    for second, one in enumerate(made):
        await ledger.reserve(
            one, rules_of(operator(), member=one.caller.member), NOON + timedelta(seconds=second)
        )
    later = NOON + timedelta(seconds=5)
    assert await counters.pace(caller(), cooldown, later) == Pace(2, NOON + timedelta(seconds=1))
    await ledger.settle(made[1].id, Settlement(State.REFUNDED, 1), later)
    assert await counters.pace(caller(), cooldown, later) == Pace(1, NOON)
    assert await counters.pace(caller(), cooldown, NOON + timedelta(days=1)) == Pace(0, None)


async def test_nobody_waits_for_somebody_elses_cooldown(ledger: SqlLedger) -> None:
    await ledger.reserve(request(), COOLDOWN, NOON)
    await ledger.reserve(request(member=7), rules_of(operator(cooldown=30), member=7), NOON)


async def test_what_was_not_bought_starts_no_cooldown(ledger: SqlLedger) -> None:
    made = request()
    await ledger.reserve(made, COOLDOWN, NOON)
    await ledger.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    await ledger.reserve(request(), COOLDOWN, NOON)


async def test_what_may_have_been_paid_for_starts_a_cooldown_though_it_was_given_back(
    ledger: SqlLedger,
) -> None:
    made = request()
    await ledger.reserve(made, COOLDOWN, NOON)
    await ledger.settle(made.id, Settlement(State.UNKNOWN, 1), NOON)
    with pytest.raises(OnCooldown):
        await ledger.reserve(request(), COOLDOWN, NOON)


@pytest.mark.parametrize(("ahead", "allowed"), [(timedelta(minutes=1), False), (timedelta(hours=2), True)])
async def test_nobody_waits_for_a_clock_that_ran_ahead(
    ledger: SqlLedger, ahead: timedelta, allowed: bool
) -> None:
    await ledger.reserve(request(), COOLDOWN, NOON + ahead)
    if allowed:
        await ledger.reserve(request(), COOLDOWN, NOON)
        return
    with pytest.raises(OnCooldown):
        await ledger.reserve(request(), COOLDOWN, NOON)


async def test_a_member_runs_so_many_at_once(ledger: SqlLedger, counters: SqlCounters) -> None:
    two_at_once = rules_of(operator(at_once=2))
    outcomes = await asyncio.gather(
        *(ledger.reserve(request(), two_at_once, NOON) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(outcome, MaxConcurrencyReached) for outcome in outcomes) == 8
    assert await used(counters) == [2] * 5


async def test_one_that_is_settled_makes_room_for_the_next(ledger: SqlLedger) -> None:
    one_at_once, first = rules_of(operator(at_once=1)), request()
    await ledger.reserve(first, one_at_once, NOON)
    await ledger.settle(first.id, Settlement(State.DELIVERED, 0), NOON)
    await ledger.reserve(request(), one_at_once, NOON)


async def test_one_that_was_never_settled_does_not_stand_in_the_way_for_ever(ledger: SqlLedger) -> None:
    one_at_once = rules_of(operator(at_once=1))
    await ledger.reserve(request(), one_at_once, NOON)
    with pytest.raises(MaxConcurrencyReached):
        await ledger.reserve(request(), one_at_once, NOON + timedelta(minutes=28))
    await ledger.reserve(request(), one_at_once, NOON + timedelta(minutes=30))


async def test_all_direct_places_of_a_member_have_one_cooldown_and_their_servers_another(
    ledger: SqlLedger,
) -> None:
    between = Caller(MEMBER, Direct(6, with_bot=False))
    await ledger.reserve(replace(request(), caller=Caller(MEMBER, Direct(5))), COOLDOWN, NOON)
    with pytest.raises(OnCooldown):
        await ledger.reserve(replace(request(), caller=between), COOLDOWN, NOON)
    await ledger.reserve(request(), COOLDOWN, NOON)
