"""Operators, callers and meters to try rules on."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.core.limits.meters import Limit, Meter, Period, Ruling, Scope, Window
from bot.core.limits.policy import Bounds, Choice, Operator, Setting
from bot.core.limits.styles import Style
from bot.core.place import Caller, InServer, ServerCaller
from bot.core.word_filter.word_list import WordList, sort_words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = Window("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
THIS_MONTH = Window("2026-11", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


FAST = Choice("Fast", "x-ai/grok-imagine-image")
DETAILED = Choice("Detailed", "google/nano-banana-pro", 3)
CHOICES = (FAST, DETAILED)
NOIR = Style("Noir", "film noir of", "in black and white")


def operator(
    daily: Limit = 10,
    server_daily: Limit = None,
    bot_daily: Limit = 200,
    *,
    ceiling: Limit = None,
    zone: str = "UTC",
    choices: tuple[Choice, ...] = (),
    revises: bool = False,
    **numbers: Limit,
) -> Operator:
    """`ceiling` is that of images per member per day; `numbers` are other settings by name, their own ceilings."""
    given = {"per_prompt": 10, "cooldown": 0, **numbers}
    bounds = {setting: Bounds(given.get(setting), given.get(setting)) for setting in Setting}
    bounds[Setting.DAILY] = Bounds(daily, ceiling)
    bounds[Setting.SERVER_DAILY] = Bounds(server_daily, None)
    return Operator(bounds, bot_daily, ZoneInfo(zone), choices=choices, revises=revises)


def caller(
    member: int = 2,
    server: int = 3,
    channels: tuple[int, ...] = (4,),
    roles: frozenset[int] = frozenset(),
    age_restricted: bool = False,
    place_known: bool = True,
) -> ServerCaller:
    return Caller(member, InServer(server, channels[0], channels[1:], roles, age_restricted, place_known))


def meter(
    scope: Scope = Scope.MEMBER, limit: Limit = 10, period: Period = Period.DAY, window: Window | None = None
) -> Meter:
    return Meter("m", scope, period, Ruling(limit), window or (TODAY if period is Period.DAY else THIS_MONTH))


def word_list(text: str) -> WordList:
    """Of entries that can all be used. Raises what is wrong with the first that can't."""
    listed, unusable = sort_words(text)
    if unusable:
        raise unusable[0]
    return listed
