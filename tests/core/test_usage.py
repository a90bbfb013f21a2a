"""The use case behind `/usage`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.core.generation import Request
from bot.core.limits import terms_for
from bot.core.usage import UsageBook
from tests.core.fakes import FakeLedger, FakePolicies, noon
from tests.core.samples import NOON, caller, operator

OPERATOR = operator(5)
REQUEST = Request(id=1, caller=caller(), prompt="a fox", images=2)


async def test_usage_is_the_members_own_today_and_the_week_before() -> None:
    ledger = FakeLedger()
    for request in (REQUEST, replace(REQUEST, id=2, caller=caller(77))):
        await ledger.reserve(
            request, partial(terms_for, operator=OPERATOR, caller=request.caller, now=NOON), NOON
        )
    ledger.used["member/3/2", "2026-11-18"] = 4
    usage = await UsageBook(ledger, FakePolicies(), OPERATOR, noon).of(caller())
    assert usage.today.used == 2
    assert usage.days == (
        ("2026-11-17", 0),
        ("2026-11-18", 4),
        ("2026-11-19", 0),
        ("2026-11-20", 0),
        ("2026-11-21", 0),
        ("2026-11-22", 0),
        ("2026-11-23", 2),
    )
