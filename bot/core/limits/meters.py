"""Counts of images and of money with a limit and a window: how much of them is used, and in which days and months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

Limit: TypeAlias = int | None
"""Images, or credits of a budget; None is unlimited, 0 is nobody."""

BOT_METER = "bot"
"""The name of the meter that counts every image of the bot: what the operator is ready to pay."""
DIRECT_METER = "direct"
"""With `/` and a member's id behind it, the name of the meter that counts what they get outside of servers."""
BUDGET_METER = "budget"
"""The name of the meters that count what every image of the bot costs, in credits."""
RESET_MARK = "~"
"""In the key of the window that a counter has after it was set back to zero; the whole day is counted beside it."""

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
SHORTEST_DAY = timedelta(hours=23)
"""As on the day when clocks are put forward; a change of the time zone makes no day shorter than that."""
NEARLY_OVER = timedelta(minutes=1)
"""A new time zone that is chosen so shortly before a window ends leaves the next window alone, too: a process that has
read the policy right before the change still counts on the same windows."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that a meter counts in: `key` names it in storage, the ends are instants in UTC.

    A calendar day is 23, 24 or 25 hours long as a rule; a month's key is shorter than any day's.
    """

    key: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Windows:
    """A day and the month that it belongs to."""

    day: Window
    month: Window


class Scope(StrEnum):
    """What a meter counts. In the order in which meters are locked: the most shared one last."""

    MEMBER = "member"  # a member's images
    DIRECT = "direct"  # a person's, wherever there is no server that has the bot
    SERVER = "server"  # a server's
    BOT = "bot"  # all of them
    BUDGET = "budget"  # what all of them cost, in credits


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"


class Origin(StrEnum):
    """Who decided a number, in the order in which they are asked."""

    MEMBER = "member"  # the moderators, for this member
    ROLE = "role"  # the moderators, for one of the member's roles
    SERVER = "server"  # the moderators, for everybody in the server
    OPERATOR = "operator"
    BOT = "bot"  # the operator too, where there are no moderators who could decide otherwise


@dataclass(frozen=True, slots=True)
class Ruling:
    """A number and where it comes from.

    `added` is today's top-up, contained in `value`; `capped`: without the operator's ceiling it would be more.
    """

    value: Limit
    origin: Origin = Origin.OPERATOR
    role: int | None = None
    added: int = 0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A count with a limit and a window, of images, or of credits where it is a BUDGET.

    `name` and `window.key` identify it in storage.
    `whole`: it counts the whole day, beside a counter that a moderator has set back to zero during the day.
    """

    name: str
    scope: Scope
    period: Period
    ruling: Ruling
    window: Window
    whole: bool = False

    @property
    def limit(self) -> Limit:
        return self.ruling.value


@dataclass(frozen=True, slots=True)
class MeterReading:
    """How much of a meter was used when it was read, in what it counts."""

    meter: Meter
    used: int

    @property
    def left(self) -> Limit:
        return None if self.meter.limit is None else max(0, self.meter.limit - self.used)

    @property
    def percent(self) -> int:
        """Of the limit, rounded down: 100 is all of it."""
        return 100 * self.used // self.meter.limit if self.meter.limit else 100


@dataclass(frozen=True, slots=True)
class FailedToday:
    """Images of the operator's day that were given back although they may have been paid for, and the most of them.

    Of a member in all servers, or of a server. The day ends at `until`.
    """

    scope: Scope
    used: int
    limit: Limit
    until: datetime

    @property
    def is_limit_reached(self) -> bool:
        return self.limit is not None and self.used >= self.limit


def generosity(limit: Limit) -> tuple[bool, int]:
    """A key to sort limits by: the more generous a limit, the greater its key."""
    return limit is None, limit or 0


def member_today(readings: Iterable[MeterReading]) -> MeterReading:
    """The member's counter of the day as people see it: where it was set back to zero, the one since then."""
    own = {Scope.MEMBER, Scope.DIRECT}
    return next(it for it in readings if it.meter.scope in own and it.meter.period is Period.DAY)


def windows_at(now: datetime, zone: ZoneInfo, running: Windows | None = None) -> Windows:
    """Those that the aware instant `now` falls in, by the calendar of `zone`.

    A day begins once: where clocks are put back over midnight, the minutes lived again belong to the new day.

    `running` had begun when `zone` was chosen, by another zone's calendar, and goes on to the ends that it has. Each
    window begins where the one before it ends, and no name of a month is used twice. A day lasts SHORTEST_DAY at least,
    and ends at a midnight of the zone in force when it began: so the first one by a new zone can last two days, however
    often the zone is changed.
    """
    date_there = now.astimezone(zone).date()
    calendar = _calendar_windows(date_there, zone)
    if now >= calendar.day.ends_at:
        calendar = _calendar_windows(date_there + ONE_DAY, zone)
    if running is None:
        return calendar
    day, month = calendar.day, calendar.month
    if now < running.day.ends_at:
        day = running.day
    elif now < (following := day_after(running.day, zone)).ends_at:
        day = following
    if now < running.month.ends_at:
        month = running.month
    elif now < (following := month_after(running.month, zone)).ends_at:
        month = following
    return Windows(day, month)


# Asked several times for each image, about a handful of days.
@lru_cache(maxsize=1024)
def _calendar_windows(day: date, zone: ZoneInfo) -> Windows:
    first = day.replace(day=1)
    return Windows(
        Window(day.isoformat(), start_of(day, zone), start_of(day + ONE_DAY, zone)),
        Window(f"{first:%Y-%m}", start_of(first, zone), start_of(_next_month(first), zone)),
    )


def windows_to_end(windows: Windows, zone: ZoneInfo, now: datetime) -> Windows:
    """What goes on to its end if another zone than `zone`, whose `windows` these are, is chosen at `now`."""
    day, month = windows.day, windows.month
    return Windows(
        day_after(day, zone) if day.ends_at - now < NEARLY_OVER else day,
        month_after(month, zone) if month.ends_at - now < NEARLY_OVER else month,
    )


def day_after(day: Window, zone: ZoneInfo) -> Window:
    """By the clock of `zone`; `day` may have been another's. It has the name of the last date that is whole in it."""
    beyond = date.fromisoformat(day.key) + 2 * ONE_DAY
    while start_of(beyond, zone) < day.ends_at + SHORTEST_DAY:
        beyond += ONE_DAY
    return Window((beyond - ONE_DAY).isoformat(), day.ends_at, start_of(beyond, zone))


def month_after(month: Window, zone: ZoneInfo) -> Window:
    """By the clock of `zone`; `month` may have been another's."""
    first = _next_month(date.fromisoformat(f"{month.key}-01"))
    return Window(f"{first:%Y-%m}", month.ends_at, start_of(_next_month(first), zone))


def days_until(today: Window, count: int) -> list[str]:
    """The keys of the last `count` days, oldest first, `today` included."""
    last = date.fromisoformat(today.key)
    return [(last - timedelta(days=back)).isoformat() for back in reversed(range(count))]


def _next_month(first: date) -> date:
    return (first + 31 * ONE_DAY).replace(day=1)


@lru_cache(maxsize=1024)
def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day`, or of the day after where `zone` left it out."""
    midnight = datetime.combine(day, time.min, zone)
    starts_at = midnight.astimezone(UTC)
    if starts_at.astimezone(zone) == midnight:
        return starts_at
    # Midnight is skipped. `fold` reads it with the offsets from before and after the gap (PEP 495): the clocks are put
    # forward between the two, and the day begins there, which bisection finds.
    before = midnight.replace(fold=1).astimezone(UTC)
    while starts_at - before > ONE_SECOND:
        middle = before + (starts_at - before) // ONE_SECOND // 2 * ONE_SECOND
        if middle.astimezone(zone).date() < day:
            before = middle
        else:
            starts_at = middle
    return starts_at
