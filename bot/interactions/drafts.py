"""What somebody typed into a form that was refused, for the button that opens it again."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from bot.interactions.modals import Answers

KEPT_SECONDS = 15 * 60.0
MOST_KEPT = 300
"""A form holds 20,000 characters at the very most, and as a rule less than a hundred."""
MOST_OF_ONE = 10
"""Of one owner: nobody's draft is forgotten for another's many."""
HELD = "!"
"""Begins the code of what is held here; no encoded answer contains it."""
CODE = r"[!%&+\-.=0-9A-Z_a-z~]*"
"""Whatever `keep` returns, as an expression."""


@dataclass(frozen=True, slots=True)
class _Draft:
    owner: int
    answers: Answers
    until: float


class Drafts:
    """Answers as a code that fits into a custom id.

    Most fit as they are, and then nothing is stored. The rest is held in memory, for a quarter of an hour and for
    whoever typed it: after a restart, or in another process, it is gone.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, _Draft] = OrderedDict()

    def keep(self, owner: int, answers: Answers, room: int) -> str:
        """A code of at most `room` characters, and never less than 17."""
        code = encoded(answers)
        if len(code) <= room:
            return code
        code = f"{HELD}{secrets.token_hex(8)}"
        self._held[code] = _Draft(owner, answers, self._clock() + KEPT_SECONDS)
        own = [other for other, draft in self._held.items() if draft.owner == owner]
        for oldest in own[:-MOST_OF_ONE]:
            del self._held[oldest]
        while len(self._held) > MOST_KEPT or next(iter(self._held.values())).until < self._clock():
            self._held.popitem(last=False)
        return code

    def find(self, owner: int, code: str) -> Answers | None:
        """None for what is gone, or somebody else's."""
        if not code.startswith(HELD):
            return decoded(code)
        draft = self._held.get(code)
        return draft.answers if draft and draft.owner == owner and self._clock() < draft.until else None


def encoded(answers: Answers) -> str:
    filled = {field: values for field, values in answers.given.items() if any(values)}
    return urlencode(filled, doseq=True, quote_via=quote, safe="")


def decoded(code: str) -> Answers:
    """Of any text: what is no answer is left out."""
    return Answers({field: tuple(values) for field, values in parse_qs(code).items()}, {})
