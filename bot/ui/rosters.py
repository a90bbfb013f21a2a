"""The parts of the panel that name roles, members and channels, and mark those that Discord has no more."""

from __future__ import annotations

from collections.abc import Iterable

from discord.utils import format_dt

from bot.core.limits import Period
from bot.core.policy import ChannelMode, Limit, Setting
from bot.ui import decisions
from bot.ui.sections import View, shown, titled
from bot.ui.text import cut, disarm

GONE = "deleted in Discord"
REASON_SHOWN = 60


def roles(view: View) -> str:
    ranked = sorted(view.policy.roles.items(), key=lambda entry: _generosity(entry[1]), reverse=True)
    lines = [f"{_role(view, role)} {_own_limit(view, limit)}" for role, limit in ranked]
    if not lines:
        return titled("Roles with a limit of their own", "none")
    return titled("Roles with a limit of their own: of several, the most generous counts", *_few(lines, view))


def people(view: View) -> str:
    parts = [*_few(_own_limits(view), view), *_few(_blocks(view), view), *_few(_top_ups(view), view)]
    return titled("Members with a rule of their own", *(parts or ["none"]))


def channels(view: View) -> str:
    rule = view.policy.channels
    listed = [_channel(view, channel) for channel in sorted(rule.channels)]
    match rule.mode:
        case ChannelMode.EVERYWHERE:
            where = "everywhere"
        case _ if not listed:
            where = (
                "nowhere: the list of channels is empty" if rule.mode is ChannelMode.ONLY else "everywhere"
            )
        case _:
            where = f"{decisions.MODES[rule.mode]} {', '.join(_few(listed, view))}"
    age = ["in age-restricted channels only"] if rule.age_restricted_only else []
    return titled("Where images may be asked for", where, *age)


def log_channel(view: View) -> str:
    rule = view.policy.log
    if rule is None:
        return titled("Log", "off")
    lines = [f"{_channel(view, rule.channel)} · {decisions.LEVELS[rule.level]}"]
    if view.present and view.present.log_gaps:
        lines.append(f"⚠️ I can't write there: I lack {', '.join(view.present.log_gaps)}")
    return titled("Log", *lines)


def _own_limits(view: View) -> list[str]:
    return [f"<@{member}> {_own_limit(view, limit)}" for member, limit in sorted(view.policy.members.items())]


def _own_limit(view: View, limit: Limit) -> str:
    held = view.operator.within(Setting.DAILY, limit)
    cut_off = (
        "" if held == limit else f" (set to {shown(Setting.DAILY, limit)}, cut to the operator's ceiling)"
    )
    return f"**{shown(Setting.DAILY, held)}**{'' if held in (None, 0) else ' a day'}{cut_off}"


def _blocks(view: View) -> list[str]:
    running = [(member, block) for member, block in view.policy.blocks.items() if block.runs_at(view.now)]
    lines = []
    for member, block in sorted(running, key=lambda entry: entry[0]):
        until = f"until {format_dt(block.until, 'f')}" if block.until else "for good"
        reason = f": {disarm(cut(block.reason, REASON_SHOWN))}" if block.reason else ""
        lines.append(f"<@{member}> **blocked** {until}{reason}")
    return lines


def _top_ups(view: View) -> list[str]:
    today = view.standing(Period.DAY).meter.window.key
    return [
        f"<@{member}> **+{top_up.images:,}** today"
        for member, top_up in sorted(view.policy.top_ups.items())
        if top_up.day == today
    ]


def _role(view: View, role: int) -> str:
    gone = view.present is not None and role not in view.present.roles
    return f"role `{role}` ({GONE})" if gone else f"<@&{role}>"


def _channel(view: View, channel: int) -> str:
    gone = view.present is not None and channel not in view.present.channels
    return f"channel `{channel}` ({GONE})" if gone else f"<#{channel}>"


def _few(lines: Iterable[str], view: View) -> list[str]:
    """The first of them; the last of those says how many more there are."""
    everything = list(lines)
    more = len(everything) - view.most
    return everything if more <= 0 else [*everything[: view.most], f"and {more:,} more"]


def _generosity(limit: Limit) -> tuple[bool, int]:
    return limit is None, limit or 0
