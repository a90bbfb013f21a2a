"""Time zones by the names that people give them."""

from __future__ import annotations

import heapq
import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo, available_timezones

from bot.core.limits.errors import UnknownTimeZone

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
LONGEST_NAME = 64
"""Characters; no name is longer, and comparing takes long with a text that is."""
LIKE = 0.75
"""Of difflib's ratio: a name that is less similar to the text is not suggested."""
_OFFSET = re.compile(
    r"(?:utc|gmt)? ?([+-]) ?(?:(\d{1,2})(?:[:.]?(\d\d))?|(\d)(\d\d))(?: ?h(?:ours?)?)?",
    re.IGNORECASE | re.ASCII,
)
_SIGNS = str.maketrans("−–", "--")
_FIXED = re.compile(r"Etc/GMT([+-])(\d{1,2})", re.ASCII)
_NO_OFFSET = frozenset({"Etc/GMT", "Etc/GMT+0", "Etc/GMT-0", "Etc/GMT0"})
_MINUTES = 60
# Of the offsets that are no whole hours, those that a zone has all year round.
_ODD_OFFSETS = {
    -570: "Pacific/Marquesas",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
}
# What people call a clock or a place that IANA calls otherwise. EST and MST are names of IANA's, too, but of zones
# whose clocks are never put forward: whoever writes them means the time around them. Several: it could be any of them.
_SAID = {
    "z": ("UTC",),
    "pst pdt pt pacific pacific_time california la": ("America/Los_Angeles",),
    "washington_state oregon nevada seattle san_francisco san_diego las_vegas": ("America/Los_Angeles",),
    "mst mdt mt mountain mountain_time colorado utah montana new_mexico": ("America/Denver",),
    "arizona": ("America/Phoenix",),
    "cdt ct central central_time texas illinois minnesota wisconsin louisiana": ("America/Chicago",),
    "missouri oklahoma iowa arkansas alabama mississippi houston dallas austin": ("America/Chicago",),
    "est edt et eastern eastern_time new_york_city nyc florida georgia_usa": ("America/New_York",),
    "massachusetts virginia ohio pennsylvania maryland new_jersey north_carolina": ("America/New_York",),
    "connecticut maine vermont south_carolina boston miami atlanta philadelphia": ("America/New_York",),
    "washington_dc michigan": ("America/New_York",),
    "akst akdt alaska": ("America/Anchorage",),
    "hawaii": ("Pacific/Honolulu",),
    "nst ndt newfoundland": ("America/St_Johns",),
    "adt nova_scotia": ("America/Halifax",),
    "ontario quebec": ("America/Toronto",),
    "british_columbia": ("America/Vancouver",),
    "bst uk britain great_britain england scotland wales united_kingdom": ("Europe/London",),
    "cest germany": ("Europe/Berlin",),
    "france": ("Europe/Paris",),
    "italy": ("Europe/Rome",),
    "spain": ("Europe/Madrid",),
    "netherlands holland": ("Europe/Amsterdam",),
    "belgium": ("Europe/Brussels",),
    "switzerland": ("Europe/Zurich",),
    "austria": ("Europe/Vienna",),
    "sweden": ("Europe/Stockholm",),
    "norway": ("Europe/Oslo",),
    "denmark": ("Europe/Copenhagen",),
    "finland": ("Europe/Helsinki",),
    "czechia": ("Europe/Prague",),
    "greece eest": ("Europe/Athens",),
    "ireland": ("Europe/Dublin",),
    "west": ("Europe/Lisbon",),
    "ukraine": ("Europe/Kyiv",),
    "romania": ("Europe/Bucharest",),
    "hungary": ("Europe/Budapest",),
    "msk moscow_time": ("Europe/Moscow",),
    "trt": ("Europe/Istanbul",),
    "india": ("Asia/Kolkata",),
    "pkt pakistan": ("Asia/Karachi",),
    "bangladesh": ("Asia/Dhaka",),
    "wib": ("Asia/Jakarta",),
    "ict thailand": ("Asia/Bangkok",),
    "vietnam": ("Asia/Ho_Chi_Minh",),
    "pht philippines": ("Asia/Manila",),
    "malaysia": ("Asia/Kuala_Lumpur",),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "china beijing": ("Asia/Shanghai",),
    "taiwan": ("Asia/Taipei",),
    "jst": ("Asia/Tokyo",),
    "kst korea south_korea": ("Asia/Seoul",),
    "gst uae": ("Asia/Dubai",),
    "aest aedt": ("Australia/Sydney",),
    "acst acdt": ("Australia/Adelaide",),
    "awst": ("Australia/Perth",),
    "nzst nzdt nzt new_zealand": ("Pacific/Auckland",),
    "sast south_africa": ("Africa/Johannesburg",),
    "wat nigeria": ("Africa/Lagos",),
    "eat kenya": ("Africa/Nairobi",),
    "cat": ("Africa/Maputo",),
    "brt brasilia": ("America/Sao_Paulo",),
    "art argentina": ("America/Argentina/Buenos_Aires",),
    "clt clst chile": ("America/Santiago",),
    "cot colombia": ("America/Bogota",),
    "pet peru": ("America/Lima",),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "ast atlantic": ("America/Halifax", "Asia/Riyadh", "America/Puerto_Rico"),
    "usa us united_states america": ("America/New_York", "America/Chicago", "America/Los_Angeles"),
    "canada": ("America/Toronto", "America/Winnipeg", "America/Vancouver"),
    "brazil": ("America/Sao_Paulo", "America/Manaus", "America/Recife"),
    "mexico": ("America/Mexico_City", "America/Cancun", "America/Tijuana"),
    "australia": ("Australia/Sydney", "Australia/Adelaide", "Australia/Perth"),
    "russia": ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok"),
    "indonesia": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
}
_MEANINGS = {name: zones for names, zones in _SAID.items() for name in names.split()}


def zone_named(text: str) -> ZoneInfo:
    """By its IANA name, by its city or place alone, by what people call it, or as in UTC+2; whatever the case.

    Raises UnknownTimeZone.
    """
    if text in FAMILIAR:  # without the list of all of them, which stays in memory
        return ZoneInfo(text)
    found = _meant(text)
    if len(found) == 1:
        return ZoneInfo(found[0])
    raise UnknownTimeZone(suggested_zones(text)[:NEAREST] if text.strip() else ())


def digest(name: str) -> str:
    """Eight characters by which a zone is found again, where there is no room for its name; a stored format."""
    return sha256(name.encode()).hexdigest()[:8]


def zone_of_digest(text: str) -> ZoneInfo:
    """Raises ValueError where no zone has it."""
    found = [name for name in _names()[0].values() if digest(name) == text]
    if len(found) != 1:
        raise ValueError(f"no zone has the digest {text!r}")
    return ZoneInfo(found[0])


def names_one_zone(text: str) -> bool:
    """Whether `text` names exactly one zone, or begins one city's name: that zone is then suggested first."""
    wanted = _folded(text[:LONGEST_NAME])
    cities = {name for known, name in _known() if wanted and _rank(known, wanted) == 0}
    return len(_meant(text)) == 1 or len(cities) == 1


def zone_label(name: str) -> str:
    """A zone's name as people write it: IANA's names of fixed offsets have the opposite sign, as in POSIX."""
    if fixed := _FIXED.fullmatch(name):
        hours = int(fixed[2])
        return f"UTC{'-' if fixed[1] == '+' else '+'}{hours}" if hours else "UTC"
    return "UTC" if name in _NO_OFFSET else name


def nearest_zones(text: str) -> tuple[str, ...]:
    """Up to NEAREST names that are similar to `text`, or whose city is, the most similar first."""
    if len(text) > LONGEST_NAME:
        return ()
    from difflib import SequenceMatcher  # noqa: PLC0415 — seldom needed, and not small

    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(_folded(text))  # what it knows of the second is kept from one name to the next
    alike = list[tuple[float, str]]()
    for known, name in _known():
        likeness = 0.0
        for compared in (known, _city(known)):
            matcher.set_seq1(compared)
            likeness = max(likeness, matcher.ratio())
        if likeness >= LIKE:
            alike.append((-likeness, name))
    return tuple(dict.fromkeys(name for _, name in heapq.nsmallest(2 * NEAREST, alike)))[:NEAREST]


def suggested_zones(text: str) -> tuple[str, ...]:
    """Names for somebody who is still typing, at most SUGGESTIONS: first the zones that the text names already, then
    those with the text in their names, or else the nearest.
    """
    if len(text) > LONGEST_NAME:
        return ()
    wanted = _folded(text)
    if not wanted:
        return FAMILIAR
    found = sorted((_rank(known, wanted), name) for known, name in _known() if wanted in known)
    names = dict.fromkeys((*_meant(text), *(name for _, name in found)))
    return tuple(names)[:SUGGESTIONS] or nearest_zones(text)


def _meant(text: str) -> tuple[str, ...]:
    """Every zone that `text` names."""
    if len(text) > LONGEST_NAME:
        return ()
    wanted = _folded(text)
    by_name, by_city = _names()
    if wanted in _MEANINGS:
        return _MEANINGS[wanted]
    if wanted in by_name:
        return (by_name[wanted],)
    return _at_offset(text) or by_city.get(wanted, ())


def _at_offset(text: str) -> tuple[str, ...]:
    """The zone that is always so far from UTC, by `+2`, `UTC-5` or `GMT+05:30`: east of it is plus, unlike in POSIX."""
    match = _OFFSET.fullmatch(text.strip().translate(_SIGNS))
    if match is None:
        return ()
    hours, minutes = int(match[2] or match[4]), int(match[3] or match[5] or 0)
    if minutes:
        east = (hours * _MINUTES + minutes) * (1 if match[1] == "+" else -1)
        return (_ODD_OFFSETS[east],) if minutes < _MINUTES and east in _ODD_OFFSETS else ()
    if hours == 0:
        return ("UTC",)
    name = f"Etc/GMT{'-' if match[1] == '+' else '+'}{hours}"
    return (name,) if _folded(name) in _names()[0] else ()


def _rank(known: str, wanted: str) -> int:
    """How well `known` fits what is typed; 0 is best."""
    if _city(known).startswith(wanted):
        return 0
    return 1 if known.startswith(wanted) else 2


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, str], ...]:
    """What zones are called, folded, and their names; but for fixed offsets, which people write otherwise."""
    by_name = ((folded, name) for folded, name in _names()[0].items() if not name.startswith("Etc/"))
    said = ((said, name) for said, names in _MEANINGS.items() for name in names)
    return (*by_name, *said)


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
    return "".join(bare).casefold().strip().replace(" ", "_").replace("-", "_").rstrip(".")
