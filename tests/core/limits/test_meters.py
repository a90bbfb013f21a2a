"""Days and months, in every time zone that there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.meters import (
    NEARLY_OVER,
    SHORTEST_DAY,
    Window,
    Windows,
    day_after,
    days_until,
    month_after,
    windows_at,
    windows_to_end,
)

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DATES = st.dates(date(1971, 1, 1), date(2045, 12, 31))
HOUR = timedelta(hours=1)


@st.composite
def moments(draw: st.DrawFn) -> tuple[datetime, ZoneInfo]:
    """Instants within two hours of some zone's midnight, where days go wrong."""
    zone = draw(ZONES)
    midnight = datetime.combine(draw(DATES), time.min, zone).astimezone(UTC)
    return midnight + timedelta(seconds=draw(st.integers(-7200, 7200))), zone


def day_of(now: datetime, zone: ZoneInfo) -> Window:
    return windows_at(now, zone).day


def month_of(now: datetime, zone: ZoneInfo) -> Window:
    return windows_at(now, zone).month


@given(moments())
def test_every_instant_is_in_its_day(moment: tuple[datetime, ZoneInfo]) -> None:
    now, zone = moment
    day = day_of(now, zone)
    assert day.starts_at <= now < day.ends_at


@given(moments())
def test_days_meet_without_gap_or_overlap(moment: tuple[datetime, ZoneInfo]) -> None:
    now, zone = moment
    day = day_of(now, zone)
    assert day_of(day.starts_at, zone) == day
    assert day_of(day.ends_at - timedelta(microseconds=1), zone) == day
    following = day_of(day.ends_at, zone)
    assert following.starts_at == day.ends_at
    assert following.key > day.key


@given(moments())
def test_a_day_is_named_after_the_local_date(moment: tuple[datetime, ZoneInfo]) -> None:
    now, zone = moment
    key, local = day_of(now, zone).key, now.astimezone(zone)
    if key != local.date().isoformat():
        # Only while an hour is lived again that the new day had already begun in.
        before = (now - 2 * HOUR).astimezone(zone).utcoffset()
        assert before is not None
        assert before > (local.utcoffset() or timedelta())
        assert key == (local.date() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("zone", "day", "starts_at", "hours"),
    [
        pytest.param("UTC", "2026-11-23", "2026-11-23T00:00", 24, id="plain"),
        pytest.param("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23, id="an hour is skipped"),
        pytest.param("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25, id="an hour is repeated"),
        pytest.param("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23, id="midnight is skipped"),
        pytest.param("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00", 25, id="23:00 is repeated"),
        pytest.param("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", 23, id="Beirut skips midnight"),
        pytest.param("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23, id="Cairo skips midnight"),
        pytest.param("Africa/Cairo", "2026-10-29", "2026-10-28T21:00", 25, id="Cairo repeats 23:00"),
        pytest.param("America/Toronto", "1919-03-31", "1919-03-31T04:30", 23.5, id="23:30 becomes 0:30"),
        pytest.param("America/St_Johns", "2010-11-07", "2010-11-07T02:30", 25, id="0:01 becomes 23:01"),
        pytest.param("Pacific/Apia", "2011-12-29", "2011-12-29T10:00", 24, id="the day before none"),
        pytest.param("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24, id="the day after none"),
        pytest.param("Asia/Kolkata", "2026-11-23", "2026-11-22T18:30", 24, id="half an hour"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5, id="half an hour skipped"
        ),
    ],
)
def test_days_that_are_not_like_others(zone: str, day: str, starts_at: str, hours: float) -> None:
    window = day_of(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone)), ZoneInfo(zone))
    assert window.key == day
    assert window.starts_at == datetime.fromisoformat(f"{starts_at}+00:00")
    assert window.ends_at - window.starts_at == hours * HOUR


def test_the_minutes_lived_again_belong_to_the_day_that_had_begun() -> None:
    zone = ZoneInfo("America/St_Johns")
    clock = [datetime(2010, 11, 7, 2, minute, tzinfo=UTC) for minute in (29, 30, 31, 59)]
    assert [f"{now.astimezone(zone):%d %H:%M}" for now in clock] == [
        "06 23:59",
        "07 00:00",
        "06 23:01",
        "06 23:29",
    ]
    assert [day_of(now, zone).key[-2:] for now in clock] == ["06", "07", "07", "07"]


def test_the_last_days_end_with_today() -> None:
    today = day_of(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))
    assert days_until(today, 3) == ["2026-02-28", "2026-03-01", "2026-03-02"]


@given(DATES, st.integers(1, 60))
def test_the_last_days_follow_each_other(day: date, count: int) -> None:
    keys = days_until(day_of(datetime.combine(day, time.min, UTC), ZoneInfo("UTC")), count)
    assert len(keys) == count
    dates = [date.fromisoformat(key) for key in keys]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))


@given(moments())
def test_a_month_is_made_of_its_days(moment: tuple[datetime, ZoneInfo]) -> None:
    now, zone = moment
    day, month = day_of(now, zone), month_of(now, zone)
    assert day.key.startswith(month.key)
    assert month.starts_at <= day.starts_at < day.ends_at <= month.ends_at
    assert month_of(month.ends_at, zone).starts_at == month.ends_at


def test_a_month_lasts_from_its_first_midnight_to_the_next_months() -> None:
    december = month_of(datetime(2026, 12, 31, 22, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert december.key == "2026-12"
    assert december.starts_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert december.ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)


RECENT = st.integers(0, 27 * 365 * 24 * 3600).map(
    lambda it: datetime(2013, 1, 1, tzinfo=UTC) + timedelta(seconds=it)
)
STEPS = st.lists(st.tuples(ZONES, st.integers(0, 60 * 60)), min_size=1, max_size=40)


@given(RECENT, ZONES)
def test_the_window_after_one_of_the_same_zone_is_the_calendars(now: datetime, zone: ZoneInfo) -> None:
    day, month = day_of(now, zone), month_of(now, zone)
    assert month_after(month, zone) == month_of(month.ends_at, zone)
    if day_of(day.ends_at, zone).ends_at - day.ends_at >= SHORTEST_DAY:
        assert day_after(day, zone) == day_of(day.ends_at, zone)


@given(RECENT, ZONES, STEPS)
def test_however_the_zone_is_changed_windows_follow_each_other(
    now: datetime, zone: ZoneInfo, steps: list[tuple[ZoneInfo, int]]
) -> None:
    """Each step: the zone that is chosen, and the minutes until the next."""
    running: Windows | None = None
    days, months = [day_of(now, zone)], [month_of(now, zone)]
    for chosen, minutes in steps:
        running, zone = windows_to_end(windows_at(now, zone, running), zone, now), chosen
        for _ in range(4):
            windows = windows_at(now, zone, running)
            for found, known in ((windows.day, days), (windows.month, months)):
                assert known[-1] == found or known[-1].key < found.key
                assert known[-1] == found or found.starts_at >= known[-1].ends_at
                assert found.starts_at - NEARLY_OVER <= now < found.ends_at
                known.extend([found] if known[-1] != found else [])
            assert SHORTEST_DAY <= windows.day.ends_at - windows.day.starts_at <= timedelta(hours=50)
            now += timedelta(minutes=minutes) / 4
