"""What a member may do here and now, by the server's policy and what the operator decided: pure functions.

The rules in the order of their precedence:

blocked › channel › words › model › style › visibility › member › best role › server › operator, and the operator's
ceiling over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    ChoiceNotAllowed,
    DirectUseOff,
    MemberBlocked,
    Obstacle,
    PrivateNotAllowed,
    ServerNotAllowed,
    SpoilerNotAllowed,
    StyleNotOffered,
    TooManyImages,
)
from bot.core.limits.meters import (
    BOT_METER,
    DIRECT_METER,
    RESET_MARK,
    Meter,
    Origin,
    Period,
    Ruling,
    Scope,
    Windows,
    generosity,
    windows_at,
)
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.policy import ChannelMode, Choice, Operator, Policy, Setting, offer_of
from bot.core.place import Caller, Direct, Place, ServerCaller, is_in_server
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.word_list import WordList


class Rule(StrEnum):
    """The rules, in the order in which they are applied; from MEMBER to OPERATOR, the first with a number counts."""

    BLOCKED = "blocked"
    CHANNEL = "channel"
    WORDS = "words"
    MODEL = "model"
    STYLE = "style"
    VISIBILITY = "visibility"
    MEMBER = "member"
    ROLE = "best role"
    SERVER = "server"
    OPERATOR = "operator"
    CEILING = "ceiling"  # caps whatever was found


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one caller, here and now.

    `choices`: of the models that the operator lets members choose from, those that the moderators allow, and in
    `choices_off` the others. `offer` has what else can be asked for; `revise`: whether a chat model may revise the
    prompt before it is painted.
    """

    obstacle: Obstacle | None
    words: WordList
    choices: tuple[Choice, ...]
    choices_off: tuple[Choice, ...]
    offer: Offer
    revise: bool
    per_prompt: Ruling
    cooldown: Ruling
    at_once: Ruling
    meters: tuple[Meter, ...]

    def check(
        self,
        blocked_word: str | None,
        images: int,
        model: str | None = None,
        *,
        style: str | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Raises the Refusal of the first rule that is against so many images of the prompt.

        `blocked_word` is the one of `words` that was found in the prompt; `model` the id of the one that the member
        chose, None where the operator's paints; `style` the name of one. What depends on counters (the meters, the
        cooldown, the generations at once) is checked by the transaction that counts the images.
        """
        if self.obstacle:
            raise self.obstacle
        if blocked_word is not None:
            raise ForbiddenWord(blocked_word)
        if model is not None and all(choice.model != model for choice in self.choices):
            name = next((choice.name for choice in self.choices_off if choice.model == model), "")
            raise ChoiceNotAllowed(name, tuple(choice.name for choice in self.choices))
        if style is not None and self.offer.style(style) is None:
            raise StyleNotOffered(style, tuple(one.name for one in self.offer.styles))
        if private and self.offer.private is Requirement.FORBIDDEN:
            raise PrivateNotAllowed
        if spoiler and self.offer.spoiler is Requirement.FORBIDDEN:
            raise SpoilerNotAllowed
        if self.per_prompt.value is not None and images > self.per_prompt.value:
            raise TooManyImages(images, self.per_prompt)


def check_served(operator: Operator, place: Place) -> None:
    """Whether the operator lets anybody spend there. Raises ServerNotAllowed, DirectUseOff."""
    if place.server is not None and not operator.serves(place.server):
        raise ServerNotAllowed
    if isinstance(place, Direct) and not operator.serves_directly:
        raise DirectUseOff


def terms_for(policy: Policy, operator: Operator, caller: Caller[Place], now: datetime) -> Terms:
    """What `policy` and `operator` mean for `caller` at the aware instant `now`.

    In a direct place there are no moderators: its policy is the one that decides nothing.
    """

    def ruling(setting: Setting) -> Ruling:
        found = ruling_on(policy, operator, setting)
        return found if is_in_server(caller) else replace(found, origin=Origin.BOT)

    block = policy.blocks.get(caller.member)
    blocked = MemberBlocked(block) if block and block.runs_at(now) else None
    return Terms(
        obstacle=blocked or channel_obstacle(policy, caller.place),
        words=policy.words,
        choices=tuple(choice for choice in operator.choices if choice.name not in policy.choices_off),
        choices_off=tuple(choice for choice in operator.choices if choice.name in policy.choices_off),
        offer=offer_of(policy, operator),
        revise=operator.revises and policy.revise,
        per_prompt=ruling(Setting.PER_PROMPT),
        cooldown=ruling(Setting.COOLDOWN),
        at_once=ruling(Setting.AT_ONCE),
        meters=meters_for(policy, operator, caller, now),
    )


def channel_obstacle(policy: Policy, place: Place) -> Obstacle | None:
    """The moderators' rule against the channel; where that depends on what is not known of it, ChannelUnknown."""
    if isinstance(place, Direct):
        return None
    rule = policy.channels
    listed = not rule.channels.isdisjoint((place.channel, *place.parents))
    unknown = ChannelUnknown(place.parents[0] if place.hidden and place.parents else 0)
    if rule.mode is ChannelMode.ONLY and not listed:
        return ChannelNotAllowed(rule.channels) if place.known or not rule.channels else unknown
    if rule.mode is ChannelMode.EXCEPT and listed:
        return ChannelNotAllowed(frozenset())
    if rule.mode is ChannelMode.EXCEPT and rule.channels and not place.known:
        return unknown
    if rule.age_restricted_only and not place.age_restricted:
        return ChannelNotAgeRestricted() if place.known else unknown
    return None


def ruling_on(
    policy: Policy,
    operator: Operator,
    setting: Setting,
    caller: ServerCaller | None = None,
    day: str | None = None,
) -> Ruling:
    """What holds for everybody in the server, or for `caller`: the first decision, within the operator's ceiling.

    `day` is the key of the running day: a top-up of the caller's that is for it is added.
    """
    ruling = next(rulings(policy, operator, setting, caller))
    top_up = policy.top_ups.get(caller.member) if caller else None
    if top_up and top_up.day == day and ruling.value is not None:
        ruling = replace(ruling, value=ruling.value + top_up.images, added=top_up.images)
    value = operator.within(setting, ruling.value)
    return ruling if value == ruling.value else replace(ruling, value=value, capped=True)


def rulings(
    policy: Policy, operator: Operator, setting: Setting, caller: ServerCaller | None = None
) -> Iterator[Ruling]:
    """Everything that was decided about `setting`, the first of which counts.

    Members and roles have a number of their own for the images of a day alone, which is Setting.DAILY.
    """
    if caller and setting is Setting.DAILY:
        if caller.member in policy.members:
            yield Ruling(policy.members[caller.member], Origin.MEMBER)
        of_roles = [
            Ruling(limit, Origin.ROLE, role)
            for role, limit in policy.roles.items()
            if role in caller.place.roles
        ]
        yield from sorted(of_roles, key=lambda ruling: generosity(ruling.value), reverse=True)
    if setting in policy.numbers:
        yield Ruling(policy.numbers[setting], Origin.SERVER)
    yield Ruling(operator.bounds[setting].default, Origin.OPERATOR)


def meters_for(policy: Policy, operator: Operator, caller: Caller[Place], now: datetime) -> tuple[Meter, ...]:
    """Every meter that an image of this caller counts on, in locking order."""
    operators = windows_at(now, operator.zone, operator.running)
    of_bot = Meter(BOT_METER, Scope.BOT, Period.DAY, Ruling(operator.bot_daily), operators.day)
    if is_in_server(caller):
        return (*meters_in_server(policy, operator, caller, now), of_bot)
    name, ruling = f"{DIRECT_METER}/{caller.member}", Ruling(operator.direct_daily, Origin.BOT)
    return Meter(name, Scope.DIRECT, Period.DAY, ruling, operators.day), of_bot


def meters_in_server(
    policy: Policy, operator: Operator, caller: ServerCaller, now: datetime
) -> tuple[Meter, ...]:
    """Those that the members of one server count on."""
    windows, name = windows_of(policy, operator, now), f"member/{caller.place.server}/{caller.member}"
    today = windows.day
    mine = Meter(
        name,
        Scope.MEMBER,
        Period.DAY,
        ruling_on(policy, operator, Setting.DAILY, caller, today.key),
        today,
    )
    days = [mine]
    reset = policy.counter_resets.get(caller.member)
    if reset and reset.day == today.key:
        # A counter that was set back to zero goes on in a window of its own: what is given back finds the old one.
        # The whole day is counted all the same, and the operator's ceiling holds for that.
        ceiling = Ruling(operator.bounds[Setting.DAILY].ceiling, capped=True)
        days = [
            replace(mine, window=replace(today, key=f"{today.key}{RESET_MARK}{reset.count}")),
            replace(mine, ruling=ceiling, whole=True),
        ]
    monthly = ruling_on(policy, operator, Setting.MONTHLY)
    return (
        *days,
        Meter(name, Scope.MEMBER, Period.MONTH, monthly, windows.month),
        *server_meters(policy, operator, caller.place.server, windows),
    )


def server_meters(policy: Policy, operator: Operator, server: int, windows: Windows) -> tuple[Meter, Meter]:
    """What the whole server counts on."""
    name = f"server/{server}"
    daily = ruling_on(policy, operator, Setting.SERVER_DAILY)
    monthly = ruling_on(policy, operator, Setting.SERVER_MONTHLY)
    return (
        Meter(name, Scope.SERVER, Period.DAY, daily, windows.day),
        Meter(name, Scope.SERVER, Period.MONTH, monthly, windows.month),
    )


def windows_of(policy: Policy, operator: Operator, now: datetime) -> Windows:
    """The server's day and month at the aware instant `now`."""
    running, operators = policy.running, operator.running
    # Where the zone is the operator's, the windows of whichever was changed later go on: their zone, or the policy's.
    if operators and policy.zone is None:
        both = [windows for windows in (running, operators) if windows]
        running = max(both, key=lambda windows: windows.day.starts_at)
    return windows_at(now, policy.zone or operator.zone, running)


def zone_holds_from(policy: Policy, operator: Operator, now: datetime) -> datetime | None:
    """When the decided zone takes effect: at the end of a running day of another zone; None where it has."""
    ends_at = windows_of(policy, operator, now).day.ends_at
    return None if ends_at == windows_at(now, policy.zone or operator.zone).day.ends_at else ends_at
