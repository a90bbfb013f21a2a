"""Earlier prompts, as Discord takes suggestions."""

from __future__ import annotations

import pytest

from bot.core.generation.earlier_prompts import EarlierPrompt, is_reference
from bot.interactions.prompt_suggestions import prompt_choices
from bot.ui.text import units


def offered(typed: str, *texts: str) -> list[tuple[str, str]]:
    earlier = [EarlierPrompt(id, text) for id, text in enumerate(texts, start=1)]
    return [(choice.name, choice.value) for choice in prompt_choices(typed, earlier)]


def test_pressing_enter_paints_what_was_typed() -> None:
    assert offered("fox", "a fox", "a red fox") == [("fox", "fox"), ("a fox", "a fox"), ("a red fox",) * 2]
    assert offered("", "a fox") == [("a fox", "a fox")]


def test_where_nothing_matches_nothing_is_offered() -> None:
    assert offered("a fox") == []


@pytest.mark.parametrize("text", ["fox " * 100, "a fox\nin two lines", "🦊" * 51])
def test_what_has_no_room_or_is_not_shown_as_it_is_goes_as_a_reference(text: str) -> None:
    [(name, value)] = offered("", text)
    assert 0 < units(name) <= 100
    assert is_reference(value)


def test_of_those_that_look_alike_only_the_newest_is_offered() -> None:
    long = "fox " * 100
    assert [value for _, value in offered("", f"{long} 1", f"{long} 2")] == ["earlier prompt 1"]


def test_discord_takes_as_many_as_are_offered() -> None:
    choices = offered("fox", *(f"{number} fox " * 20 for number in range(40)))
    assert len(choices) == 25
    assert all(0 < units(name) <= 100 and 0 < units(value) <= 100 for name, value in choices)
