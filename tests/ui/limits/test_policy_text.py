"""What moderators changed, in one line each."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits.meters import Origin, Ruling
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    LONGEST_REASON,
    NOTHING_DECIDED,
    UNDECIDED,
    Block,
    Bounds,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogLevel,
    LogRule,
    Operator,
    Policy,
    Setting,
    TopUp,
)
from bot.core.limits.styles import Style
from bot.core.moderation.diff import Aspect, Difference, by_hand, differences
from bot.core.moderation.service import ChangeResult
from bot.core.word_filter.word_list import WordList
from bot.ui.limits.policy_text import amount, fitting, origin
from bot.ui.moderation.diff_text import changed_just_now, describe
from bot.ui.sentences import IN_ENGLISH
from bot.ui.text import units
from tests.core.factories import NOIR, NOON

BOUNDS = {setting: Bounds(10, 100) for setting in Setting}
OPERATOR = Operator(BOUNDS, 200, ZoneInfo("UTC"), styles=(Style("Comic", after=", a *comic*"),))
UNTIL = datetime(2026, 11, 24, tzinfo=UTC)
ONLY = ChannelRule(ChannelMode.ONLY, frozenset({1, 2}))
LONG = frozenset(range(1, 9))
A_POLICY = Policy(
    numbers={Setting.DAILY: 20, Setting.COOLDOWN: 90},
    roles={7: None},
    members={5: 0},
    blocks={5: Block(UNTIL, "spam *and* such")},
    top_ups={5: TopUp("2026-11-23", 3)},
    counter_resets={5: CounterReset("2026-11-23", 1)},
    channels=ONLY,
    words=WordList(("a", "b")),
    zone=ZoneInfo("Europe/Berlin"),
    log=LogRule(9, LogLevel.EVERYTHING),
    choices_off=frozenset({"Fast", "*Fine*"}),
    revise=False,
    styles={NOIR.key: NOIR, "comic": None},
    private=Requirement.FORBIDDEN,
    spoiler=Requirement.REQUIRED,
)
LINES: dict[Setting | Aspect | str, str] = {
    Setting.DAILY: "**Images per member per day**: default (10) → 20",
    Setting.COOLDOWN: "**Cooldown per member**: default (10 s) → 1 min 30 s",
    Aspect.ROLE: "**Images per day for <@&7>**: not set → unlimited",
    Aspect.MEMBER: "**Images per day for <@5>**: not set → 0",
    Aspect.BLOCK: "**Block for <@5>**: none → until <t:1795478400:f>, “spam \\*and\\* such”",
    Aspect.TOP_UP: "**Top-up for <@5> on 2026-11-23**: 0 → 3",
    Aspect.COUNTER_RESET: "**Counter for <@5> on 2026-11-23**: reset to 0",
    Aspect.STYLE: "**Style “Comic”**: default → off",
    "noir": "**Style “Noir”**: none → “film noir of … in black and white”",
    Aspect.CHANNELS: "**Channels**: everywhere → only in <#1>, <#2>",
    Aspect.WORDS: "**Blocked words**: 0 → 2 (added: ||a||, ||b||)",
    Aspect.ZONE: "**Daily reset at midnight in**: default (UTC) → Europe/Berlin",
    Aspect.LOG: "**Log channel**: off → <#9>, everything",
    Aspect.CHOICES: "**Models that members can't choose**: none → “\\*Fine\\*”, “Fast”",
    Aspect.REVISE: "**Revised prompts**: on → off",
    Aspect.PRIVATE: "**Private pictures**: as members like → never",
    Aspect.SPOILER: "**Spoilers**: as members like → always",
}


def test_every_change_is_a_line() -> None:
    found = differences(NOTHING_DECIDED, A_POLICY)
    assert {one.aspect for one in found} == set(Aspect)
    assert [describe(one, OPERATOR) for one in found] == list(LINES.values())


def test_taking_everything_back_is_told_too_but_not_what_ends_with_its_day() -> None:
    lines = [describe(one, OPERATOR) for one in by_hand(differences(A_POLICY, NOTHING_DECIDED), NOON)]
    assert "**Images per member per day**: 20 → default (10)" in lines
    assert "**Daily reset at midnight in**: Europe/Berlin → default (UTC)" in lines
    assert "**Log channel**: <#9>, everything → off" in lines
    assert not [line for line in lines if "Top-up" in line or "Counter" in line]


def test_what_was_just_changed_is_of_today_and_a_counter_says_what_it_showed() -> None:
    found = differences(NOTHING_DECIDED, A_POLICY)
    lines = changed_just_now(ChangeResult(found, used=10), OPERATOR)
    assert "**Counter for <@5> today**: 10 → 0" in lines
    assert "**Top-up for <@5> today**: 0 → 3" in lines
    assert not [line for line in lines if "2026" in line]


def test_every_setting_and_aspect_has_a_name() -> None:
    assert all(IN_ENGLISH.knows(f"setting.{setting}") for setting in Setting)
    assert all(IN_ENGLISH.knows(f"diff.name.{aspect}") for aspect in Aspect if aspect is not Aspect.NUMBER)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            ChannelRule(),
            ChannelRule(age_restricted_only=True),
            "everywhere → age-restricted channels only",
        ),
        (
            ONLY,
            ChannelRule(ChannelMode.EXCEPT, frozenset({3})),
            "only in <#1>, <#2> → everywhere except <#3>",
        ),
        (ChannelRule(), ChannelRule(ChannelMode.ONLY), "everywhere → nowhere"),
        (
            ChannelRule(ChannelMode.ONLY, LONG),
            ChannelRule(ChannelMode.ONLY, LONG - {1} | {20, 21}),
            "only in 8 channels → only in 9 channels (<#20>, <#21> added; <#1> removed)",
        ),
        (
            ChannelRule(),
            ChannelRule(ChannelMode.ONLY, LONG),
            "everywhere → only in <#1>, <#2>, <#3>, <#4>, <#5> and 3 more",
        ),
    ],
)
def test_a_list_of_channels_stays_short(before: ChannelRule, after: ChannelRule, line: str) -> None:
    assert describe(Difference(Aspect.CHANNELS, None, before, after), OPERATOR) == f"**Channels**: {line}"


def test_a_top_up_of_yesterday_is_not_counted_as_one_of_today() -> None:
    yesterday, today = TopUp("2026-11-22", 50), TopUp("2026-11-23", 3)
    assert describe(Difference(Aspect.TOP_UP, 5, yesterday, today), OPERATOR).endswith(": 0 → 3")
    assert describe(Difference(Aspect.TOP_UP, 5, today, TopUp("2026-11-23", 8)), OPERATOR).endswith(": 3 → 8")


def test_to_set_what_the_operator_has_anyway_does_not_read_like_nothing() -> None:
    daily = Difference(Aspect.NUMBER, Setting.DAILY, UNDECIDED, 10)
    assert describe(daily, OPERATOR).endswith(": default (10) → 10, set here")
    back = Difference(Aspect.NUMBER, Setting.DAILY, 10, UNDECIDED)
    assert describe(back, OPERATOR).endswith(": 10, set here → default (10)")


def test_words_are_named_behind_spoilers_and_no_more_than_a_few() -> None:
    before, after = WordList(("wolf", "a|*b*")), WordList(("wolf", *(f"fox{n}" for n in range(6))))
    assert describe(Difference(Aspect.WORDS, None, before, after), OPERATOR) == (
        "**Blocked words**: 2 → 7 (added: ||fox0||, ||fox1||, ||fox2||, ||fox3|| and 2 more; "
        "removed: ||a\\|\\*b\\*||)"
    )


def test_the_longest_words_keep_their_line_short() -> None:
    before, after = (WordList(tuple(f"{sign * 58}{number:02}" for number in range(99))) for sign in "*_")
    assert units(describe(Difference(Aspect.WORDS, None, before, after), OPERATOR)) < 700


def test_the_longest_reason_keeps_its_line_short() -> None:
    block = Block(None, "*" * LONGEST_REASON)
    assert units(describe(Difference(Aspect.BLOCK, 2**63, UNDECIDED, block), OPERATOR)) < 350


@pytest.mark.parametrize(
    ("ruling", "words"),
    [
        (Ruling(5, Origin.MEMBER), "set by the moderators for this member"),
        (Ruling(5, Origin.ROLE, 7), "from role <@&7>"),
        (Ruling(5, Origin.SERVER), "set by the moderators"),
        (Ruling(5), "default"),
        (
            Ruling(100, Origin.ROLE, 7, added=5, capped=True),
            "from role <@&7>, including today's top-up of 5, limited by the bot itself",
        ),
    ],
)
def test_a_number_says_where_it_comes_from(ruling: Ruling, words: str) -> None:
    assert origin(ruling) == words


def test_amounts_and_durations_read_like_words() -> None:
    assert [amount(None), amount(0), amount(12_000)] == ["unlimited", "0", "12,000"]
    assert [IN_ENGLISH.duration(seconds) for seconds in (0, 45, 90, 7200)] == [
        "none",
        "45 s",
        "1 min 30 s",
        "2 h",
    ]


def test_lines_that_do_not_fit_are_counted() -> None:
    assert fitting(["a", "b"], 100) == "a\nb"
    lines = [f"{number:03} " + "x" * 96 for number in range(50)]
    text = fitting(lines, 2000)
    assert units(text) <= 2000
    assert text.endswith(f"… and {50 - text.count('xx' * 48)} more")
