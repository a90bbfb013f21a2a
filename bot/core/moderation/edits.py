"""What moderators change in a policy, as edits: each is applied to the policy in force, so that none undoes another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from bot.core.limits.meters import Limit, windows_to_end
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.policy import (
    LONGEST_REASON,
    MOST_CHANNELS,
    MOST_MEMBERS,
    MOST_ROLES,
    NOTHING_DECIDED,
    UNDECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    Decision,
    LogLevel,
    LogRule,
    Operator,
    Policy,
    Setting,
    TopUp,
    offer_of,
)
from bot.core.limits.rules import windows_of
from bot.core.limits.styles import MOST_STYLES, RESERVED_KEYS, Style, style_key
from bot.core.moderation.errors import (
    NoChannelLeft,
    OneOptionNeeded,
    PolicyListFull,
    SettingOutOfBounds,
    StyleGone,
    StyleIncomplete,
    StyleNameReserved,
    StyleNameTaken,
)
from bot.core.word_filter.word_list import WordList, merge

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class SetNumbers:
    """UNDECIDED goes back to what the operator decided."""

    numbers: Mapping[Setting, Decision]


@dataclass(frozen=True, slots=True)
class SetRole:
    """Images a day for whoever has the role; UNDECIDED: the decision about the role is removed."""

    role: int
    limit: Decision


@dataclass(frozen=True, slots=True)
class SetMember:
    """Images a day for one member; UNDECIDED: like everybody with their roles."""

    member: int
    limit: Decision


@dataclass(frozen=True, slots=True)
class BlockMember:
    member: int
    block: Block


@dataclass(frozen=True, slots=True)
class UnblockMember:
    member: int


@dataclass(frozen=True, slots=True)
class TopUpMember:
    """`images` more for the running day, on top of what was topped up before."""

    member: int
    images: int


@dataclass(frozen=True, slots=True)
class ResetCounter:
    """The member's counter of the running day starts at zero again; the server's and the bot's stay as they are."""

    member: int


@dataclass(frozen=True, slots=True)
class SetChannels:
    """`rule` is what the moderator made of `base`, the rule that they were shown; without `base`, it replaces all."""

    rule: ChannelRule
    base: ChannelRule | None = None


@dataclass(frozen=True, slots=True)
class ChangeChannels:
    """`add` and `remove` change the list of a `mode` that was in force; another mode begins with a list of its own.

    `age_restricted_only`: None leaves it as it is.
    """

    mode: ChannelMode
    add: frozenset[int] = frozenset()
    remove: frozenset[int] = frozenset()
    age_restricted_only: bool | None = None


@dataclass(frozen=True, slots=True)
class SetWords:
    """`edited` is what the moderator made of `base`, the list that they were shown."""

    base: WordList
    edited: WordList


@dataclass(frozen=True, slots=True)
class SetZone:
    """None: where the operator's day begins."""

    zone: ZoneInfo | None


@dataclass(frozen=True, slots=True)
class SetLog:
    """None: no log."""

    rule: LogRule | None


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """What is None stays as it is; a new log has the level PROBLEMS."""

    channel: int | None = None
    level: LogLevel | None = None


@dataclass(frozen=True, slots=True)
class SetChoices:
    """`off` is what the moderator made of `base`, the names that they were shown as not allowed; without `base`, it
    replaces all.
    """

    off: frozenset[str]
    base: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SetRevise:
    """Whether a chat model may revise prompts before they are painted."""

    revise: bool


@dataclass(frozen=True, slots=True)
class SetStyle:
    """Adds a style, or changes the one that was called `was`, which may have another name now."""

    style: Style
    was: str = ""


@dataclass(frozen=True, slots=True)
class RemoveStyle:
    """One of the operator's is switched off."""

    name: str


@dataclass(frozen=True, slots=True)
class ResetStyle:
    """Whatever was decided about the style of that name is taken back: the operator's is as it was."""

    name: str


@dataclass(frozen=True, slots=True)
class ResetStyles:
    """The operator's styles as they are, and no others."""


@dataclass(frozen=True, slots=True)
class SetVisibility:
    """Who may see pictures; what is None stays as it is."""

    private: Requirement | None = None
    spoiler: Requirement | None = None


@dataclass(frozen=True, slots=True)
class ResetAll:
    """Every decision is removed except blocks: members were notified of those, and they are lifted one by one."""


PictureEdit: TypeAlias = (
    SetChoices | SetRevise | SetVisibility | SetStyle | RemoveStyle | ResetStyle | ResetStyles
)
"""Of what members can ask for beside the prompt."""

Edit: TypeAlias = (
    SetNumbers
    | SetRole
    | SetMember
    | BlockMember
    | UnblockMember
    | TopUpMember
    | ResetCounter
    | SetChannels
    | ChangeChannels
    | SetWords
    | SetZone
    | SetLog
    | ChangeLog
    | PictureEdit
    | ResetAll
)


def role_limit(server: int, role: int, limit: Decision) -> Edit:
    """Images a day for a role: for @everyone, whose id is the server's, the server's own number.

    Discord does not list @everyone among a member's roles, so a decision about it as a role would hold for nobody.
    """
    return SetNumbers({Setting.DAILY: limit}) if role == server else SetRole(role, limit)


def apply(edit: Edit, policy: Policy, operator: Operator, now: datetime) -> Policy:
    """The policy after `edit`; where that changes its time zone, the running day and month go on to their ends.

    Raises SettingOutOfBounds, PolicyListFull, NoChannelLeft, WordListTooLong, OneOptionNeeded, StyleIncomplete,
    StyleNameTaken, StyleNameReserved, StyleGone.
    """
    edited = _apply(edit, policy, operator, now)
    if edited.zone == policy.zone:
        return edited
    windows = windows_of(policy, operator, now)
    return replace(edited, running=windows_to_end(windows, policy.zone or operator.zone, now))


def _apply(edit: Edit, policy: Policy, operator: Operator, now: datetime) -> Policy:
    match edit:
        case SetNumbers(numbers=numbers):
            return replace(policy, numbers=_numbers(policy.numbers, numbers, operator))
        case SetRole(role=role, limit=limit):
            roles = _decided(policy.roles, role, limit, operator)
            return replace(policy, roles=_at_most(MOST_ROLES, "roles", roles))
        case SetChannels() | ChangeChannels():
            return replace(policy, channels=_channels(policy.channels, edit))
        case SetWords(base=base, edited=edited):
            return replace(policy, words=merge(policy.words, base, edited))
        case SetZone(zone=zone):
            return replace(policy, zone=zone)
        case SetLog() | ChangeLog():
            return replace(policy, log=_log(policy.log, edit))
        case SetMember() | BlockMember() | UnblockMember() | TopUpMember() | ResetCounter():
            return _apply_to_member(edit, policy, operator, now)
        case ResetAll():
            return replace(
                NOTHING_DECIDED,
                blocks=policy.blocks,
                top_ups=policy.top_ups,
                counter_resets=policy.counter_resets,
                running=policy.running,
            )
        case _:
            return _apply_to_pictures(edit, policy, operator)


def _apply_to_pictures(edit: PictureEdit, policy: Policy, operator: Operator) -> Policy:
    match edit:
        case SetChoices(off=off, base=base):
            # What another moderator changed meanwhile stays, as does what the operator does not offer any more.
            kept = off if base is None else policy.choices_off - (base - off) | (off - base)
            return replace(policy, choices_off=kept)
        case SetRevise(revise=revise):
            return replace(policy, revise=revise)
        case SetVisibility(private=private, spoiler=spoiler):
            return replace(policy, private=private or policy.private, spoiler=spoiler or policy.spoiler)
        case _:
            return replace(policy, styles=_styles(offer_of(policy, operator), edit))


def _apply_to_member(
    edit: SetMember | BlockMember | UnblockMember | TopUpMember | ResetCounter,
    policy: Policy,
    operator: Operator,
    now: datetime,
) -> Policy:
    today = windows_of(policy, operator, now).day.key
    match edit:
        case SetMember(member=member, limit=limit):
            members = _decided(policy.members, member, limit, operator)
            return replace(policy, members=_at_most(MOST_MEMBERS, "members", members))
        case BlockMember(member=member, block=block):
            running = {one: other for one, other in policy.blocks.items() if other.runs_at(now)}
            blocks = {**running, member: replace(block, reason=block.reason.strip()[:LONGEST_REASON])}
            return replace(policy, blocks=_at_most(MOST_MEMBERS, "blocks", blocks))
        case UnblockMember(member=member):
            return replace(policy, blocks=_without(policy.blocks, member))
        case TopUpMember(member=member, images=images):
            top_ups = {one: top_up for one, top_up in policy.top_ups.items() if top_up.day == today}
            before = top_ups[member].images if member in top_ups else 0
            for checked in (images, before + images):
                require_in_bounds(operator, Setting.DAILY, checked)
            top_ups = {**top_ups, member: TopUp(today, before + images)}
            return replace(policy, top_ups=_at_most(MOST_MEMBERS, "top_ups", top_ups))
        case ResetCounter(member=member):
            resets = {one: reset for one, reset in policy.counter_resets.items() if reset.day == today}
            count = resets[member].count + 1 if member in resets else 1
            resets = {**resets, member: CounterReset(today, count)}
            return replace(policy, counter_resets=_at_most(MOST_MEMBERS, "counter_resets", resets))


def _numbers(
    before: Mapping[Setting, Limit], changed: Mapping[Setting, Decision], operator: Operator
) -> dict[Setting, Limit]:
    decided = {setting: limit for setting, limit in before.items() if setting not in changed}
    for setting, decision in changed.items():
        if decision is not UNDECIDED:
            decided[setting] = require_in_bounds(operator, setting, decision)
    return decided


def _channels(rule: ChannelRule, edit: SetChannels | ChangeChannels) -> ChannelRule:
    if isinstance(edit, ChangeChannels):
        kept = rule.channels if edit.mode is rule.mode else frozenset()
        listed = frozenset() if edit.mode is ChannelMode.EVERYWHERE else kept - edit.remove | edit.add
        only = rule.age_restricted_only if edit.age_restricted_only is None else edit.age_restricted_only
        changed = ChannelRule(edit.mode, listed, only)
    elif edit.base is None:
        changed = edit.rule
    else:
        # What another moderator changed meanwhile stays.
        edited, base = edit.rule, edit.base
        age_kept = edited.age_restricted_only is base.age_restricted_only
        changed = ChannelRule(
            rule.mode if edited.mode is base.mode else edited.mode,
            rule.channels - (base.channels - edited.channels) | (edited.channels - base.channels),
            rule.age_restricted_only if age_kept else edited.age_restricted_only,
        )
    _at_most(MOST_CHANNELS, "channels", dict.fromkeys(changed.channels))
    if changed.mode is ChannelMode.ONLY and not changed.channels:
        raise NoChannelLeft
    return changed


def _styles(
    offer: Offer, edit: SetStyle | RemoveStyle | ResetStyle | ResetStyles
) -> Mapping[str, Style | None]:
    changed: Mapping[str, Style | None]
    match edit:
        case SetStyle(style=style, was=was):
            changed = _with_style(offer, style, was)
        case RemoveStyle(name=name):
            changed = _without_style(offer, name)
        case ResetStyle(name=name):
            changed = {key: style for key, style in offer.own.items() if key != style_key(name)}
        case ResetStyles():
            return {}
    # More than there may be are there where the operator has added some since.
    if len(replace(offer, own=changed).styles) > max(MOST_STYLES, len(offer.styles)):
        raise PolicyListFull("styles", MOST_STYLES)
    return changed


def _with_style(offer: Offer, typed: Style, was: str) -> Mapping[str, Style | None]:
    """Raises StyleIncomplete, StyleNameTaken, StyleNameReserved, StyleGone."""
    style = Style.typed(typed.name, typed.before, typed.after)
    if not style.key or not (style.before or style.after):
        raise StyleIncomplete
    if style.key in RESERVED_KEYS:
        raise StyleNameReserved(style.name)
    if was and offer.style(was) is None and offer.default_of(was) is None:
        raise StyleGone(was)
    renamed = bool(was) and style_key(was) != style.key
    if (renamed or not was) and offer.style(style.name):
        raise StyleNameTaken(style.name)
    kept = dict(_without_style(offer, was) if renamed else offer.own)
    kept.pop(style.key, None)
    return kept if offer.default_of(style.name) == style else {**kept, style.key: style}


def _without_style(offer: Offer, name: str) -> Mapping[str, Style | None]:
    kept = {key: style for key, style in offer.own.items() if key != style_key(name)}
    return {**kept, style_key(name): None} if offer.default_of(name) else kept


def _log(rule: LogRule | None, edit: SetLog | ChangeLog) -> LogRule | None:
    if isinstance(edit, SetLog):
        return edit.rule
    channel = edit.channel or (rule.channel if rule else None)
    if channel is None:
        raise OneOptionNeeded(("channel",))
    return LogRule(channel, edit.level or (rule.level if rule else LogLevel.PROBLEMS))


def require_in_bounds(operator: Operator, setting: Setting, value: Limit) -> Limit:
    """`value` as it is. Raises SettingOutOfBounds beyond the setting's own bounds or the operator's ceiling."""
    possible = value is None or setting.least <= value <= setting.most
    if not possible or operator.within(setting, value) != value:
        raise SettingOutOfBounds(setting, value, operator.bounds[setting].ceiling)
    return value


def _decided(
    decisions: Mapping[int, Limit], key: int, limit: Decision, operator: Operator
) -> dict[int, Limit]:
    if limit is UNDECIDED:
        return _without(decisions, key)
    return {**decisions, key: require_in_bounds(operator, Setting.DAILY, limit)}


def _without(decisions: Mapping[int, V], key: int) -> dict[int, V]:
    return {other: value for other, value in decisions.items() if other != key}


def _at_most(most: int, what: PolicyListFull.What, decisions: Mapping[int, V]) -> Mapping[int, V]:
    if len(decisions) > most:
        raise PolicyListFull(what, most)
    return decisions
