"""Numbers and spans of time as people write them into a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from bot.core.limits.policy import UNDECIDED, Decision, Setting
from bot.core.moderation.errors import InvalidInput
from bot.ui.limits import policy_text
from bot.ui.sentences import IN_ENGLISH

DEFAULT = frozenset({"", "default"})
UNLIMITED = frozenset({"unlimited", "no limit", "∞"})
NONE_AT_ALL = frozenset({"off"})
FOR_GOOD = frozenset({"for good", "forever", "permanent", "permanently"})
ORDINARY_BLOCK = timedelta(days=1)
"""What is meant where nobody says how long."""
ORDINARY_SPANS = ("10 min", "1 h", "6 h", "1 day", "3 days", "1 week", "30 days", "permanent")
"""What is offered before anything is typed."""

# Nothing but digits, or thousands apart: "1.5" is neither.
_WHOLE = re.compile(r"\d{1,12}|\d{1,3}([ ,.'’_\u00a0\u202f]\d{3}){1,3}", re.ASCII)
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]*)", re.ASCII)
_ONE = re.compile(r"\ban?\s+", re.ASCII)
_UNITS = {
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    60 * 60: ("h", "hr", "hrs", "hour", "hours"),
    24 * 60 * 60: ("d", "day", "days"),
    7 * 24 * 60 * 60: ("w", "wk", "wks", "week", "weeks"),
    30 * 24 * 60 * 60: ("month", "months"),
    365 * 24 * 60 * 60: ("y", "year", "years"),
}
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names}
LONGEST_SPAN = 10 * 365 * 24 * 60 * 60


@contextmanager
def named(field: str) -> Iterator[None]:
    """What can't be read in it is said of the field whose name has that code."""
    try:
        yield
    except InvalidInput as unreadable:
        raise InvalidInput(unreadable.text, unreadable.expected, field) from None


def read_decision(setting: Setting, text: str) -> Decision:
    """`10`, `1,000`, `unlimited`, `off`, of a cooldown `1 h 30 min`; nothing or `default` is UNDECIDED.

    Raises InvalidInput.
    """
    word = _folded(text)
    if word in DEFAULT:
        return UNDECIDED
    if word in NONE_AT_ALL:
        return 0
    if setting is Setting.COOLDOWN:
        seconds = 0 if word == IN_ENGLISH.duration(0) else _seconds(word, bare=1)
        if seconds is None:
            raise InvalidInput(text, "duration")
        return seconds
    return None if word in UNLIMITED else read_count(text)


def read_count(text: str, least: int = 0) -> int:
    """A whole number, from `least` on, which is 0 or 1. Raises InvalidInput."""
    if not _WHOLE.fullmatch(text.strip()):
        raise InvalidInput(text, "number")
    count = int(re.sub(r"\D", "", text))
    if count < least:
        raise InvalidInput(text, "positive_number")
    return count


def read_span(text: str) -> timedelta | None:
    """`30 min`, `12 h`, `3 days`; None is for good, which is never meant by saying nothing: that is a day.

    Raises InvalidInput, for no time at all as well.
    """
    word = _folded(text)
    if not word:
        return ORDINARY_BLOCK
    if word in FOR_GOOD:
        return None
    if seconds := _seconds(word, bare=None):
        return timedelta(seconds=seconds)
    raise InvalidInput(text, "block_duration")


def suggested_spans(text: str) -> tuple[str, ...]:
    """How long, for somebody who is still typing; each reads back by `read_span`."""
    word = _folded(text)
    if not word:
        return ORDINARY_SPANS
    units = ("min", "h", "day", "week") if word == "1" else ("min", "h", "days", "weeks")
    offered = [f"{word} {unit}" for unit in units] if word.isdecimal() else [word]
    offered += [span for span in ORDINARY_SPANS if span.startswith(word)]
    spans = list[str]()
    for span in dict.fromkeys(offered):
        with suppress(InvalidInput):
            read_span(span)
            spans.append(span)
    return tuple(spans)


def _seconds(text: str, bare: int | None) -> int | None:
    """A number without a unit counts as so many `bare` seconds; None for what is no span, or one of over ten years."""
    rest, total = _ONE.sub("1 ", text), 0
    while match := _SPAN.match(rest):
        unit = _SECONDS.get(match[2]) if match[2] else bare
        if unit is None:
            return None
        total += round(float(match[1]) * unit)
        rest = rest[match.end() :].lstrip(" ,")
    return None if rest or not text or total > LONGEST_SPAN else total


def written(setting: Setting, decision: Decision) -> str:
    """How a field shows a decision; it reads back as the same."""
    if decision is UNDECIDED:
        return ""
    return policy_text.value(setting, decision) if decision != 0 else "off"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
