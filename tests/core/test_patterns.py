"""Looking for forbidden words takes time in proportion to the prompt, whatever the prompt and the words."""

from __future__ import annotations

import random
import time

import pytest

from bot.core.words import LONGEST_LIST, MOST_WORDS, WordList

LONGEST_PROMPT = 6000
PICK = random.Random(1)


def full(letters: str, end: str = "") -> str:
    """As long a list as can be saved, of words that differ in what stands for several letters."""
    length = LONGEST_LIST // MOST_WORDS - len(end) - 1
    return "\n".join("".join(PICK.choices(letters, k=length)) + end for _ in range(MOST_WORDS))


LISTS = {
    "repetitions": WordList.parse(f"{'il' * 9}\n*{'ab' * 9}*\na a a a a a\n*ab\n{'aba ' * 11}z"),
    "letters that a sign stands for": WordList.parse(full("il", "q")),
    "open ends": WordList.parse("\n".join(f"*{word}*" for word in full("ab", "q").split()[:180])),
    "two alphabets": WordList.parse(full("авсенкмортух", "й")),
    "phrases": WordList.parse("\n".join(f"{' '.join(word)}" for word in full("abc").split()[:100])),
    "letters of no alphabet": WordList.parse(full("".join(chr(0x4E00 + n) for n in range(5000)))),
}


@pytest.fixture(params=LISTS)
def hostile(request: pytest.FixtureRequest) -> WordList:
    return LISTS[request.param]


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
            "х у й ",
            "sh!т\u3164к 🅰️",
            "㎯",
        ),
        *("abababab ", "@b@b@b", "ab@@@ ", "a@@@@@@@", "㌖"),
    ],
    ids=ascii,
)
def test_a_hostile_prompt_takes_no_longer_than_its_length(hostile: WordList, repeated: str) -> None:
    prompt = (repeated * LONGEST_PROMPT)[:LONGEST_PROMPT]
    hostile.found_in("")
    began = time.process_time()
    hostile.found_in(prompt)
    # Far above what it takes (up to 20 ms on a machine that does nothing else; see `dev.py bench --only words`), and
    # far below what trying every combination would take.
    assert time.process_time() - began < 0.5


def test_the_longest_lists_are_made_ready_in_no_time(hostile: WordList) -> None:
    began = time.process_time()
    WordList((*hostile.patterns, "not made before")).found_in("")
    assert time.process_time() - began < 0.5
