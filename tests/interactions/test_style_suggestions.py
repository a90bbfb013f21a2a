"""What is offered while somebody types the name of a style."""

from __future__ import annotations

import pytest

from bot.core.limits.styles import DEFAULT_STYLES, Style
from bot.interactions.style_suggestions import style_choices


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("pi", ["Pixel art"]),
        ("P", ["Photo", "Pencil sketch", "Pixel art", "Oil painting"]),
        (" pixel ", ["Pixel art"]),
        ("charcoal", []),
        ("", [style.name for style in DEFAULT_STYLES]),
    ],
)
def test_styles_are_found_by_what_their_names_contain_and_those_that_begin_so_come_first(
    typed: str, names: list[str]
) -> None:
    found = style_choices(DEFAULT_STYLES, typed)
    assert [one.name for one in found][: len(names)] == names
    assert [one.value for one in found] == [one.name for one in found]


def test_there_are_as_many_as_discord_takes() -> None:
    assert len(style_choices([Style(f"{number}", "x") for number in range(40)], "")) == 25
