"""Edits of numbers as the tail of a custom id, so that a button that confirms one remembers nothing."""

from __future__ import annotations

import re

from bot.core.limits.policy import UNDECIDED, Decision, Setting
from bot.core.moderation.edits import Edit, ResetAll, SetMember, SetNumbers, SetRole, TopUpMember

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
_NUMBER = re.compile(f"({_LETTER})=({_VALUE})")
_ONE = re.compile(f"(role|member)/({_ID})=({_VALUE})")
_TOP_UP = re.compile(f"top-up/({_ID})=({_COUNT})")
CODE = (
    f"(?:{RESET}|(?:role|member)/{_ID}={_VALUE}|top-up/{_ID}={_COUNT}"
    f"|{_LETTER}={_VALUE}(?:,{_LETTER}={_VALUE})*)"
)
"""Whatever `encode` writes, as an expression."""


def encode(edit: Edit) -> str:
    """Raises ValueError for an edit that never needs to be confirmed."""
    match edit:
        case SetNumbers(numbers=numbers):
            return ",".join(f"{_LETTERS[setting]}={_written(value)}" for setting, value in numbers.items())
        case SetRole(role=role, limit=limit):
            return f"role/{role}={_written(limit)}"
        case SetMember(member=member, limit=limit):
            return f"member/{member}={_written(limit)}"
        case TopUpMember(member=member, images=images):
            return f"top-up/{member}={images}"
        case ResetAll():
            return RESET
        case _:
            raise ValueError(f"{type(edit).__name__} needs no confirmation")


def decode(code: str) -> Edit:
    """Raises ValueError for what `encode` did not write."""
    if code == RESET:
        return ResetAll()
    if top_up := _TOP_UP.fullmatch(code):
        return TopUpMember(int(top_up[1]), int(top_up[2]))
    if one := _ONE.fullmatch(code):
        kind = SetRole if one[1] == "role" else SetMember
        return kind(int(one[2]), _read(one[3]))
    return SetNumbers(dict(map(_decode_number, code.split(","))))


def _decode_number(part: str) -> tuple[Setting, Decision]:
    match = _NUMBER.fullmatch(part)
    if match is None:
        raise ValueError(f"no number: {part!r}")
    return _SETTINGS[match[1]], _read(match[2])


def _written(value: Decision) -> str:
    if value is UNDECIDED:
        return DEFAULT
    return UNLIMITED if value is None else str(value)


def _read(text: str) -> Decision:
    if text == DEFAULT:
        return UNDECIDED
    return None if text == UNLIMITED else int(text)
