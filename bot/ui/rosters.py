"""The parts of the panel that name roles, members and channels, and mark those that Discord has no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from discord.utils import format_dt

from bot.core.limits import Period
from bot.core.policy import Block, ChannelMode, Limit, Setting, generosity
from bot.ui import decisions
from bot.ui.sections import View, shown, titled
from bot.ui.text import cut, disarm

DELETED, LEFT = "deleted", "left the server"
REASON_SHOWN = 60


def roles(view: View) -> str:
    ranked = sorted(view.policy.roles.items(), key=lambda entry: generosity(entry[1]), reverse=True)
    lines = [f"{_role(view, role)} {_own_limit(view, limit)}" for role, limit in ranked]
    if not lines:
        return titled("Role limits", "none")
    return titled("Role limits (with several, the most generous counts)", *_few(lines, view))


def people(view: View) -> str:
    parts = [line for lines in _people(view) for line in _few(list(lines.values()), view)]
    return titled("Member exceptions", *(parts or ["none"]))


def members_named(view: View) -> frozenset[int]:
    """Those of whom there is a line on the panel."""
    return frozenset(member for lines in _people(view) for member in list(lines)[: view.most])


def channels(view: View) -> str:
    return titled("Where images are allowed", *_places(view))


def _places(view: View) -> Sequence[str]:
    rule = view.policy.channels
    listed = [_channel(view, channel) for channel in sorted(rule.channels)]
    age = [decisions.AGE_RESTRICTED] if rule.age_restricted_only else []
    match rule.mode:
        case ChannelMode.ONLY if not listed:
            return ["nowhere: the list of channels is empty"]
        case ChannelMode.ONLY | ChannelMode.EXCEPT if listed:
            return [f"{decisions.MODES[rule.mode]} {', '.join(_few(listed, view))}", *age]
        case _:
            return age or [decisions.MODES[ChannelMode.EVERYWHERE]]


def log_channel(view: View) -> str:
    rule = view.policy.log
    if rule is None:
        return titled("Log", "off")
    lines = [f"{_channel(view, rule.channel)} · {decisions.LEVELS[rule.level]}"]
    if view.gone.log_gaps:
        lines.append(f"⚠️ I can't write there: I need {', '.join(view.gone.log_gaps)}")
    return titled("Log", *lines)


def _people(view: View) -> Sequence[Mapping[int, str]]:
    """Own limits, blocks, top-ups: the line of each member."""
    return _own_limits(view), _blocks(view), _top_ups(view)


def _own_limits(view: View) -> dict[int, str]:
    limits = sorted(view.policy.members.items())
    return {member: f"{_member(view, member)} {_own_limit(view, limit)}" for member, limit in limits}


def _own_limit(view: View, limit: Limit) -> str:
    held = view.operator.within(Setting.DAILY, limit)
    limited = "" if held == limit else f" (set to {shown(Setting.DAILY, limit)}, limited by the operator)"
    return f"**{shown(Setting.DAILY, held)}**{'' if held in (None, 0) else ' per day'}{limited}"


def _blocks(view: View) -> dict[int, str]:
    running = {member: block for member, block in view.policy.blocks.items() if block.runs_at(view.now)}
    return {member: f"{_member(view, member)} {_block(running[member])}" for member in sorted(running)}


def _block(block: Block) -> str:
    until = f"until {format_dt(block.until, 'f')}" if block.until else "permanently"
    reason = f": {disarm(cut(block.reason, REASON_SHOWN))}" if block.reason else ""
    return f"**blocked** {until}{reason}"


def _top_ups(view: View) -> dict[int, str]:
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
    return lines if more <= 0 else [*lines[: view.most], f"and {more:,} more"]
