"""What a member may do now: a policy, and the meters that follow from it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)

Limit = int | None
"""Images; None is unlimited, 0 is nobody."""


class Scope(StrEnum):
    """Whose images a meter counts. In the order in which meters are locked: the most shared one last."""

    MEMBER = "member"
    SERVER = "server"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that a meter counts in: `key` names it in storage, the ends are instants in UTC."""

    key: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Meter:
    """A count of images with a limit and a window. `name` and `window.key` identify it in storage."""

    name: str
    scope: Scope
    limit: Limit
    window: Window


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a meter is used, in images."""

    meter: Meter
    used: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator allows, in images; `zone` says when a day begins."""

    daily: Limit
    server_daily: Limit
    bot_daily: Limit
    per_prompt: int
    zone: ZoneInfo


def day_of(now: datetime, zone: ZoneInfo) -> Window:
    """The calendar day in `zone` that the aware instant `now` falls in: 23, 24 or 25 hours as a rule.

    A day begins once: where clocks are put back over midnight, the minutes lived again belong to the new day.
    """
    today = now.astimezone(zone).date()
    starts_at, ends_at = _start(today, zone), _start(today + ONE_DAY, zone)
    if now >= ends_at:
        today += ONE_DAY
        starts_at, ends_at = ends_at, _start(today + ONE_DAY, zone)
    return Window(today.isoformat(), starts_at, ends_at)


def days_until(today: Window, count: int) -> list[str]:
    """The keys of the last `count` days, oldest first, `today` included."""
    last = date.fromisoformat(today.key)
    return [(last - timedelta(days=back)).isoformat() for back in reversed(range(count))]


def member_meter_name(server: int, member: int) -> str:
    return f"member/{server}/{member}"


def meters_for(policy: Policy, server: int, member: int, now: datetime) -> tuple[Meter, ...]:
    """Every meter that an image of this member counts on, in locking order."""
    today = day_of(now, policy.zone)
    return (
        Meter(member_meter_name(server, member), Scope.MEMBER, policy.daily, today),
        Meter(f"server/{server}", Scope.SERVER, policy.server_daily, today),
        Meter("bot", Scope.BOT, policy.bot_daily, today),
    )


def standing_of(scope: Scope, standings: Iterable[Standing]) -> Standing:
    """The one standing of `scope`; each generation has exactly one per scope."""
    return next(standing for standing in standings if standing.meter.scope is scope)


def _start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day`, or of the day after where `zone` left it out."""
    midnight = datetime.combine(day, time.min, zone)
    starts_at = midnight.astimezone(UTC)
    if starts_at.astimezone(zone) == midnight:
        return starts_at
    # Midnight is skipped. `fold` reads it with the offsets from before and after the gap (PEP 495): the clocks
    # are put forward between the two, and the day begins there.
    return _first_second_of(day, zone, midnight.replace(fold=1).astimezone(UTC), starts_at)


def _first_second_of(day: date, zone: ZoneInfo, earliest: datetime, latest: datetime) -> datetime:
    """By bisection; `earliest` is before the day."""
    while latest - earliest > ONE_SECOND:
        middle = earliest + (latest - earliest) // ONE_SECOND // 2 * ONE_SECOND
        if middle.astimezone(zone).date() < day:
            earliest = middle
        else:
            latest = middle
    return latest
