"""What an entry of a list of blocked words means: which characters each of its positions takes.

A pattern means what it means in Discord's AutoMod: a word or a phrase, whole unless `*` opens an end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from bot.core.word_filter.alphabets import BLANK, EURO, LATER_DIGITS, NUMERALS, REPEATED, is_letter
from bot.core.word_filter.confusables import EITHER
from bot.core.word_filter.readings import DRAWN, as_drawn, as_written, fold, is_drawn

LONGEST_FORM = 60
"""Letters: characters that stand for whole words are read as these, and what is longer is found by its beginning."""

# Digits and signs that stand for letters inside of a word, in Latin and in Cyrillic; a number is no word.
_LEET = {
    "a": "4@", "b": "8", "c": "¢©", "e": f"3{EURO}", "g": "96", "i": "1!|", "l": "1|£", "o": "0", "r": "®", "s": "5$§",
    "t": "7+", "x": "×", "y": "¥", "z": "2", "о": "0", "з": "3", "б": "6", "ч": "4", "в": "8",
}  # fmt: skip
# A letter that is struck out (f*ck, sh#t): any letter but the first and the last.
_STRUCK_OUT = "*#"
# Letters that hardly ever stand twice in a row, so that a second one is no other word: fuuck, but god is not good.
_SELDOM_DOUBLED = frozenset("ahijkquvwxy")
# In patterns of one or two letters nothing stands for a letter: $$ is not ss, and h3 is not he.
_SHORTEST_DISGUISED = 3
_AS_DIGIT = {sign: digit for digit in NUMERALS for sign in (digit, NUMERALS[digit], LATER_DIGITS[digit])}
_PIECE = re.compile(rf"(.)({REPEATED}|\1*)", re.DOTALL)
BETWEEN_SIGNS = frozenset(" .,;:!?'\"()[]/&_*-")
"""What a gap beside a sign or an emoji may consist of."""


class Form(NamedTuple):
    """A pattern as it is looked for: folded words, and whether other letters may stand before and after them."""

    words: tuple[str, ...]
    opens: bool
    goes_on: bool


class Position(NamedTuple):
    """One position in a form: the characters that lead into it, and those that may follow without leaving it.

    In a `gap` between two words those are all that are no letters, or where a sign or an emoji is next to it
    (`narrow`) white space and punctuation.
    """

    takes: str
    keeps: str = ""
    gap: bool = False
    narrow: bool = False


@lru_cache(maxsize=4096)
def forms(pattern: str) -> tuple[Form, ...]:
    """Every way to look for `pattern`: none if nothing can match it; two if its letters exist in two alphabets.

    Emoji that are drawn as letters are emoji in a pattern of nothing else: a flag is no word.
    """
    ways = (as_drawn,) if is_drawn(pattern) else (fold, as_written)
    found = dict.fromkeys(_form(pattern, read) for read in ways)
    return tuple(form for form in found if form.words)


def has_star_inside(pattern: str) -> bool:
    return "*" in pattern.strip().strip("*")


def without_stars_inside(pattern: str) -> str:
    """What older lists have there: a star between two letters is a letter struck out; any other goes."""
    typed = [part for part in pattern.split() if part.strip("*")]
    if not typed:
        return pattern
    body = re.sub(r"\*+", _struck_out, " ".join(typed).strip("*"))
    return f"{'*' * typed[0].startswith('*')}{' '.join(body.split())}{'*' * typed[-1].endswith('*')}"


def positions(form: Form) -> Iterator[Position]:
    for nth, word in enumerate(form.words):
        if nth:
            beside_letters = is_letter(form.words[nth - 1][-1]) and is_letter(word[0])
            yield Position("", gap=True, narrow=not beside_letters)
        yield from _letters_of(word)


def _form(pattern: str, read: Callable[[str], str]) -> Form:
    typed = [part for part in pattern.split() if part.strip("*")]
    words, room = list[str](), LONGEST_FORM
    for part in typed:
        shown = "".join(
            letter if _counts(letter) else " " for letter in read(part.strip("*")).replace(BLANK, "")
        )
        for word in shown.split():
            if letters := word.strip("*")[:room]:
                words.append(letters)
                room -= len(letters)
    opens = bool(typed) and typed[0].startswith("*")
    return Form(tuple(words), opens, goes_on=bool(typed) and (typed[-1].endswith("*") or not room))


def _counts(character: str) -> bool:
    """Whether it's part of a word, or a sign or an emoji that somebody may want to forbid, and no punctuation."""
    return (
        is_letter(character)
        or unicodedata.category(character)[0] in "MS"
        or character in f"@#*{EURO}"
        or character >= DRAWN
    )


def _struck_out(stars: re.Match[str]) -> str:
    before, after = stars.string[: stars.start()][-1:], stars.string[stars.end() :][:1]
    between_letters = before and after and _counts(before) and _counts(after)
    return "#" * len(stars[0]) if between_letters else ""


def _letters_of(word: str) -> Iterator[Position]:
    """Each letter and its repetitions: once or three times and more is once, twice is twice."""
    disguised = len(word) >= _SHORTEST_DISGUISED
    pieces = list(_PIECE.finditer(word))
    for nth, piece in enumerate(pieces):
        letter, more = piece[1], piece[2]
        shapes = _shapes(letter, disguised=disguised, inside=0 < nth < len(pieces) - 1)
        if not letter.isalpha():
            yield from [Position(shapes)] * (1 + len(more))
        elif more == REPEATED:
            yield from (Position(shapes), Position(REPEATED))
        elif more:
            yield from (Position(shapes), Position(shapes + REPEATED, keeps=REPEATED))
        else:
            yield Position(shapes, keeps=REPEATED + letter if letter in _SELDOM_DOUBLED else REPEATED)


def _shapes(letter: str, *, disguised: bool, inside: bool) -> str:
    """Every character of a folded text that may stand for the letter."""
    if letter in _AS_DIGIT:
        digit = _AS_DIGIT[letter]
        return digit + NUMERALS[digit] + LATER_DIGITS[digit]
    signs = _LEET.get(letter, "") + (_STRUCK_OUT if inside else "") if disguised else ""
    later = "".join(LATER_DIGITS.get(sign, "") for sign in signs)
    return letter + EITHER.get(letter, "") + signs + later
