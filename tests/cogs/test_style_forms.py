"""The form of a style: what Discord takes, and sent back untouched it changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from discord import ui

from bot.core.errors import InvalidOption
from bot.core.limits.policy import Operator, Policy, offer_of
from bot.core.limits.policy_store import Revision
from bot.core.limits.styles import LONGEST_STYLE_NAME, LONGEST_STYLE_TEXT, MOST_STYLES, Style
from bot.core.moderation.edits import Edit, RemoveStyle, ResetStyle, SetStyle
from bot.core.moderation.service import Panel
from bot.interactions.modals import Answers, read
from bot.ui.limits.panel import TEXT_LIMIT
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note
from bot.ui.limits.style_list import styles_layout
from bot.ui.text import units
from cogs.limits.styles import edits_of, style_form
from sandbox.discord.kit.components import modal_fields
from sandbox.discord.limits.components import check_components
from sandbox.discord.limits.form_errors import FormErrors
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.people.modal_data import modal_submit_data
from tests.core.factories import NOIR, NOON, operator

FOXES = Style.typed("\U0001f98a" * 99, "\U0001f98a" * 999, "\U0001f98a" * 999)
LONGEST = Style("*" * LONGEST_STYLE_NAME, "*" * LONGEST_STYLE_TEXT, "_" * LONGEST_STYLE_TEXT)
COMIC = Style("Comic", after=", a comic")
OPERATOR = replace(operator(), styles=(NOIR, COMIC, LONGEST, FOXES))
DARKER = replace(NOIR, after="in the rain")
CLAY = Style("Clay", after=", in clay")
POLICY = Policy(styles={NOIR.key: DARKER, COMIC.key: None, CLAY.key: CLAY})


def panel(policy: Policy = POLICY) -> Panel:
    return Panel(Revision(10**17, policy, 7, NOON), OPERATOR, ())


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("", []),
        ("Mud", []),
        ("Clay", ["offer", "discard"]),
        ("noir", ["offer", "switch_off", "default"]),
        ("Comic", ["switch_off", "offer"]),
        (LONGEST.name, ["offer", "switch_off"]),
        (FOXES.name, ["offer", "switch_off"]),
    ],
)
async def test_a_style_is_sent_back_as_it_was_and_then_nothing_is_changed(
    name: str, states: list[str]
) -> None:
    form = style_form(panel(), name).to_dict()
    check_modal(form)
    fields = {field["custom_id"]: field for field in modal_fields(list(form["components"]))}
    assert [option["value"] for option in fields.get("state", {}).get("options", ())] == states
    if not states:
        assert fields["style_name"].get("value", "") == name
        return
    answers = read(modal_submit_data(form, {}, forged=False)["components"])
    was = str(form["custom_id"]).split(":", 3)[3]
    assert edits_of(answers, was, offer_of(POLICY, OPERATOR)) == ()


def answers(state: str = "", name: str = "Clay", after: str = ", in clay") -> Answers:
    return Answers({"style_name": (name,), "before": (), "after": (after,), "state": (state,)}, {})


@pytest.mark.parametrize(
    ("filled", "was", "edit"),
    [
        (answers(), "", SetStyle(CLAY, "")),
        (answers("offer", after="x"), "Clay", SetStyle(replace(CLAY, after="x"), "Clay")),
        (answers("offer", "Mud"), "Clay", SetStyle(replace(CLAY, name="Mud"), "Clay")),
        (answers("discard"), "Clay", RemoveStyle("Clay")),
        (answers("switch_off"), "Noir", RemoveStyle("Noir")),
        (answers("default"), "Noir", ResetStyle("Noir")),
        (answers("offer", COMIC.name, COMIC.after), "Comic", SetStyle(COMIC, "Comic")),
    ],
)
def test_what_was_filled_in_is_an_edit_of_that_style(filled: Answers, was: str, edit: Edit) -> None:
    assert edits_of(filled, was, offer_of(POLICY, OPERATOR)) == (edit,)
    assert edits_of(filled, was, None) == (edit,)


@pytest.mark.parametrize(("state", "was"), [("forged", "Clay"), ("discard", ""), ("default", "")])
def test_what_no_form_sends_is_refused(state: str, was: str) -> None:
    with pytest.raises(InvalidOption):
        edits_of(answers(state), was, None)


def full(count: int) -> Policy:
    return Policy(
        styles={f"{number}": replace(LONGEST, name=f"{number}".rjust(32, "*")) for number in range(count)}
    )


@pytest.mark.parametrize("policy", [Policy(), POLICY, full(MOST_STYLES), full(2 * MOST_STYLES)])
@pytest.mark.parametrize("decided", [OPERATOR, operator()])
def test_the_list_of_styles_is_what_discord_takes(policy: Policy, decided: Operator) -> None:
    note = Note("_" * NOTE_LENGTH, None, "limits:style-fix:1:" + "x" * 80, "Fix it")
    layout = styles_layout(replace(panel(policy), operator=decided), note)
    texts = [item.content for item in layout.walk_children() if isinstance(item, ui.TextDisplay)]
    assert sum(map(units, texts)) <= TEXT_LIMIT
    problems = FormErrors()
    check_components(problems, [item.to_component_dict() for item in layout.children], is_v2=True)
    problems.raise_if_any()
