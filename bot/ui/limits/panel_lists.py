"""The parts of the panel that name roles, members and channels, and mark those that Discord has no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.core.limits.meters import Period
from bot.core.limits.policy import Block, ChannelMode, Limit, Setting, generosity
from bot.ui.limits import policy_text
from bot.ui.limits.panel_numbers import View
from bot.ui.text import cut, disarm

REASON_SHOWN = 60
ENDLESS = datetime.max.replace(tzinfo=UTC)


def roles(view: View) -> str:
    lines = _few(role_lines(view), view) or [view.say("panel.none")]
    return "\n".join([view.say("panel.section.roles"), *lines])


def role_lines(view: View) -> dict[int, str]:
    """The most generous first, which counts where somebody has several."""
    ranked = sorted(view.policy.roles.items(), key=lambda entry: generosity(entry[1]), reverse=True)
    return {role: _entry(view, _role(view, role), _own_limit(view, limit)) for role, limit in ranked}


def people(view: View) -> str:
    parts = [line for lines in _people(view) for line in _few(lines, view)]
    return "\n".join([view.say("panel.section.people"), *(parts or [view.say("panel.none")])])


def members_named(view: View) -> frozenset[int]:
    """Those of whom there is a line on the panel."""
    return frozenset(member for lines in _people(view) for member in list(lines)[: view.most])


def channels(view: View) -> str:
    say, rule = view.say, view.policy.channels
    listed = channel_lines(view)
    rows = [say("channels.aged")] if rule.age_restricted_only else []
    if rule.mode is ChannelMode.ONLY and not listed:
        rows = [say("panel.channels_empty")]
    elif rule.mode is not ChannelMode.EVERYWHERE and listed:
        shown = say.listed(_few(listed, view))
        code = "only" if rule.mode is ChannelMode.ONLY else "except"
        rows = [say(f"channels.{code}", channels=shown), *rows]
    if view.gone.nowhere:
        rows = [*(rows or [say("channels.everywhere")]), say("panel.nowhere")]
    return "\n".join([say("panel.section.channels"), *(rows or [say("channels.everywhere")])])


def channel_lines(view: View) -> dict[int, str]:
    return {channel: _channel(view, channel) for channel in sorted(view.policy.channels.channels)}


def log_channel(view: View) -> str:
    say, rule, gaps = view.say, view.policy.log, view.gone.log_gaps
    lines = [say("panel.log.off")]
    if rule:
        lines = [say(f"panel.log.{rule.level}", channel=_channel(view, rule.channel))]
        lines += (
            [say("panel.log_gaps", permissions=say.listed(say(f"permission.{gap}") for gap in gaps))]
            if gaps
            else []
        )
    return "\n".join([say("panel.section.log"), *lines])


def _people(view: View) -> Sequence[Mapping[int, str]]:
    """Own limits, blocks, top-ups: the line of each member."""
    return block_lines(view), own_limit_lines(view), top_up_lines(view)


def own_limit_lines(view: View) -> dict[int, str]:
    limits = sorted(view.policy.members.items())
    return {member: _entry(view, _member(view, member), _own_limit(view, limit)) for member, limit in limits}


def _own_limit(view: View, limit: Limit) -> str:
    say, held = view.say, view.operator.within(Setting.DAILY, limit)
    line = (
        say("panel.own_limit.unlimited")
        if held is None
        else say("panel.own_limit", number=policy_text.amount(held, say))
    )
    if held == limit:
        return line
    return say("panel.own_limit.capped", limit=line, set=policy_text.amount(limit, say))


def block_lines(view: View) -> dict[int, str]:
    """Those that end first, first."""
    running = {member: block for member, block in view.policy.blocks.items() if block.runs_at(view.now)}
    ranked = sorted(running, key=lambda member: (running[member].until or ENDLESS, member))
    return {member: _entry(view, _member(view, member), _block(view, running[member])) for member in ranked}


def _block(view: View, block: Block) -> str:
    reason = disarm(cut(block.reason, REASON_SHOWN))
    if block.until is None:
        return view.say("panel.blocked.for_good.why" if reason else "panel.blocked.for_good", reason=reason)
    return view.say(
        "panel.blocked.until.why" if reason else "panel.blocked.until", until=block.until, reason=reason
    )


def top_up_lines(view: View) -> dict[int, str]:
    today = view.standing(Period.DAY).meter.window.key
    return {
        member: view.say("panel.top_up", member=_member(view, member), images=top_up.images)
        for member, top_up in sorted(view.policy.top_ups.items())
        if top_up.day == today
    }


def _entry(view: View, who: str, what: str) -> str:
    return view.say("panel.entry", who=who, what=what)


def _member(view: View, member: int) -> str:
    shown = f"<@{member}>"
    return view.say("gone.member", member=shown) if member in view.gone.members else shown


def _role(view: View, role: int) -> str:
    return view.say("gone.role", role=str(role)) if role in view.gone.roles else f"<@&{role}>"


def _channel(view: View, channel: int) -> str:
    if channel in view.gone.channels:
        return view.say("gone.channel", channel=str(channel))
    return f"<#{channel}>"


def _few(lines: Mapping[int, str], view: View) -> list[str]:
    """The first of them; the last of those says how many more there are."""
    shown, more = list(lines.values())[: view.most], len(lines) - view.most
    return [*shown, view.say("panel.more", count=more)] if more > 0 else shown
