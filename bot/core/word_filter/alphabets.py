"""Which characters of a folded text are letters, and of which alphabet: where a word ends is decided by that.

A Latin word ends where no Latin letter follows. Chinese, Japanese, Korean, Thai and emoji are written without gaps, so
they have no alphabet here, and a word in them is found anywhere.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

# Signs of a folded text, from the control characters, of which it has no others.

REPEATED = "\x02"
"""Stands after a letter that is written three times or more; no word of any language needs to tell three from four."""

BLANK = "\x03"
"""A character that looks like a gap but may be written inside of a word to hide it."""

SPACED = "\x04"
"""Stands between letters that are written one by one: f u c k."""

MAYBE = {"@": "\x10", "$": "\x11", "!": "\x12", "|": "\x13", "+": "\x14"}
"""Signs among letters that are written one by one: each may stand for a letter or only between two of them."""

EURO = "\x85"
"""The sign, which stands for an e; it is no letter of another script as €'s neighbours in Unicode are."""

LATER_DIGITS = {str(digit): chr(0x86 + digit) for digit in range(10)}
"""A digit that follows another one, where no word begins: x0455."""

NUMERALS = {str(digit): chr(0x90 + digit) for digit in range(10)}
"""Digits of a number (7 cats at 5, 35mm), which stand for no letter."""

VOWEL_SIGNS = r"\u0900-\u109f\u1780-\u17ff"
"""Inside of a character class: the blocks of Indic and related scripts, whose vowel signs belong to words."""

TWO_SHAPES = "\x80\x81\x82\x83\x84"
"""Greek letters whose capital looks like another Latin letter than the small one; see `confusables`."""

_DIGITS = "".join(map(str, range(10)))
_LATIN, _NUMBERS = 0, 1
# Scripts that put gaps between words, by the first and the last of their letters: Greek, Cyrillic, Armenian, Hebrew,
# Arabic, the Indic ones one by one, Georgian, Ethiopic, Cherokee.
_BLOCKS = [
    *((0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x587), (0x5D0, 0x5F2), (0x620, 0x8FF)),
    *((block, block + 0x7F) for block in range(0x900, 0xE00, 0x80)),
    *((0x10A0, 0x10FF), (0x1200, 0x139F), (0x13A0, 0x13FD)),
]
_STARTS = [first for first, _ in _BLOCKS]
_SIGNS = {
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz" + TWO_SHAPES, _LATIN),
    **dict.fromkeys([*_DIGITS, *LATER_DIGITS.values(), *NUMERALS.values()], _NUMBERS),
}
_LETTER_SIGNS = frozenset(_SIGNS).union(REPEATED)


def alphabet_of(character: str) -> int | None:
    """By number; None for what is written without gaps, and for what is no letter."""
    known = _SIGNS.get(character)
    if known is not None:
        return known
    code = ord(character)
    block = bisect_right(_STARTS, code) - 1
    within = block >= 0 and code <= _BLOCKS[block][1] and _is_of_words(character)
    return block + 2 if within else None


def is_letter(character: str) -> bool:
    """Whether it is part of a word: letters, digits, and the vowel signs of Indic scripts."""
    return (
        character in _LETTER_SIGNS
        or character.isalnum()
        or (
            ("\u0900" <= character <= "\u109f" or "\u1780" <= character <= "\u17ff")
            and _is_of_words(character)
        )
    )


def _is_of_words(character: str) -> bool:
    """Not the full stop of Hindi or of Amharic, which stand in one block with the letters."""
    return unicodedata.category(character)[0] in "LMN"
