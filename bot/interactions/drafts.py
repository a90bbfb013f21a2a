"""What somebody typed into a form that was refused, for the button that opens it again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode

from bot.interactions.member_memory import MemberMemory
from bot.interactions.modals import Answers

KEPT_SECONDS = 15 * 60.0
MOST_KEPT = 300
"""A form holds 20,000 characters at the very most, and as a rule less than a hundred."""
HELD = "!"
"""Begins the code of what is held here; no encoded answer contains it."""
CODE = r"[!%&+\-.=0-9A-Z_a-z~]*"
"""Whatever `keep` returns, as an expression."""


class Drafts:
    """Answers as a code that fits into a custom id.

    Most fit as they are, and then nothing is stored. The rest is held in memory, for a quarter of an hour and for
    whoever typed it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._held = MemberMemory[str, Answers](KEPT_SECONDS, MOST_KEPT, clock)

    def keep(self, owner: int, answers: Answers, room: int) -> str:
        """A code of at most `room` characters, and never less than 17."""
        code = encoded(answers)
        if len(code) <= room:
            return code
        code = f"{HELD}{secrets.token_hex(8)}"
        self._held.keep(owner, code, answers)
        return code

    def find(self, owner: int, code: str) -> Answers | None:
        """None for what is gone, or somebody else's."""
        if not code.startswith(HELD):
            return decoded(code)
        return self._held.find(owner, code)


def encoded(answers: Answers) -> str:
    filled = {field: values for field, values in answers.given.items() if any(values)}
    return urlencode(filled, doseq=True, quote_via=quote, safe="")


def decoded(code: str) -> Answers:
    """Of any text: what is no answer is left out."""
    return Answers({field: tuple(values) for field, values in parse_qs(code).items()}, {})
