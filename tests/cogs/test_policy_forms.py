"""The forms of the panel: never more than Discord takes, and sent back untouched they change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import discord
import pytest

from bot.core.limits.meters import Limit
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    Block,
    ChannelMode,
    ChannelRule,
    Choice,
    LogLevel,
    LogRule,
    Policy,
    Setting,
)
from bot.core.limits.policy_store import Revision
from bot.core.moderation.diff import differences
from bot.core.moderation.edits import BlockMember, apply
from bot.core.moderation.errors import FieldNotApplicable, InvalidInput
from bot.core.moderation.service import Panel
from bot.core.word_filter.word_list import WordList
from bot.interactions.modals import Answers, read, refill
from bot.ui.limits.panel_parts import NUMBERS, Part
from cogs.limits.policy_forms import choices_field, modal_for
from cogs.limits.refused_forms import LEFT, completed
from cogs.limits.submitted_forms import NO_EDIT, form_edit, form_edits
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.people.modal_data import modal_submit_data
from tests.core.factories import CHOICES, NOON, operator, word_list

SERVER = 3
FIRST_ID = 1_200_000_000_000_000_000
FULL = Policy(
    numbers={setting: setting.most for setting in Setting},
    channels=ChannelRule(ChannelMode.EXCEPT, frozenset(range(FIRST_ID, FIRST_ID + 100)), True),
    words=word_list("\n".join(f"word{number:015}" for number in range(200))),
    zone=ZoneInfo("America/Argentina/ComodRivadavia"),
    log=LogRule(FIRST_ID, LogLevel.EVERYTHING),
    choices_off=frozenset({"Detailed", "Gone"}),
    revise=False,
    private=Requirement.FORBIDDEN,
    spoiler=Requirement.REQUIRED,
)
UNLIMITED = Policy(numbers={setting: None for setting in Setting if setting is not Setting.COOLDOWN})
POLICIES = [Policy(), UNLIMITED, FULL]
OPERATOR = operator(10, ceiling=None, per_prompt=None, cooldown=0, choices=CHOICES, revises=True)
ABOUT_ONE = {Part.ROLE, Part.PERSON}


def panel(policy: Policy, ceiling: Limit = None) -> Panel:
    rules = operator(10, ceiling=ceiling, choices=CHOICES, revises=True)
    return Panel(Revision(10**9, policy, 7, NOON), rules, ())


async def payload(part: Part, policy: Policy, ceiling: Limit = None) -> dict[str, Any]:
    return dict(modal_for(part, panel(policy, ceiling)).to_dict())


def submitted(part: Part, answers: Answers, shown: Policy | None, policy: Policy) -> Policy:
    """`policy` after what was filled in where `shown` had been in force."""
    for edit in form_edits(part, answers, shown, SERVER, NOON, OPERATOR):
        policy = apply(edit, policy, OPERATOR, NOON)
    return policy


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("ceiling", [None, 0, 100_000])
@pytest.mark.parametrize("part", list(Part))
async def test_a_form_is_what_discord_takes(part: Part, policy: Policy, ceiling: Limit) -> None:
    check_modal(await payload(part, policy, ceiling))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("part", [part for part in Part if part not in ABOUT_ONE])
async def test_a_form_sent_back_as_it_was_changes_nothing(part: Part, policy: Policy) -> None:
    form = await payload(part, policy)
    given: dict[str, object] = {"channel": str(FIRST_ID)} if part is Part.LOG and policy.log is None else {}
    if given:
        given["level"] = "off"
    answers = read(modal_submit_data(form, given, forged=False)["components"])
    assert differences(policy, submitted(part, answers, policy, policy)) == ()


async def test_channels_that_the_menu_has_no_room_for_stay_on_the_list() -> None:
    form = await payload(Part.CHANNELS, FULL)
    answers = read(modal_submit_data(form, {"channels": [str(FIRST_ID)]}, forged=False)["components"])
    edited = apply(form_edit(Part.CHANNELS, answers, FULL, SERVER, NOON), FULL, OPERATOR, NOON)
    assert edited.channels.channels == {FIRST_ID, *range(FIRST_ID + 25, FIRST_ID + 100)}


def test_every_number_that_a_server_can_decide_has_its_field() -> None:
    assert {setting for settings in NUMBERS.values() for setting in settings} == set(Setting)


def person(**fields: str) -> Answers:
    return Answers({"member": ("2",), **{name: (text,) for name, text in fields.items()}}, {})


@pytest.mark.parametrize(
    ("fields", "label", "takers"),
    [
        ({"action": "block", "images": "5"}, "field.images", ("form.choice.limit", "form.choice.top-up")),
        ({"action": "reset", "images": "5"}, "field.images", ("form.choice.limit", "form.choice.top-up")),
        ({"action": "limit", "images": "5", "span": "1 h"}, "field.span", ("form.choice.block",)),
        ({"action": "unblock", "reason": "spam"}, "field.reason", ("form.choice.block",)),
    ],
)
def test_what_an_action_does_not_take_is_not_ignored(
    fields: dict[str, str], label: str, takers: tuple[str, ...]
) -> None:
    with pytest.raises(FieldNotApplicable) as misplaced:
        form_edit(Part.PERSON, person(**fields), Policy(), SERVER, NOON)
    assert (misplaced.value.field, misplaced.value.takers) == (label, takers)


@pytest.mark.parametrize(
    ("part", "fields", "label"),
    [
        (Part.EACH_MEMBER, {"daily": "many"}, "setting.daily"),
        (Part.EACH_MEMBER, {"monthly": "ten"}, "setting.monthly"),
        (Part.PACE, {"cooldown": "a while"}, "setting.cooldown"),
        (Part.ROLE, {"images": "few"}, "field.images"),
        (Part.PERSON, {"action": "limit", "images": "few"}, "field.images"),
        (Part.PERSON, {"action": "top-up", "images": ""}, "field.images"),
        (Part.PERSON, {"action": "block", "span": "an hour or so"}, "field.span"),
    ],
)
def test_a_field_that_can_not_be_read_is_called_by_its_label(
    part: Part, fields: dict[str, str], label: str
) -> None:
    chosen = {"member": ("2",), "role": ("5",)}
    answers = Answers({**chosen, **{name: (text,) for name, text in fields.items()}}, {})
    with pytest.raises(InvalidInput) as unreadable:
        form_edit(part, answers, Policy(), SERVER, NOON)
    assert unreadable.value.field == label


@pytest.mark.parametrize(
    ("part", "fields"), [(Part.ROLE, {}), (Part.PERSON, {"action": "limit"}), (Part.ROLE, {"images": " "})]
)
def test_an_empty_field_takes_no_limit_away(part: Part, fields: dict[str, str]) -> None:
    chosen = {"member": ("2",), "role": ("5",)}
    answers = Answers({**chosen, **{name: (text,) for name, text in fields.items()}}, {})
    with pytest.raises(InvalidInput):
        form_edit(part, answers, Policy(roles={5: 3}, members={2: 3}), SERVER, NOON)
    removal = Answers({**answers.given, "images": ("Remove",)}, {})
    edited = apply(form_edit(part, removal, Policy(), SERVER, NOON), Policy(roles={5: 3}), OPERATOR, NOON)
    assert edited.roles == ({5: 3} if part is Part.PERSON else {})


def test_a_block_is_permanent_only_where_that_was_written() -> None:
    blocks = {
        span: form_edit(Part.PERSON, person(action="block", span=span), Policy(), SERVER, NOON)
        for span in ("", "permanent", "2 h")
    }
    assert blocks == {
        "": BlockMember(2, Block(NOON + timedelta(days=1))),
        "permanent": BlockMember(2, Block(None)),
        "2 h": BlockMember(2, Block(NOON + timedelta(hours=2))),
    }


@pytest.mark.parametrize(
    "fields", [{"action": "top-up", "images": "0"}, {"action": "block", "span": "0 min"}]
)
def test_a_top_up_of_nothing_and_a_block_of_no_time_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        form_edit(Part.PERSON, person(**fields), Policy(), SERVER, NOON)


def test_a_form_that_was_overtaken_changes_nothing_where_nothing_was_edited() -> None:
    """Whatever another moderator did to the zone or the log meanwhile."""
    log = Answers({"channel": (str(FIRST_ID),), "level": ("everything",)}, {})
    assert form_edit(Part.LOG, log, FULL, SERVER, NOON) == NO_EDIT
    zone = Answers({"zone": (str(FULL.zone),)}, {})
    assert form_edit(Part.ZONE, zone, FULL, SERVER, NOON) == NO_EDIT


async def test_entries_that_were_left_out_come_back_beside_those_that_were_kept() -> None:
    answers = Answers({LEFT: ("c*t\n**\n" + "x" * 61,)}, {})
    kept = completed(Part.WORDS, answers, Policy(words=WordList(("dog",))), SERVER)
    assert kept.text("words") == "dog\nc*t\n**\n" + "x" * 61
    full = Policy(words=WordList(tuple(f"word{number:016}" for number in range(190))))
    assert len(full.words.text()) == 3989
    assert completed(Part.WORDS, answers, full, SERVER).text("words") == full.words.text() + "\nc*t\n**"


TICKS = choices_field(choice.name for choice in CHOICES)


def pictures(*allowed: str, revise: bool = True, ticks: str = TICKS) -> Answers:
    visibility = {"private": ("optional",), "spoiler": ("optional",)}
    return Answers({ticks: allowed, "revise": (str(revise).lower(),), **visibility}, {})


def test_who_sees_pictures_is_decided_one_by_one_and_what_was_not_touched_stays() -> None:
    def after(private: str, spoiler: str, shown: Policy | None, policy: Policy) -> Policy:
        answers = Answers({"private": (private,), "spoiler": (spoiler,)}, {})
        return submitted(Part.PICTURES, answers, shown, policy)

    by_another = Policy(spoiler=Requirement.REQUIRED)
    forbidden = Policy(private=Requirement.FORBIDDEN)
    assert after("forbidden", "optional", Policy(), Policy()) == forbidden
    assert after("forbidden", "optional", Policy(), by_another) == replace(
        by_another, private=Requirement.FORBIDDEN
    )
    assert after("forbidden", "optional", None, by_another) == forbidden
    assert after("optional", "required", Policy(), forbidden) == replace(
        forbidden, spoiler=Requirement.REQUIRED
    )
    assert after("optional", "optional", forbidden, forbidden) == Policy()
    with pytest.raises(ValueError, match="forged"):
        after("forged", "optional", Policy(), Policy())


def test_what_is_not_ticked_is_not_allowed() -> None:
    edited = submitted(Part.PICTURES, pictures("Fast", revise=False), Policy(), Policy())
    assert edited == Policy(choices_off=frozenset({"Detailed"}), revise=False)
    edited = submitted(Part.PICTURES, pictures("Fast", "Detailed"), edited, edited)
    assert edited == Policy()


def test_what_another_moderator_decided_about_models_meanwhile_stays() -> None:
    by_another = Policy(choices_off=frozenset({"Fast"}), revise=False)
    edited = submitted(Part.PICTURES, pictures("Fast"), Policy(), by_another)
    assert edited == Policy(choices_off=frozenset({"Fast", "Detailed"}), revise=False)


def test_models_that_the_operator_does_not_offer_are_neither_allowed_nor_forgotten() -> None:
    policy = Policy(choices_off=frozenset({"Gone"}))
    edited = submitted(Part.PICTURES, pictures("Fast", "Detailed", "Gone", "Forged"), policy, policy)
    assert edited == policy


def test_nothing_is_decided_about_models_that_were_not_there_when_the_form_was_opened() -> None:
    opened = choices_field(["Fast", "Gone"])
    edited = submitted(Part.PICTURES, pictures("Fast", revise=False, ticks=opened), Policy(), Policy())
    assert edited == Policy(revise=False)
    edited = submitted(Part.PICTURES, pictures(ticks=opened), Policy(), Policy())
    assert edited == Policy(choices_off=frozenset({"Fast"}))
    reopened = modal_for(Part.PICTURES, panel(Policy()))
    refill(reopened, pictures("Fast", ticks=opened))
    [ticked] = [one for one in reopened.walk_children() if isinstance(one, discord.ui.CheckboxGroup)]
    assert all(option.default for option in ticked.options)


@pytest.mark.parametrize(
    ("choices", "revises", "fields"),
    [
        (CHOICES, True, [TICKS, "revise", "private", "spoiler"]),
        (CHOICES, False, [TICKS, "private", "spoiler"]),
        ((), True, ["revise", "private", "spoiler"]),
    ],
)
def test_the_form_about_pictures_asks_for_what_can_be_decided(
    choices: tuple[Choice, ...], revises: bool, fields: list[str]
) -> None:
    decided = Panel(Revision(1, FULL, 7, NOON), operator(choices=choices, revises=revises), ())
    form = modal_for(Part.PICTURES, decided).to_dict()
    check_modal(form)
    labels: list[Any] = list(form["components"])
    assert [label["component"]["custom_id"] for label in labels] == fields
    partly = Answers({name: pictures("Fast", "Detailed").given[name] for name in fields}, {})
    before = replace(FULL, revise=not revises)
    edited = submitted(Part.PICTURES, partly, before, before)
    assert (edited.choices_off == before.choices_off) is not bool(choices)
    assert edited.revise


def test_a_form_that_is_opened_again_has_what_was_ticked() -> None:
    form = modal_for(Part.PICTURES, panel(Policy()))
    refill(form, pictures("Detailed", revise=False))
    assert pictures("Detailed", revise=False) == read(
        modal_submit_data(form.to_dict(), {}, forged=False)["components"]
    )
