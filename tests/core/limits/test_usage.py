"""The use case behind `/usage`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.core.generation.model import ImageSpec, Request
from bot.core.limits.counters import Pace
from bot.core.limits.meters import member_today
from bot.core.limits.rules import terms_for
from bot.core.limits.usage import UsageService
from tests.core.factories import NOON, caller, operator
from tests.core.fakes import FakeLedger, FakePolicies, noon

OPERATOR = operator(5)
SECONDS = timedelta(seconds=1)
REQUEST = Request(id=1, caller=caller(), spec=ImageSpec("a fox", 2))


async def test_usage_is_the_members_own_today_and_the_week_before() -> None:
    ledger = FakeLedger()
    for request in (REQUEST, replace(REQUEST, id=2, caller=caller(77))):
        await ledger.reserve(
            request, partial(terms_for, operator=OPERATOR, caller=request.caller, now=NOON), NOON
        )
    ledger.used["member/3/2", "2026-11-18"] = 4
    usage = await UsageService(ledger, FakePolicies(), OPERATOR, noon).of(caller())
    assert member_today(usage.readings).used == 2
    assert usage.days == (
        ("2026-11-17", 0),
        ("2026-11-18", 4),
        ("2026-11-19", 0),
        ("2026-11-20", 0),
        ("2026-11-21", 0),
        ("2026-11-22", 0),
        ("2026-11-23", 2),
    )


@pytest.mark.parametrize(
    ("began", "next_at"),
    [(None, None), (NOON - SECONDS, NOON + 29 * SECONDS), (NOON - 30 * SECONDS, None)],
)
async def test_usage_knows_how_fast_a_member_goes(began: datetime | None, next_at: datetime | None) -> None:
    ledger = FakeLedger()
    ledger.pace_of[2] = Pace(2, began)
    usage = await UsageService(ledger, FakePolicies(), operator(cooldown=30), noon).of(caller())
    assert (usage.running, usage.next_at) == (2, next_at)
