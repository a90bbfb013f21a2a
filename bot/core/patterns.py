"""Turns word patterns into one regular expression over a folded text, which takes time in proportion to the text.

A pattern means what it means in Discord's AutoMod: a word or a phrase, whole unless `*` opens an end. Whole is decided
by script: a Latin word ends where no Latin letter follows. Chinese, Japanese, Korean, Thai and emoji are written
without gaps, so a pattern in them is found anywhere.

Linear, because each part decides by the next character alone whether it goes on (possessive and atomic groups), and
because patterns that begin alike share their beginning in a trie.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bot.core.look_alikes import (
    EITHER,
    EURO,
    NUMERALS,
    REPEATED,
    TWO_SHAPES,
    VOWEL_SIGNS,
    as_drawn,
    as_written,
    fold,
    is_drawn,
)

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
_LONGEST_REST = 60

# Scripts that put gaps between words: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, the Indic ones one by one,
# Georgian, Ethiopic, Cherokee; and digits. `REPEATED` belongs to the letter before it.
_INDIC = [f"{chr(block)}-{chr(block + 0x7F)}" for block in range(0x900, 0xE00, 0x80)]
_ALPHABETS = [
    *(f"a-z{TWO_SHAPES}", "Ͱ-Ͽ", "\u0400-\u052f", "\u0531-\u0587", "\u05d0-\u05f2", "\u0620-\u08ff", *_INDIC),
    *("\u10a0-\u10ff", "\u1200-\u139f", "\u13a0-\u13fd", f"0-9{NUMERALS}"),
]
_ALPHABET = {letters: re.compile(f"[{letters}]") for letters in _ALPHABETS}

_LETTERS = rf"\w{NUMERALS}{TWO_SHAPES}{REPEATED}"
_ANY_LETTER = f"(?:[{_LETTERS}]|[{VOWEL_SIGNS}])"
_NO_VOWEL_SIGN = f"(?![{VOWEL_SIGNS}])"
_NO_LETTER = f"(?:{_NO_VOWEL_SIGN}[^{_LETTERS}])"
# The signs at the end of a gap may be letters of the next word already (kick @ss) or not (kick!ass).
_GAP = f"(?:(?>{_NO_LETTER}*{_NO_VOWEL_SIGN}[^{_LETTERS}@$!|+])|{_NO_LETTER}++)"
_GAP_BESIDE_A_SIGN = r"[\s.,;:!?'\"()\[\]/&_*-]++"
_NOT_WITHIN_A_NUMBER = "(?<![0-9](?=[0-9]))"
_PIECE = re.compile(rf"(.)({REPEATED}|\1*)", re.DOTALL)


class _Word(NamedTuple):
    """A folded word of a pattern, and whether other letters may stand before and after it."""

    letters: str
    opens: bool
    goes_on: bool


Form = tuple[_Word, ...]
Trie = dict[str, "Trie"]


def forms(pattern: str) -> tuple[Form, ...]:
    """Every way to look for `pattern`: none if nothing can match it; two if its letters exist in two alphabets.

    Emoji that are drawn as letters are emoji in a pattern of nothing else: a flag is no word.
    """
    ways = (as_drawn,) if is_drawn(pattern) else (fold, as_written)
    found = dict.fromkeys(tuple(_words(pattern, read)) for read in ways)
    return tuple(form for form in found if form)


def expression(listed: Sequence[tuple[Form, ...]]) -> re.Pattern[str] | None:
    """What finds any of the patterns; `place` tells from its match which one it was."""
    root: Trie = {}
    for number, shapes in enumerate(listed):
        for nth, form in enumerate(shapes):
            node = root
            for key in _keys(form):
                node = node.setdefault(key, {})
            if not any(key.startswith("(?P<") for key in node):
                node[f"(?P<p{number}_{nth}>)"] = {}
    return re.compile(_alternatives(root)) if root else None


def place(match: re.Match[str]) -> int:
    """The place in the list of the pattern that `match` found."""
    return int((match.lastgroup or "p0_0")[1:].split("_")[0])


def _alternatives(node: Trie) -> str:
    branches = [key + _alternatives(rest) for key, rest in node.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})" if branches else ""


def _words(pattern: str, read: Callable[[str], str]) -> Iterator[_Word]:
    for typed in pattern.split():
        shown = "".join(letter if _counts(letter) else " " for letter in read(typed.strip("*")))
        words = [word for part in shown.split() if (word := part.strip("*"))]
        last = len(words) - 1
        for nth, letters in enumerate(words):
            opens = nth == 0 and typed.startswith("*")
            yield _Word(letters, opens, goes_on=nth == last and typed.endswith("*"))


def _counts(character: str) -> bool:
    """Whether it's part of a word, or a sign or an emoji that somebody may want to forbid, and no punctuation."""
    return (
        bool(re.match(_ANY_LETTER, character))
        or unicodedata.category(character)[0] in "MS"
        or character in f"@#*{EURO}"
    )


def _keys(form: Form) -> Iterator[str]:
    """The expression in parts, cut so that patterns which begin alike have their first parts in common."""
    for nth, word in enumerate(form):
        last = nth == len(form) - 1
        parts = [*_start(word, first=not nth), *_elements(word.letters), *_end(word, last=last)]
        if nth:
            gap = _gap(form[nth - 1].letters[-1], word.letters[0])
            yield f"(?>{gap}{''.join(parts)})"
        else:
            yield from parts


def _gap(before: str, after: str) -> str:
    between_letters = re.match(_ANY_LETTER, before) and re.match(_ANY_LETTER, after)
    return _GAP if between_letters else _GAP_BESIDE_A_SIGN


def _start(word: _Word, *, first: bool) -> Iterator[str]:
    alphabet = _alphabet(word.letters[0])
    if word.opens and not first:
        yield f"{_ANY_LETTER}{{0,{_LONGEST_REST}}}?"
    if first and alphabet and not word.opens:
        yield f"(?<![{alphabet}{REPEATED}]){_NOT_WITHIN_A_NUMBER}"


def _end(word: _Word, *, last: bool) -> Iterator[str]:
    alphabet = _alphabet(word.letters.rstrip(REPEATED)[-1])
    if not word.goes_on and alphabet:
        yield f"(?![{alphabet}])"
    if word.goes_on and not last:
        yield f"{_ANY_LETTER}{{0,{_LONGEST_REST}}}+"


def _alphabet(character: str) -> str | None:
    return next((letters for letters, has in _ALPHABET.items() if has.match(character)), None)


def _elements(letters: str) -> Iterator[str]:
    disguised = len(letters) >= _SHORTEST_DISGUISED
    pieces = list(_PIECE.finditer(letters))
    for nth, piece in enumerate(pieces):
        inside = 0 < nth < len(pieces) - 1
        yield _element(piece[1], piece[2], _shapes(piece[1], disguised=disguised, inside=inside))


def _element(letter: str, more: str, shapes: str) -> str:
    """One letter and its repetitions: once or three times and more is once, twice is twice."""
    if not letter.isalpha():
        return shapes * (1 + len(more))
    if more == REPEATED:
        return shapes + REPEATED
    if more:
        return f"{shapes}(?:{REPEATED}|{shapes}{REPEATED}?)"
    return f"{shapes}[{letter}{REPEATED}]?" if letter in _SELDOM_DOUBLED else f"{shapes}{REPEATED}?"


def _shapes(letter: str, *, disguised: bool, inside: bool) -> str:
    if letter.isdecimal() or re.match(f"[{NUMERALS}]", letter):
        digit = ord(letter) % 16
        return f"[{digit}{chr(0x90 + digit)}]"
    signs = _LEET.get(letter, "") + (_STRUCK_OUT if inside else "") if disguised else ""
    shapes = letter + EITHER.get(letter, "") + signs
    return f"[{re.escape(shapes)}]" if len(shapes) > 1 else re.escape(shapes)
