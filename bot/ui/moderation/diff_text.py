"""What is different between two policies, in one line each: before → after. Pure."""

from __future__ import annotations

from bot.core.limits.meters import Limit
from bot.core.limits.policy import (
    Block,
    ChannelMode,
    ChannelRule,
    CounterReset,
    LogRule,
    Operator,
    Setting,
    TopUp,
    Undecided,
)
from bot.core.limits.styles import Style
from bot.core.limits.time_zones import zone_label
from bot.core.moderation.diff import Aspect, Difference
from bot.core.moderation.service import ChangeResult
from bot.core.word_filter.word_list import WordList
from bot.ui.limits.policy_text import (
    MOST_MENTIONS,
    amount,
    block_words,
    channel_mentions,
    channel_rule,
    choice_names,
    log_rule,
    spoiler,
    style_text,
    value,
)
from bot.ui.sentences import IN_ENGLISH, Sentences

MOST_WORDS = 4


def changed_just_now(result: ChangeResult, operator: Operator, say: Sentences = IN_ENGLISH) -> list[str]:
    """One line for each difference; what was decided for the running day is today's."""
    lines = []
    for one in result.differences:
        if one.aspect is Aspect.COUNTER_RESET and result.used is not None:
            used, none = (amount(number, say) for number in (result.used, 0))
            lines.append(
                say("diff.line", name=_name(one, operator, say, today=True), before=used, after=none)
            )
        else:
            lines.append(describe(one, operator, say, today=True))
    return lines


def describe(
    difference: Difference, operator: Operator, say: Sentences = IN_ENGLISH, *, today: bool = False
) -> str:
    """One line, before → after; a default is named with what it is: the operator's number or time zone.

    `today` is said instead of the date, where it is of the running day.
    """
    name = _name(difference, operator, say, today=today)
    match difference.aspect:
        case Aspect.COUNTER_RESET:
            return say("diff.reset", name=name)
        case Aspect.WORDS:
            return _words_line(difference, name, say)
        case Aspect.CHANNELS:
            before, after = _channel_change(difference, say)
        case Aspect.NUMBER:
            before, after = _numbers(difference, operator, say)
        case _:
            before = _shown(difference, difference.before, operator, say)
            after = _shown(difference, difference.after, operator, say)
    if difference.since:
        return say("diff.since", name=name, before=before, after=after, since=difference.since)
    return say("diff.line", name=name, before=before, after=after)


def _name(difference: Difference, operator: Operator, say: Sentences, *, today: bool = False) -> str:
    key, after = difference.key, difference.after
    match difference.aspect:
        case Aspect.NUMBER:
            return say(f"setting.{key}")
        case Aspect.ROLE:
            return say("diff.name.role", whom=f"<@&{key}>")
        case Aspect.STYLE:
            sides = [side for side in (after, difference.before) if isinstance(side, Style)]
            known = next((one for one in (*sides, *operator.styles) if one.key == key), Style(str(key)))
            return say("diff.name.style", whom=choice_names([known.name], say))
        case Aspect.TOP_UP | Aspect.COUNTER_RESET if today:
            return say(f"diff.name.{difference.aspect}.today", whom=f"<@{key}>")
        case Aspect.TOP_UP | Aspect.COUNTER_RESET if isinstance(after, TopUp | CounterReset):
            return say(f"diff.name.{difference.aspect}.on", whom=f"<@{key}>", day=after.day)
        case _:
            return say(f"diff.name.{difference.aspect}", whom=f"<@{key}>")


def _shown(difference: Difference, side: object, operator: Operator, say: Sentences) -> str:
    match difference.aspect:
        case Aspect.ROLE | Aspect.MEMBER:
            return say("diff.not_set") if isinstance(side, Undecided) else amount(_limit(side), say)
        case Aspect.BLOCK:
            return block_words(side, say) if isinstance(side, Block) else say("diff.none")
        case Aspect.TOP_UP:
            # What was given on an earlier day does not count.
            after = difference.after
            same_day = isinstance(side, TopUp) and isinstance(after, TopUp) and side.day == after.day
            return amount(side.images if same_day and isinstance(side, TopUp) else 0, say)
        case Aspect.LOG:
            return log_rule(side if isinstance(side, LogRule) else None, say)
        case Aspect.CHOICES:
            names = sorted(side) if isinstance(side, frozenset) else ()
            return choice_names(names, say) or say("diff.none")
        case Aspect.REVISE:
            return say("diff.on" if side else "diff.off")
        case Aspect.STYLE:
            return _style(difference, side, operator, say)
        case Aspect.PRIVATE | Aspect.SPOILER:
            return say(f"requirement.{side}")
        case _ if side:
            return zone_label(str(side))
        case _:
            return say("amount.default", number=zone_label(str(operator.zone)))


def _style(difference: Difference, side: object, operator: Operator, say: Sentences) -> str:
    if isinstance(side, Style):
        return style_text(side)
    if side is None:
        return say("diff.off")
    is_operators = any(style.key == difference.key for style in operator.styles)
    return say("diff.style.default") if is_operators else say("diff.none")


def _numbers(difference: Difference, operator: Operator, say: Sentences) -> tuple[str, str]:
    """Where the server decided what the operator has anyway, the numbers are the same, but not who decides them."""
    setting = difference.key if isinstance(difference.key, Setting) else Setting.DAILY
    default = value(setting, operator.bounds[setting].default, say)
    sides = [
        None if isinstance(side, Undecided) else value(setting, _limit(side), say)
        for side in (difference.before, difference.after)
    ]
    same = [side for side in sides if side is not None] == [default]
    shown = list[str]()
    for side in sides:
        if side is None:
            shown.append(say("amount.default", number=default))
        else:
            shown.append(say("diff.set_here", number=side) if same else side)
    before, after = shown
    return before, after


def _limit(side: object) -> Limit:
    return side if isinstance(side, int) else None


def _channel_change(difference: Difference, say: Sentences) -> tuple[str, str]:
    """Both rules; where only the list changed, what came and what went, for a list may be long."""
    before, after = difference.before, difference.after
    if not (isinstance(before, ChannelRule) and isinstance(after, ChannelRule)):
        return "", ""
    if before.mode is not after.mode or max(len(before.channels), len(after.channels)) <= MOST_MENTIONS:
        return channel_rule(before, say), channel_rule(after, say)
    added, removed = (
        channel_mentions(channels, say)
        for channels in (after.channels - before.channels, before.channels - after.channels)
    )
    if not (added or removed):
        return _counted(before, say), _counted(after, say)
    news = "both" if added and removed else "added" if added else "removed"
    second = say(
        f"channels.changed.{after.mode}{'.aged' if after.age_restricted_only else ''}.{news}",
        count=len(after.channels),
        added=added,
        removed=removed,
    )
    return _counted(before, say), second


def _counted(rule: ChannelRule, say: Sentences) -> str:
    """Of a list that is too long to be shown."""
    if rule.mode is ChannelMode.EVERYWHERE:
        return channel_rule(rule, say)
    code = f"channels.count.{rule.mode}{'.aged' if rule.age_restricted_only else ''}"
    return say(code, count=len(rule.channels))


def _words_line(difference: Difference, name: str, say: Sentences) -> str:
    """Nobody likes to look at the words themselves: each is behind a spoiler."""
    before, after = (
        frozenset(side.patterns) if isinstance(side, WordList) else frozenset()
        for side in (difference.before, difference.after)
    )
    added, removed = (
        say.listed(map(spoiler, sorted(words)), most=MOST_WORDS) for words in (after - before, before - after)
    )
    return say(
        f"diff.words.{'both' if added and removed else 'added' if added else 'removed'}",
        name=name,
        before=len(before),
        after=len(after),
        added=added,
        removed=removed,
    )
