"""Lists of blocked words, and prompts, that make a search as long as it can be."""

from __future__ import annotations

import random

from bot.core.word_filter.confusables_table import CONFUSABLES
from bot.core.word_filter.word_list import LONGEST_LIST, MOST_WORDS
from tests.core.factories import word_list

LONGEST_PROMPT = 4000
"""Characters: as many as the bot lets Discord's client take."""

_PICK = random.Random(1)


def _full(letters: str, end: str = "") -> str:
    """As long a list as can be saved, of words that differ in what stands for several letters."""
    length = LONGEST_LIST // MOST_WORDS - len(end) - 1
    return "\n".join("".join(_PICK.choices(letters, k=length)) + end for _ in range(MOST_WORDS))


LISTS = {
    "repetitions": word_list(f"{'il' * 9}\n*{'ab' * 9}*\na a a a a a\n*ab\n{'aba ' * 11}z"),
    "letters that a sign stands for": word_list(_full("il", "q")),
    "open ends": word_list("\n".join(f"*{word}*" for word in _full("ab", "q").split()[:180])),
    "two alphabets": word_list(_full("авсенкмортух", "й")),
    "phrases": word_list("\n".join(" ".join(word) for word in _full("abc").split()[:100])),
    "letters of no alphabet": word_list(_full("".join(chr(0x4E00 + n) for n in range(5000)))),
    "all letters": word_list(_full("abcdefghijklmnopqrstuvwxyz", "q")),
}

REPEATED = (
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
    ),
    *(
        "sh!т\u3164к 🅰️",
        "㎯",
        "abababab ",
        "@b@b@b",
        "ab@@@ ",
        "a@@@@@@@",
        "㌖",
        "ﷲ",
        "aI",
        "pɐǝɹq ",
        "ᗷʋ ",
        "乃尺乇",
        "🇺",
        "ɐʋI🅰а乃б ",
        "aIɐʋ乃🅰 x ж ",
        "ɐ ʋ I 🅰 а 乃 б ",
        "aбвгдe@щ ",
        "а.б.",
    ),
)
"""Each makes a prompt that tempts the search to try again."""


def prompt_of(repeated: str, length: int = LONGEST_PROMPT) -> str:
    return (repeated * length)[:length]


def of_look_alikes(length: int = LONGEST_PROMPT) -> str:
    """As many different ones as there are, in no order."""
    shapes = [shape for others in CONFUSABLES.values() for shape in others]
    return prompt_of("".join(random.Random(3).sample(shapes, len(shapes))), length)


def of_different_characters(length: int = LONGEST_PROMPT) -> str:
    """As many different ones as there are."""
    return "".join(it for code in range(0x1D400) if (it := chr(code)).isprintable())[:length]
