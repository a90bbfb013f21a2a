"""What a prompt becomes before anybody pays for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import EmptyPrompt, PromptTooLong
from bot.core.prompts import BIDI_CONTROLS, clean_prompt


@pytest.mark.parametrize(
    "nothing", ["", "   ", "\n\t", "\u200b\u200d", "\u3164", "\u2800 \u2800", "\u202e\u2066", "\ufe0f"]
)
def test_a_prompt_that_nobody_can_see_is_empty(nothing: str) -> None:
    with pytest.raises(EmptyPrompt):
        clean_prompt(nothing, 100)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("  a fox ", "a fox"),
        ("a\n\n fox\tin\r\nsnow", "a fox in snow"),
        ("👩‍🚀 on the moon", "👩‍🚀 on the moon"),
        ("لوحة لقطة", "لوحة لقطة"),
        ("a \u202eexof\u202c", "a exof"),
        ("a \ud83d fox", "a fox"),
        ("...", "..."),
    ],
)
def test_a_prompt_keeps_what_can_be_seen(typed: str, sent: str) -> None:
    assert clean_prompt(typed, 100) == sent


def test_a_prompt_may_fill_the_models_limit_and_not_a_character_more() -> None:
    assert clean_prompt("x" * 100, 100) == "x" * 100
    with pytest.raises(PromptTooLong) as refused:
        clean_prompt("x" * 101, 100)
    assert (refused.value.length, refused.value.limit) == (101, 100)


@given(st.text(st.characters()))
def test_whatever_is_typed_the_prompt_can_be_sent_and_cleaning_it_again_changes_nothing(typed: str) -> None:
    try:
        prompt = clean_prompt(typed, 10_000)
    except EmptyPrompt:
        return
    prompt.encode()
    assert not BIDI_CONTROLS.intersection(prompt)
    assert clean_prompt(prompt, 10_000) == prompt
