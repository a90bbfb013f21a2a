"""Looking for forbidden words takes time in proportion to the prompt, whatever the prompt and the words."""

from __future__ import annotations

import time

import pytest

from bot.core.words import WordList

LONGEST_PROMPT = 6000
TEMPTING = WordList.parse(
    "\n".join(
        (
            "il" * 9,
            f"*{'ab' * 9}*",
            "a a a a a a",
            "*ab",
            "*a *b *c *d",
            "*a* " * 14 + "z",
            "aba* " * 11 + "z",
        )
    )
)


@pytest.mark.parametrize(
    "repeated",
    [
        *(
            "a",
            "ab",
            "a ",
            "a\u3164",
            "a*",
            "@$!1|0",
            "1!|",
            "il",
            "\ufdfa",
            "аa",
            "猫",
            "\u0301",
            "a.b ",
            "f u ",
        ),
        *("abababab ", "@b@b@b", "ab@@@ ", "a@@@@@@@", "㌖"),
    ],
    ids=ascii,
)
def test_a_hostile_prompt_takes_no_longer_than_its_length(repeated: str) -> None:
    prompt = (repeated * LONGEST_PROMPT)[:LONGEST_PROMPT]
    TEMPTING.found_in("")
    began = time.process_time()
    TEMPTING.found_in(prompt)
    # Far above what it takes (milliseconds), and far below what trying every combination would take.
    assert time.process_time() - began < 1
