"""What a member may do here and now: the rules, in the order of their precedence, from what was decided. Pure.

blocked › channel › words › member › best role › server › operator, and the operator's ceiling over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.errors import Refusal
from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    MemberBlocked,
    TooManyImages,
)
from bot.core.limits.meters import (
    AFRESH,
    BOT_METER,
    Meter,
    Origin,
    Period,
    Ruling,
    Scope,
    member_meter_name,
)
from bot.core.limits.policy import UNDECIDED, ChannelMode, Operator, Policy, Setting, generosity
from bot.core.limits.windows import Running, Window, day_at, day_of, month_at, running_at
from bot.core.place import InServer, ServerCaller
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.word_list import WordList


class Rule(StrEnum):
    """What is asked about a command, in this order; of MEMBER to OPERATOR the first that decided something counts."""

    BLOCKED = "blocked"
    CHANNEL = "channel"
    WORDS = "words"
    MEMBER = "member"
    ROLE = "best role"
    SERVER = "server"
    OPERATOR = "operator"
    CEILING = "ceiling"  # caps whatever was found


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one caller, here and now. `refusal` is what keeps them from asking at all."""

    refusal: Refusal | None
    words: WordList
    per_prompt: Ruling
    cooldown: Ruling
    at_once: Ruling
    meters: tuple[Meter, ...]

    def admit(self, blocked_word: str | None, images: int) -> None:
        """Raises the Refusal that the first rule has against a prompt with that one of `words`, or with none.

        The meters are the ledger's.
        """
        if self.refusal:
            raise self.refusal
        if blocked_word is not None:
            raise ForbiddenWord(blocked_word)
        if self.per_prompt.value is not None and images > self.per_prompt.value:
            raise TooManyImages(images, self.per_prompt)


def terms_for(policy: Policy, operator: Operator, caller: ServerCaller, now: datetime) -> Terms:
    """What `policy` and `operator` mean for `caller` at the aware instant `now`."""
    return Terms(
        refusal=_blocked(policy, caller, now) or out_of_place(policy, caller.place),
        words=policy.words,
        per_prompt=number(policy, operator, Setting.PER_PROMPT),
        cooldown=number(policy, operator, Setting.COOLDOWN),
        at_once=number(policy, operator, Setting.AT_ONCE),
        meters=meters_for(policy, operator, caller, now),
    )


def meters_for(policy: Policy, operator: Operator, caller: ServerCaller, now: datetime) -> tuple[Meter, ...]:
    """Every meter that an image of this caller counts on, in locking order."""
    today, month = windows_of(policy, operator, now)
    member = member_meter_name(caller.server, caller.member)
    daily = daily_ruling(policy, operator, caller, today)
    monthly = number(policy, operator, Setting.MONTHLY)
    return (
        *_member_today(
            policy, operator, Meter(member, Scope.MEMBER, Period.DAY, daily, today), caller.member
        ),
        Meter(member, Scope.MEMBER, Period.MONTH, monthly, month),
        *server_meters(policy, operator, caller.server, now),
        Meter(BOT_METER, Scope.BOT, Period.DAY, Ruling(operator.bot_daily), _operators_day(operator, now)),
    )


def server_meters(policy: Policy, operator: Operator, server: int, now: datetime) -> tuple[Meter, ...]:
    """What the whole server counts on."""
    (today, month), name = windows_of(policy, operator, now), f"server/{server}"
    daily = number(policy, operator, Setting.SERVER_DAILY)
    monthly = number(policy, operator, Setting.SERVER_MONTHLY)
    return (
        Meter(name, Scope.SERVER, Period.DAY, daily, today),
        Meter(name, Scope.SERVER, Period.MONTH, monthly, month),
    )


def windows_of(policy: Policy, operator: Operator, now: datetime) -> tuple[Window, Window]:
    """The server's day and month at the aware instant `now`."""
    zone, running = zone_of(policy, operator), _running_of(policy, operator)
    return day_at(now, zone, running), month_at(now, zone, running)


def windows_to_end(policy: Policy, operator: Operator, now: datetime) -> Running:
    """What goes on to its end if the server's zone is changed at `now`."""
    return running_at(now, zone_of(policy, operator), _running_of(policy, operator))


def zone_holds_from(policy: Policy, operator: Operator, now: datetime) -> datetime | None:
    """When the running day ends that is another zone's than the one decided; None where the day is that zone's."""
    (today, _), zone = windows_of(policy, operator, now), zone_of(policy, operator)
    return None if today.ends_at == day_of(now, zone).ends_at else today.ends_at


def _running_of(policy: Policy, operator: Operator) -> Running | None:
    """Where the zone is the operator's, whichever of the two was changed later has to go on."""
    if policy.zone or operator.running is None:
        return policy.running
    if policy.running is None or policy.running.day.starts_at < operator.running.day.starts_at:
        return operator.running
    return policy.running


def _operators_day(operator: Operator, now: datetime) -> Window:
    return day_at(now, operator.zone, operator.running)


def zone_of(policy: Policy, operator: Operator) -> ZoneInfo:
    return policy.zone or operator.zone


def number(policy: Policy, operator: Operator, setting: Setting) -> Ruling:
    """A setting that is the same for everybody in the server."""
    return next(_within(operator, setting, ruling) for ruling in _for_everybody(policy, operator, setting))


def daily_ruling(policy: Policy, operator: Operator, caller: ServerCaller, today: Window) -> Ruling:
    """The caller's images for the day: whoever is asked first and has decided something, and today's top-up."""
    ruling = next(daily_rulings(policy, operator, caller))
    top_up = policy.top_ups.get(caller.member)
    if top_up and top_up.day == today.key and ruling.value is not None:
        ruling = replace(ruling, value=ruling.value + top_up.images, added=top_up.images)
    return _within(operator, Setting.DAILY, ruling)


def daily_rulings(policy: Policy, operator: Operator, caller: ServerCaller) -> Iterator[Ruling]:
    """Everything that was decided about the caller's images for a day; the first counts."""
    if caller.member in policy.members:
        yield Ruling(policy.members[caller.member], Origin.MEMBER)
    of_roles = [
        Ruling(limit, Origin.ROLE, role) for role, limit in policy.roles.items() if role in caller.place.roles
    ]
    yield from sorted(of_roles, key=lambda ruling: generosity(ruling.value), reverse=True)
    yield from _for_everybody(policy, operator, Setting.DAILY)


def out_of_place(policy: Policy, place: InServer) -> Refusal | None:
    """What the moderators have against the channel. What is not known of it is taken for what they forbid."""
    rule = policy.channels
    listed = not rule.channels.isdisjoint(place.channels)
    if rule.mode is ChannelMode.ONLY and not listed:
        return ChannelNotAllowed(rule.channels) if place.known or not rule.channels else ChannelUnknown()
    if rule.mode is ChannelMode.EXCEPT and listed:
        return ChannelNotAllowed(frozenset())
    if rule.mode is ChannelMode.EXCEPT and rule.channels and not place.known:
        return ChannelUnknown()
    if rule.age_restricted_only and not place.age_restricted:
        return ChannelNotAgeRestricted() if place.known else ChannelUnknown()
    return None


def _for_everybody(policy: Policy, operator: Operator, setting: Setting) -> Iterator[Ruling]:
    decision = policy.number(setting)
    if decision is not UNDECIDED:
        yield Ruling(decision, Origin.SERVER)
    yield Ruling(operator.bounds[setting].default, Origin.OPERATOR)


def _within(operator: Operator, setting: Setting, ruling: Ruling) -> Ruling:
    value = operator.within(setting, ruling.value)
    return ruling if value == ruling.value else replace(ruling, value=value, capped=True)


def _member_today(policy: Policy, operator: Operator, whole: Meter, member: int) -> Iterator[Meter]:
    """A counter that was set back to zero goes on in a window of its own: what is given back finds the old one.

    The whole day is counted all the same, and the operator's ceiling holds for that.
    """
    start = policy.fresh_starts.get(member)
    if start is None or start.day != whole.window.key:
        yield whole
        return
    afresh = replace(whole.window, key=f"{whole.window.key}{AFRESH}{start.count}")
    ceiling = Ruling(operator.bounds[Setting.DAILY].ceiling, capped=True)
    yield replace(whole, window=afresh)
    yield replace(whole, ruling=ceiling, whole=True)


def _blocked(policy: Policy, caller: ServerCaller, now: datetime) -> Refusal | None:
    block = policy.blocks.get(caller.member)
    return MemberBlocked(block) if block and block.runs_at(now) else None
