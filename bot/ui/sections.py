"""The numbers on the panel of `/limits show`: each with who decided it, and how far it can go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from discord.utils import format_dt

from bot.core.limits import Origin, Period, Ruling, Scope, Standing, number, standing_of, zone_of
from bot.core.moderation import Panel
from bot.core.policy import Limit, Operator, Policy, Setting
from bot.core.zones import called
from bot.ui import decisions
from bot.ui.text import disarm

NO_BREAK = "\u00a0"  # plain spaces at the end of a code span are not drawn everywhere


@dataclass(frozen=True, slots=True)
class Gone:
    """Of what a policy names, what Discord said that it has no more; `log_gaps`: what the bot lacks to write there."""

    roles: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    log_gaps: tuple[str, ...] = ()


NOTHING_GONE = Gone()


@dataclass(frozen=True, slots=True)
class View:
    """What the panel is drawn from; `most` entries of a list fit."""

    panel: Panel
    now: datetime
    most: int
    gone: Gone = NOTHING_GONE

    @property
    def policy(self) -> Policy:
        return self.panel.policy

    @property
    def operator(self) -> Operator:
        return self.panel.operator

    def standing(self, period: Period) -> Standing:
        return standing_of(Scope.SERVER, period, self.panel.standings)


def header(view: View) -> str:
    revision = view.panel.revision
    changed = "Nothing set yet; the operator's defaults apply."
    if revision.number:
        changed = f"Last changed by <@{revision.by}> {format_dt(revision.at, 'R')}"
    return "\n".join(filter(None, ["## Image limits", changed, _forgetful(view.panel.forgetful_host)]))


def _forgetful(host: str | None) -> str:
    """What moderators must not find out by surprise."""
    if host is None:
        return ""
    return (
        f"⚠️ **This bot runs on {host} without a database: every restart resets all counters and forgets what is "
        "set here.** Its operator needs to set `DATABASE_URL`."
    )


def each_member(view: View) -> str:
    rows = [("per day", Setting.DAILY), ("per month", Setting.MONTHLY)]
    return titled("Images per member", *_numbers(view, rows))


def whole_server(view: View) -> str:
    rows = [
        ("today", view.standing(Period.DAY), Setting.SERVER_DAILY),
        ("this month", view.standing(Period.MONTH), Setting.SERVER_MONTHLY),
    ]
    lines = [
        f"{_label(label, 'this month')} **{standing.used:,}** used · {_limit(standing, setting)}"
        f" · {_source(view, setting)}{_resets(standing)}"
        for label, standing, setting in rows
    ]
    return titled("Images for the whole server", *lines)


def _limit(standing: Standing, setting: Setting) -> str:
    words = f"**{shown(setting, standing.meter.limit)}**"
    return words if standing.meter.limit is None else f"limit {words}"


def _resets(standing: Standing) -> str:
    """What has no limit needs no reset."""
    if standing.meter.limit is None:
        return ""
    return f" · resets {format_dt(standing.meter.window.ends_at, 'R')}"


def pace(view: View) -> str:
    rows = [
        ("per prompt", Setting.PER_PROMPT),
        ("at a time", Setting.AT_ONCE),
        ("cooldown", Setting.COOLDOWN),
    ]
    return titled("Pace per member", *_numbers(view, rows))


def words(view: View) -> str:
    count = len(view.policy.words.patterns)
    shown_count = "none" if count == 0 else "1 entry" if count == 1 else f"{count:,} entries"
    return titled("Blocked words", shown_count)


def day_begins(view: View) -> str:
    decided = "set here" if view.policy.zone else decisions.OPERATORS
    next_one = format_dt(view.standing(Period.DAY).meter.window.ends_at, "R")
    zone = disarm(called(str(zone_of(view.policy, view.operator))))
    return titled("Daily reset at midnight in", f"**{zone}** · {decided} · next {next_one}")


def shown(setting: Setting, limit: Limit) -> str:
    """A number as people say it: `off` for none at all."""
    return "off" if limit == 0 else decisions.value(setting, limit)


def titled(title: str, *lines: str) -> str:
    return "\n".join([f"**{title}**", *lines])


def _numbers(view: View, rows: Sequence[tuple[str, Setting]]) -> Iterator[str]:
    longest = max((label for label, _ in rows), key=len)
    for label, setting in rows:
        value = number(view.policy, view.operator, setting).value
        yield f"{_label(label, longest)} **{shown(setting, value)}** · {_source(view, setting)}"


def _label(label: str, longest: str) -> str:
    """In Discord's fixed-width letters, so that the numbers stand below each other."""
    return f"`{label:{NO_BREAK}<{len(longest)}}`"


def _source(view: View, setting: Setting) -> str:
    """Who decided a number, and how far the moderators can go."""
    ruling = number(view.policy, view.operator, setting)
    return "".join([_decided_by(ruling), _bound(view.operator, setting)])


def _decided_by(ruling: Ruling) -> str:
    decided = "set here" if ruling.origin is Origin.SERVER else decisions.OPERATORS
    return f"{decided}, limited by the operator" if ruling.capped else decided


def _bound(operator: Operator, setting: Setting) -> str:
    ceiling = operator.bounds[setting].ceiling
    if setting is Setting.COOLDOWN:
        return f" · min {decisions.duration(ceiling)}" if ceiling else ""
    return "" if ceiling is None else f" · max {ceiling:,}"
