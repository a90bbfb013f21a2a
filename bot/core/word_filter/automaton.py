"""Finds any of many patterns in one pass: a nondeterministic automaton whose states are the bits of one number.

Known as Shift-And (Baeza-Yates and Gonnet 1992, with gaps and repetitions Navarro and Raffinot 2002). Each character of
a text takes a handful of operations on numbers with as many bits as the patterns have positions, whatever the patterns
and the text: nothing is tried again, and nothing grows. An engine that makes a deterministic automaton as it goes
(RE2) is faster as a rule, but takes a tenth of a second where list and text are written so that each character is a
new state.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from sys import getsizeof
from typing import NamedTuple

from bot.core.word_filter.alphabets import (
    BLANK,
    LATER_DIGITS,
    MAYBE,
    REPEATED,
    SPACED,
    alphabet_of,
    is_letter,
)
from bot.core.word_filter.patterns import BETWEEN_SIGNS, Form, positions

# Letters that are written one by one show no beginnings and ends of words. So a word is found anywhere among them,
# unless it has so few letters that it is part of many others (c l a s s).
_FEW = range(2, 4)
# `re` compares characters beyond the first plane of Unicode with those of a class one by one.
_MOST_RARE = 64
_LATER = frozenset(LATER_DIGITS.values())
# For all characters after those of `_firsts_of_kinds`.
_OTHER_LETTER, _OTHER_SIGN = "猫", "☀"


class _Row(NamedTuple):
    """What a character does: `ends` are the states in which a pattern may end before it, `takes` those into which it
    leads from the state before, `keeps` those that it leaves as they are, and `begins` the first states of the
    patterns that may begin after it: None where these are as before it.
    """

    ends: int
    takes: int
    keeps: int
    begins: int | None


class Automaton:
    """May be asked by several threads at once."""

    def __init__(self, listed: Sequence[Sequence[Form]]) -> None:
        """`listed` are all forms of each pattern."""
        self._patterns = [number for number, forms in enumerate(listed) for _ in forms]
        states = _States(chain.from_iterable(listed))
        self._starts = states.starts
        self._bounds = states.bounds()
        self._rows = states.rows(self._bounds)
        self._runs_of_unlisted = _runs_of_unlisted(self._rows)

    @property
    def bytes(self) -> int:
        """About as much memory as it takes."""
        own = (number for row in self._rows.values() for number in (row.takes, row.keeps))
        return 1500 + 60 * len(self._starts) + 180 * len(self._rows) + sum(map(getsizeof, own))

    def first_of(self, texts: Iterable[str]) -> int | None:
        """The index in the list of a pattern that the first of the folded `texts` with any contains.

        Of several, it is the one that ends first.
        """
        row_of = _Rows(self._rows, self._bounds).__getitem__
        for whole in texts:
            text = self._runs_of_unlisted.sub(_shortened, whole) if self._runs_of_unlisted else whole
            state, begins, lasts = 0, self._bounds.firsts, self._bounds.lasts
            for ends, takes, keeps, begins_after in map(row_of, text):
                if not state:
                    state = begins & takes
                elif state & ends:
                    return self._pattern(state & ends)
                else:
                    state = (state << 1 | begins) & takes | state & keeps
                if begins_after is not None:
                    begins = begins_after
            if state & lasts:
                return self._pattern(state & lasts)
        return None

    def _pattern(self, ended: int) -> int:
        state = (ended & -ended).bit_length() - 1
        return self._patterns[bisect_right(self._starts, state) - 1]


def _runs_of_unlisted(known: Iterable[str]) -> re.Pattern[str] | None:
    """Four or more characters in a row that are in no pattern; None where `re` would take too long to match them.

    ASCII, with all that a narrow gap may consist of, and the signs of `alphabets` are left out.
    """
    beside = "".join(sorted(filter(lambda it: it > "\x9f", known)))
    rare = sum(it > "\uffff" for it in beside)
    return re.compile(f"[^\x00-\x9f{beside}]{{4,}}") if rare <= _MOST_RARE else None


def _shortened(run: re.Match[str]) -> str:
    """A run that matches the same: its ends count as what is beside a word, its inside as a gap if it has no letter."""
    text = run[0]
    return text[0] + next(filter(is_letter, text[1:-1]), "") + text[-1]


class _Rows(dict[str, _Row]):
    """Those of an automaton, and of each other character that a search meets: that of the first of its kind."""

    def __init__(self, own: Mapping[str, _Row], bounds: _Bounds) -> None:
        super().__init__(own)
        self._bounds = bounds
        self._firsts = _firsts_of_kinds()
        self._of_kind = dict[str, _Row]()

    def __missing__(self, character: str) -> _Row:
        first = self._firsts.get(character) or (_OTHER_LETTER if character.isalnum() else _OTHER_SIGN)
        if first not in self._of_kind:
            self._of_kind[first] = self._bounds.row(_kind(first))
        row = self[character] = self._of_kind[first]
        return row


class _Kind(NamedTuple):
    """What there is to know of a character that is in no pattern."""

    alphabet: int | None
    is_letter: bool
    is_between_signs: bool


def _kind(character: str) -> _Kind:
    return _Kind(alphabet_of(character), is_letter(character), character in BETWEEN_SIGNS)


@lru_cache(maxsize=1)
def _firsts_of_kinds() -> Mapping[str, str]:
    """Of each character before the end of the last alphabet: the first one that means the same."""
    firsts = dict[_Kind, str]()
    return {it: firsts.setdefault(_kind(it), it) for it in map(chr, range(0x1800))}


class _Bounds(NamedTuple):
    """The states in which patterns begin, those in which they end, and those between two words.

    `begins_after` and `ends_before` are what is left of them after and before a letter of an alphabet.
    """

    firsts: int
    lasts: int
    begins_after: Mapping[int, int]
    ends_before: Mapping[int, int]
    wide_gaps: int
    narrow_gaps: int

    def row(self, kind: _Kind, takes: int = 0, keeps: int = 0) -> _Row:
        gaps = 0 if kind.is_letter else self.wide_gaps
        gaps |= self.narrow_gaps if kind.is_between_signs else 0
        if kind.alphabet is None:
            return _Row(self.lasts, takes | gaps, keeps | gaps, self.firsts)
        ends = self.ends_before.get(kind.alphabet, self.lasts)
        return _Row(ends, takes | gaps, keeps | gaps, self.begins_after.get(kind.alphabet, self.firsts))


class _States:
    """Those of all forms, one after the other: one for each position, and one more that nothing leads into."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.starts: list[int] = []
        self._size = 0
        self._takes: defaultdict[str, list[int]] = defaultdict(list)
        self._keeps: defaultdict[str, list[int]] = defaultdict(list)
        # By the alphabet of which no letter may stand before the first, or after the last.
        self._firsts: defaultdict[int | None, list[int]] = defaultdict(list)
        self._lasts: defaultdict[int | None, list[int]] = defaultdict(list)
        self._gaps: dict[bool, list[int]] = {True: [], False: []}
        self._few_letters = list[int]()
        for form in forms:
            self._add(form)

    def bounds(self) -> _Bounds:
        firsts, lasts = (
            self._number(chain.from_iterable(found.values())) for found in (self._firsts, self._lasts)
        )
        return _Bounds(
            firsts,
            lasts,
            {it: firsts & ~self._number(found) for it, found in self._firsts.items() if it is not None},
            {it: lasts & ~self._number(found) for it, found in self._lasts.items() if it is not None},
            wide_gaps=self._number(self._gaps[False]),
            narrow_gaps=self._number(self._gaps[True]),
        )

    def rows(self, bounds: _Bounds) -> dict[str, _Row]:
        """Of the characters that stand in the forms, and of those that mean something everywhere."""
        rows = {
            character: bounds.row(
                _kind(character),
                self._number(self._takes.get(character, ())),
                self._number(self._keeps.get(character, ())),
            )
            for character in self._takes.keys() | self._keeps.keys() | {REPEATED}
        }
        # It belongs to the letter before it.
        rows[REPEATED] = rows[REPEATED]._replace(begins=None)
        gaps, everything = bounds.wide_gaps | bounds.narrow_gaps, (1 << self._size) - 1
        rows[BLANK] = _Row(bounds.lasts, gaps, everything, bounds.firsts)
        few = self._number(self._few_letters)
        rows[SPACED] = _Row(bounds.lasts & ~few, gaps, everything, bounds.firsts & ~few)
        for letter, sign in MAYBE.items():
            takes = rows[letter].takes if letter in rows else 0
            rows[sign] = rows[SPACED]._replace(takes=takes | gaps)
        return rows

    def _add(self, form: Form) -> None:
        start = self._size
        self.starts.append(start)
        first, last = form.words[0], form.words[-1].rstrip(REPEATED)
        begins = None if form.opens else alphabet_of(first[0])
        ends = None if form.goes_on else alphabet_of(last[-1])
        for position in positions(form):
            # A whole word does not begin within a number.
            never = _LATER if begins is not None and self._size == start else frozenset()
            for character in frozenset(position.takes) - never:
                self._takes[character].append(self._size)
            for character in position.keeps:
                self._keeps[character].append(self._size)
            if position.gap:
                self._gaps[position.narrow].append(self._size)
            self._size += 1
        self._firsts[begins].append(start)
        self._lasts[ends].append(self._size - 1)
        self._few_letters += [start] * (begins is not None and len(first) in _FEW)
        self._few_letters += [self._size - 1] * (ends is not None and len(last) in _FEW)
        self._size += 1

    def _number(self, states: Iterable[int]) -> int:
        """With the bits of these states."""
        bits = bytearray(self._size // 8 + 1)
        for state in states:
            bits[state >> 3] |= 1 << (state & 7)
        return int.from_bytes(bits, "little")
