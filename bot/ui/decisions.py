"""What moderators decide, in their own words: names, values, where a number comes from, and what was changed.

People, roles and channels are mentions; whoever sends these words lets nobody be pinged by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from discord.utils import format_dt

from bot.core.changes import Aspect, Difference
from bot.core.limits import Origin, Ruling
from bot.core.policy import (
    UNDECIDED,
    Block,
    ChannelMode,
    ChannelRule,
    FreshStart,
    Limit,
    LogLevel,
    LogRule,
    Operator,
    Setting,
    TopUp,
    Undecided,
)
from bot.core.words import WordList
from bot.ui.text import cut, disarm, units

ARROW = "→"
UNLIMITED = "unlimited"
OPERATORS = "the operator's default"
MOST_MENTIONS = 5
REASON_SHOWN = 100

NAMES = {
    Setting.DAILY: "Images per member and day",
    Setting.MONTHLY: "Images per member and month",
    Setting.SERVER_DAILY: "Images per day, whole server",
    Setting.SERVER_MONTHLY: "Images per month, whole server",
    Setting.PER_PROMPT: "Images per prompt",
    Setting.AT_ONCE: "Commands of one member at once",
    Setting.COOLDOWN: "Pause between two commands of a member",
}
ASPECTS = {
    Aspect.NUMBER: "Numbers",
    Aspect.ROLE: "Roles",
    Aspect.MEMBER: "Members",
    Aspect.BLOCK: "Blocked members",
    Aspect.TOP_UP: "Top-ups of the day",
    Aspect.FRESH_START: "Counters reset",
    Aspect.CHANNELS: "Channels",
    Aspect.WORDS: "Forbidden words",
    Aspect.ZONE: "Time zone",
    Aspect.LOG: "Log channel",
}
MODES = {
    ChannelMode.EVERYWHERE: "everywhere",
    ChannelMode.ONLY: "only in",
    ChannelMode.EXCEPT: "everywhere but",
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
    added = f", {ruling.added:,} of it as a top-up for today" if ruling.added else ""
    capped = ", cut to the operator's ceiling" if ruling.capped else ""
    return _decided_by(ruling, "you" if yours else "this member") + added + capped


def _decided_by(ruling: Ruling, whom: str) -> str:
    match ruling.origin:
        case Origin.MEMBER:
            return f"the server's moderators, for {whom}"
        case Origin.ROLE:
            return f"role <@&{ruling.role}>"
        case Origin.SERVER:
            return "the server's moderators"
        case Origin.OPERATOR:
            return OPERATORS


def channel_rule(rule: ChannelRule) -> str:
    listed = "" if rule.mode is ChannelMode.EVERYWHERE else f" {mentions(rule.channels, '<#{}>')}"
    return f"{MODES[rule.mode]}{listed}{_age(rule)}"


def log_rule(rule: LogRule | None) -> str:
    return f"<#{rule.channel}>, {LEVELS[rule.level]}" if rule else "off"


def block_words(block: Block) -> str:
    until = f"until {format_dt(block.until, 'f')}" if block.until else "for good"
    return f"{until}, “{disarm(cut(block.reason, REASON_SHOWN))}”" if block.reason else until


def mentions(ids: Collection[int], form: str) -> str:
    """The first few in `form`, such as `<#{}>`, and how many more there are."""
    shown = ", ".join(form.format(one) for one in sorted(ids)[:MOST_MENTIONS])
    more = len(ids) - MOST_MENTIONS
    return f"{shown} and {more:,} more" if more > 0 else shown or "nowhere"


def changed(found: Iterable[Difference], operator: Operator | None = None) -> list[str]:
    """One line for each difference that a moderator made; what only ran out by itself is left away."""
    return [describe(one, operator) for one in found if not _ran_out(one)]


def describe(difference: Difference, operator: Operator | None = None) -> str:
    """One line, before → after; with `operator`, an operator's default shows its number."""
    match difference.aspect:
        case Aspect.CHANNELS:
            return _line("Channels", *_channel_change(difference))
        case Aspect.WORDS:
            return _words_line(difference)
        case _:
            before, after = (
                _shown(difference, one, operator) for one in (difference.before, difference.after)
            )
            return _line(_name(difference), before, after)


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


def _line(name: str, before: str, after: str) -> str:
    return f"**{name}**: {before} {ARROW} {after}"


def _ran_out(difference: Difference) -> bool:
    """The days of top-ups and fresh starts end, and the next edit clears them away."""
    of_a_day = difference.aspect in {Aspect.TOP_UP, Aspect.FRESH_START}
    return of_a_day and difference.after is UNDECIDED


def _name(difference: Difference) -> str:
    key, after = difference.key, difference.after
    match difference.aspect:
        case Aspect.NUMBER if isinstance(key, Setting):
            return NAMES[key]
        case Aspect.ROLE:
            return f"Images per day for <@&{key}>"
        case Aspect.MEMBER:
            return f"Images per day for <@{key}>"
        case Aspect.BLOCK:
            return f"Block of <@{key}>"
        case Aspect.TOP_UP | Aspect.FRESH_START:
            what = "Top-up for" if difference.aspect is Aspect.TOP_UP else "Counter of"
            return f"{what} <@{key}>" + (f" on {after.day}" if isinstance(after, TopUp | FreshStart) else "")
        case Aspect.ZONE:
            return "Where the day begins at midnight"
        case aspect:
            return ASPECTS[aspect]


def _shown(difference: Difference, side: object, operator: Operator | None) -> str:
    match difference.aspect:
        case Aspect.NUMBER:
            return _number(difference.key, side, operator)
        case Aspect.ROLE | Aspect.MEMBER:
            return "like everybody" if isinstance(side, Undecided) else amount(_limit(side))
        case Aspect.BLOCK:
            return block_words(side) if isinstance(side, Block) else "none"
        case Aspect.TOP_UP:
            return _top_up(difference, side)
        case Aspect.FRESH_START:
            return "at zero again" if side is difference.after else "as it was"
        case Aspect.LOG:
            return log_rule(side if isinstance(side, LogRule) else None)
        case _:
            return str(side) if side else _operators_zone(operator)


def _number(key: Setting | int | None, side: object, operator: Operator | None) -> str:
    setting = key if isinstance(key, Setting) else Setting.DAILY
    if not isinstance(side, Undecided):
        return value(setting, _limit(side))
    return f"{OPERATORS} ({value(setting, operator.bounds[setting].default)})" if operator else OPERATORS


def _operators_zone(operator: Operator | None) -> str:
    return f"{OPERATORS} ({operator.zone})" if operator else OPERATORS


def _limit(side: object) -> Limit:
    return side if isinstance(side, int) else None


def _top_up(difference: Difference, side: object) -> str:
    """What was given on an earlier day does not count."""
    after = difference.after
    same_day = isinstance(side, TopUp) and isinstance(after, TopUp) and side.day == after.day
    return f"{side.images:,}" if same_day and isinstance(side, TopUp) else "0"


def _channel_change(difference: Difference) -> tuple[str, str]:
    """Both rules; where only the list changed, what came and what went, for a list may be long."""
    before, after = difference.before, difference.after
    if not (isinstance(before, ChannelRule) and isinstance(after, ChannelRule)):
        return "", ""
    if before.mode is not after.mode or max(len(before.channels), len(after.channels)) <= MOST_MENTIONS:
        return channel_rule(before), channel_rule(after)
    came, gone = after.channels - before.channels, before.channels - after.channels
    news = [f"{mentions(came, '<#{}>')} added"] if came else []
    news += [f"{mentions(gone, '<#{}>')} taken away"] if gone else []
    counts = (f"{MODES[rule.mode]} {len(rule.channels):,} channels{_age(rule)}" for rule in (before, after))
    first, second = counts
    return first, f"{second} ({'; '.join(news)})" if news else second


def _age(rule: ChannelRule) -> str:
    return ", where it is age-restricted" if rule.age_restricted_only else ""


def _words_line(difference: Difference) -> str:
    """Counted: the words themselves would make the history a thing nobody likes to look at."""
    before, after = (_patterns(side) for side in (difference.before, difference.after))
    news = f"{len(after - before):,} added, {len(before - after):,} taken away"
    return f"{_line('Forbidden words', f'{len(before):,}', f'{len(after):,}')} ({news})"


def _patterns(side: object) -> frozenset[str]:
    return frozenset(side.patterns) if isinstance(side, WordList) else frozenset()
