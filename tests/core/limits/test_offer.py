"""Styles, and what else members can ask for beside the prompt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import Refusal
from bot.core.limits.errors import PrivateNotAllowed, SpoilerNotAllowed, StyleNotOffered
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Operator, Policy, offer_of
from bot.core.limits.rules import terms_for
from bot.core.limits.styles import (
    DEFAULT_STYLES,
    LONGEST_STYLE_NAME,
    LONGEST_STYLE_TEXT,
    MOST_STYLES,
    Style,
    style_key,
)
from tests.core.factories import NOIR, NOON, caller, operator

COMIC, CLAY = Style("Comic", after=", a comic"), Style("Clay", after=", in clay")
OPERATOR = replace(operator(), styles=(NOIR, COMIC))
OPTIONAL, REQUIRED, FORBIDDEN = Requirement
FOX = "\U0001f98a"


@pytest.mark.parametrize(
    ("style", "painted"),
    [
        (NOIR, "film noir of a fox in black and white"),
        (Style("Oil", "an oil painting of"), "an oil painting of a fox"),
        (COMIC, "a fox, a comic"),
        (Style("Old", after="as in 1890"), "a fox as in 1890"),
        (Style("Loud", after="!"), "a fox!"),
        (Style("Nothing"), "a fox"),
    ],
)
def test_the_text_of_a_style_stands_around_the_prompt(style: Style, painted: str) -> None:
    assert style.applied_to("a fox") == painted


@pytest.mark.parametrize("written", ["Noir", "noir", " NOIR ", "No\u200bir", "Ｎｏｉｒ"])
def test_a_style_is_found_however_its_name_is_written(written: str) -> None:
    assert offer_of(Policy(), OPERATOR).style(written) == NOIR


def test_what_nobody_can_see_is_no_part_of_a_style_and_its_texts_have_an_end() -> None:
    style = Style.typed(" Sec\u200bret ", "a\u202eb", "c" * 999)
    assert style == Style("Secret", "ab", "c" * LONGEST_STYLE_TEXT)
    assert len(Style.typed("n" * 99, "", "").name) == LONGEST_STYLE_NAME
    assert Style.typed("n" + 99 * FOX, "", "").name == "n" + 15 * FOX  # two units each


def test_the_operators_ten_styles_are_ten_that_fit_and_suit_a_picture_that_is_changed() -> None:
    assert len({style.key for style in DEFAULT_STYLES}) == 10 <= MOST_STYLES
    for style in DEFAULT_STYLES:
        assert style == Style.typed(style.name, style.before, style.after)
        assert style.applied_to("make the hat red").startswith("make the hat red, ")


def test_a_server_has_the_operators_styles_until_it_changes_or_removes_single_ones() -> None:
    darker = replace(NOIR, after="in the rain")
    policy = Policy(styles={CLAY.key: CLAY, "noir": darker, "comic": None, "gone": None})
    offer = offer_of(policy, OPERATOR)
    assert offer.styles == (darker, CLAY)
    assert offer.styles_off == (COMIC,)
    assert (offer.style("noir"), offer.style("comic"), offer.style("clay")) == (darker, None, CLAY)
    assert offer.default_of("NOIR") == NOIR
    assert offer_of(Policy(), OPERATOR).styles == (NOIR, COMIC)


@pytest.mark.parametrize(
    ("operators", "servers", "holds"),
    [
        (OPTIONAL, OPTIONAL, OPTIONAL),
        (OPTIONAL, REQUIRED, REQUIRED),
        (OPTIONAL, FORBIDDEN, FORBIDDEN),
        (REQUIRED, FORBIDDEN, REQUIRED),
        (FORBIDDEN, REQUIRED, FORBIDDEN),
        (FORBIDDEN, OPTIONAL, FORBIDDEN),
    ],
)
def test_a_server_decides_what_the_operator_leaves_open(
    operators: Requirement, servers: Requirement, holds: Requirement
) -> None:
    for decided in (
        offer_of(Policy(private=servers), replace(OPERATOR, private=operators)).private,
        offer_of(Policy(spoiler=servers), replace(OPERATOR, spoiler=operators)).spoiler,
    ):
        assert decided is holds


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        (Policy(styles={"noir": None}), StyleNotOffered("noir", ("Comic",))),
        (Policy(private=FORBIDDEN), PrivateNotAllowed()),
        (Policy(spoiler=FORBIDDEN), SpoilerNotAllowed()),
    ],
)
def test_what_is_not_offered_is_refused_and_never_painted_another_way(
    policy: Policy, refused: Refusal
) -> None:
    def check(policy: Policy, operator: Operator = OPERATOR) -> None:
        terms = terms_for(policy, operator, caller(), NOON)
        terms.check(None, 1, style="noir", private=True, spoiler=True)

    check(Policy())
    with pytest.raises(type(refused)) as found:
        check(policy)
    assert str(found.value) == str(refused)


def test_a_key_is_its_own() -> None:
    assert style_key(style_key("  Ｎｏｉｒ ")) == "noir"
