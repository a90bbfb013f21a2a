"""What moderators decide, in their own words: names, values, and where a number comes from.

People, roles and channels are mentions; whoever sends these words lets nobody be pinged by them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from discord.utils import format_dt

from bot.core.limits.meters import Origin, Ruling
from bot.core.limits.policy import (
    Block,
    ChannelMode,
    ChannelRule,
    Limit,
    LogLevel,
    LogRule,
    Setting,
)
from bot.core.moderation.diff import Aspect
from bot.ui.text import cut, disarm, units

UNLIMITED = "unlimited"
DEFAULT = "default"
AGE_RESTRICTED = "age-restricted channels only"
MOST_MENTIONS = 5
REASON_SHOWN = 100
WORD_SHOWN = 24

NAMES = {
    Setting.DAILY: "Images per member per day",
    Setting.MONTHLY: "Images per member per month",
    Setting.SERVER_DAILY: "Images per day, whole server",
    Setting.SERVER_MONTHLY: "Images per month, whole server",
    Setting.PER_PROMPT: "Images per prompt",
    Setting.AT_ONCE: "Commands at a time per member",
    Setting.COOLDOWN: "Cooldown per member",
}
ASPECTS = {
    Aspect.NUMBER: "Numbers",
    Aspect.ROLE: "Roles",
    Aspect.MEMBER: "Members",
    Aspect.BLOCK: "Blocked members",
    Aspect.TOP_UP: "Top-ups for today",
    Aspect.FRESH_START: "Counters reset",
    Aspect.CHANNELS: "Channels",
    Aspect.WORDS: "Blocked words",
    Aspect.ZONE: "Time zone",
    Aspect.LOG: "Log channel",
}
MODES = {
    ChannelMode.EVERYWHERE: "everywhere",
    ChannelMode.ONLY: "only in",
    ChannelMode.EXCEPT: "everywhere except",
}
LEVELS = {LogLevel.EVERYTHING: "everything", LogLevel.PROBLEMS: "refusals, failures and reports"}


def amount(limit: Limit) -> str:
    return UNLIMITED if limit is None else f"{limit:,}"


def duration(seconds: int) -> str:
    """`1 h 30 min`, `45 s`; `none` for no time at all."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if count]
    return " ".join(parts) or "none"


def value(setting: Setting, limit: Limit) -> str:
    return duration(limit or 0) if setting is Setting.COOLDOWN else amount(limit)


def origin(ruling: Ruling, *, yours: bool = False) -> str:
    """Who decided a number, and what was done to it; `yours` is for the eyes of the member it is about."""
    added = f", including today's top-up of {ruling.added:,}" if ruling.added else ""
    capped = ", limited by the bot itself" if ruling.capped else ""
    return _decided_by(ruling, "you" if yours else "this member") + added + capped


def _decided_by(ruling: Ruling, whom: str) -> str:
    match ruling.origin:
        case Origin.MEMBER:
            return f"set by the moderators for {whom}"
        case Origin.ROLE:
            return f"from role <@&{ruling.role}>"
        case Origin.SERVER:
            return "set by the moderators"
        case Origin.OPERATOR:
            return DEFAULT


def channel_rule(rule: ChannelRule) -> str:
    """As it stands on a line of its own: `only in #art, age-restricted only`."""
    if rule.mode is ChannelMode.ONLY and not rule.channels:
        return "nowhere"
    if rule.channels and rule.mode is not ChannelMode.EVERYWHERE:
        return f"{MODES[rule.mode]} {mentions(rule.channels, '<#{}>')}{age(rule)}"
    return AGE_RESTRICTED if rule.age_restricted_only else MODES[ChannelMode.EVERYWHERE]


def log_rule(rule: LogRule | None) -> str:
    return f"<#{rule.channel}>, {LEVELS[rule.level]}" if rule else "off"


def block_words(block: Block) -> str:
    until = f"until {format_dt(block.until, 'f')}" if block.until else "permanent"
    return f"{until}, “{disarm(cut(block.reason, REASON_SHOWN))}”" if block.reason else until


def mentions(ids: Collection[int], form: str) -> str:
    """The first few in `form`, such as `<#{}>`, and how many more there are."""
    shown = ", ".join(form.format(one) for one in sorted(ids)[:MOST_MENTIONS])
    more = len(ids) - MOST_MENTIONS
    return f"{shown} and {more:,} more" if more > 0 else shown


def spoiler(word: str) -> str:
    """Nobody likes to look at a blocked word itself."""
    return f"||{disarm(cut(word, WORD_SHOWN))}||"


def fitting(lines: Sequence[str], room: int) -> str:
    """As many of `lines` as go into `room` units, and how many were left away."""
    shown: list[str] = []
    left = room - units(_more(len(lines)))
    for line in lines:
        left -= units(line) + 1
        if left < 0:
            return "\n".join([*shown, _more(len(lines) - len(shown))])
        shown.append(line)
    return "\n".join(shown)


def _more(count: int) -> str:
    return f"… and {count:,} more"


def age(rule: ChannelRule) -> str:
    return ", age-restricted only" if rule.age_restricted_only else ""
