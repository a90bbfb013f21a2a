"""The table of precedence in docs/limits.md, held against the code: each rule beside all that come after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.errors import Refusal
from bot.core.limits.errors import (
    ChannelNotAllowed,
    ChoiceNotAllowed,
    MemberBlocked,
    PrivateNotAllowed,
    StyleNotOffered,
)
from bot.core.limits.meters import Limit, Origin
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Block, ChannelMode, ChannelRule, Policy, Setting
from bot.core.limits.rules import Rule, terms_for
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.word_list import WordList
from tests.core.factories import CHOICES, DETAILED, NOIR, NOON, caller, operator

TABLE = (Path(__file__).parents[3] / "docs/limits.md").read_text(encoding="utf-8")
ADA = caller(member=2, roles=frozenset({71, 72}))
PROMPT = "a weasel"
LIMITS = {Rule.MEMBER: 1, Rule.ROLE: 2, Rule.SERVER: 3, Rule.OPERATOR: 4}

DECIDE: Mapping[Rule, Callable[[Policy], Policy]] = {
    Rule.BLOCKED: lambda policy: replace(policy, blocks={2: Block(None)}),
    Rule.CHANNEL: lambda policy: replace(policy, channels=ChannelRule(ChannelMode.ONLY, frozenset({9}))),
    Rule.WORDS: lambda policy: replace(policy, words=WordList(("weasel",))),
    Rule.MODEL: lambda policy: replace(policy, choices_off=frozenset({DETAILED.name})),
    Rule.STYLE: lambda policy: replace(policy, styles={NOIR.key: None}),
    Rule.VISIBILITY: lambda policy: replace(policy, private=Requirement.FORBIDDEN),
    Rule.MEMBER: lambda policy: replace(policy, members={2: LIMITS[Rule.MEMBER]}),
    Rule.ROLE: lambda policy: replace(policy, roles={71: LIMITS[Rule.ROLE], 72: 0}),
    Rule.SERVER: lambda policy: replace(policy, numbers={Setting.DAILY: LIMITS[Rule.SERVER]}),
    Rule.OPERATOR: lambda policy: policy,
    Rule.CEILING: lambda policy: policy,
}
REFUSALS: Mapping[Rule, type[Refusal]] = {
    Rule.BLOCKED: MemberBlocked,
    Rule.CHANNEL: ChannelNotAllowed,
    Rule.WORDS: ForbiddenWord,
    Rule.MODEL: ChoiceNotAllowed,
    Rule.STYLE: StyleNotOffered,
    Rule.VISIBILITY: PrivateNotAllowed,
}


def everything_from(rule: Rule) -> Policy:
    """A policy in which `rule` and every later one has decided something."""
    policy, later = Policy(), list(Rule)[list(Rule).index(rule) :]
    for one in later:
        policy = DECIDE[one](policy)
    return policy


def outcome(policy: Policy, ceiling: Limit = None) -> tuple[type[Refusal] | None, Limit, Origin]:
    offered = operator(daily=LIMITS[Rule.OPERATOR], ceiling=ceiling, choices=CHOICES)
    decided = replace(offered, styles=(NOIR,))
    terms = terms_for(policy, decided, ADA, NOON)
    ruling = terms.meters[0].ruling
    try:
        terms.check(terms.words.found_in(PROMPT), 1, DETAILED.model, style="noir", private=True, spoiler=True)
    except Refusal as refusal:
        return type(refusal), ruling.value, ruling.origin
    return None, ruling.value, ruling.origin


def test_the_table_has_a_row_for_each_rule_in_its_order() -> None:
    assert re.findall(r"^\| \d+ \| ([^|]+) \|", TABLE, re.MULTILINE) == [rule.value for rule in Rule]


@pytest.mark.parametrize("rule", list(REFUSALS))
def test_the_first_rule_that_says_no_is_told(rule: Rule) -> None:
    assert outcome(everything_from(rule))[0] is REFUSALS[rule]


@pytest.mark.parametrize("rule", list(LIMITS))
def test_of_the_rules_that_know_a_number_the_first_counts(rule: Rule) -> None:
    refused, limit, origin = outcome(everything_from(rule))
    assert refused is None
    assert (limit, origin) == (LIMITS[rule], Origin[rule.name])


@pytest.mark.parametrize("rule", list(LIMITS))
def test_the_ceiling_caps_every_number(rule: Rule) -> None:
    assert outcome(everything_from(rule), ceiling=0)[1] == 0


def test_a_rule_that_is_taken_away_leaves_the_word_to_the_next() -> None:
    for rule, following in pairwise(LIMITS):
        assert outcome(everything_from(rule))[1] != outcome(everything_from(following))[1]
