"""Time zones by the names that people give them."""

from __future__ import annotations

import heapq
import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.core.not_done import UnknownZone

NEAREST = 3
SUGGESTIONS = 25  # as many as Discord shows while somebody types
FAMILIAR = (
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""What is offered before anything is typed."""
# The clock of whatever machine the bot runs on, and none at all.
NOBODYS = frozenset({"localtime", "Factory"})
_OFFSET = re.compile(r"(?:utc|gmt) ?([−+-]) ?(\d{1,2})(?::?00)?", re.IGNORECASE | re.ASCII)
_FIXED = re.compile(r"Etc/GMT([+-])(\d{1,2})", re.ASCII)


def zone_named(text: str) -> ZoneInfo:
    """By its IANA name, by its city alone, or as in UTC+2; whatever the case. Raises UnknownZone."""
    wanted = _folded(text)
    by_name, by_city = _names()
    if name := by_name.get(wanted) or _fixed(text):
        return ZoneInfo(name)
    cities = by_city.get(wanted, ())
    if len(cities) == 1:
        return ZoneInfo(cities[0])
    raise UnknownZone(cities[:NEAREST] or nearest_zones(text))


def called(name: str) -> str:
    """As people say it: the IANA names of fixed offsets have their signs the other way round (POSIX)."""
    if fixed := _FIXED.fullmatch(name):
        return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}"
    return name


def nearest_zones(text: str) -> tuple[str, ...]:
    """Three names: the whole name counts, and so does the city alone."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(_folded(text))  # what it knows of the second is kept from one name to the next

    def likeness(folded: str) -> float:
        return max(_ratio(matcher, folded), _ratio(matcher, _city(folded)))

    by_name, _ = _names()
    return tuple(by_name[folded] for folded in heapq.nlargest(NEAREST, by_name, key=likeness))


def suggested_zones(text: str) -> tuple[str, ...]:
    """Names for somebody who is still typing: cities that begin like it first; never more than Discord takes."""
    wanted = _folded(text)
    if not wanted:
        return FAMILIAR
    if fixed := _fixed(text):
        return (fixed,)
    by_name, _ = _names()
    found = sorted((_rank(folded, wanted), name) for folded, name in by_name.items() if wanted in folded)
    return tuple(name for _, name in found[:SUGGESTIONS]) or nearest_zones(text)


def _fixed(text: str) -> str | None:
    """The name of what people call UTC+2, where there is one: its sign means the opposite."""
    if offset := _OFFSET.fullmatch(text.strip()):
        name = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
        return _names()[0].get(_folded(name)) if int(offset[2]) else "UTC"
    return None


def _rank(folded: str, wanted: str) -> int:
    """0 is best."""
    if _city(folded).startswith(wanted):
        return 0
    return 1 if folded.startswith(wanted) else 2


def _ratio(matcher: SequenceMatcher[str], one: str) -> float:
    matcher.set_seq1(one)
    return matcher.ratio()


@lru_cache(maxsize=1)  # it reads the disk
def _names() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The names that there are, by themselves and by their cities, folded."""
    by_name = {_folded(name): name for name in sorted(available_timezones() - NOBODYS)}
    by_city: dict[str, tuple[str, ...]] = {}
    for folded, name in by_name.items():
        by_city[_city(folded)] = (*by_city.get(_city(folded), ()), name)
    return by_name, by_city


def _city(folded: str) -> str:
    return folded.rpartition("/")[2]


def _folded(text: str) -> str:
    """Lower case, no accents, one sign for everything between two words."""
    bare = (one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return "".join(bare).casefold().strip().replace(" ", "_").replace("-", "_")
