"""The parts of the panel that name roles, members and channels, and mark those that Discord has no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from discord.utils import format_dt

from bot.core.limits.meters import Period
from bot.core.limits.policy import Block, ChannelMode, Limit, Setting, generosity
from bot.ui.limits import policy_text
from bot.ui.limits.panel_numbers import View, shown, titled
from bot.ui.text import cut, disarm

DELETED, LEFT = "deleted", "left the server"
REASON_SHOWN = 60
ENDLESS = datetime.max.replace(tzinfo=UTC)


def roles(view: View) -> str:
    lines = list(role_lines(view).values())
    return titled("Role limits", *(_few(lines, view) or ["none"]))


def role_lines(view: View) -> dict[int, str]:
    """The most generous first, which counts where somebody has several."""
    ranked = sorted(view.policy.roles.items(), key=lambda entry: generosity(entry[1]), reverse=True)
    return {role: f"{_role(view, role)} {_own_limit(view, limit)}" for role, limit in ranked}


def people(view: View) -> str:
    parts = [line for lines in _people(view) for line in _few(list(lines.values()), view)]
    return titled("Members", *(parts or ["none"]))


def members_named(view: View) -> frozenset[int]:
    """Those of whom there is a line on the panel."""
    return frozenset(member for lines in _people(view) for member in list(lines)[: view.most])


def channels(view: View) -> str:
    nowhere = (
        ["⚠️ No channel of this server is like that: nobody can make images."] if view.gone.nowhere else []
    )
    return titled("Channels", *_places(view), *nowhere)


def _places(view: View) -> Sequence[str]:
    rule = view.policy.channels
    listed = list(channel_lines(view).values())
    age = [policy_text.AGE_RESTRICTED] if rule.age_restricted_only else []
    match rule.mode:
        case ChannelMode.ONLY if not listed:
            return ["nowhere: the list of channels is empty"]
        case ChannelMode.ONLY | ChannelMode.EXCEPT if listed:
            return [f"{policy_text.MODES[rule.mode]} {', '.join(_few(listed, view))}", *age]
        case _:
            return age or [policy_text.MODES[ChannelMode.EVERYWHERE]]


def channel_lines(view: View) -> dict[int, str]:
    return {channel: _channel(view, channel) for channel in sorted(view.policy.channels.channels)}


def log_channel(view: View) -> str:
    rule = view.policy.log
    if rule is None:
        return titled("Log", "off")
    lines = [f"{_channel(view, rule.channel)}, {rule.level.value}"]
    if view.gone.log_gaps:
        lines.append(f"⚠️ I can't write there: I need {', '.join(view.gone.log_gaps)}")
    return titled("Log", *lines)


def _people(view: View) -> Sequence[Mapping[int, str]]:
    """Own limits, blocks, top-ups: the line of each member."""
    return block_lines(view), own_limit_lines(view), top_up_lines(view)


def own_limit_lines(view: View) -> dict[int, str]:
    limits = sorted(view.policy.members.items())
    return {member: f"{_member(view, member)} {_own_limit(view, limit)}" for member, limit in limits}


def _own_limit(view: View, limit: Limit) -> str:
    held = view.operator.within(Setting.DAILY, limit)
    limited = "" if held == limit else f" ({shown(Setting.DAILY, limit)} was set)"
    return f"**{shown(Setting.DAILY, held)}**{'' if held is None else ' a day'}{limited}"


def block_lines(view: View) -> dict[int, str]:
    """Those that end first, first."""
    running = {member: block for member, block in view.policy.blocks.items() if block.runs_at(view.now)}
    ranked = sorted(running, key=lambda member: (running[member].until or ENDLESS, member))
    return {member: f"{_member(view, member)} {_block(running[member])}" for member in ranked}


def _block(block: Block) -> str:
    ends = f", ends {format_dt(block.until, 'R')}" if block.until else " permanently"
    reason = f": {disarm(cut(block.reason, REASON_SHOWN))}" if block.reason else ""
    return f"**blocked**{ends}{reason}"


def top_up_lines(view: View) -> dict[int, str]:
    today = view.standing(Period.DAY).meter.window.key
    return {
        member: f"{_member(view, member)} **+{top_up.images:,}** today"
        for member, top_up in sorted(view.policy.top_ups.items())
        if top_up.day == today
    }


def _member(view: View, member: int) -> str:
    return f"<@{member}> ({LEFT})" if member in view.gone.members else f"<@{member}>"


def _role(view: View, role: int) -> str:
    return f"role `{role}` ({DELETED})" if role in view.gone.roles else f"<@&{role}>"


def _channel(view: View, channel: int) -> str:
    return f"channel `{channel}` ({DELETED})" if channel in view.gone.channels else f"<#{channel}>"


def _few(lines: Sequence[str], view: View) -> Sequence[str]:
    """The first of them; the last of those says how many more there are."""
    more = len(lines) - view.most
    return lines if more <= 0 else [*lines[: view.most], f"and {more:,} more: see the whole list below"]
