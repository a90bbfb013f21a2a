"""The spans of time that meters count in: days and months, by the clock of a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that a meter counts in: `key` names it in storage, the ends are instants in UTC."""

    key: str
    starts_at: datetime
    ends_at: datetime


def day_of(now: datetime, zone: ZoneInfo) -> Window:
    """The calendar day in `zone` that the aware instant `now` falls in: 23, 24 or 25 hours as a rule.

    A day begins once: where clocks are put back over midnight, the minutes lived again belong to the new day.
    """
    today = now.astimezone(zone).date()
    starts_at, ends_at = start_of(today, zone), start_of(today + ONE_DAY, zone)
    if now >= ends_at:
        today += ONE_DAY
        starts_at, ends_at = ends_at, start_of(today + ONE_DAY, zone)
    return Window(today.isoformat(), starts_at, ends_at)


def month_of(now: datetime, zone: ZoneInfo) -> Window:
    """The calendar month in `zone` that the day of `now` belongs to; `key` is shorter than any day's."""
    first = date.fromisoformat(day_of(now, zone).key).replace(day=1)
    following = (first + 31 * ONE_DAY).replace(day=1)
    return Window(f"{first:%Y-%m}", start_of(first, zone), start_of(following, zone))


def renamed(now: datetime, before: ZoneInfo, after: ZoneInfo) -> dict[str, str]:
    """The running day and month by the clock of one zone, and what they are called by another's."""
    pairs = ((day_of(now, before), day_of(now, after)), (month_of(now, before), month_of(now, after)))
    return {old.key: new.key for old, new in pairs if old.key != new.key}


def days_until(today: Window, count: int) -> list[str]:
    """The keys of the last `count` days, oldest first, `today` included."""
    last = date.fromisoformat(today.key)
    return [(last - timedelta(days=back)).isoformat() for back in reversed(range(count))]


@lru_cache(maxsize=1024)  # asked several times for each image, about a handful of days
def start_of(day: date, zone: ZoneInfo) -> datetime:
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
