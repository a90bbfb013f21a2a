"""What is different between two policies, in one line each: before → after. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from discord.utils import format_dt

from bot.core.limits.policy import (
    Block,
    ChannelRule,
    FreshStart,
    Limit,
    LogRule,
    Operator,
    Setting,
    TopUp,
    Undecided,
)
from bot.core.limits.time_zones import called
from bot.core.moderation.diff import Aspect, Difference
from bot.core.moderation.service import Outcome
from bot.core.word_filter.word_list import WordList
from bot.ui.limits.policy_text import (
    ASPECTS,
    DEFAULT,
    MODES,
    MOST_MENTIONS,
    NAMES,
    age,
    amount,
    block_words,
    channel_rule,
    log_rule,
    mentions,
    spoiler,
    value,
)

ARROW = "→"
UNCHANGED = "**Nothing was changed**: it was already set that way."
MOST_WORDS = 4


def changed_just_now(outcome: Outcome, operator: Operator) -> list[str]:
    """One line for each difference; what was decided for the running day is today's."""
    return [_just_now(one, outcome, operator) for one in outcome.differences]


def _just_now(difference: Difference, outcome: Outcome, operator: Operator) -> str:
    if difference.aspect is Aspect.FRESH_START and outcome.used is not None:
        return _line(f"Counter for <@{difference.key}> today", f"{outcome.used:,}", "0")
    return describe(difference, operator, today=True)


def changed(found: Iterable[Difference], operator: Operator | None = None) -> list[str]:
    """One line for each difference."""
    return [describe(one, operator) for one in found]


def describe(difference: Difference, operator: Operator | None = None, *, today: bool = False) -> str:
    """One line, before → after; with `operator`, a default shows its number.

    `today` is said instead of the date, where it is of the running day.
    """
    match difference.aspect:
        case Aspect.CHANNELS:
            return _line("Channels", *_channel_change(difference))
        case Aspect.WORDS:
            return _words_line(difference)
        case Aspect.NUMBER:
            return _line(_name(difference), *_numbers(difference, operator))
        case Aspect.FRESH_START:
            return f"**{_name(difference, today=today)}**: reset to 0"
        case _:
            before, after = (
                _shown(difference, one, operator) for one in (difference.before, difference.after)
            )
            return _line(_name(difference, today=today), before, after) + _from(difference)


def _from(difference: Difference) -> str:
    since = difference.since
    return f", as of {format_dt(since, 'f')}; the running day goes on until then" if since else ""


def _line(name: str, before: str, after: str) -> str:
    return f"**{name}**: {before} {ARROW} {after}"


def _name(difference: Difference, *, today: bool = False) -> str:
    key, after = difference.key, difference.after
    match difference.aspect:
        case Aspect.NUMBER if isinstance(key, Setting):
            return NAMES[key]
        case Aspect.ROLE:
            return f"Images per day for <@&{key}>"
        case Aspect.MEMBER:
            return f"Images per day for <@{key}>"
        case Aspect.BLOCK:
            return f"Block for <@{key}>"
        case Aspect.TOP_UP | Aspect.FRESH_START:
            what = "Top-up for" if difference.aspect is Aspect.TOP_UP else "Counter for"
            day = f"on {after.day}" if isinstance(after, TopUp | FreshStart) else ""
            return f"{what} <@{key}> {'today' if today else day}".rstrip()
        case Aspect.ZONE:
            return "Daily reset at midnight in"
        case aspect:
            return ASPECTS[aspect]


def _shown(difference: Difference, side: object, operator: Operator | None) -> str:
    match difference.aspect:
        case Aspect.ROLE | Aspect.MEMBER:
            return "not set" if isinstance(side, Undecided) else amount(_limit(side))
        case Aspect.BLOCK:
            return block_words(side) if isinstance(side, Block) else "none"
        case Aspect.TOP_UP:
            return _top_up(difference, side)
        case Aspect.LOG:
            return log_rule(side if isinstance(side, LogRule) else None)
        case _:
            return called(str(side)) if side else _default_zone(operator)


def _numbers(difference: Difference, operator: Operator | None) -> tuple[str, str]:
    """Where the server decided what the operator has anyway, the numbers are the same, but not who decides them."""
    setting = difference.key if isinstance(difference.key, Setting) else Setting.DAILY
    default = value(setting, operator.bounds[setting].default) if operator else ""
    sides = [difference.before, difference.after]
    own = [value(setting, _limit(side)) for side in sides if not isinstance(side, Undecided)]
    words = "{}, set here" if own == [default] else "{}"
    undecided = f"{DEFAULT} ({default})" if operator else DEFAULT
    before, after = (
        undecided if isinstance(side, Undecided) else words.format(value(setting, _limit(side)))
        for side in sides
    )
    return before, after


def _default_zone(operator: Operator | None) -> str:
    return f"{DEFAULT} ({called(str(operator.zone))})" if operator else DEFAULT


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
    news += [f"{mentions(gone, '<#{}>')} removed"] if gone else []
    counts = (f"{MODES[rule.mode]} {len(rule.channels):,} channels{age(rule)}" for rule in (before, after))
    first, second = counts
    return first, f"{second} ({'; '.join(news)})" if news else second


def _words_line(difference: Difference) -> str:
    """Nobody likes to look at the words themselves: each is behind a spoiler."""
    before, after = (_patterns(side) for side in (difference.before, difference.after))
    news = [f"{what}: {_spoilers(words)}" for what, words in _word_news(before, after) if words]
    return f"{_line('Blocked words', f'{len(before):,}', f'{len(after):,}')} ({'; '.join(news)})"


def _word_news(before: frozenset[str], after: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    yield "added", sorted(after - before)
    yield "removed", sorted(before - after)


def _spoilers(words: Sequence[str]) -> str:
    shown = ", ".join(spoiler(word) for word in words[:MOST_WORDS])
    more = len(words) - MOST_WORDS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _patterns(side: object) -> frozenset[str]:
    return frozenset(side.patterns) if isinstance(side, WordList) else frozenset()
