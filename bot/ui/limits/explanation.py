"""Why a member has the limit that they have, rule by rule in the order of precedence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from discord import Embed
from discord.utils import format_dt

from bot.core.errors import Refusal
from bot.core.limits.errors import ChannelNotAllowed, ChannelUnknown, MemberBlocked
from bot.core.limits.meters import FailedToday, Origin, Period, Ruling, Scope, Standing, member_today
from bot.core.limits.policy import Operator, Setting
from bot.core.limits.rules import Rule, out_of_place
from bot.core.moderation.service import Explanation
from bot.core.place import Caller
from bot.ui.embeds import COLOUR, DESCRIPTION_LIMIT
from bot.ui.limits.panel_lists import LEFT
from bot.ui.limits.policy_text import amount, block_words, channel_rule, fitting
from bot.ui.limits.usage_embed import NO_ENTRY, failed_lines, pace_lines, standing_line, used_and_left
from bot.ui.sentences import IN_ENGLISH

COUNTS = "➜"
FIELD_LIMIT = 1024
ROLES_SHOWN = 5
NAMES = {
    Rule.BLOCKED: "Blocked",
    Rule.CHANNEL: "Channel",
    Rule.WORDS: "Blocked words",
    Rule.MEMBER: "This member",
    Rule.ROLE: "Best role",
    Rule.SERVER: "This server",
    Rule.OPERATOR: "Default",
    Rule.CEILING: "This bot's maximum",
}
_ORIGINS = {
    Rule.MEMBER: Origin.MEMBER,
    Rule.ROLE: Origin.ROLE,
    Rule.SERVER: Origin.SERVER,
    Rule.OPERATOR: Origin.OPERATOR,
}
UNDECIDED = "not set"
WHOSE_LIMIT = {
    Scope.MEMBER: "their limit",
    Scope.SERVER: "this server's limit",
    Scope.BOT: "the whole bot's limit",
}
EACH = {Period.DAY: "for the day", Period.MONTH: "for the month"}


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules are told about."""

    explanation: Explanation
    caller: Caller
    operator: Operator

    @property
    def ruling(self) -> Ruling:
        return member_today(self.explanation.standings).meter.ruling


def explanation_embed(
    explanation: Explanation, caller: Caller, operator: Operator, *, left: bool = False
) -> Embed:
    """For moderators; `caller` as if they gave a command there and now, or what is kept of who `left`."""
    case = _Case(explanation, caller, operator)
    who = f"<@{caller.member}> ({LEFT})" if left else f"<@{caller.member}>"
    today = f"{who} today: {used_and_left(member_today(explanation.standings))}"
    rules = [line for rule in Rule for line in _said(rule, case)]
    embed = Embed(colour=COLOUR, title="Why this limit")
    embed.description = fitting([_in_words(who, case), today, "", *rules], DESCRIPTION_LIMIT)
    others = [
        *map(standing_line, explanation.standings[1:]),
        *failed_lines(explanation.failed),
        *pace_lines(explanation.terms),
    ]
    return embed.add_field(name="Other limits", value=fitting(others, FIELD_LIMIT), inline=False)


def _in_words(who: str, case: _Case) -> str:
    """Whether they can paint there and now, before all reasons."""
    where, refusal = f"in <#{case.caller.channel}>", case.explanation.terms.refusal
    spent = next((one for one in case.explanation.standings if one.left == 0), None)
    if refusal:
        return f"{who} **can't paint** {where}: {_against(refusal)}."
    if spent:
        return f"{who} **can't paint** {where}: {_spent(spent)}."
    if failed := next((one for one in case.explanation.failed if one.is_over), None):
        return f"{who} **can't paint** {where}: {_failed(failed)}."
    if next_at := case.explanation.next_at:
        return f"{who} **can't paint** {where}: in their cooldown until {format_dt(next_at, 'f')}."
    left = [one.left for one in case.explanation.standings if one.left is not None]
    most = IN_ENGLISH("amount.images", count=min(left, default=0))
    return f"{who} **can paint** {where}: {f'{most} left' if left else 'as much as they like'}."


def _against(refusal: Refusal) -> str:
    match refusal:
        case MemberBlocked(block=block):
            return f"blocked until {format_dt(block.until, 'f')}" if block.until else "blocked permanently"
        case ChannelNotAllowed():
            return "images aren't allowed there"
        case ChannelUnknown():
            return "Discord doesn't say which channel the thread belongs to; try again in a minute"
        case _:
            return "images are allowed in age-restricted channels only"


def _spent(standing: Standing) -> str:
    meter = standing.meter
    limit = f"{WHOSE_LIMIT[meter.scope]} {EACH[meter.period]}"
    if meter.limit == 0:
        return f"{limit} is 0"
    most = IN_ENGLISH("amount.images", count=meter.limit or 0)
    return f"{limit} ({most}) is used up until {format_dt(meter.window.ends_at, 'f')}"


def _failed(failed: FailedToday) -> str:
    whose = "theirs" if failed.scope is Scope.MEMBER else "this server's"
    until = format_dt(failed.until, "f")
    return (
        f"too many images of {whose} came to nothing today, though they may have been paid for; until {until}"
    )


def _said(rule: Rule, case: _Case) -> Iterable[str]:
    """What `rule` says about the case, with a mark on the one that counts."""
    if rule in _ORIGINS:
        return _numbers(rule, case)
    return [_SAYS[rule](case)]


def _numbers(rule: Rule, case: _Case) -> Iterable[str]:
    said = [one for one in case.explanation.daily if one.origin is _ORIGINS[rule]]
    if not said:
        return [_line(rule, UNDECIDED)]
    lines = [_line(rule, _number(one), counts=one is case.explanation.daily[0]) for one in said[:ROLES_SHOWN]]
    more = len(said) - ROLES_SHOWN
    return [*lines, f"… and {more:,} more roles"] if more > 0 else lines


def _number(ruling: Ruling) -> str:
    of_role = f", <@&{ruling.role}>" if ruling.role is not None else ""
    return f"{amount(ruling.value)} per day{of_role}"


def _line(rule: Rule, says: str, *, counts: bool = False, mark: str = COUNTS) -> str:
    return f"{mark} **{NAMES[rule]}: {says}**" if counts else f"{NAMES[rule]}: {says}"


def _blocked(case: _Case) -> str:
    refusal = case.explanation.terms.refusal
    if isinstance(refusal, MemberBlocked):
        return _line(Rule.BLOCKED, block_words(refusal.block), counts=True, mark=NO_ENTRY)
    return _line(Rule.BLOCKED, "no")


def _channel(case: _Case) -> str:
    rule = channel_rule(case.explanation.policy.channels)
    refusal = out_of_place(case.explanation.policy, case.caller)
    closed = refusal is not None
    says = (
        "closed as long as Discord doesn't say which channel it belongs to"
        if isinstance(refusal, ChannelUnknown)
        else ("closed" if closed else "open")
    )
    here = f"<#{case.caller.channel}> is {says} (images allowed: {rule})"
    counts = closed and not isinstance(case.explanation.terms.refusal, MemberBlocked)
    return _line(Rule.CHANNEL, here, counts=counts, mark=NO_ENTRY)


def _words(case: _Case) -> str:
    count = len(case.explanation.terms.words.patterns)
    return _line(Rule.WORDS, f"{count:,}; prompts with one of them are refused" if count else "none")


def _ceiling(case: _Case) -> str:
    ceiling = amount(case.operator.bounds[Setting.DAILY].ceiling)
    ruling = case.ruling
    added = f" (with today's top-up of {ruling.added:,})" if ruling.added else ""
    capped = f", so the limit is {amount(ruling.value)}{added}"
    says = f"{ceiling} per day"
    return _line(Rule.CEILING, says + (capped if ruling.capped or ruling.added else ""), counts=ruling.capped)


_SAYS: dict[Rule, Callable[[_Case], str]] = {
    Rule.BLOCKED: _blocked,
    Rule.CHANNEL: _channel,
    Rule.WORDS: _words,
    Rule.CEILING: _ceiling,
}
