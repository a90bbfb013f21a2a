"""The words that a prompt may not contain, as a server's moderators list them."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from bot.core import patterns
from bot.core.look_alikes import readings
from bot.core.not_done import WordsOverLimit, WordUnusable
from bot.core.prompts import visible_text

MOST_WORDS = 200
LONGEST_WORD = 60
# A field of a modal takes so many UTF-16 units, and the whole list has to come back in one.
LONGEST_LIST = 4000

_NOTHING = re.compile("(?!)")
_BETWEEN = re.compile(r"[,，、\r\n]")
# On all lists together: each takes 2 to 5 kB, so about 40 MB; 500 lists of twenty, and those that are asked most. What
# is not among them costs a few milliseconds in another thread, and a third of a second at the very worst.
WORDS_KEPT_READY = 10_000


@dataclass(frozen=True, slots=True)
class WordList:
    """Patterns as the moderators wrote them, each once, in the order of what they mean."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> WordList:
        """One pattern per line or between commas. Raises WordsOverLimit, WordUnusable."""
        return _listed(word for part in _BETWEEN.split(text) if (word := visible_text(part)))

    def text(self) -> str:
        """One pattern per line: `parse` makes the same list of it."""
        return "\n".join(self.patterns)

    @property
    def ready(self) -> bool:
        """Whether `found_in` answers at once."""
        return not self.patterns or self.patterns in _FINDERS

    def prepare(self) -> None:
        """Make it ready, which takes long enough to be done in a thread of its own."""
        if self.patterns:
            _FINDERS.of(self.patterns)

    def found_in(self, prompt: str) -> str | None:
        """The pattern that `prompt` contains (of several, any one), for the moderators alone."""
        if not self.patterns:
            return None
        finder = _FINDERS.of(self.patterns)
        matches = (finder.search(reading) for reading in readings(prompt))
        return next((self.patterns[patterns.place(match)] for match in matches if match), None)


def merge(current: WordList, base: WordList, edited: WordList) -> WordList:
    """`current` with what an editor who began from `base` added and removed. Raises WordsOverLimit."""
    before = {_meaning(word): word for word in base.patterns}
    after = {_meaning(word): word for word in edited.patterns}
    merged = {
        meaning: word
        for word in current.patterns
        if (meaning := _meaning(word)) in after or meaning not in before
    }
    changed = {meaning: word for meaning, word in after.items() if before.get(meaning) != word}
    return _listed((merged | changed).values())


def _listed(words: Iterable[str]) -> WordList:
    once: dict[tuple[patterns.Form, ...], str] = {}
    for word in words:
        once.setdefault(_usable(word), word)
    result = WordList(tuple(once[meaning] for meaning in sorted(once)))
    _within("words", len(result.patterns), MOST_WORDS)
    _within("list", len(result.text().encode("utf-16-le")) // 2, LONGEST_LIST)
    return result


def _usable(word: str) -> tuple[patterns.Form, ...]:
    _within("word", len(word), LONGEST_WORD)
    meaning = _meaning(word)
    if not meaning:
        raise WordUnusable(word)
    return meaning


def _within(what: WordsOverLimit.What, given: int, limit: int) -> None:
    if given > limit:
        raise WordsOverLimit(what, given, limit)


@lru_cache(maxsize=4096)
def _meaning(word: str) -> tuple[patterns.Form, ...]:
    return patterns.forms(word)


def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    finder = patterns.expression([_meaning(word) for word in words]) or _NOTHING
    re.purge()  # or it keeps 512 of them as well, of whatever size
    return finder


class Finders:
    """Expressions that are ready, of lists with `most` words together; what was not asked for the longest goes first.

    For several threads: whoever asks for a list that is ready does not wait for one that is being made.
    """

    def __init__(self, make: Callable[[tuple[str, ...]], re.Pattern[str]], most: int) -> None:
        self._make = make
        self._most = most
        self._ready: OrderedDict[tuple[str, ...], re.Pattern[str]] = OrderedDict()
        self._words = 0
        self._looking, self._making = Lock(), Lock()

    def __contains__(self, words: tuple[str, ...]) -> bool:
        return words in self._ready

    def of(self, words: tuple[str, ...]) -> re.Pattern[str]:
        if found := self._known(words):
            return found
        with self._making:  # once, for all who wait for the same
            return self._known(words) or self._keep(words, self._make(words))

    def _known(self, words: tuple[str, ...]) -> re.Pattern[str] | None:
        with self._looking:
            if words in self._ready:
                self._ready.move_to_end(words)
            return self._ready.get(words)

    def _keep(self, words: tuple[str, ...], finder: re.Pattern[str]) -> re.Pattern[str]:
        with self._looking:
            self._ready[words] = finder
            self._words += len(words)
            while self._words > self._most and len(self._ready) > 1:
                oldest, _ = self._ready.popitem(last=False)
                self._words -= len(oldest)
        return finder


_FINDERS = Finders(_finder, WORDS_KEPT_READY)
