"""What of a prompt is searched, and what somebody who searches means. The same on every database: neither of them has a
say in what a word is.

Letters are compared without accents and case. What is written without spaces, as Chinese, Japanese and Thai are, is
found by any part of it: it is stored as overlapping pairs of letters, and searched by those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

LONGEST_WORD = 40
"""Letters of a word that are kept: nobody types more of it."""
MOST_STORED = 600
"""Words of a prompt, more than the longest have."""
MOST_SEARCHED = 8
"""Words of a search; further ones don't narrow it any more."""
MOST_READ = 8_000
"""Letters of a prompt, taken apart: twice as many as it has characters. A single one can be taken apart into eighteen.
"""
MOST_TYPED = MOST_SEARCHED * (LONGEST_WORD + 1)
"""Letters of a search that are read: nobody else waits for those who type more."""
SHORTEST_PREFIX = 2
"""Letters from which on the last word of a search stands for all words that begin so."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"  # kana and bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"  # Chinese characters
)
_PIECES = re.compile(
    f"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>[^\\W_{_UNSPACED}]+)"
    "|(?P<sign>[\u2600-\u27bf\U0001f300-\U0001faff])"  # an emoji is a word by itself
)
_VOICED = "\u3099\u309a"
"""Marks that make other letters in Japanese: が is no か."""
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Those that Unicode does not take apart."""


@dataclass(frozen=True, slots=True)
class SearchedWords:
    """`phrases` are what `stored_words` of a prompt has to hold, each after a space. `words` are all of theirs that are
    whole, `prefix` the one that is only the beginning of a word.
    """

    phrases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    prefix: str | None = None


NO_WORDS = SearchedWords()


def stored_words(prompt: str) -> str:
    """The words of a prompt in their order, each between spaces; empty where it has none."""
    words = (
        word
        for piece, unspaced in _pieces(prompt, MOST_READ)
        for word in (_pairs(piece) if unspaced else (piece,))
    )
    stored = " ".join(islice(words, MOST_STORED))
    return f" {stored} " if stored else ""


def searched_words(typed: str) -> SearchedWords:
    """All of them have to be there, in any order; the last may be the beginning of one."""
    phrases, words = list[str](), list[str]()
    prefix: str | None = None
    pieces = list(islice(_pieces(typed, MOST_TYPED), MOST_SEARCHED))
    for position, (piece, unspaced) in enumerate(pieces, start=1):
        is_beginning = len(piece) == 1 if unspaced else len(piece) >= SHORTEST_PREFIX
        if is_beginning and (unspaced or position == len(pieces)):
            phrases.append(piece)
            prefix = prefix or piece
            continue
        # Of a part of something without spaces, what follows is not known: so all but its last letter alone.
        whole = _pairs(piece[:LONGEST_WORD])[:-1] if unspaced else (piece,)
        phrases.append(f"{' '.join(whole)} ")
        words += whole
    return SearchedWords(tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(words)), prefix)


def joined_words(typed: str) -> str:
    """The same search in as few letters as it takes, without signs."""
    return " ".join(piece for piece, _ in islice(_pieces(typed, MOST_TYPED), MOST_SEARCHED))


def _pieces(text: str, most: int) -> Iterator[tuple[str, bool]]:
    """Each word, or what is written without spaces, which is True then; of as many letters of `text`."""
    for found in _PIECES.finditer(_plain(text, most)):
        yield found[0] if found["unspaced"] else found[0][:LONGEST_WORD], bool(found["unspaced"])


def _pairs(piece: str) -> tuple[str, ...]:
    """At each letter of it, that and the next; the last one alone."""
    return tuple(piece[at : at + 2] for at in range(len(piece)))


def _plain(text: str, most: int) -> str:
    """The first letters of it, as many at the `most`, without accents and case."""
    text = text[:most]
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)[:most]
    kept = "".join(letter for letter in apart if not _is_mark(letter)).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", kept)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M") and letter not in _VOICED
