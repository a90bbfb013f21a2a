"""The panel of `/limits show`: everything on it, and never more than Discord takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.limits.meters import Limit, MeterReading
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    LONGEST_CHOICE_NAME,
    MOST_CHOICES,
    MOST_WEIGHT,
    Block,
    ChannelMode,
    ChannelRule,
    Choice,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.policy_store import Revision
from bot.core.limits.rules import server_meters, windows_of
from bot.core.moderation.edits import (
    Edit,
    ResetAll,
    SetChoices,
    SetNumbers,
    SetRevise,
    SetRole,
    UnblockMember,
)
from bot.core.moderation.service import Panel
from bot.core.word_filter.word_list import WordList
from bot.ui.limits.panel import TEXT_LIMIT, members_named, note_layout, panel_layout
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note, Part, part_of
from bot.ui.limits.panel_sections import NOTHING_GONE, MissingReferences
from bot.ui.text import units
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from tests.core.factories import CHOICES, NOIR, NOON, operator, word_list

FIRST_ID = 1_200_000_000_000_000_000
LATER = NOON + timedelta(days=3)


def panel(
    policy: Policy,
    *,
    used: int = 12,
    ceiling: Limit = 50,
    server_daily: Limit = 200,
    choices: tuple[Choice, ...] = (),
    revises: bool = False,
) -> Panel:
    rules = operator(10, server_daily, ceiling=ceiling, choices=choices, revises=revises)
    meters = server_meters(policy, rules, 3, windows_of(policy, rules, NOON))
    readings = tuple(MeterReading(meter, used) for meter in meters)
    return Panel(Revision(4, policy, 77, NOON), rules, readings)


def text_of(layout: ui.LayoutView) -> str:
    return "\n".join(item.content for item in layout.walk_children() if isinstance(item, ui.TextDisplay))


def text(policy: Policy, gone: MissingReferences = NOTHING_GONE, **more: Limit) -> str:
    return text_of(panel_layout(panel(policy, ceiling=more.get("ceiling", 50)), NOON, gone))


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (Policy(), "**Per member**\n10 a day\n**Whole"),
        (Policy(numbers={Setting.DAILY: 25}), "\n**25** a day (default 10)\n"),
        (Policy(numbers={Setting.DAILY: 0}), "\n**0** a day (default 10)\n"),
        (Policy(numbers={Setting.DAILY: 80}), "\n**50** a day (default 10; 80 was set)\n"),
        (Policy(numbers={Setting.MONTHLY: 90}), "\n**90** a month (default unlimited)\n"),
        (Policy(), "**Whole server**\n12 of 200 used today\n12 used this month\n"),
        (Policy(numbers={Setting.SERVER_DAILY: None}), "12 of **unlimited** used today (default 200)"),
        (Policy(numbers={Setting.SERVER_MONTHLY: 90}), "12 of **90** used this month (default unlimited)"),
        (Policy(), "**Pace**\n10 per prompt\n**Role limits**"),
        (Policy(numbers={Setting.PER_PROMPT: 1}), "\n**1** per prompt (default 10)"),
        (Policy(numbers={Setting.AT_ONCE: 2}), "\n**2** at a time (default unlimited)"),
        (Policy(numbers={Setting.COOLDOWN: 90}), "\ncooldown **1 min 30 s** (default none)"),
        (Policy(roles={5: 20, 6: 30}), "<@&6> **30** a day\n<@&5> **20** a day"),
        (Policy(roles={5: 0}), "<@&5> **0** a day"),
        (Policy(roles={5: None}), "<@&5> **50** a day (unlimited was set)"),
        (Policy(members={8: 3}), "<@8> **3** a day"),
        (Policy(blocks={8: Block(None)}), "<@8> **blocked** permanently"),
        (Policy(blocks={8: Block(LATER, "*spam*")}), r"<@8> **blocked**, ends <t:1795694400:R>: \*spam\*"),
        (Policy(top_ups={8: TopUp("2026-11-23", 5)}), "<@8> **+5** today"),
        (Policy(channels=ChannelRule(ChannelMode.ONLY, frozenset({7, 9}))), "only in <#7>, <#9>"),
        (Policy(channels=ChannelRule(ChannelMode.ONLY)), "nowhere"),
        (
            Policy(channels=ChannelRule(age_restricted_only=True)),
            "**Channels**\nage-restricted channels only",
        ),
        (Policy(words=word_list("cat\ndog")), "2 entries"),
        (Policy(zone=ZoneInfo("Asia/Tokyo")), "**Asia/Tokyo**: resets <t:1795446000:R>"),
        (Policy(log=LogRule(9, LogLevel.EVERYTHING)), "<#9>, everything"),
        (Policy(), "Last changed by <@77> <t:1795435200:R>"),
    ],
)
def test_the_panel_says(policy: Policy, line: str) -> None:
    assert line in text(policy)


@pytest.mark.parametrize(
    "policy",
    [Policy(blocks={8: Block(NOON - timedelta(days=1))}), Policy(top_ups={8: TopUp("2026-11-22", 5)})],
)
def test_what_ran_out_is_not_shown(policy: Policy) -> None:
    assert "<@8>" not in text(policy)


def test_the_words_themselves_are_not_shown() -> None:
    assert "horrible" not in text(Policy(words=word_list("horrible")))


def test_what_is_gone_from_discord_is_marked_and_the_rest_is_not() -> None:
    rule = ChannelRule(ChannelMode.ONLY, frozenset({7, 9}))
    policy = Policy(roles={5: 20, 6: 30}, channels=rule, log=LogRule(9))
    shown = text(policy, MissingReferences(roles=frozenset({5}), channels=frozenset({9})))
    assert "role `5` (deleted) **20** a day" in shown
    assert "<@&6>" in shown
    assert "only in <#7>, channel `9` (deleted)" in shown
    assert "channel `9` (deleted), problems" in shown


def test_members_who_left_are_marked_wherever_they_are_listed() -> None:
    policy = Policy(members={2: 5, 3: 5}, blocks={2: Block(None)}, top_ups={2: TopUp("2026-11-23", 4)})
    shown = text(policy, MissingReferences(members=frozenset({2})))
    assert "<@2> (left the server) **5** a day\n<@3> **5** a day" in shown
    assert "<@2> (left the server) **blocked**" in shown
    assert "<@2> (left the server) **+4** today" in shown


def test_only_members_who_are_listed_are_looked_for() -> None:
    many = Policy(members=dict.fromkeys(range(100, 200), 5), blocks={7: Block(NOON), 8: Block(None)})
    assert members_named(panel(many), NOON) == {100, 101, 102, 8}


def test_nothing_is_marked_where_discord_did_not_say() -> None:
    assert "deleted" not in text(Policy(roles={5: 20}, log=LogRule(9)))


def test_a_rule_that_no_channel_keeps_is_said_beside_it() -> None:
    policy = Policy(channels=ChannelRule(age_restricted_only=True))
    warning = "⚠️ No channel of this server is like that: nobody can make images."
    assert f"age-restricted channels only\n{warning}" in text(policy, MissingReferences(nowhere=True))
    assert warning not in text(policy)


def test_a_log_channel_that_is_closed_to_the_bot_names_the_missing_permission() -> None:
    shown = text(Policy(log=LogRule(9)), MissingReferences(log_gaps=("send_messages",)))
    assert "I can't write there: allow me Send Messages" in shown


def ids(count: int) -> range:
    return range(FIRST_ID, FIRST_ID + count)


def crowded(counts: Mapping[str, int], reason: str) -> Policy:
    return Policy(
        numbers=dict.fromkeys(Setting, 100_000),
        roles=dict.fromkeys(ids(counts["roles"]), 100_000),
        members=dict.fromkeys(ids(counts["members"])),
        blocks=dict.fromkeys(ids(counts["blocks"]), Block(LATER, reason)),
        top_ups=dict.fromkeys(ids(counts["top_ups"]), TopUp("2026-11-23", 100_000)),
        channels=ChannelRule(ChannelMode.EXCEPT, frozenset(ids(counts["channels"])), True),
        zone=ZoneInfo("America/Argentina/ComodRivadavia"),
        log=LogRule(FIRST_ID, LogLevel.PROBLEMS),
        choices_off=frozenset(choice.name for choice in LONGEST_CHOICES[:5]),
        private=Requirement.FORBIDDEN,
        spoiler=Requirement.FORBIDDEN,
    )


LONGEST_CHOICES = tuple(
    Choice(f"{number}".rjust(LONGEST_CHOICE_NAME, "_"), f"m{number}", MOST_WEIGHT)
    for number in range(MOST_CHOICES)
)
EVERYTHING_GONE = MissingReferences(frozenset(ids(500)), frozenset(ids(500)), frozenset(ids(500)))
MOST = {"roles": 100, "members": 500, "blocks": 500, "top_ups": 500, "channels": 100}


@settings(deadline=None, max_examples=30)
@given(
    counts=st.fixed_dictionaries({name: st.integers(0, most) for name, most in MOST.items()}),
    reason=st.text(max_size=300),
    gone=st.booleans(),
)
def test_no_policy_is_too_much_for_discord(counts: dict[str, int], reason: str, gone: bool) -> None:
    check(crowded(counts, reason), EVERYTHING_GONE if gone else NOTHING_GONE)


def test_the_fullest_policy_with_the_longest_notice_fits() -> None:
    check(crowded(MOST, "_" * 300), replace(EVERYTHING_GONE, log_gaps=("send_messages", "embed_links")))


def check(policy: Policy, gone: MissingReferences) -> None:
    note = Note("_" * NOTE_LENGTH, Part.PACE, "limits:fix:" + "x" * 89, "Fix it")
    full = panel(policy, choices=LONGEST_CHOICES, revises=True)
    layout = panel_layout(full, NOON, gone, note, reports=200)
    texts = [item.content for item in layout.walk_children() if isinstance(item, ui.TextDisplay)]
    assert sum(map(units, texts)) <= TEXT_LIMIT
    assert layout.total_children_count <= 40
    problems = FormErrors()
    rows = [item.to_component_dict() for item in layout.children]
    check_components(problems, rows, is_v2=True)
    problems.raise_if_any()


def test_moderators_are_warned_of_a_host_that_forgets() -> None:
    warned = text_of(panel_layout(replace(panel(Policy()), ephemeral_host="Heroku"), NOON))
    assert "runs on Heroku without a database" in warned
    assert "without a database" not in text(Policy())


def test_of_a_long_list_a_glance_is_shown_and_the_way_to_the_whole_of_it() -> None:
    layout = panel_layout(panel(Policy(blocks=dict.fromkeys(range(1, 41), Block(None)))), NOON)
    assert "<@3> **blocked** permanently\nand 37 more: see the whole list below" in text_of(layout)
    [menu] = [item for item in layout.walk_children() if isinstance(item, ui.Select)]
    assert [option.label for option in menu.options] == ["Blocked members (40)", "Styles (0)"]


def test_where_nothing_is_listed_the_styles_have_a_button_in_the_last_row() -> None:
    layout = panel_layout(panel(Policy(styles={NOIR.key: NOIR})), NOON)
    assert not [item for item in layout.walk_children() if isinstance(item, ui.Select)]
    [row] = [item for item in layout.children if isinstance(item, ui.ActionRow)]
    assert [item.label for item in row.children if isinstance(item, ui.Button)] == ["Refresh", "Styles"]


def rows_of(layout: ui.LayoutView) -> list[str]:
    [container] = [item for item in layout.children if isinstance(item, ui.Container)]
    return [
        " ".join(it.content for it in row.walk_children() if isinstance(it, ui.TextDisplay))
        if isinstance(row, ui.Section)
        else getattr(row, "content", "")
        for row in container.children
    ]


@pytest.mark.parametrize("fix", ["", "limits:fix:pace:1:"])
def test_what_happened_is_said_beside_the_row_that_it_is_about(fix: str) -> None:
    rows = rows_of(panel_layout(panel(Policy()), NOON, note=Note("❌ no", Part.PACE, fix, "Fix it")))
    assert rows[rows.index("❌ no") - 1].startswith("**Pace")
    assert rows_of(panel_layout(panel(Policy()), NOON, note=Note("✅ all")))[1] == "✅ all"
    assert rows_of(note_layout(Note("❌ no", Part.PACE, fix, "Fix it"))) == ["❌ no"]


EDITS: list[tuple[Edit, Part | None]] = [
    (SetNumbers({Setting.MONTHLY: 1}), Part.EACH_MEMBER),
    (SetNumbers({Setting.SERVER_DAILY: 1}), Part.WHOLE_SERVER),
    (SetNumbers({Setting.COOLDOWN: 1}), Part.PACE),
    (SetNumbers({}), None),
    (SetRole(1, 2), Part.ROLE),
    (UnblockMember(1), Part.PERSON),
    (SetChoices(frozenset()), Part.PICTURES),
    (SetRevise(False), Part.PICTURES),
    (ResetAll(), None),
]


@pytest.mark.parametrize(("edit", "part"), EDITS)
def test_an_edit_belongs_to_a_row(edit: Edit, part: Part | None) -> None:
    assert part_of(edit) is part


def test_every_number_belongs_to_a_row() -> None:
    assert all(part_of(SetNumbers({setting: 1})) for setting in Setting)


@pytest.mark.parametrize(
    ("reports", "words"), [(1, "🚩 **1 report waiting**"), (2, "🚩 **2 reports waiting**")]
)
def test_reports_that_wait_are_said_first(reports: int, words: str) -> None:
    layout = panel_layout(panel(Policy()), NOON, reports=reports)
    assert rows_of(layout)[0].endswith(f"\n{words}")
    assert [it.label for it in layout.walk_children() if isinstance(it, ui.Button)][-1] == "See reports"
    assert "waiting" not in text(Policy())


def test_entries_that_are_looked_for_otherwise_are_named_until_the_list_is_saved_again() -> None:
    pairs = tuple((f"a*b{number}", f"a{number}") for number in range(5))
    words = WordList(tuple(new for _, new in pairs), pairs)
    shown = text(Policy(words=words))
    assert "Looked for: ||a\\*b0|| as ||a0||, " in shown
    assert "||a\\*b2|| as ||a2|| and 2 more" in shown
    assert "Looked for" not in text(Policy(words=WordList(("a",))))


@pytest.mark.parametrize(
    ("policy", "lines"),
    [
        (Policy(), ["models: Fast, Detailed (counts as 3)", "prompts revised"]),
        (
            Policy(choices_off=frozenset({"Detailed"}), revise=False),
            [
                "models: Fast",
                "not allowed: Detailed (counts as 3)",
                "prompts **as written** (default revised)",
            ],
        ),
        (
            Policy(choices_off=frozenset({"Detailed", "Fast"})),
            [
                "models: none",
                "not allowed: Fast, Detailed (counts as 3)",
                "prompts revised",
            ],
        ),
    ],
)
def test_the_models_and_whether_prompts_are_revised_stand_in_a_row(policy: Policy, lines: list[str]) -> None:
    rows = rows_of(panel_layout(panel(policy, choices=CHOICES, revises=True), NOON))
    assert rows[-1].split("\n") == ["**Pictures**", *lines]


def test_who_sees_pictures_is_shown_where_that_was_decided_and_the_operator_leaves_it_open() -> None:
    assert rows_of(panel_layout(panel(Policy()), NOON))[-1] == "**Pictures**\nas members like"
    policy = Policy(private=Requirement.FORBIDDEN, spoiler=Requirement.REQUIRED)
    open_to_them = panel(policy)
    rows = rows_of(panel_layout(open_to_them, NOON))
    decided = [
        "**no private pictures** (default as members like)",
        "**every picture a spoiler** (default as members like)",
    ]
    assert rows[-1].split("\n") == ["**Pictures**", *decided]
    closed = replace(open_to_them.operator, private=Requirement.REQUIRED)
    assert rows_of(panel_layout(replace(open_to_them, operator=closed), NOON))[-1].split("\n") == [
        "**Pictures**",
        decided[1],
    ]


@pytest.mark.parametrize(
    ("choices", "revises", "shown"), [((), False, []), (CHOICES, False, ["models:"]), ((), True, ["prompts"])]
)
def test_of_models_and_prompts_only_what_can_be_decided_is_shown(
    choices: tuple[Choice, ...], revises: bool, shown: list[str]
) -> None:
    shown_to = panel(Policy(), choices=choices, revises=revises)
    closed = replace(shown_to.operator, private=Requirement.REQUIRED, spoiler=Requirement.REQUIRED)
    rows = rows_of(panel_layout(replace(shown_to, operator=closed), NOON))
    found = [row for row in rows if row.startswith("**Pictures")]
    assert [line.split()[0] for row in found for line in row.split("\n")[1:]] == shown
