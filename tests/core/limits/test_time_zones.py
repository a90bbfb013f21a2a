"""Time zones, as people write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.core.limits.errors import UnknownTimeZone
from bot.core.limits.time_zones import (
    FAMILIAR,
    NEAREST,
    NOBODYS,
    SUGGESTIONS,
    names_one_zone,
    nearest_zones,
    suggested_zones,
    zone_label,
    zone_named,
)
from tests.core.factories import NOON

MEANT_OTHERWISE = {"EST": "America/New_York", "MST": "America/Denver"}
"""By IANA their clocks are never put forward; by people they are."""


@pytest.mark.parametrize("name", sorted(available_timezones() - NOBODYS - MEANT_OTHERWISE.keys()))
def test_every_name_is_itself(name: str) -> None:
    assert zone_named(name) == ZoneInfo(name)


@pytest.mark.parametrize("name", MEANT_OTHERWISE)
def test_an_abbreviation_means_what_people_mean(name: str) -> None:
    assert zone_named(name).key == MEANT_OTHERWISE[name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("europe/berlin", "Europe/Berlin"),
        (" EUROPE/BERLIN ", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("new york", "America/New_York"),
        ("New-York", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("port au prince", "America/Port-au-Prince"),
        ("utc", "UTC"),
        ("etc/gmt+5", "Etc/GMT+5"),
        ("etc/gmt-5", "Etc/GMT-5"),
        ("UTC+2", "Etc/GMT-2"),
        ("gmt -5", "Etc/GMT+5"),
        ("UTC+02:00", "Etc/GMT-2"),
        ("utc-0", "UTC"),
        ("+2", "Etc/GMT-2"),
        ("-5", "Etc/GMT+5"),
        ("\u22125", "Etc/GMT+5"),
        ("GMT-5", "Etc/GMT+5"),
        ("+02:00", "Etc/GMT-2"),
        ("+0200", "Etc/GMT-2"),
        ("UTC+14", "Etc/GMT-14"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("+0545", "Asia/Kathmandu"),
        ("UTC-9:30", "Pacific/Marquesas"),
        ("PST", "America/Los_Angeles"),
        ("pdt", "America/Los_Angeles"),
        ("est", "America/New_York"),
        ("MST", "America/Denver"),
        ("HST", "HST"),
        ("CET", "CET"),
        ("CEST", "Europe/Berlin"),
        ("BST", "Europe/London"),
        ("JST", "Asia/Tokyo"),
        ("AEST", "Australia/Sydney"),
        ("california", "America/Los_Angeles"),
        ("New Zealand", "Pacific/Auckland"),
    ],
)
def test_a_zone_is_found_by_what_people_call_it(text: str, name: str) -> None:
    assert zone_named(text).key == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlim", "Europe/Berlin"),
        ("Asia/Calcuta", "Asia/Calcutta"),
        ("Los Angelos", "America/Los_Angeles"),
        ("IST", "Asia/Jerusalem"),  # or India, or Ireland: which of them is not ours to say
        ("CST", "Asia/Shanghai"),
        ("ber", "Europe/Berlin"),
        ("Europe", "Europe/Amsterdam"),
        ("Moon", None),
        ("../../etc/passwd", None),
        ("localtime", None),
        ("Factory", None),
        ("UTC+15", None),
        ("UTC+5:37", None),
        ("UTC-3:30", None),
        ("x" * 6000, None),
        ("", None),
        ("\x00", None),
    ],
)
def test_an_unknown_zone_names_the_nearest(text: str, expected: str | None) -> None:
    with pytest.raises(UnknownTimeZone) as unknown:
        zone_named(text)
    nearest = unknown.value.nearest
    assert expected in nearest if expected else not nearest
    assert len(nearest) <= NEAREST
    assert not any(name.startswith("Etc/") for name in nearest)


def test_the_nearest_come_best_first() -> None:
    assert nearest_zones("Europe/Berln")[0] == "Europe/Berlin"


def test_while_typing_cities_come_first() -> None:
    assert suggested_zones("ber")[:2] == ("Atlantic/Bermuda", "Europe/Berlin")
    assert "Europe/Berlin" in suggested_zones("europe/b")
    assert suggested_zones("berln")[0] == "Europe/Berlin"


@pytest.mark.parametrize("text", ["", "a", "e", "/", "zzz", "moon", "+99", "x" * 6000])
def test_never_more_is_suggested_than_discord_shows(text: str) -> None:
    found = suggested_zones(text)
    assert len(found) <= SUGGESTIONS
    assert set(found) <= available_timezones()


def test_what_is_familiar_exists() -> None:
    assert set(FAMILIAR) <= available_timezones()


@pytest.mark.parametrize("text", ["Europe/Berlin", "berlin", "berli", "calif", "+2", "PST"])
def test_what_can_be_one_zone_only_is_the_first_suggestion(text: str) -> None:
    assert names_one_zone(text)
    assert suggested_zones(text)[0] in {"Europe/Berlin", "America/Los_Angeles", "Etc/GMT-2"}


@pytest.mark.parametrize("text", ["", "Moon", "ber", "IST", "Berlim", "zzz"])
def test_what_could_be_several_zones_or_none_means_not_one(text: str) -> None:
    assert not names_one_zone(text)


def test_every_name_that_is_said_leads_to_zones_that_there_are() -> None:
    for typed in ("central", "usa", "brazil", "ast"):
        assert set(suggested_zones(typed)) <= available_timezones()


@pytest.mark.parametrize("name", sorted(available_timezones() - NOBODYS))
def test_what_a_zone_is_called_is_understood_and_shows_no_posix_sign(name: str) -> None:
    assert "GMT+" not in zone_label(name) or not zone_label(name).startswith("Etc/")
    if zone_label(name) != name:
        assert zone_named(zone_label(name)).utcoffset(NOON) == ZoneInfo(name).utcoffset(NOON)


def test_a_fixed_offset_is_suggested_and_called_as_people_say_it() -> None:
    assert suggested_zones("utc+2") == ("Etc/GMT-2",)
    assert [zone_label(name) for name in ("Etc/GMT-2", "Etc/GMT+11", "Etc/GMT", "Asia/Tokyo")] == [
        *("UTC+2", "UTC-11", "UTC", "Asia/Tokyo")
    ]


def test_the_clock_of_a_machine_is_not_suggested() -> None:
    assert not NOBODYS & {*suggested_zones("local"), *suggested_zones("fact")}
