"""Time zones that are offered to a moderator who is typing."""

from __future__ import annotations

import pytest

from cogs.limits.set import zone_choices
from tests.core.factories import NOON


def offered(typed: str) -> list[tuple[str, str]]:
    return [(choice.name, choice.value) for choice in zone_choices(typed, NOON)]


def test_each_zone_is_offered_with_the_time_that_it_is_there() -> None:
    assert offered("california") == [("America/Los Angeles · now 04:00", "America/Los_Angeles")]
    assert offered("+2") == [("UTC+2 · now 14:00", "Etc/GMT-2")]
    assert ("Asia/Tokyo · now 21:00", "Asia/Tokyo") in offered("")


@pytest.mark.parametrize("typed", ["Moon", "ber", "IST", "Berlim"])
def test_pressing_enter_picks_nothing_that_was_not_typed(typed: str) -> None:
    (_, first), *_ = offered(typed)
    assert first == typed


def test_what_begins_like_several_zones_is_followed_by_them() -> None:
    (says, _), *others = offered("ber")
    assert says == "“ber” could be several"
    assert ("Europe/Berlin · now 13:00", "Europe/Berlin") in others


@pytest.mark.parametrize("typed", ["a", "e", "x" * 6000, "\ud800", "zzz"])
def test_discord_takes_whatever_is_offered(typed: str) -> None:
    choices = offered(typed)
    assert 0 < len(choices) <= 25
    assert all(0 < len(name) <= 100 and 0 < len(value) <= 100 for name, value in choices)
    assert all((name + value).encode() for name, value in choices)
