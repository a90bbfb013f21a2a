"""The question before a drastic change: which number, from what to what, and what it may cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from discord import ui

from bot.core.limits.budgets import USUAL_PRICE
from bot.core.limits.policy import NOTHING_DECIDED, UNDECIDED, Operator, Policy, Setting
from bot.core.moderation.diff import differences, drastic
from bot.core.moderation.edits import Edit, ResetAll, SetMember, SetNumbers, SetRole, TopUpMember, apply
from bot.core.moderation.service import ChangeResult
from bot.ui.moderation.confirmation import confirmation_layout
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from tests.core.factories import NOON, operator
from tests.ui.limits.test_panel import text_of

OPERATOR = operator(10, per_prompt=None, cooldown=0)


def asked(
    edit: Edit,
    before: Policy = NOTHING_DECIDED,
    operator: Operator = OPERATOR,
    price: int = USUAL_PRICE,
) -> str:
    after = apply(edit, before, operator, NOON)
    changes = drastic(before, after, operator)
    result = ChangeResult(differences(before, after), True, drastic_changes=changes, price=price)
    layout = confirmation_layout([edit], result, operator)
    problems = FormErrors()
    check_components(problems, [item.to_component_dict() for item in layout.children], is_v2=True)
    problems.raise_if_any()
    assert [item for item in layout.walk_children() if isinstance(item, ui.Button)]
    return text_of(layout)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            SetNumbers({Setting.DAILY: 100}),
            "**Images per member per day**: default (10) → 100\n"
            "-# At about $0.07 an image, that may cost up to $7.00 a day for each member.",
        ),
        (SetNumbers({Setting.DAILY: 99}), "up to $6.93 a day for each member."),
        (
            SetNumbers({Setting.DAILY: None}),
            "→ unlimited\n-# The cost a day for each member has no limit then. "
            "The whole bot's limit remains: 200 images a day, about $14.",
        ),
        (
            SetNumbers({Setting.DAILY: 0}),
            "default (10) → 0\n-# Nobody here can make images then.",
        ),
        (SetNumbers({Setting.SERVER_MONTHLY: 0}), "→ 0\n-# Nobody here can make images then."),
        (
            SetRole(5, 300),
            "**Images per day for <@&5>**: not set → 300\n-# At about $0.07 an image, that may cost up to "
            "$21 a day for each member with the role.",
        ),
        (SetMember(5, 1000), "up to $70 a day for this member."),
        (TopUpMember(5, 90), "up to $7.00 today for this member."),
    ],
)
def test_a_drastic_change_says_what_comes_of_it(edit: Edit, words: str) -> None:
    assert words in asked(edit)


def test_what_it_may_cost_goes_by_what_the_usual_picture_costs() -> None:
    dear, cheap = (asked(SetNumbers({Setting.DAILY: 100}), price=price) for price in (316_000, 10_000))
    assert "At about $0.158 an image, that may cost up to $16 a day for each member." in dear
    assert "At about $0.005 an image, that may cost up to $0.50 a day for each member." in cheap


@pytest.mark.parametrize(
    ("bot_daily", "budget", "words"),
    [
        (200, 5_000_000, "The whole bot's limit remains: 200 images a day, about $2.50."),
        (200, 500_000_000, "The whole bot's limit remains: 200 images a day, about $14."),
        (None, 5_000_000, "The whole bot's budget remains: $2.50 a day."),
        (None, None, "The whole bot has none either."),
    ],
)
def test_without_a_limit_the_bots_own_remains_of_images_or_of_money(
    bot_daily: int | None, budget: int | None, words: str
) -> None:
    bounds = replace(OPERATOR, bot_daily=bot_daily, daily_budget=budget)
    assert words in asked(SetNumbers({Setting.DAILY: None}), operator=bounds)


def test_only_what_is_drastic_is_explained() -> None:
    text = asked(SetNumbers({Setting.DAILY: 100, Setting.MONTHLY: 90}))
    assert text.count("-#") == 1
    assert "→ 90" in text


def test_taking_a_number_back_is_explained_by_what_holds_then() -> None:
    before = Policy({Setting.DAILY: 1})
    assert "up to $0.70 a day for each member" in asked(SetNumbers({Setting.DAILY: UNDECIDED}), before)
    assert "up to $0.70 a day for each member" in asked(ResetAll(), before)


@pytest.mark.parametrize(
    "edit",
    [
        SetNumbers({Setting.DAILY: 59}),
        SetNumbers({Setting.COOLDOWN: 0}),
        SetMember(5, 0),
        SetRole(5, 0),
    ],
)
def test_what_is_not_drastic_is_not_asked_about(edit: Edit) -> None:
    before = Policy({Setting.COOLDOWN: 9})
    assert not drastic(before, apply(edit, before, OPERATOR, NOON), OPERATOR)
