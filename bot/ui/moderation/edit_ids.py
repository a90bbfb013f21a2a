"""What a moderator confirms as the tail of a custom id, so that the button remembers nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.limits.policy import UNDECIDED, Decision, Setting
from bot.core.limits.time_zones import digest, zone_of_digest
from bot.core.moderation.edits import Edit, ResetAll, SetMember, SetNumbers, SetRole, SetZone, TopUpMember

UNLIMITED, DEFAULT = "u", "x"
RESET = "reset"

_LETTERS = {
    Setting.DAILY: "d",
    Setting.MONTHLY: "m",
    Setting.SERVER_DAILY: "D",
    Setting.SERVER_MONTHLY: "M",
    Setting.PER_PROMPT: "p",
    Setting.AT_ONCE: "a",
    Setting.COOLDOWN: "c",
}
_SETTINGS = {letter: setting for setting, letter in _LETTERS.items()}
_LETTER, _ID, _COUNT = f"[{''.join(_SETTINGS)}]", "[0-9]{1,20}", "[0-9]{1,12}"
_VALUE = f"(?:{_COUNT}|[{UNLIMITED}{DEFAULT}])"
_ZONE = f"z=(?:{DEFAULT}|[0-9a-f]{{8}})"
_NUMBER = re.compile(f"({_LETTER})=({_VALUE})")
_ONE = re.compile(f"(role|member)/({_ID})=({_VALUE})")
_TOP_UP = re.compile(f"top-up/({_ID})=({_COUNT})")
CODE = (
    f"(?:{RESET}|(?:role|member)/{_ID}={_VALUE}|top-up/{_ID}={_COUNT}"
    f"|{_LETTER}={_VALUE}(?:,{_LETTER}={_VALUE})*(?:,{_ZONE})?)"
)
"""Whatever `encode` writes, as an expression."""


def encode(*edits: Edit) -> str:
    """Raises ValueError for edits that never need to be confirmed, or never together."""
    match edits:
        case (SetNumbers(numbers=numbers),):
            return _written_numbers(numbers)
        case (SetNumbers(numbers=numbers), SetZone(zone=zone)):
            return f"{_written_numbers(numbers)},z={digest(zone.key) if zone else DEFAULT}"
        case (SetRole(role=role, limit=limit),):
            return f"role/{role}={_written(limit)}"
        case (SetMember(member=member, limit=limit),):
            return f"member/{member}={_written(limit)}"
        case (TopUpMember(member=member, images=images),):
            return f"top-up/{member}={images}"
        case (ResetAll(),):
            return RESET
        case _:
            raise ValueError(f"no confirmation of {', '.join(type(edit).__name__ for edit in edits)}")


def decode(code: str) -> tuple[Edit, ...]:
    """Raises ValueError for what `encode` did not write."""
    if code == RESET:
        return (ResetAll(),)
    if top_up := _TOP_UP.fullmatch(code):
        return (TopUpMember(int(top_up[1]), int(top_up[2])),)
    if one := _ONE.fullmatch(code):
        kind = SetRole if one[1] == "role" else SetMember
        return (kind(int(one[2]), _read(one[3])),)
    written, has_zone, zone = code.partition(",z=")
    decisions = dict[Setting, Decision]()
    for part in written.split(","):
        number = _NUMBER.fullmatch(part)
        if number is None:
            raise ValueError(f"no number: {part!r}")
        decisions[_SETTINGS[number[1]]] = _read(number[2])
    numbers = SetNumbers(decisions)
    if not has_zone:
        return (numbers,)
    return numbers, SetZone(None if zone == DEFAULT else zone_of_digest(zone))


def _written_numbers(numbers: Mapping[Setting, Decision]) -> str:
    return ",".join(f"{_LETTERS[setting]}={_written(value)}" for setting, value in numbers.items())


def _written(value: Decision) -> str:
    if value is UNDECIDED:
        return DEFAULT
    return UNLIMITED if value is None else str(value)


def _read(text: str) -> Decision:
    if text == DEFAULT:
        return UNDECIDED
    return None if text == UNLIMITED else int(text)
