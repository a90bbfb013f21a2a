"""What `/usage` tells: every limit that holds, whose it is, what is left and when it resets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits.budgets import BudgetReading, Budgets
from bot.core.limits.meters import FailedToday, Limit, MeterReading, Scope
from bot.core.limits.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    Policy,
    Setting,
)
from bot.core.limits.rules import terms_for
from bot.core.limits.usage import Usage
from bot.ui.limits.usage_embed import failed_lines, usage_embed
from bot.ui.text import units
from tests.core.factories import NOON, TODAY, caller, operator

DAYS = (("2026-11-22", 4), ("2026-11-23", 3))
ADA = caller(roles=frozenset({7}))


def usage(
    policy: Policy = NOTHING_DECIDED, *, used: int = 3, running: int = 0, ceiling: Limit = None
) -> Usage:
    terms = terms_for(policy, operator(ceiling=ceiling), ADA, NOON)
    readings = tuple(MeterReading(meter, used) for meter in terms.meters)
    return Usage(terms, readings, DAYS, running, NOON + timedelta(seconds=30))


def lines(of: Usage, member: int | None = None) -> list[str]:
    return str(usage_embed(of, member).description).splitlines()


def test_where_nothing_was_decided_the_operators_limits_are_told() -> None:
    assert lines(usage()) == [
        "**You, today**: 3 of 10 used, 7 left · resets <t:1795478400:R> · default",
        "**All servers, today**: 3 of 200 used, 197 left · resets <t:1795478400:R> · a limit of this bot",
        "**Images per prompt**: 10 · default",
    ]


def test_every_limit_that_was_decided_is_told_with_whose_it_is() -> None:
    numbers: dict[Setting, Limit] = {
        Setting.MONTHLY: 50,
        Setting.SERVER_DAILY: 20,
        Setting.SERVER_MONTHLY: 2,
        Setting.AT_ONCE: 2,
        Setting.COOLDOWN: 90,
    }
    told = lines(usage(Policy(numbers, roles={7: 5}), running=1))
    assert told[0] == "**You, today**: 3 of 5 used, 2 left · resets <t:1795478400:R> · from role <@&7>"
    assert told[1:4] == [
        "**You, this month**: 3 of 50 used, 47 left · resets <t:1796083200:R> · set by the moderators",
        "**This server, today**: 3 of 20 used, 17 left · resets <t:1795478400:R> · set by the moderators",
        "**This server, this month**: 3 of 2 used, 0 left · resets <t:1796083200:R> · set by the moderators",
    ]
    assert told[-2:] == [
        "**Commands at a time**: 1 of 2 · set by the moderators",
        "**Cooldown**: 1 min 30 s, ready <t:1795435230:R> · set by the moderators",
    ]


def test_after_a_reset_the_whole_day_is_told_as_a_limit_of_this_bot() -> None:
    again = Policy({Setting.DAILY: 20}, counter_resets={2: CounterReset(TODAY.key, 1)})
    told = lines(usage(again, ceiling=100))
    [whole] = [line for line in told if "before the reset" in line]
    assert told[0].endswith("· set by the moderators")
    assert whole.startswith("**You, today, with what was used before the reset**: 3 of 100 used, 97 left")
    assert whole.endswith("· a limit of this bot")


def test_whoever_is_blocked_or_out_of_place_reads_it_first() -> None:
    blocked = Policy(blocks={2: Block(NOON + timedelta(days=1), "*spam*")})
    assert lines(usage(blocked))[1] == ("⛔ Blocked by the moderators: until <t:1795521600:f>, “\\*spam\\*”")
    elsewhere = Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset({9})))
    assert lines(usage(elsewhere))[1] == "⛔ Not in this channel: only in <#9>"
    shut_out = Policy(channels=ChannelRule(ChannelMode.EXCEPT, frozenset({4})))
    assert lines(usage(shut_out))[1] == "⛔ Not in this channel"
    adults = Policy(channels=ChannelRule(age_restricted_only=True))
    assert lines(usage(adults))[1] == "⛔ Not in this channel: only in age-restricted ones"


def test_one_is_spoken_to_and_others_are_spoken_of() -> None:
    own = Policy(members={2: 5})
    assert "set by the moderators for you" in lines(usage(own))[0]
    of_another = lines(usage(own), member=2)
    assert of_another[0] == "<@2>"
    assert "set by the moderators for this member" in of_another[1]


def test_what_came_to_nothing_is_told_to_whom_it_concerns() -> None:
    failed = (
        FailedToday(Scope.MEMBER, 3, 8, TODAY.ends_at),
        FailedToday(Scope.SERVER, 40, 40, TODAY.ends_at),
    )
    whole = "that may have been paid for · resets <t:1795478400:R> · a limit of this bot"
    server = f"⛔ **This server, failed today**: 40 of at most 40 images {whole}"
    own = lines(replace(usage(), failed=failed))
    assert f"**You, failed today**: 3 of at most 8 images {whole}" in own
    assert server in own
    of_another = [line for line in lines(replace(usage(), failed=failed), member=2) if "failed" in line]
    assert of_another == [server]
    [over, _] = failed_lines((replace(failed[0], used=9), failed[1]))
    assert over == f"⛔ **This member, failed today**: too many images {whole}"
    assert list(failed_lines((replace(failed[0], used=0), replace(failed[1], limit=None)))) == []


def test_no_limit_is_told_as_such() -> None:
    assert lines(usage(Policy({Setting.DAILY: None})))[0] == (
        "**You, today**: 3 used, unlimited · resets <t:1795478400:R> · set by the moderators"
    )


def test_the_last_days_are_numbers_that_can_be_read_out() -> None:
    embed = usage_embed(usage())
    assert embed.title == "Your images"
    assert embed.fields[0].name == "Last 2 days: 7"
    assert "Mon 23: **" in str(embed.fields[0].value)
    assert "█" not in str(embed.to_dict())
    assert units(str(embed.description)) < 4096


def spent(used: int, limit: int = 2_000_000, *, price: int = 140_000) -> tuple[BudgetReading, ...]:
    meters = Budgets(limit, limit, ZoneInfo("UTC")).meters(NOON)
    return tuple(BudgetReading(MeterReading(meter, used), price) for meter in meters)


@pytest.mark.parametrize(
    ("used", "percent", "mark"),
    [(0, 0, ""), (1_659_999, 82, ""), (1_860_001, 93, "⛔ "), (2_500_000, 125, "⛔ ")],
)
def test_a_budget_is_told_as_a_share_and_never_in_money(used: int, percent: int, mark: str) -> None:
    told = lines(replace(usage(), budgets=spent(used)))[2:4]
    assert told == [
        f"{mark}**All servers, today's budget**: {percent}% used · starts again <t:1795478400:R>",
        f"{mark}**All servers, this month's budget**: {percent}% used · starts again <t:1796083200:R>",
    ]
