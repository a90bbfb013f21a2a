"""What is different between two policies: for the answer to a moderator, the history, and a second look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from hashlib import sha256
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.limits.policy import (
    UNDECIDED,
    Block,
    Limit,
    Operator,
    Policy,
    Setting,
    TopUp,
    Undecided,
)
from bot.core.limits.rules import number
from bot.core.moderation.edits import is_drastic

FINGERPRINT_LENGTH = 8
K = TypeVar("K", bound=int | Setting)


class Aspect(StrEnum):
    """What kind of thing was changed, and what `key`, `before` and `after` of a Difference are."""

    NUMBER = "number"  # Setting; Decision
    ROLE = "role"  # role; Decision
    MEMBER = "member"  # member; Decision
    BLOCK = "block"  # member; Block, UNDECIDED where there is none
    TOP_UP = "top_up"  # member; TopUp or UNDECIDED
    FRESH_START = "fresh_start"  # member; FreshStart or UNDECIDED
    CHANNELS = "channels"  # None; ChannelRule
    WORDS = "words"  # None; WordList
    ZONE = "zone"  # None; ZoneInfo or None
    LOG = "log"  # None; LogRule or None


@dataclass(frozen=True, slots=True)
class Difference:
    """It holds at once, or from the instant `since` on."""

    aspect: Aspect
    key: Setting | int | None
    before: object
    after: object
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DrasticChange:
    """A difference of numbers, and what was and will be in force: images, or commands for AT_ONCE."""

    difference: Difference
    before: Limit
    after: Limit


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """In the order in which the aspects are listed, and by key."""
    return (
        *_by_key(Aspect.NUMBER, before.numbers, after.numbers),
        *_by_key(Aspect.ROLE, before.roles, after.roles),
        *_by_key(Aspect.MEMBER, before.members, after.members),
        *_by_key(Aspect.BLOCK, before.blocks, after.blocks),
        *_by_key(Aspect.TOP_UP, before.top_ups, after.top_ups),
        *_by_key(Aspect.FRESH_START, before.fresh_starts, after.fresh_starts),
        *_whole(Aspect.CHANNELS, before.channels, after.channels),
        *_whole(Aspect.WORDS, before.words, after.words),
        *_zone(before, after),
        *_whole(Aspect.LOG, before.log, after.log),
    )


def by_hand(found: Iterable[Difference], at: datetime) -> tuple[Difference, ...]:
    """Without what had run out by itself at that instant: the next change clears it away, whoever makes it."""
    return tuple(one for one in found if not _ran_out(one, at))


def drastic(before: Policy, after: Policy, operator: Operator) -> tuple[DrasticChange, ...]:
    """Those that allow far more, or have no end, or leave nothing to everybody, compared with what held before."""
    steps = (
        DrasticChange(
            difference,
            _in_force(difference, difference.before, before, operator),
            _in_force(difference, difference.after, after, operator),
        )
        for difference in differences(before, after)
        if _is_number_of_images(difference)
    )
    return tuple(step for step in steps if is_drastic(step.before, step.after) or _closes(step))


def _closes(step: DrasticChange) -> bool:
    """Nobody gets any images after it."""
    return step.difference.aspect is Aspect.NUMBER and step.after == 0 != step.before


def fingerprint(found: Sequence[Difference]) -> str:
    """By which what somebody was shown is recognised later: in any process, and by any version of the bot."""
    listed = [[one.aspect, one.key, one.before, one.after, one.since] for one in found]
    return sha256(json.dumps(listed, default=_stored).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _stored(value: object) -> object:
    """What `json` does not know, as values alone: no name of a class or of a field is in it."""
    if is_dataclass(value):
        return [getattr(value, it.name) for it in fields(value) if it.compare]
    match value:
        case Enum():
            return value.value
        case frozenset():
            return sorted(value)
        case datetime():
            return value.isoformat()
        case ZoneInfo():
            return value.key
        case _:
            raise TypeError(f"{type(value).__name__} has no stored form")


def _by_key(aspect: Aspect, before: Mapping[K, object], after: Mapping[K, object]) -> Iterator[Difference]:
    for key in sorted({*before, *after}, key=_place):
        old, new = before.get(key, UNDECIDED), after.get(key, UNDECIDED)
        if old != new:
            yield Difference(aspect, key, old, new)


def _ran_out(difference: Difference, at: datetime) -> bool:
    if difference.after is not UNDECIDED:
        return False
    if isinstance(difference.before, Block):
        return not difference.before.runs_at(at)
    return difference.aspect in {Aspect.TOP_UP, Aspect.FRESH_START}


def _place(key: Setting | int) -> int:
    return list(Setting).index(key) if isinstance(key, Setting) else key


def _whole(aspect: Aspect, before: object, after: object) -> Iterator[Difference]:
    if before != after:
        yield Difference(aspect, None, before, after)


def _zone(before: Policy, after: Policy) -> Iterator[Difference]:
    for difference in _whole(Aspect.ZONE, before.zone, after.zone):
        yield replace(difference, since=after.running.day.ends_at if after.running else None)


def _is_number_of_images(difference: Difference) -> bool:
    if difference.aspect is Aspect.NUMBER:
        return difference.key is not Setting.COOLDOWN
    return difference.aspect in {Aspect.ROLE, Aspect.MEMBER, Aspect.TOP_UP}


def _in_force(difference: Difference, decision: object, policy: Policy, operator: Operator) -> Limit:
    """What an undecided number comes to: for a role or a member, what everybody has."""
    if difference.aspect is Aspect.TOP_UP:
        return _topped_up(difference, decision, policy, operator)
    if not isinstance(decision, Undecided):
        return decision if isinstance(decision, int) else None
    setting = difference.key if isinstance(difference.key, Setting) else Setting.DAILY
    return number(policy, operator, setting).value


def _topped_up(difference: Difference, given: object, policy: Policy, operator: Operator) -> Limit:
    """The member's day with it; what their roles have is not known here. What was given on another day is over."""
    member, day = difference.key, difference.after.day if isinstance(difference.after, TopUp) else None
    everybodys = number(policy, operator, Setting.DAILY).value
    own = policy.members.get(member, everybodys) if isinstance(member, int) else everybodys
    if own is None:
        return None
    added = given.images if isinstance(given, TopUp) and given.day == day else 0
    return operator.within(Setting.DAILY, own + added)
