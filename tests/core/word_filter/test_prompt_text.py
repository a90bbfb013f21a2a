"""What a prompt becomes before anybody pays for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.word_filter.errors import EmptyPrompt, PromptTooLong
from bot.core.word_filter.prompt_text import BIDI_CONTROLS, check_prompt, visible_text


@pytest.mark.parametrize(
    "nothing",
    [
        "\ue000",
        "\U000e0041\U000e0042",
        "",
        "   ",
        "\n\t",
        "\u200b\u200d",
        "\u3164",
        "\u2800 \u2800",
        "\u202e\u2066",
        "\ufe0f",
    ],
)
def test_a_prompt_that_nobody_can_see_is_empty(nothing: str) -> None:
    with pytest.raises(EmptyPrompt):
        check_prompt(visible_text(nothing), 100)


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
        # Nobody can see these.
        ("a fox" + "".join(chr(0xE0000 + ord(it)) for it in "and a gun"), "a fox"),
        ("a 🏴" + "".join(chr(0xE0000 + ord(it)) for it in "andagunandmore") + "\U000e007f", "a 🏴"),
        ("a fox\u200b\u2060\ufeff\u00ad\u034f\u180e\u2064\ufe0f\U000e0155\ue000\U000fffff\ufdd0", "a fox"),
        ("f\u200do\u200cx", "fox"),
        ("a fox\u3164in\u2800snow", "a fox in snow"),
        ("a \ufff9fox\ufffabear\ufffb", "a foxbear"),
        # These change what is drawn.
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 flags", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 flags"),
        ("👁️‍🗨️ 🏳️‍🌈 👩🏽‍🚒 👨‍👩‍👧‍👦 ❤️‍🔥 🏃‍♀️‍➡️ 1️⃣ ™️ ©︎ ❤︎", "👁️‍🗨️ 🏳️‍🌈 👩🏽‍🚒 👨‍👩‍👧‍👦 ❤️‍🔥 🏃‍♀️‍➡️ 1️⃣ ™️ ©︎ ❤︎"),
        ("می‌خواهم نامه‌ای", "می‌خواهم نامه‌ای"),
        ("क्‍ष क्‌ष ශ්‍රී র‍্য ന്‍", "क्‍ष क्‌ष ශ්‍රී র‍্য ന്‍"),
    ],
)
def test_a_prompt_keeps_what_can_be_seen(typed: str, sent: str) -> None:
    assert visible_text(typed) == sent
    check_prompt(sent, 100)


def test_a_prompt_may_fill_the_models_limit_and_not_a_character_more() -> None:
    check_prompt("x" * 100, 100)
    with pytest.raises(PromptTooLong) as refused:
        check_prompt("x" * 101, 100)
    assert (refused.value.length, refused.value.limit) == (101, 100)


@given(st.text(st.characters()))
def test_whatever_is_typed_the_prompt_can_be_sent_and_cleaning_it_again_changes_nothing(typed: str) -> None:
    prompt = visible_text(typed)
    prompt.encode()
    assert not BIDI_CONTROLS.intersection(prompt)
    assert visible_text(prompt) == prompt


@given(
    st.text(
        st.sampled_from(
            "a\u0628\u0915\u094d🏴👩\u200d\u200c\ufe0f\ufe0e\u20e31\U000e0067\U000e0062\U000e007f \ue000❤"
        )
    )
)
def test_what_is_kept_to_join_and_to_vary_stays_when_it_is_cleaned_again(typed: str) -> None:
    prompt = visible_text(typed)
    assert visible_text(prompt) == prompt


def test_nothing_of_what_unicode_calls_ignorable_is_left_between_letters() -> None:
    """Default_Ignorable_Code_Point, by its ranges in DerivedCoreProperties.txt."""
    ranges = (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
        *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
        *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
        (0xE0000, 0xE0FFF),
    )
    for first, last in ranges:
        for code in range(first, last + 1):
            assert visible_text(f"a{chr(code)}b").replace(" ", "") == "ab", hex(code)
