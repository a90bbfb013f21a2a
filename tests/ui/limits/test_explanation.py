"""Why a member has the limit that they have: a line for each rule, and a mark on the one that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits.budgets import BudgetReading, Budgets
from bot.core.limits.meters import FailedToday, Limit, MeterReading, Scope
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    NOTHING_DECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    Choice,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.rules import rulings, terms_for
from bot.core.moderation.service import Explanation
from bot.core.word_filter.word_list import WordList
from bot.ui.limits.explanation import explanation_embed
from bot.ui.limits.usage_embed import NO_ENTRY
from bot.ui.text import units
from tests.core.factories import CHOICES, NOIR, NOON, caller, operator

COUNTS = "➜"
ADA = caller(roles=frozenset(range(70, 90)))


def explained(policy: Policy, ceiling: Limit = 100, choices: tuple[Choice, ...] = ()) -> list[str]:
    bounds = operator(10, ceiling=ceiling, choices=choices)
    terms = terms_for(policy, bounds, ADA, NOON)
    readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
    explanation = Explanation(policy, terms, tuple(rulings(policy, bounds, Setting.DAILY, ADA)), readings)
    embed = explanation_embed(explanation, ADA, bounds)
    assert units(str(embed.description)) <= 4096
    assert units(str(embed.fields[0].value)) <= 1024
    return str(embed.description).splitlines()


def test_what_came_to_nothing_keeps_a_member_from_painting() -> None:
    terms = terms_for(NOTHING_DECIDED, operator(), ADA, NOON)
    readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
    failed = (FailedToday(Scope.MEMBER, 8, 8, NOON),)
    embed = explanation_embed(Explanation(NOTHING_DECIDED, terms, (), readings, failed), ADA, operator())
    first = str(embed.description).splitlines()[0]
    assert first.startswith("<@2> **can't paint** in <#4>: too many images of theirs came to nothing today")
    assert "⛔ **This member, failed today**" in str(embed.fields[0].value)


def test_a_cooldown_that_runs_keeps_a_member_from_painting() -> None:
    policy = Policy({Setting.COOLDOWN: 7200})
    terms = terms_for(policy, operator(), ADA, NOON)
    readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
    explanation = Explanation(policy, terms, (), readings, next_at=NOON + timedelta(hours=1))
    first = str(explanation_embed(explanation, ADA, operator()).description).splitlines()[0]
    assert first == "<@2> **can't paint** in <#4>: in their cooldown until <t:1795438800:f>."


def counting(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(COUNTS)]


def test_each_rule_has_its_line_in_the_order_of_precedence() -> None:
    rules = explained(NOTHING_DECIDED)[3:]
    assert [line.lstrip(f"{COUNTS} *").partition(":")[0] for line in rules] == [
        "Blocked",
        "Channel",
        "Blocked words",
        "Styles to choose from",
        "Private pictures",
        "This member",
        "Best role",
        "This server",
        "Default",
        "This bot's maximum",
    ]
    assert explained(NOTHING_DECIDED)[1] == "<@2> today: 3 of 10 used, 7 left · resets <t:1795478400:R>"


@pytest.mark.parametrize(
    ("off", "line"),
    [
        (set(), "Models to choose from: Fast, Detailed (counts as 3)"),
        ({"Detailed"}, "Models to choose from: Fast · not allowed: Detailed (counts as 3)"),
        ({"Detailed", "Fast"}, "Models to choose from: none · not allowed: Fast, Detailed (counts as 3)"),
    ],
)
def test_where_there_are_models_to_choose_from_they_have_a_line(off: set[str], line: str) -> None:
    lines = explained(Policy(choices_off=frozenset(off)), choices=CHOICES)
    assert lines[lines.index("Blocked words: none") + 1] == line


@pytest.mark.parametrize(
    ("policy", "lines"),
    [
        (
            Policy(),
            ["Styles to choose from: 1", "Private pictures: as members like · spoilers: as members like"],
        ),
        (
            Policy(styles={NOIR.key: None}, private=Requirement.REQUIRED, spoiler=Requirement.FORBIDDEN),
            ["Styles to choose from: none", "Private pictures: always · spoilers: never"],
        ),
    ],
)
def test_what_can_be_asked_for_beside_the_prompt_is_explained(policy: Policy, lines: list[str]) -> None:
    bounds = replace(operator(), styles=(NOIR,))
    terms = terms_for(policy, bounds, ADA, NOON)
    readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
    shown = str(explanation_embed(Explanation(policy, terms, (), readings), ADA, bounds).description)
    found = shown.splitlines()
    assert found[found.index("Blocked words: none") + 1 :][:2] == lines


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (Policy(), "revised before painting"),
        (Policy(revise=False), "painted as written · set by the moderators"),
    ],
)
def test_whether_prompts_are_revised_is_explained_where_the_operator_has_that_done(
    policy: Policy, line: str
) -> None:
    found = []
    for revises in (True, False):
        bounds = operator(revises=revises)
        terms = terms_for(policy, bounds, ADA, NOON)
        readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
        shown = explanation_embed(Explanation(policy, terms, (), readings), ADA, bounds)
        found += [line for line in str(shown.fields[0].value).splitlines() if line.startswith("**Prompts")]
    assert found == [f"**Prompts**: {line}"]


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (NOTHING_DECIDED, "Default: 10 per day"),
        (Policy({Setting.DAILY: 5}), "This server: 5 per day"),
        (Policy({Setting.DAILY: 5}, roles={71: 2, 72: 8}), "Best role: 8 per day, <@&72>"),
        (Policy(roles={71: 50}, members={2: 0}), "This member: 0 per day"),
        (Policy(members={2: None}), "This member: unlimited per day"),
    ],
)
def test_the_number_that_counts_is_marked(policy: Policy, line: str) -> None:
    assert f"{COUNTS} **{line}**" in counting(explained(policy))


def test_a_number_over_the_ceiling_is_told_with_what_it_comes_to() -> None:
    lines = explained(Policy(members={2: None}), ceiling=7)
    assert lines[-1] == f"{COUNTS} **This bot's maximum: 7 per day, so the limit is 7**"


def test_a_top_up_is_told_with_what_it_comes_to() -> None:
    lines = explained(Policy(top_ups={2: TopUp("2026-11-23", 5)}))
    assert lines[-1] == "This bot's maximum: 100 per day, so the limit is 15 (with today's top-up of 5)"


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (NOTHING_DECIDED, "**can paint** in <#4>: 7 images left."),
        (Policy(members={2: None}), "**can paint** in <#4>: 97 images left."),
        (
            Policy(members={2: 3}),
            "**can't paint** in <#4>: their limit for the day (3 images) is used up until <t:",
        ),
        (
            Policy({Setting.MONTHLY: 3}),
            "**can't paint** in <#4>: their limit for the month (3 images) is used up",
        ),
        (Policy({Setting.SERVER_DAILY: 0}), "**can't paint** in <#4>: this server's limit for the day is 0."),
        (Policy(blocks={2: Block(None)}), "**can't paint** in <#4>: blocked permanently."),
        (
            Policy(blocks={2: Block(NOON + timedelta(hours=1), "spam")}),
            "**can't paint** in <#4>: blocked until <t:1795438800:f>.",
        ),
        (
            Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset({9}))),
            "**can't paint** in <#4>: images aren't allowed there.",
        ),
        (
            Policy(channels=ChannelRule(age_restricted_only=True)),
            "**can't paint** in <#4>: images are allowed in age-restricted channels only.",
        ),
    ],
)
def test_the_first_line_says_in_words_whether_they_can_paint(policy: Policy, words: str) -> None:
    assert explained(policy)[0].startswith(f"<@2> {words}")


def test_a_block_counts_before_the_channel_and_both_are_told() -> None:
    closed = Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset({9})))
    lines = explained(closed)
    assert f"{NO_ENTRY} **Channel: <#4> is closed (images allowed: only in <#9>)**" in lines
    lines = explained(replace(closed, blocks={2: Block(None, "spam")}))
    assert f"{NO_ENTRY} **Blocked: permanent, “spam”**" in lines
    assert "Channel: <#4> is closed (images allowed: only in <#9>)" in lines


def test_the_words_are_counted_and_not_shown() -> None:
    lines = explained(Policy(words=WordList(("weasel", "stoat")), log=LogRule(1)))
    assert "Blocked words: 2; prompts with one of them are refused" in lines
    assert not [line for line in lines if "weasel" in line]


def test_of_many_roles_the_best_are_shown() -> None:
    lines = explained(Policy(roles={role: role for role in range(70, 90)}))
    assert f"{COUNTS} **Best role: 89 per day, <@&89>**" in lines
    assert "… and 15 more roles" in lines


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (1_500_000, "**can paint** in <#4>: 3 images left."),
        (
            1_860_001,
            "**can't paint** in <#4>: what this bot may spend in a day is used up until <t:1795478400:f>.",
        ),
    ],
)
def test_a_budget_keeps_a_member_from_painting_once_no_usual_picture_fits(spent: int, words: str) -> None:
    terms = terms_for(NOTHING_DECIDED, operator(), ADA, NOON)
    readings = tuple(MeterReading(meter, 3) for meter in terms.meters)
    day, _ = Budgets(2_000_000, None, ZoneInfo("UTC")).meters(NOON)
    budgets = (BudgetReading(MeterReading(day, spent), 140_000),)
    explanation = Explanation(NOTHING_DECIDED, terms, (), readings, budgets=budgets)
    embed = explanation_embed(explanation, ADA, operator())
    assert str(embed.description).splitlines()[0] == f"<@2> {words}"
    assert "**All servers, today's budget**" in str(embed.fields[0].value)
