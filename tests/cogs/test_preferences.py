"""The form of `/preferences`: what Discord takes, and sent back untouched it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import InvalidOption
from bot.core.generation.model import Shape
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.styles import LONGEST_STYLE_NAME, Style
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.interactions.modals import Answers, read
from cogs.preferences import NONE, Choices, Wish, filled_in, preferences_form
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.people.modal_data import modal_submit_data

NOIR, OIL = Style("Noir"), Style("Oil painting")
OFFER = Offer((NOIR, OIL), {}, Requirement.OPTIONAL, Requirement.OPTIONAL)
SETTLED = replace(OFFER, private=Requirement.FORBIDDEN, spoiler=Requirement.REQUIRED)
MANY = replace(OFFER, own={f"own {number}": Style(f"Own {number}") for number in range(25)})
ALL = Choices(frozenset(Shape), OFFER, revises=True, languages=("de", "en"))
NOTHING = Choices(frozenset(), replace(SETTLED, operators=()), revises=False, languages=("en",))
EVERYTHING = Preferences(Shape.TALL, "Noir", private=True, spoiler=True, revise=False, language="de")


def custom_ids(before: Preferences, choices: Choices) -> list[str]:
    return [
        label["component"]["custom_id"] for label in preferences_form(before, choices).to_dict()["components"]
    ]


def submitted(before: Preferences, choices: Choices, **given: Any) -> Preferences:
    modal: Any = preferences_form(before, choices).to_dict()
    check_modal(modal)
    answers = read(modal_submit_data(modal, given, forged=False)["components"])
    return filled_in(before, answers, choices)


@pytest.mark.parametrize(
    "before",
    [NO_PREFERENCES, EVERYTHING, Preferences(style="of another server"), Preferences(style="OIL painting")],
)
@pytest.mark.parametrize("choices", [ALL, replace(ALL, offer=MANY), replace(ALL, offer=SETTLED)])
def test_sent_back_untouched_it_changes_nothing(before: Preferences, choices: Choices) -> None:
    after = submitted(before, choices)
    assert replace(after, style=(after.style or "").lower()) == replace(
        before, style=(before.style or "").lower()
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"shape": "wide"}, Preferences(Shape.WIDE)),
        ({"style": "Noir"}, Preferences(style="Noir")),
        ({"wishes": [Wish.AS_WRITTEN]}, Preferences(revise=False)),
        ({"wishes": [Wish.PRIVATE]}, Preferences(private=True)),
        ({"wishes": [Wish.SPOILER]}, Preferences(spoiler=True)),
        ({"language": "de"}, Preferences(language="de")),
    ],
)
def test_each_field_changes_what_it_is_about_and_can_be_taken_back(
    given: dict[str, Any], expected: Preferences
) -> None:
    assert submitted(NO_PREFERENCES, ALL, **given) == expected
    nothing: dict[str, Any] = dict.fromkeys(given, NONE) if "wishes" not in given else {"wishes": []}
    assert submitted(expected, ALL, **nothing) == NO_PREFERENCES


def test_what_is_settled_is_not_asked_for_and_stays_as_it_was() -> None:
    assert custom_ids(NO_PREFERENCES, ALL) == ["shape", "style", "wishes", "language"]
    assert custom_ids(NO_PREFERENCES, replace(NOTHING, revises=True)) == ["wishes"]
    before = replace(EVERYTHING, private=False, spoiler=False)
    assert filled_in(before, Answers({"wishes": ()}, {}), replace(NOTHING, revises=True)).revise
    assert filled_in(before, Answers({"wishes": ()}, {}), NOTHING) == before


def test_what_was_wished_for_can_be_taken_back_where_it_is_not_offered_any_more() -> None:
    assert submitted(EVERYTHING, replace(NOTHING, revises=True), wishes=[Wish.AS_WRITTEN]) == replace(
        EVERYTHING, private=False, spoiler=False
    )


@pytest.mark.parametrize(
    ("typed", "kept"), [("own 24", "Own 24"), ("", None), ("none", None), ("NOIR", "Noir")]
)
def test_of_more_styles_than_a_menu_holds_the_name_is_typed(typed: str, kept: str | None) -> None:
    assert submitted(NO_PREFERENCES, replace(ALL, offer=MANY), style=typed).style == kept


def test_a_style_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidOption) as refused:
        submitted(NO_PREFERENCES, replace(ALL, offer=MANY), style="Rococo")
    assert refused.value.offered[:3] == ("Noir", "Oil painting", "Own 0")


@pytest.mark.parametrize(
    "given",
    [
        {"shape": ("round",)},
        {"style": ("x" * LONGEST_STYLE_NAME,)},
        {"wishes": ("rich",)},
        {"language": ("xx",)},
    ],
)
def test_what_no_client_sends_is_refused(given: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InvalidOption):
        filled_in(NO_PREFERENCES, Answers(given, {}), ALL)
