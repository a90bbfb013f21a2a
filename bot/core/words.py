"""The words that a prompt may not contain, as a server's moderators list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class WordList:
    """Whole words; a `*` at an end of one stands for whatever the word goes on with."""

    patterns: tuple[str, ...] = ()

    def found_in(self, prompt: str) -> str | None:
        """The first pattern that is in `prompt`."""
        folded = prompt.casefold()
        return next((one for one in self.patterns if _compiled(one).search(folded)), None)


def merge(current: WordList, base: WordList, edited: WordList) -> WordList:
    """`current` with what somebody who had `base` before them made of it."""
    kept = [one for one in current.patterns if one in edited.patterns or one not in base.patterns]
    added = [one for one in edited.patterns if one not in base.patterns and one not in kept]
    return WordList((*kept, *added))


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    word = re.escape(pattern.casefold().strip("*"))
    before, after = "" if pattern.startswith("*") else r"\b", "" if pattern.endswith("*") else r"\b"
    return re.compile(f"{before}{word}{after}")
