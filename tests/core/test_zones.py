"""Time zones, as people write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.core.not_done import UnknownZone
from bot.core.zones import FAMILIAR, NOBODYS, SUGGESTIONS, called, nearest_zones, suggested_zones, zone_named


@pytest.mark.parametrize("name", sorted(available_timezones() - NOBODYS))
def test_every_name_is_itself(name: str) -> None:
    assert zone_named(name) == ZoneInfo(name)


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
        ("eastern", "US/Eastern"),  # and Canada/Eastern: which of them is not ours to say
        ("Europe", "Europe/Kyiv"),
        ("../../etc/passwd", None),
        ("localtime", None),
        ("Factory", None),
        ("UTC+15", None),
        ("UTC+5:30", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_an_unknown_zone_names_the_nearest(text: str, expected: str | None) -> None:
    with pytest.raises(UnknownZone) as unknown:
        zone_named(text)
    assert 1 < len(unknown.value.nearest) <= 3
    if expected:
        assert expected in unknown.value.nearest


def test_the_nearest_come_best_first() -> None:
    assert nearest_zones("Europe/Berln")[0] == "Europe/Berlin"
    assert len(nearest_zones("xyz")) == 3


def test_while_typing_cities_come_first() -> None:
    assert suggested_zones("ber")[:2] == ("Atlantic/Bermuda", "Europe/Berlin")
    assert "Europe/Berlin" in suggested_zones("europe/b")
    assert suggested_zones("berln")[0] == "Europe/Berlin"


@pytest.mark.parametrize("text", ["", "a", "e", "/", "zzz", "x" * 100])
def test_never_more_is_suggested_than_discord_shows(text: str) -> None:
    found = suggested_zones(text)
    assert 0 < len(found) <= SUGGESTIONS
    assert set(found) <= available_timezones()


def test_what_is_familiar_exists() -> None:
    assert set(FAMILIAR) <= available_timezones()


def test_a_fixed_offset_is_suggested_and_called_as_people_say_it() -> None:
    assert suggested_zones("utc+2") == ("Etc/GMT-2",)
    assert [called(name) for name in ("Etc/GMT-2", "Etc/GMT+11", "Etc/GMT", "Asia/Tokyo")] == [
        *("UTC+2", "UTC-11", "Etc/GMT", "Asia/Tokyo")
    ]


def test_the_clock_of_a_machine_is_not_suggested() -> None:
    assert not NOBODYS & {*suggested_zones("local"), *suggested_zones("fact")}
