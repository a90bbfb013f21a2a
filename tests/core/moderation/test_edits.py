"""What moderators can change, and what they can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.errors import Refusal
from bot.core.limits.meters import Windows, day_after
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    LONGEST_COOLDOWN,
    LONGEST_REASON,
    MOST_CHANNELS,
    MOST_IMAGES,
    MOST_MEMBERS,
    MOST_ROLES,
    NOTHING_DECIDED,
    UNDECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogLevel,
    LogRule,
    Policy,
    Setting,
    TopUp,
    offer_of,
)
from bot.core.limits.styles import MOST_STYLES, Style
from bot.core.moderation.edits import (
    BlockMember,
    ChangeChannels,
    ChangeLog,
    Edit,
    RemoveStyle,
    ResetAll,
    ResetCounter,
    ResetStyle,
    ResetStyles,
    SetChannels,
    SetChoices,
    SetLog,
    SetMember,
    SetNumbers,
    SetRevise,
    SetRole,
    SetStyle,
    SetVisibility,
    SetWords,
    SetZone,
    TopUpMember,
    UnblockMember,
    apply,
)
from bot.core.moderation.errors import (
    NoChannelLeft,
    OneOptionNeeded,
    PolicyListFull,
    SettingOutOfBounds,
    StyleGone,
    StyleIncomplete,
    StyleNameReserved,
    StyleNameTaken,
)
from bot.core.word_filter.word_list import WordList
from tests.core.factories import NOIR, NOON, THIS_MONTH, operator
from tests.core.factories import TODAY as DAY

TODAY, YESTERDAY = "2026-11-23", "2026-11-22"
BERLIN = ZoneInfo("Europe/Berlin")
ONLY_9 = ChannelRule(ChannelMode.ONLY, frozenset({9}))

EVERYWHERE, ONLY, EXCEPT = ChannelMode


def ids(*channels: int) -> frozenset[int]:
    return frozenset(channels)


def edited(edit: Edit, policy: Policy = NOTHING_DECIDED) -> Policy:
    return apply(edit, policy, operator(ceiling=100, per_prompt=4, at_once=3, cooldown=10), NOON)


@pytest.mark.parametrize(
    ("edit", "policy"),
    [
        (SetNumbers({Setting.DAILY: 5}), Policy(numbers={Setting.DAILY: 5})),
        (SetNumbers({Setting.SERVER_DAILY: None}), Policy(numbers={Setting.SERVER_DAILY: None})),
        (SetRole(71, 0), Policy(roles={71: 0})),
        (SetMember(2, 100), Policy(members={2: 100})),
        (BlockMember(2, Block(None, "  spam \n")), Policy(blocks={2: Block(None, "spam")})),
        (TopUpMember(2, 5), Policy(top_ups={2: TopUp(TODAY, 5)})),
        (ResetCounter(2), Policy(counter_resets={2: CounterReset(TODAY, 1)})),
        (SetChannels(ONLY_9), Policy(channels=ONLY_9)),
        (SetWords(WordList(), WordList(("fox",))), Policy(words=WordList(("fox",)))),
        (SetZone(BERLIN), Policy(zone=BERLIN)),
        (SetLog(LogRule(9)), Policy(log=LogRule(9))),
    ],
)
def test_each_edit_changes_one_thing(edit: Edit, policy: Policy) -> None:
    assert replace(edited(edit), running=None) == policy


@pytest.mark.parametrize(
    ("edit", "policy"),
    [
        (SetNumbers({Setting.DAILY: UNDECIDED}), Policy(numbers={Setting.DAILY: 5})),
        (SetRole(71, UNDECIDED), Policy(roles={71: 0})),
        (SetMember(2, UNDECIDED), Policy(members={2: 100})),
        (UnblockMember(2), Policy(blocks={2: Block(None)})),
        (SetChannels(ChannelRule()), Policy(channels=ONLY_9)),
        (SetWords(WordList(("fox",)), WordList()), Policy(words=WordList(("fox",)))),
        (SetZone(None), Policy(zone=BERLIN)),
        (SetLog(None), Policy(log=LogRule(9))),
    ],
)
def test_each_decision_can_be_taken_back_also_when_there_is_none(edit: Edit, policy: Policy) -> None:
    assert replace(edited(edit, policy), running=None) == NOTHING_DECIDED
    assert edited(edit) == NOTHING_DECIDED


@pytest.mark.parametrize(
    "edit",
    [
        SetNumbers({Setting.DAILY: 101}),
        SetNumbers({Setting.DAILY: None}),
        SetNumbers({Setting.DAILY: -1}),
        SetNumbers({Setting.MONTHLY: 5, Setting.SERVER_DAILY: MOST_IMAGES + 1}),
        SetNumbers({Setting.PER_PROMPT: 0}),
        SetNumbers({Setting.PER_PROMPT: 5}),
        SetNumbers({Setting.AT_ONCE: 0}),
        SetNumbers({Setting.AT_ONCE: None}),
        SetNumbers({Setting.COOLDOWN: 9}),
        SetNumbers({Setting.COOLDOWN: None}),
        SetNumbers({Setting.COOLDOWN: LONGEST_COOLDOWN + 1}),
        SetRole(71, 101),
        SetMember(2, None),
        TopUpMember(2, 101),
        TopUpMember(2, -1),
    ],
)
def test_what_is_out_of_bounds_changes_nothing(edit: Edit) -> None:
    with pytest.raises(SettingOutOfBounds):
        edited(edit)


def full(most: int) -> range:
    return range(1000, 1000 + most)


@pytest.mark.parametrize(
    ("edit", "policy"),
    [
        (SetRole(1, 5), Policy(roles=dict.fromkeys(full(MOST_ROLES), 1))),
        (SetMember(1, 5), Policy(members=dict.fromkeys(full(MOST_MEMBERS), 1))),
        (BlockMember(1, Block(None)), Policy(blocks=dict.fromkeys(full(MOST_MEMBERS), Block(None)))),
        (TopUpMember(1, 5), Policy(top_ups=dict.fromkeys(full(MOST_MEMBERS), TopUp(TODAY, 1)))),
        (ResetCounter(1), Policy(counter_resets=dict.fromkeys(full(MOST_MEMBERS), CounterReset(TODAY, 1)))),
        (SetChannels(ChannelRule(ChannelMode.ONLY, frozenset(range(MOST_CHANNELS + 1)))), Policy()),
    ],
)
def test_a_list_that_is_full_takes_no_more(edit: Edit, policy: Policy) -> None:
    with pytest.raises(PolicyListFull):
        edited(edit, policy)


@pytest.mark.parametrize(
    ("edit", "policy"),
    [
        (TopUpMember(1, 5), Policy(top_ups=dict.fromkeys(full(MOST_MEMBERS), TopUp(YESTERDAY, 1)))),
        (
            ResetCounter(1),
            Policy(counter_resets=dict.fromkeys(full(MOST_MEMBERS), CounterReset(YESTERDAY, 1))),
        ),
        (BlockMember(1, Block(None)), Policy(blocks=dict.fromkeys(full(MOST_MEMBERS), Block(NOON)))),
    ],
)
def test_what_is_over_makes_room(edit: Edit, policy: Policy) -> None:
    after = edited(edit, policy)
    assert len({**after.top_ups, **after.counter_resets, **after.blocks}) == 1


def test_top_ups_of_a_day_add_up_and_yesterdays_are_gone() -> None:
    before = Policy(top_ups={2: TopUp(TODAY, 5), 3: TopUp(YESTERDAY, 9)})
    assert edited(TopUpMember(2, 4), before).top_ups == {2: TopUp(TODAY, 9)}
    assert edited(TopUpMember(3, 4), before).top_ups == {2: TopUp(TODAY, 5), 3: TopUp(TODAY, 4)}


def test_a_counter_can_be_reset_more_than_once_a_day() -> None:
    assert edited(ResetCounter(2), edited(ResetCounter(2))).counter_resets == {2: CounterReset(TODAY, 2)}


def test_today_is_the_servers() -> None:
    abroad = Policy(zone=ZoneInfo("Pacific/Kiritimati"))
    assert edited(TopUpMember(2, 1), abroad).top_ups == {2: TopUp("2026-11-24", 1)}


def test_a_reason_has_a_length() -> None:
    [block] = edited(BlockMember(2, Block(NOON + timedelta(days=1), "x" * 1000))).blocks.values()
    assert len(block.reason) == LONGEST_REASON


def test_resetting_everything_leaves_blocks_and_what_is_of_today() -> None:
    kept = Policy(
        blocks={2: Block(None)}, top_ups={3: TopUp(TODAY, 1)}, counter_resets={4: CounterReset(TODAY, 1)}
    )
    everything = replace(
        kept,
        numbers={Setting.DAILY: 1},
        roles={71: 1},
        members={5: 1},
        channels=ONLY_9,
        zone=BERLIN,
        log=LogRule(9),
    )
    assert replace(edited(ResetAll(), everything), running=None) == kept


def test_no_edit_is_half_done() -> None:
    before = Policy(numbers={Setting.MONTHLY: 7})
    with pytest.raises(Refusal):
        edited(SetNumbers({Setting.MONTHLY: 5, Setting.PER_PROMPT: 99}), before)
    assert before.numbers == {Setting.MONTHLY: 7}


ONLY_9_AND_10 = ChannelRule(ChannelMode.ONLY, frozenset({9, 10}))
EXCEPT_9_AND_10 = ChannelRule(ChannelMode.EXCEPT, frozenset({9, 10}))


@pytest.mark.parametrize(
    ("shown", "filled_in", "now", "after"),
    [
        (ONLY_9, ONLY_9, ONLY_9_AND_10, ONLY_9_AND_10),
        (ONLY_9, ONLY_9_AND_10, ONLY_9, ONLY_9_AND_10),
        (
            ONLY_9,
            ChannelRule(ChannelMode.ONLY),
            ONLY_9_AND_10,
            ChannelRule(ChannelMode.ONLY, frozenset({10})),
        ),
        (
            ChannelRule(),
            ChannelRule(age_restricted_only=True),
            ONLY_9,
            replace(ONLY_9, age_restricted_only=True),
        ),
        (ONLY_9, ChannelRule(ChannelMode.EXCEPT, frozenset({9})), ONLY_9_AND_10, EXCEPT_9_AND_10),
    ],
)
def test_a_channel_form_changes_only_what_was_edited_in_it(
    shown: ChannelRule, filled_in: ChannelRule, now: ChannelRule, after: ChannelRule
) -> None:
    assert edited(SetChannels(filled_in, shown), Policy(channels=now)).channels == after


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (ChannelRule(), ChangeChannels(ONLY, add=ids(1)), ChannelRule(ONLY, ids(1))),
        (ChannelRule(ONLY, ids(1)), ChangeChannels(ONLY, add=ids(2)), ChannelRule(ONLY, ids(1, 2))),
        (ChannelRule(ONLY, ids(1, 2)), ChangeChannels(ONLY, remove=ids(1)), ChannelRule(ONLY, ids(2))),
        (ChannelRule(ONLY, ids(1)), ChangeChannels(EXCEPT, add=ids(2)), ChannelRule(EXCEPT, ids(2))),
        (ChannelRule(ONLY, ids(1), True), ChangeChannels(EVERYWHERE), ChannelRule(age_restricted_only=True)),
        (
            ChannelRule(ONLY, ids(1)),
            ChangeChannels(ONLY, age_restricted_only=True),
            ChannelRule(ONLY, ids(1), True),
        ),
    ],
)
def test_channels_come_and_go_one_by_one_and_another_mode_begins_anew(
    before: ChannelRule, edit: ChangeChannels, after: ChannelRule
) -> None:
    assert apply(edit, Policy(channels=before), operator(), NOON).channels == after


def test_another_zone_lets_what_has_begun_go_on_to_its_end() -> None:
    today = Policy(top_ups={2: TopUp(TODAY, 5)}, counter_resets={2: CounterReset(TODAY, 1)})
    moved = edited(SetZone(ZoneInfo("Pacific/Kiritimati")), today)
    assert (moved.top_ups, moved.counter_resets) == (today.top_ups, today.counter_resets)
    assert moved.running == Windows(DAY, THIS_MONTH)
    again = edited(SetZone(ZoneInfo("Etc/GMT+12")), moved)
    assert again.running == moved.running
    assert edited(ResetAll(), again).running == moved.running
    assert edited(ResetCounter(2), again).running == moved.running


def test_in_the_last_minute_of_a_day_it_is_the_next_one_that_goes_on() -> None:
    late = DAY.ends_at - timedelta(seconds=30)
    moved = apply(SetZone(ZoneInfo("Pacific/Kiritimati")), Policy(), operator(), late)
    assert moved.running == Windows(day_after(DAY, ZoneInfo("UTC")), THIS_MONTH)


@pytest.mark.parametrize(
    ("edit", "before"),
    [
        (ChangeChannels(ONLY), ChannelRule()),
        (ChangeChannels(ONLY, remove=ids(1)), ChannelRule(ONLY, ids(1))),
        (SetChannels(ChannelRule(ONLY)), ChannelRule()),
        (SetChannels(ChannelRule(ONLY), ONLY_9), ONLY_9),
    ],
)
def test_a_list_without_a_channel_does_not_switch_the_server_off(edit: Edit, before: ChannelRule) -> None:
    with pytest.raises(NoChannelLeft):
        edited(edit, Policy(channels=before))


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (None, ChangeLog(9), LogRule(9)),
        (None, ChangeLog(9, LogLevel.EVERYTHING), LogRule(9, LogLevel.EVERYTHING)),
        (LogRule(9, LogLevel.EVERYTHING), ChangeLog(10), LogRule(10, LogLevel.EVERYTHING)),
        (LogRule(9), ChangeLog(level=LogLevel.EVERYTHING), LogRule(9, LogLevel.EVERYTHING)),
    ],
)
def test_what_was_not_said_of_the_log_stays(before: LogRule | None, edit: ChangeLog, after: LogRule) -> None:
    assert edited(edit, Policy(log=before)).log == after


def test_a_log_needs_a_channel() -> None:
    with pytest.raises(OneOptionNeeded):
        edited(ChangeLog(level=LogLevel.EVERYTHING))


def test_of_two_moderators_who_change_the_models_neither_undoes_the_other() -> None:
    none, fast, detailed = frozenset[str](), frozenset({"Fast"}), frozenset({"Detailed"})
    both = edited(SetChoices(detailed, base=none), edited(SetChoices(fast, base=none)))
    assert both.choices_off == fast | detailed
    assert edited(SetChoices(none, base=fast), both).choices_off == detailed
    assert edited(SetChoices(none), both) == Policy()


def test_whether_prompts_are_revised_is_decided_and_reset_like_the_rest() -> None:
    as_written = edited(SetRevise(False))
    assert not as_written.revise
    assert edited(SetRevise(True), as_written) == Policy()
    assert edited(ResetAll(), replace(as_written, choices_off=frozenset({"Fast"}))) == Policy()


COMIC, CLAY = Style("Comic", after=", a comic"), Style("Clay", after=", in clay")
WITH_STYLES = replace(operator(), styles=(NOIR, COMIC))


def styled(edit: Edit, styles: Mapping[str, Style | None] | None = None) -> Mapping[str, Style | None]:
    return apply(edit, Policy(styles=styles or {}), WITH_STYLES, NOON).styles


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (SetStyle(CLAY), {}, {"clay": CLAY}),
        (SetStyle(Style(" Cl\u200bay ", "", " , in clay ")), {}, {"clay": CLAY}),
        (SetStyle(replace(CLAY, after="x"), "CLAY"), {"clay": CLAY}, {"clay": replace(CLAY, after="x")}),
        (SetStyle(replace(CLAY, name="CLAY"), "clay"), {"clay": CLAY}, {"clay": replace(CLAY, name="CLAY")}),
        (SetStyle(replace(CLAY, name="Mud"), "clay"), {"clay": CLAY}, {"mud": replace(CLAY, name="Mud")}),
        (SetStyle(replace(NOIR, after="x"), "noir"), {}, {"noir": replace(NOIR, after="x")}),
        (
            SetStyle(replace(NOIR, name="Dark"), "noir"),
            {},
            {"noir": None, "dark": replace(NOIR, name="Dark")},
        ),
        (SetStyle(NOIR, "noir"), {"noir": replace(NOIR, after="x")}, {}),
        (SetStyle(NOIR, "noir"), {"noir": None}, {}),
        (SetStyle(NOIR), {"noir": None}, {}),
        (RemoveStyle("Clay"), {"clay": CLAY}, {}),
        (RemoveStyle("NOIR"), {}, {"noir": None}),
        (RemoveStyle("noir"), {"noir": replace(NOIR, after="x")}, {"noir": None}),
        (RemoveStyle("gone"), {}, {}),
        (ResetStyle("noir"), {"noir": None, "clay": CLAY}, {"clay": CLAY}),
        (ResetStyles(), {"noir": None, "clay": CLAY}, {}),
        (ResetAll(), {"noir": None, "clay": CLAY}, {}),
    ],
)
def test_a_style_is_added_changed_removed_and_set_back_and_no_other_one(
    edit: Edit, before: Mapping[str, Style | None], after: Mapping[str, Style | None]
) -> None:
    assert styled(edit, before) == after


@pytest.mark.parametrize(
    ("edit", "refused"),
    [
        (SetStyle(Style("Clay")), StyleIncomplete),
        (SetStyle(Style("\u200b", "clay")), StyleIncomplete),
        (SetStyle(Style("Clay", "\u200b", " ")), StyleIncomplete),
        (SetStyle(Style("noir", "x")), StyleNameTaken),
        (SetStyle(Style("Comic", "x"), "noir"), StyleNameTaken),
        (SetStyle(Style("Mud", "x"), "clay"), StyleGone),
        (SetStyle(Style("None", "x")), StyleNameReserved),
        (SetStyle(Style("any", "x"), "noir"), StyleNameReserved),
    ],
)
def test_a_style_has_a_name_of_its_own_and_a_text(edit: Edit, refused: type[Refusal]) -> None:
    with pytest.raises(refused):
        styled(edit)


def test_there_are_no_more_styles_than_a_menu_shows_whoever_made_them() -> None:
    own = {f"{number}": Style(f"{number}", "x") for number in range(MOST_STYLES - 3)}
    full: Mapping[str, Style | None] = styled(SetStyle(CLAY), {**own})
    for edit in (SetStyle(Style("Mud", "x")), SetStyle(NOIR), ResetStyle("noir")):
        with pytest.raises(PolicyListFull):
            styled(edit, {**full, "noir": None, "more": Style("more", "x")})
    switched_off = styled(RemoveStyle("noir"), full)
    assert (
        len(offer_of(Policy(styles=styled(SetStyle(Style("Mud", "x")), switched_off)), WITH_STYLES).styles)
        == 25
    )
    # The operator has added one since: what is there can be changed and removed all the same.
    more = {**full, "more": Style("more", "x")}
    assert styled(SetStyle(replace(CLAY, after="y"), "clay"), more)["clay"] == replace(CLAY, after="y")
    assert "clay" not in styled(RemoveStyle("clay"), more)


def test_who_sees_pictures_is_decided_one_by_one() -> None:
    required, forbidden = Requirement.REQUIRED, Requirement.FORBIDDEN
    private = edited(SetVisibility(private=required))
    assert private == Policy(private=required)
    assert edited(SetVisibility(spoiler=forbidden), private) == Policy(private=required, spoiler=forbidden)
    assert edited(ResetAll(), private) == Policy()
