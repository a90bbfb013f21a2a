"""Lists behind the panel: every entry is on some page, and no page is too much for Discord."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.limits.policy import Block, ChannelMode, ChannelRule, Policy, TopUp
from bot.ui.limits.list_pages import (
    LIFTED,
    LINES,
    LINES_PER_PAGE,
    ListKind,
    lift_id,
    list_layout,
    members_on,
)
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note
from bot.ui.limits.panel_sections import PanelContext
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from tests.core.factories import NOON
from tests.ui.limits.test_panel import EVERYTHING_GONE, crowded, panel, text_of

COUNTS = {"roles": 100, "members": 400, "blocks": 400, "top_ups": 400, "channels": 100}


def custom_ids(layout: ui.LayoutView) -> set[str]:
    return {
        item.custom_id for item in layout.walk_children() if isinstance(item, ui.Button) and item.custom_id
    }


@pytest.mark.parametrize("kind", list(ListKind))
def test_nobody_is_beyond_reach(kind: ListKind) -> None:
    context = PanelContext(panel(crowded(COUNTS, "*spam*" * 50)), NOON, 0, EVERYTHING_GONE)
    lines = LINES[kind](context)
    count = ceil(len(lines) / LINES_PER_PAGE)
    pages = [list_layout(kind, page, context, Note("_" * NOTE_LENGTH)) for page in range(count)]
    shown = "\n".join(map(text_of, pages)).splitlines()
    assert set(lines.values()) <= set(shown)
    pressed = set().union(*map(custom_ids, pages))
    if kind in LIFTED:
        assert {
            lift_id(kind, entry, position // LINES_PER_PAGE) for position, entry in enumerate(lines)
        } <= pressed
    for layout in (pages[0], pages[1], pages[-1]):
        problems = FormErrors()
        check_components(problems, [item.to_component_dict() for item in layout.children], is_v2=True)
        problems.raise_if_any()


@settings(max_examples=20, deadline=None)
@given(count=st.integers(0, 60), page=st.integers(0, 9999))
def test_a_page_that_is_gone_is_the_last(count: int, page: int) -> None:
    context = PanelContext(panel(Policy(members=dict.fromkeys(range(1, count + 1), 5))), NOON, 0)
    last = max(0, ceil(count / LINES_PER_PAGE) - 1)
    assert text_of(list_layout(ListKind.OWN_LIMITS, page, context)) == text_of(
        list_layout(ListKind.OWN_LIMITS, min(page, last), context)
    )


def test_pages_are_turned_both_ways_and_end() -> None:
    context = PanelContext(panel(Policy(members=dict.fromkeys(range(1, 25), 5))), NOON, 0)
    ways = [
        sorted(one for one in custom_ids(list_layout(ListKind.OWN_LIMITS, page, context)) if ":list:" in one)
        for page in range(3)
    ]
    assert ways == [
        ["limits:list:own-limits:1"],
        ["limits:list:own-limits:0", "limits:list:own-limits:2"],
        ["limits:list:own-limits:1"],
    ]


def test_whoever_is_free_first_comes_first_and_blocks_that_ended_are_not_listed() -> None:
    ends = {1: None, 2: NOON + timedelta(days=2), 3: NOON + timedelta(days=1), 4: NOON - timedelta(days=1)}
    blocks = {member: Block(until) for member, until in ends.items()}
    assert list(LINES[ListKind.BLOCKS](PanelContext(panel(Policy(blocks=blocks)), NOON, 0))) == [3, 2, 1]


def test_members_on_a_page_are_those_that_are_looked_for() -> None:
    policy = Policy(
        top_ups=dict.fromkeys(range(1, 30), TopUp("2026-11-23", 5)),
        channels=ChannelRule(ChannelMode.ONLY, frozenset({5})),
    )
    context = PanelContext(panel(policy), NOON, 0)
    assert members_on(ListKind.TOP_UPS, 1, context) == set(range(9, 17))
    assert members_on(ListKind.CHANNELS, 0, context) == set()
