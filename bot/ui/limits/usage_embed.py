"""How much of each limit is used, where it comes from and when it resets: the embed of `/usage`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import assert_never

from discord import Embed

from bot.core.limits.budgets import BudgetReading
from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    MemberBlocked,
    Obstacle,
)
from bot.core.limits.meters import FailedToday, MeterReading, Scope, member_today
from bot.core.limits.rules import Terms
from bot.core.limits.usage import Usage
from bot.ui.embeds import COLOUR, DESCRIPTION_LIMIT
from bot.ui.limits.policy_text import amount, block_words, channel_mentions, choices, fitting, origin
from bot.ui.sentences import IN_ENGLISH, Sentences

NO_ENTRY = "⛔"


def usage_embed(usage: Usage, member: int | None = None, say: Sentences = IN_ENGLISH) -> Embed:
    """The caller's own numbers; or those of `member`, for a moderator."""
    yours = member is None
    lines = [*([] if yours else [f"<@{member}>"]), *usage_lines(usage, say, yours=yours)]
    if usage.terms.choices:
        lines.append(say("usage.models", models=choices(usage.terms.choices, say)))
    title = say("usage.title" if yours else "usage.title_of_member")
    embed = Embed(colour=COLOUR, title=title, description=fitting(lines, DESCRIPTION_LIMIT, say))
    days = [(date.fromisoformat(day), count) for day, count in usage.days]
    total = sum(count for _, count in days)
    return embed.add_field(
        name=say("usage.last_days", count=len(days), total=total),
        value="\n".join(
            say("usage.day", weekday=say(f"weekday.{day.weekday()}"), day=f"{day:%d}", number=count)
            for day, count in days
        ),
    )


def usage_lines(usage: Usage, say: Sentences = IN_ENGLISH, *, yours: bool = True) -> list[str]:
    """Every limit that holds, and what keeps the member from asking at all."""
    today = member_today(usage.readings)
    # The day of the member first, then what keeps them from asking; of the others those that are limited.
    lines = [reading_line(today, say, yours=yours)]
    if usage.terms.obstacle:
        lines.append(f"{NO_ENTRY} {obstacle_line(usage.terms.obstacle, say)}")
    others = (one for one in usage.readings if one is not today and one.meter.limit is not None)
    lines += [reading_line(one, say, yours=yours) for one in others]
    lines += budget_lines(usage.budgets, say)
    return [*lines, *failed_lines(usage.failed, say, yours=yours), *pace_lines(usage.terms, usage, say)]


def failed_lines(
    failed: Iterable[FailedToday], say: Sentences = IN_ENGLISH, *, yours: bool = False
) -> Iterator[str]:
    """What came to nothing today although it may have been paid for, where that has a limit and there is any.

    Of another member only that it is too much: what they do in other servers is nobody's business.
    """
    for one in failed:
        mine = one.scope is not Scope.MEMBER or yours
        if one.limit is None or not one.used or not (mine or one.is_limit_reached):
            continue
        line = (
            say(f"usage.failed.{_whose(one.scope, yours)}", used=one.used, count=one.limit, until=one.until)
            if mine
            else say("usage.failed.too_many", until=one.until)
        )
        yield f"{NO_ENTRY} {line}" if one.is_limit_reached else line


def budget_lines(budgets: Iterable[BudgetReading], say: Sentences = IN_ENGLISH) -> Iterator[str]:
    """How much money is left is the operator's business: a share of it says as much as members need."""
    for budget in budgets:
        meter, percent = budget.reading.meter, budget.reading.percent
        line = say(f"usage.budget.{meter.period}", percent=percent, until=meter.window.ends_at)
        yield line if budget.images_left else f"{NO_ENTRY} {line}"


def obstacle_line(obstacle: Obstacle, say: Sentences = IN_ENGLISH) -> str:
    """As it stands in a list."""
    match obstacle:
        case MemberBlocked(block=block):
            return say("obstacle.blocked", block=block_words(block, say))
        case ChannelNotAllowed(allowed=channels) if channels:
            return say("obstacle.elsewhere", channels=channel_mentions(channels, say))
        case ChannelNotAllowed():
            return say("obstacle.here")
        case ChannelUnknown(hidden=hidden) if hidden:
            permission = f"**{say('permission.view_channel')}**"
            return say("obstacle.place_hidden", permission=permission, channel=f"<#{hidden}>")
        case ChannelUnknown():
            return say("obstacle.place_unknown")
        case ChannelNotAgeRestricted():
            return say("obstacle.not_age_restricted")
    assert_never(obstacle)


def reading_line(reading: MeterReading, say: Sentences = IN_ENGLISH, *, yours: bool = False) -> str:
    meter = reading.meter
    of_bot = meter.scope is Scope.BOT or meter.whole
    return say(
        f"usage.line.{_whose(meter.scope, yours)}.{meter.period}{'.whole' if meter.whole else ''}",
        used=used_and_left(reading, say),
        source=say("origin.bot") if of_bot else origin(meter.ruling, say, yours=yours),
    )


def used_and_left(reading: MeterReading, say: Sentences = IN_ENGLISH) -> str:
    """And when it starts again: for private answers, which are read at once."""
    used, limit, until = reading.used, reading.meter.limit, reading.meter.window.ends_at
    if limit is None:
        return say("usage.used_unlimited", used=used, until=until)
    return say("usage.used", used=used, limit=limit, left=reading.left or 0, until=until)


def pace_lines(terms: Terms, usage: Usage | None = None, say: Sentences = IN_ENGLISH) -> Iterator[str]:
    """With `usage`: what of it is taken right now."""
    limit = amount(terms.per_prompt.value, say)
    yield say("usage.per_prompt", limit=limit, origin=origin(terms.per_prompt, say))
    if terms.at_once.value is not None:
        yield say(
            "usage.at_once.running" if usage else "usage.at_once",
            running=usage.running if usage else 0,
            limit=terms.at_once.value,
            origin=origin(terms.at_once, say),
        )
    if terms.cooldown.value:
        ready = usage.next_at if usage else None
        cooldown, source = say.duration(terms.cooldown.value), origin(terms.cooldown, say)
        if ready:
            yield say("usage.cooldown.ready", cooldown=cooldown, until=ready, origin=source)
        else:
            yield say("usage.cooldown", cooldown=cooldown, origin=source)


def _whose(scope: Scope, yours: bool) -> str:
    return "you" if yours and scope is Scope.MEMBER else scope
