"""How much of each limit is used, where it comes from and when it resets: the embed of `/usage`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from discord import Embed
from discord.utils import format_dt

from bot.core.errors import Refusal
from bot.core.limits.errors import ChannelNotAllowed, ChannelUnknown, MemberBlocked
from bot.core.limits.meters import FailedToday, Period, Scope, Standing
from bot.core.limits.rules import Terms
from bot.core.limits.usage import Usage
from bot.ui.embeds import COLOUR, DESCRIPTION_LIMIT
from bot.ui.limits.policy_text import UNLIMITED, amount, block_words, duration, fitting, mentions, origin

NO_ENTRY = "⛔"
WHOSE = {Scope.MEMBER: "This member", Scope.SERVER: "This server", Scope.BOT: "All servers"}
WHOLE = ", with what was used before the reset"
WHEN = {Period.DAY: "today", Period.MONTH: "this month"}


def usage_embed(usage: Usage, member: int | None = None) -> Embed:
    """The caller's own numbers; or those of `member`, for a moderator."""
    whose = [] if member is None else [f"<@{member}>"]
    lines = [*whose, *_limits(usage, yours=member is None)]
    embed = Embed(colour=COLOUR, title="Your images" if member is None else "A member's images")
    embed.description = fitting(lines, DESCRIPTION_LIMIT)
    total = sum(count for _, count in usage.days)
    days = "\n".join(f"{date.fromisoformat(day):%a %d}: **{count:,}**" for day, count in usage.days)
    return embed.add_field(name=f"Last {len(usage.days)} days: {total:,}", value=days)


def _limits(usage: Usage, *, yours: bool) -> Iterator[str]:
    """The day of the member first, then what keeps them from asking; of the others those that are limited."""
    today = usage.today
    yield standing_line(today, yours=yours)
    if usage.terms.refusal:
        yield f"{NO_ENTRY} {obstacle(usage.terms.refusal)}"
    others = [one for one in usage.standings if one is not today and one.meter.limit is not None]
    yield from (standing_line(one, yours=yours) for one in others)
    yield from failed_lines(usage.failed, yours=yours)
    yield from pace_lines(usage.terms, usage)


def failed_lines(failed: Iterable[FailedToday], *, yours: bool = False) -> Iterator[str]:
    """What came to nothing today although it may have been paid for, where that has a limit and there is any.

    Of another member only that it is too much: what they do in other servers is nobody's business.
    """
    for one in failed:
        mine = one.scope is not Scope.MEMBER or yours
        if one.limit is None or not one.used or not (mine or one.is_over):
            continue
        whose = "You" if yours and one.scope is Scope.MEMBER else WHOSE[one.scope]
        mark = f"{NO_ENTRY} " if one.is_over else ""
        count = f"{one.used:,} of at most {one.limit:,}" if mine else "too many"
        again = f"resets {format_dt(one.until, 'R')}"
        images = f"{count} images that may have been paid for"
        yield f"{mark}**{whose}, failed today**: {images} · {again} · a limit of this bot"


def obstacle(refusal: Refusal) -> str:
    """What keeps somebody from asking for images at all, as it stands in a list."""
    match refusal:
        case MemberBlocked(block=block):
            return f"Blocked by the moderators: {block_words(block)}"
        case ChannelNotAllowed(allowed=channels) if channels:
            return f"Not in this channel: only in {mentions(channels, '<#{}>')}"
        case ChannelNotAllowed():
            return "Not in this channel"
        case ChannelUnknown():
            return "Not here right now: I can't tell which channel this thread belongs to"
        case _:
            return "Not in this channel: only in age-restricted ones"


def standing_line(standing: Standing, *, yours: bool = False) -> str:
    meter = standing.meter
    whose = "You" if yours and meter.scope is Scope.MEMBER else WHOSE[meter.scope]
    of_bot = meter.scope is Scope.BOT or meter.whole
    source = "a limit of this bot" if of_bot else origin(meter.ruling, yours=yours)
    name = f"**{whose}, {WHEN[meter.period]}{WHOLE if meter.whole else ''}**"
    return f"{name}: {used_and_left(standing)} · {source}"


def used_and_left(standing: Standing) -> str:
    """And when it starts again: for private answers, which are read at once."""
    limit = standing.meter.limit
    again = f"resets {format_dt(standing.meter.window.ends_at, 'R')}"
    if limit is None:
        return f"{standing.used:,} used, {UNLIMITED} · {again}"
    return f"{standing.used:,} of {limit:,} used, {standing.left or 0:,} left · {again}"


def pace_lines(terms: Terms, usage: Usage | None = None) -> Iterator[str]:
    """With `usage`: what of it is taken right now."""
    yield f"**Images per prompt**: {amount(terms.per_prompt.value)} · {origin(terms.per_prompt)}"
    if terms.at_once.value is not None:
        running = f"{usage.running:,} of " if usage else ""
        yield f"**Commands at a time**: {running}{amount(terms.at_once.value)} · {origin(terms.at_once)}"
    if terms.cooldown.value:
        ready = f", ready {format_dt(usage.next_at, 'R')}" if usage and usage.next_at else ""
        yield f"**Cooldown**: {duration(terms.cooldown.value)}{ready} · {origin(terms.cooldown)}"
