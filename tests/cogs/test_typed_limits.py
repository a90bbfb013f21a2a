"""From the options that a moderator typed to edits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from discord import app_commands

from bot.core.limits.errors import UnknownTimeZone
from bot.core.limits.meters import Limit
from bot.core.limits.policy import UNDECIDED, Block, Setting
from bot.core.moderation.edits import (
    BlockMember,
    Edit,
    ResetCounter,
    SetMember,
    SetNumbers,
    SetZone,
    TopUpMember,
    UnblockMember,
)
from bot.core.moderation.errors import FieldNotApplicable, InvalidInput, OneOptionNeeded
from bot.core.statistics.usage_export import DateRange
from bot.ui.sentences import IN_ENGLISH
from cogs.limits.change import change_text
from cogs.limits.export import export_text
from cogs.limits.member import Details, member_edit
from cogs.limits.member_actions import IN_COMMAND, Action
from cogs.limits.set import edits_of, set_command
from tests.core.factories import NOON, operator

Command: TypeAlias = app_commands.Command[Any, ..., None]
DAILY, MONTHLY = Setting.DAILY, Setting.MONTHLY


@pytest.mark.parametrize(
    ("numbers", "unlimited", "zone", "edits"),
    [
        ({DAILY: 3}, None, None, [SetNumbers({DAILY: 3})]),
        ({DAILY: 0}, "monthly", None, [SetNumbers({DAILY: 0, MONTHLY: None})]),
        ({}, None, "berlin", [SetZone(ZoneInfo("Europe/Berlin"))]),
        ({DAILY: 3}, None, "utc", [SetNumbers({DAILY: 3}), SetZone(ZoneInfo("UTC"))]),
    ],
)
def test_numbers_come_before_the_zone(
    numbers: dict[Setting, Limit], unlimited: str | None, zone: str | None, edits: list[Edit]
) -> None:
    assert edits_of(numbers, unlimited, zone) == edits


def test_a_zone_that_nobody_knows_leaves_the_numbers_as_they_are() -> None:
    with pytest.raises(UnknownTimeZone):
        edits_of({DAILY: 3}, None, "Europe/Berln")


@pytest.mark.parametrize("numbers", [{}, {DAILY: 3}])
def test_nothing_at_all_and_two_things_at_once_are_unclear(numbers: dict[Setting, Limit]) -> None:
    with pytest.raises(OneOptionNeeded):
        edits_of(numbers, "daily" if numbers else None, None)


def described(command: Command, option: str) -> str:
    parameter = command.get_parameter(option)
    return str(parameter.description) if parameter else ""


def offered(command: Command, option: str) -> list[object]:
    parameter = command.get_parameter(option)
    return [choice.value for choice in parameter.choices] if parameter else []


def test_an_option_says_its_bounds_and_offers_unlimited_only_where_it_is_allowed() -> None:
    ceiling, cooldown, without = (
        set_command(it) for it in (operator(ceiling=50), operator(cooldown=30), operator())
    )
    assert described(ceiling, "daily") == "Images per member per day: 0 to 50"
    assert "30 to 86,400 seconds" in described(cooldown, "cooldown")
    assert "daily" not in offered(ceiling, "unlimited")
    assert "daily" in offered(without, "unlimited")


@pytest.mark.parametrize(
    ("action", "details", "edit"),
    [
        (Action.LIMIT, Details(images=0), SetMember(5, 0)),
        (Action.UNLIMITED, Details(), SetMember(5, None)),
        (Action.LIKE_EVERYBODY, Details(), SetMember(5, UNDECIDED)),
        (Action.BLOCK, Details(), BlockMember(5, Block(NOON + timedelta(days=1)))),
        (Action.BLOCK, Details(duration="permanent", reason="spam"), BlockMember(5, Block(None, "spam"))),
        (Action.BLOCK, Details(duration="1h"), BlockMember(5, Block(NOON + timedelta(hours=1)))),
        (Action.UNBLOCK, Details(), UnblockMember(5)),
        (Action.TOP_UP, Details(images=3), TopUpMember(5, 3)),
        (Action.RESET_COUNTER, Details(), ResetCounter(5)),
    ],
)
def test_each_action_is_an_edit(action: Action, details: Details, edit: Edit) -> None:
    assert member_edit(5, action, details, NOON) == edit


@pytest.mark.parametrize(
    ("action", "details"), [(Action.LIMIT, Details()), (Action.TOP_UP, Details(images=0))]
)
def test_what_an_action_needs_is_asked_for(action: Action, details: Details) -> None:
    with pytest.raises(OneOptionNeeded) as unclear:
        member_edit(5, action, details, NOON)
    assert unclear.value.options == ("images",)


@pytest.mark.parametrize(
    ("action", "details", "option", "takers"),
    [
        (Action.BLOCK, Details(images=3), "name.images", (Action.LIMIT, Action.TOP_UP)),
        (Action.UNBLOCK, Details(reason="spam"), "name.reason", (Action.BLOCK,)),
        (Action.LIMIT, Details(images=3, duration="1 h"), "name.duration", (Action.BLOCK,)),
    ],
)
def test_what_an_action_does_not_take_is_not_ignored(
    action: Action, details: Details, option: str, takers: tuple[Action, ...]
) -> None:
    with pytest.raises(FieldNotApplicable) as misplaced:
        member_edit(5, action, details, NOON)
    assert misplaced.value.field == option
    assert misplaced.value.takers == tuple(IN_COMMAND[taker] for taker in takers)


@pytest.mark.parametrize("duration", ["an hour or so", "0 min", "5"])
def test_a_duration_that_says_nothing_is_refused_by_its_name(duration: str) -> None:
    with pytest.raises(InvalidInput) as unreadable:
        member_edit(5, Action.BLOCK, Details(duration=duration), NOON)
    assert (unreadable.value.field, unreadable.value.text) == ("name.duration", duration)


def test_the_answer_says_what_was_changed_or_that_nothing_was() -> None:
    assert change_text([]) == IN_ENGLISH("diff.unchanged")
    assert change_text(["**A**: 1 → 2"]).endswith("\n**A**: 1 → 2")
    assert len(change_text(["x" * 300] * 20)) <= 2000


@pytest.mark.parametrize(
    ("rows", "files", "words"),
    [
        (0, 0, "Nobody asked for images here from 2026-11-01 to 2026-11-23."),
        (
            1,
            1,
            "1 command from 2026-11-01 to 2026-11-23 (UTC+2 time). Open the file in a spreadsheet.",
        ),
        (
            3000,
            2,
            "3,000 commands from 2026-11-01 to 2026-11-23 (UTC+2 time). Open the 2 files in a",
        ),
    ],
)
def test_an_export_says_what_is_in_it(rows: int, files: int, words: str) -> None:
    period = DateRange(date(2026, 11, 1), date(2026, 11, 23), ZoneInfo("Etc/GMT-2"))
    assert export_text(period, rows, files).startswith(words)
