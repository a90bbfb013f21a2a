"""Why a member has the limit that they have, rule by rule in the order of precedence. Pure."""

from __future__ import annotations

from itertools import chain
from typing import assert_never

from discord import Embed

from bot.core.limits.errors import (
    ChannelNotAgeRestricted,
    ChannelNotAllowed,
    ChannelUnknown,
    MemberBlocked,
    Obstacle,
)
from bot.core.limits.meters import Origin, Scope, member_today
from bot.core.limits.policy import Operator, Setting
from bot.core.limits.rules import Rule, channel_obstacle
from bot.core.moderation.service import Explanation
from bot.core.place import ServerCaller
from bot.ui.embeds import COLOUR, DESCRIPTION_LIMIT
from bot.ui.limits.policy_text import amount, block_words, channel_rule, choices, fitting
from bot.ui.limits.usage_embed import budget_lines, failed_lines, pace_lines, reading_line, used_and_left
from bot.ui.sentences import IN_ENGLISH, Sentences

FIELD_LIMIT = 1024
ROLES_SHOWN = 5
_ORIGINS = {
    Rule.MEMBER: Origin.MEMBER,
    Rule.ROLE: Origin.ROLE,
    Rule.SERVER: Origin.SERVER,
    Rule.OPERATOR: Origin.OPERATOR,
}


def explanation_embed(
    explanation: Explanation,
    caller: ServerCaller,
    operator: Operator,
    *,
    left: bool = False,
    say: Sentences = IN_ENGLISH,
) -> Embed:
    """For moderators; `caller` as if they gave a command there and now, or what is kept of who `left`."""
    who = say("gone.member", member=f"<@{caller.member}>") if left else f"<@{caller.member}>"
    today = say("explain.today", member=who, used=used_and_left(member_today(explanation.readings), say))
    rules = [line for rule in Rule for line in _rule_lines(rule, explanation, caller, operator, say)]
    embed = Embed(colour=COLOUR, title=say("explain.title"))
    first = _verdict(explanation, say, {"member": who, "channel": f"<#{caller.place.channel}>"})
    embed.description = fitting([first, today, "", *rules], DESCRIPTION_LIMIT, say)
    others = [
        *(reading_line(reading, say) for reading in explanation.readings[1:]),
        *budget_lines(explanation.budgets, say),
        *failed_lines(explanation.failed, say),
        *pace_lines(explanation.terms, say=say),
        *(
            [say(f"explain.prompts.{'revised' if explanation.terms.revise else 'as_written'}")]
            if operator.revises
            else []
        ),
    ]
    return embed.add_field(name=say("explain.others"), value=fitting(others, FIELD_LIMIT, say), inline=False)


def _verdict(explanation: Explanation, say: Sentences, here: dict[str, str]) -> str:
    """Whether they can paint there and now, before all reasons."""
    if explanation.terms.obstacle:
        return _kept_out_by(explanation.terms.obstacle, say, here)
    if spent := next((one for one in explanation.readings if one.left == 0), None):
        meter = spent.meter
        return say(
            f"explain.{'used_up' if meter.limit else 'off'}.{meter.scope}.{meter.period}",
            **here,
            count=meter.limit or 0,
            until=meter.window.ends_at,
        )
    if empty := next((one.reading.meter for one in explanation.budgets if not one.images_left), None):
        return say(f"explain.budget.{empty.period}", **here, until=empty.window.ends_at)
    if failed := next((one for one in explanation.failed if one.is_limit_reached), None):
        whose = "member" if failed.scope is Scope.MEMBER else "server"
        return say(f"explain.failed.{whose}", **here, until=failed.until)
    if explanation.next_at:
        return say("explain.cooldown", **here, until=explanation.next_at)
    lefts = (one.left for one in explanation.readings), (one.images_left for one in explanation.budgets)
    left = [one for one in chain(*lefts) if one is not None]
    return say("explain.can", **here, count=min(left)) if left else say("explain.can.unlimited", **here)


def _kept_out_by(obstacle: Obstacle, say: Sentences, here: dict[str, str]) -> str:
    match obstacle:
        case MemberBlocked(block=block) if block.until:
            return say("explain.blocked.until", **here, until=block.until)
        case MemberBlocked():
            return say("explain.blocked.for_good", **here)
        case ChannelNotAllowed():
            return say("explain.channel", **here)
        case ChannelUnknown(hidden=hidden) if hidden:
            permission = f"**{say('permission.view_channel')}**"
            return say("explain.place_hidden", **here, permission=permission, parent=f"<#{hidden}>")
        case ChannelUnknown():
            return say("explain.place_unknown", **here)
        case ChannelNotAgeRestricted():
            return say("explain.not_age_restricted", **here)
    assert_never(obstacle)


def _rule_lines(
    rule: Rule, explanation: Explanation, caller: ServerCaller, operator: Operator, say: Sentences
) -> list[str]:
    """What `rule` says about the case, with a mark on the one that counts."""
    obstacle = explanation.terms.obstacle
    blocked = obstacle.block if isinstance(obstacle, MemberBlocked) else None
    counts = forbids = False
    match rule:
        case Rule.BLOCKED:
            line = say("rule.blocked", block=block_words(blocked, say)) if blocked else say("rule.blocked.no")
            forbids = blocked is not None
        case Rule.CHANNEL:
            closed = channel_obstacle(explanation.policy, caller.place)
            line = say(
                f"rule.channel.{'unknown' if isinstance(closed, ChannelUnknown) else 'closed' if closed else 'open'}",
                channel=f"<#{caller.place.channel}>",
                rule=channel_rule(explanation.policy.channels, say),
            )
            forbids = closed is not None and blocked is None
        case Rule.WORDS:
            count = len(explanation.terms.words.patterns)
            line = say("rule.words", count=count) if count else say("rule.words.none")
        case Rule.MODEL:
            allowed, off = explanation.terms.choices, explanation.terms.choices_off
            if not operator.choices:
                return []
            code = "all" if not off else "some" if allowed else "none"
            line = say(f"rule.model.{code}", models=choices(allowed, say), others=choices(off, say))
        case Rule.STYLE:
            styles = len(explanation.terms.offer.styles)
            line = say("rule.style", count=styles) if styles else say("rule.style.none")
        case Rule.VISIBILITY:
            private, spoiler = (
                say(f"requirement.{one}")
                for one in (explanation.terms.offer.private, explanation.terms.offer.spoiler)
            )
            line = say("rule.visibility", private=private, spoiler=spoiler)
        case Rule.CEILING:
            ruling = member_today(explanation.readings).meter.ruling
            line = say(
                f"rule.ceiling.{'added' if ruling.added else 'capped' if ruling.capped else 'alone'}",
                number=amount(operator.bounds[Setting.DAILY].ceiling, say),
                limit=amount(ruling.value, say),
                added=ruling.added,
            )
            counts = ruling.capped
        case _:
            return _number_lines(rule, explanation, say)
    marked = counts or forbids
    return [say("explain.counts" if counts else "explain.forbids", rule=line) if marked else line]


def _number_lines(rule: Rule, explanation: Explanation, say: Sentences) -> list[str]:
    found = [one for one in explanation.daily if one.origin is _ORIGINS[rule]]
    if not found:
        return [say(f"rule.{rule.name.lower()}.not_set")]
    lines = []
    for ruling in found[:ROLES_SHOWN]:
        number, role = amount(ruling.value, say), f"<@&{ruling.role}>"
        line = say(f"rule.{rule.name.lower()}.per_day", number=number, role=role)
        lines.append(say("explain.counts", rule=line) if ruling is explanation.daily[0] else line)
    more = len(found) - ROLES_SHOWN
    return [*lines, say("explain.more_roles", count=more)] if more > 0 else lines
