"""The words that a prompt may not contain, as a server's moderators list them."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import getsizeof
from threading import Lock
from typing import TYPE_CHECKING

from bot.core.word_filter.errors import (
    EntryTooLong,
    EntryWithoutLetters,
    InvalidEntry,
    MisplacedWildcard,
    WordListTooLong,
)
from bot.core.word_filter.prompt_text import visible_text

# What reads words and looks for them is imported with the first list that has any: in most servers none is blocked, and
# a bot at rest has no memory to spare.
if TYPE_CHECKING:
    from bot.core.word_filter.automaton import Automaton
    from bot.core.word_filter.patterns import Form

MOST_WORDS = 200
LONGEST_WORD = 60
# A field of a modal takes so many UTF-16 units, and the whole list has to come back in one.
LONGEST_LIST = 4000

_BETWEEN = re.compile(r"[,，、\r\n]")
AUTOMATA_BYTES = 32 * 1024 * 1024
"""Of all servers' lists: 350 long ones, or 1,500 of twenty words. One takes some milliseconds to make."""


@dataclass(frozen=True, slots=True)
class WordList:
    """Patterns as the moderators wrote them, each once, in the order of what they mean."""

    patterns: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Patterns that had a `*` inside when they were stored, and what they are instead."""

    @classmethod
    def stored(cls, patterns: Iterable[str]) -> WordList:
        """A list that was read in its time, by whatever rules were those of its version.

        A `*` inside made one search take minutes. It goes, so that the phrase is still found as it is written; those
        at the ends stay. Nothing is refused that was not refused before.
        """
        if not (listed := tuple(patterns)):
            return cls()
        from bot.core.word_filter.patterns import has_star_inside, without_stars_inside  # noqa: PLC0415

        instead = {it: without_stars_inside(it) if has_star_inside(it) else it for it in listed}
        changed = tuple((before, after) for before, after in instead.items() if before != after)
        return cls(tuple(dict.fromkeys(instead.values())), changed)

    def text(self) -> str:
        """One pattern per line: `sort_words` makes the same list of it."""
        return "\n".join(self.patterns)

    def found_in(self, prompt: str) -> str | None:
        """The pattern that `prompt` contains (of several, any one), for the moderators alone.

        Takes time in proportion to the prompt and to the list: some milliseconds at the worst.
        """
        if not self.patterns:
            return None
        from bot.core.word_filter.readings import readings  # noqa: PLC0415

        index = _AUTOMATA.of(self.patterns).first_of(readings(prompt))
        return None if index is None else self.patterns[index]


def sort_words(text: str) -> tuple[WordList, tuple[InvalidEntry, ...]]:
    """The list of what can be used of `text`, one pattern per line or between commas, and why the rest can't be.

    Raises WordListTooLong for the whole list.
    """
    usable, unusable = list[str](), list[InvalidEntry]()
    for part in _BETWEEN.split(text):
        if word := visible_text(part):
            try:
                _usable(word)
            except InvalidEntry as error:
                unusable.append(error)
            else:
                usable.append(word)
    return _listed(usable), tuple(unusable)


def merge(current: WordList, base: WordList, edited: WordList) -> WordList:
    """`current` with what an editor who began from `base` added and removed. Raises WordListTooLong."""
    from bot.core.word_filter.patterns import forms  # noqa: PLC0415

    before = {forms(word): word for word in base.patterns}
    after = {forms(word): word for word in edited.patterns}
    merged = {
        meaning: word
        for word in current.patterns
        if (meaning := forms(word)) in after or meaning not in before
    }
    changed = {meaning: word for meaning, word in after.items() if before.get(meaning) != word}
    return _listed((merged | changed).values())


def _listed(words: Iterable[str]) -> WordList:
    once: dict[tuple[Form, ...], str] = {}
    for word in words:
        once.setdefault(_usable(word), word)
    result = WordList(tuple(once[meaning] for meaning in sorted(once)))
    if len(result.patterns) > MOST_WORDS:
        raise WordListTooLong("words", len(result.patterns), MOST_WORDS)
    length = len(result.text().encode("utf-16-le")) // 2
    if length > LONGEST_LIST:
        raise WordListTooLong("list", length, LONGEST_LIST)
    return result


def _usable(word: str) -> tuple[Form, ...]:
    if len(word) > LONGEST_WORD:
        raise EntryTooLong(word, LONGEST_WORD)
    from bot.core.word_filter.patterns import forms, has_star_inside  # noqa: PLC0415

    meaning = forms(word)
    if not meaning:
        raise EntryWithoutLetters(word)
    if has_star_inside(word):
        raise MisplacedWildcard(word)
    return meaning


class Automata:
    """Those of the lists that were asked last, of together at most `most` bytes. For several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._made: OrderedDict[tuple[str, ...], Automaton] = OrderedDict()
        self._lock = Lock()

    def of(self, words: tuple[str, ...]) -> Automaton:
        with self._lock:
            if words in self._made:
                self._made.move_to_end(words)
                return self._made[words]
        from bot.core.word_filter.automaton import Automaton  # noqa: PLC0415
        from bot.core.word_filter.patterns import forms  # noqa: PLC0415

        made = Automaton([forms(word) for word in words])
        with self._lock:
            if words not in self._made:
                self._made[words] = made
                self._bytes += _size(words, made)
            while self._bytes > self._most and len(self._made) > 1:
                self._bytes -= _size(*self._made.popitem(last=False))
        return made


def _size(words: tuple[str, ...], automaton: Automaton) -> int:
    return sum(map(getsizeof, words)) + getsizeof(words) + automaton.bytes


_AUTOMATA = Automata(AUTOMATA_BYTES)
