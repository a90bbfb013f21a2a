"""What is different between two policies: for the answer to a moderator, the history and the confirmation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum, StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.limits.meters import Limit
from bot.core.limits.policy import UNDECIDED, Block, Operator, Policy, Setting, TopUp, Undecided
from bot.core.limits.rules import ruling_on

FINGERPRINT_LENGTH = 8
MANY = 50
"""Images: a few dollars."""


class Aspect(StrEnum):
    """What kind of thing was changed, and what `key`, `before` and `after` of a Difference are."""

    NUMBER = "number"  # Setting; Decision
    ROLE = "role"  # role; Decision
    MEMBER = "member"  # member; Decision
    BLOCK = "block"  # member; Block, UNDECIDED where there is none
    TOP_UP = "top_up"  # member; TopUp or UNDECIDED
    COUNTER_RESET = "fresh_start"  # member; CounterReset or UNDECIDED. A stored name, in fingerprints
    CHANNELS = "channels"  # None; ChannelRule
    WORDS = "words"  # None; WordList
    ZONE = "zone"  # None; ZoneInfo or None
    LOG = "log"  # None; LogRule or None
    CHOICES = "choices"  # None; frozenset of the names of choices that are not allowed
    REVISE = "revise"  # None; bool
    STYLE = "style"  # the style's key; Style, None where one of the operator's is off, UNDECIDED where there is none
    PRIVATE = "private"  # None; Requirement
    SPOILER = "spoiler"  # None; Requirement


@dataclass(frozen=True, slots=True)
class Difference:
    """It holds at once, or from the instant `since` on."""

    aspect: Aspect
    key: Setting | int | str | None
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
    keyed: tuple[tuple[Aspect, Mapping[Any, object], Mapping[Any, object]], ...] = (
        (Aspect.NUMBER, before.numbers, after.numbers),
        (Aspect.ROLE, before.roles, after.roles),
        (Aspect.MEMBER, before.members, after.members),
        (Aspect.BLOCK, before.blocks, after.blocks),
        (Aspect.TOP_UP, before.top_ups, after.top_ups),
        (Aspect.COUNTER_RESET, before.counter_resets, after.counter_resets),
        (Aspect.STYLE, before.styles, after.styles),
    )
    whole: tuple[tuple[Aspect, object, object], ...] = (
        (Aspect.CHANNELS, before.channels, after.channels),
        (Aspect.WORDS, before.words, after.words),
        (Aspect.ZONE, before.zone, after.zone),
        (Aspect.LOG, before.log, after.log),
        (Aspect.CHOICES, before.choices_off, after.choices_off),
        (Aspect.REVISE, before.revise, after.revise),
        (Aspect.PRIVATE, before.private, after.private),
        (Aspect.SPOILER, before.spoiler, after.spoiler),
    )
    zone_from = after.running.day.ends_at if after.running else None
    settings = {setting: index for index, setting in enumerate(Setting)}
    return (
        *(
            Difference(aspect, key, was, becomes)
            for aspect, old, new in keyed
            for key in sorted({*old, *new}, key=lambda key: settings.get(key, key))
            if (was := old.get(key, UNDECIDED)) != (becomes := new.get(key, UNDECIDED))
        ),
        *(
            Difference(aspect, None, old, new, zone_from if aspect is Aspect.ZONE else None)
            for aspect, old, new in whole
            if old != new
        ),
    )


def by_hand(found: Iterable[Difference], at: datetime) -> tuple[Difference, ...]:
    """Only what somebody changed: without what had run out at the instant `at`, which the next change removes."""
    daily = {Aspect.TOP_UP, Aspect.COUNTER_RESET}
    return tuple(
        one
        for one in found
        if one.after is not UNDECIDED
        or not (one.aspect in daily or (isinstance(one.before, Block) and not one.before.runs_at(at)))
    )


def drastic(before: Policy, after: Policy, operator: Operator) -> tuple[DrasticChange, ...]:
    """Those that allow far more, or have no end, or leave nothing to everybody, compared with what held before."""
    numbers_of_images = {Aspect.NUMBER, Aspect.ROLE, Aspect.MEMBER, Aspect.TOP_UP}
    found = list[DrasticChange]()
    for difference in differences(before, after):
        if difference.aspect in numbers_of_images and difference.key is not Setting.COOLDOWN:
            was = _in_force(difference, difference.before, before, operator)
            becomes = _in_force(difference, difference.after, after, operator)
            stops = difference.aspect is Aspect.NUMBER and becomes == 0 != was
            if stops or is_drastic(was, becomes):
                found.append(DrasticChange(difference, was, becomes))
    return tuple(found)


def is_drastic(before: Limit, after: Limit) -> bool:
    """Whether it is unlimited now, or ten times as much; five times where that is MANY images more."""
    if after is None or before is None:
        return after is None and before is not None
    times = 5 if after - before >= MANY else 10
    return after >= times * max(before, 1)


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


def _in_force(difference: Difference, decision: object, policy: Policy, operator: Operator) -> Limit:
    """What an undecided number comes to: for a role or a member, what everybody has.

    For a top-up, the member's day with it; what their roles have is not known here, and what was given on another day
    is over.
    """
    setting = difference.key if isinstance(difference.key, Setting) else Setting.DAILY
    everybodys = ruling_on(policy, operator, setting).value
    if difference.aspect is not Aspect.TOP_UP:
        if isinstance(decision, Undecided):
            return everybodys
        return decision if isinstance(decision, int) else None
    own = policy.members.get(difference.key, everybodys) if isinstance(difference.key, int) else everybodys
    if own is None:
        return None
    day = difference.after.day if isinstance(difference.after, TopUp) else None
    added = decision.images if isinstance(decision, TopUp) and decision.day == day else 0
    return operator.within(Setting.DAILY, own + added)
