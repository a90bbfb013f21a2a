"""The use case behind `/usage`."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.core.generation import Request
from bot.core.limits import Policy, meters_for
from bot.core.usage import UsageBook
from tests.core.fakes import NOON, FakeLedger, noon

POLICY = Policy(daily=5, server_daily=None, bot_daily=100, per_prompt=4, zone=ZoneInfo("UTC"))
REQUEST = Request(id=1, member=2, server=3, channel=4, prompt="a fox", images=2)


async def test_usage_is_the_members_own_today_and_the_week_before() -> None:
    ledger = FakeLedger()
    await ledger.reserve(REQUEST, meters_for(POLICY, 3, 2, NOON), NOON)
    await ledger.reserve(replace(REQUEST, id=2, member=77), meters_for(POLICY, 3, 77, NOON), NOON)
    ledger.used["member/3/2", "2026-11-18"] = 4
    usage = await UsageBook(ledger, POLICY, noon).of(server=3, member=2)
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
