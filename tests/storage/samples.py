"""Requests and meters to put on record."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from bot.core.generation import Request
from bot.core.limits import Limit, Meter, Policy, meters_for

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MEMBER, SERVER, CHANNEL = 80351110224678912, 197038439483310086, 41771983423143937

_ids = count(1_200_000_000_000_000_000)


def request(images: int = 1, *, id: int | None = None, member: int = MEMBER) -> Request:
    return Request(next(_ids) if id is None else id, member, SERVER, CHANNEL, "a fox 🦊 in the snow", images)


def meters(
    daily: Limit = 10,
    server_daily: Limit = None,
    bot_daily: Limit = 200,
    *,
    member: int = MEMBER,
    now: datetime = NOON,
) -> tuple[Meter, ...]:
    policy = Policy(daily, server_daily, bot_daily, per_prompt=10, zone=ZoneInfo("UTC"))
    return meters_for(policy, SERVER, member, now)
