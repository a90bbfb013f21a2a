"""The numbers on the panel of `/limits show`: each with who decided it, and how far it can go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from discord.utils import format_dt

from bot.core.limits.meters import Origin, Period, Scope, Standing, standing_of
from bot.core.limits.policy import Limit, Operator, Policy, Setting
from bot.core.limits.rules import number, zone_of
from bot.core.limits.time_zones import called
from bot.core.moderation.service import Panel
from bot.ui.limits import policy_text
from bot.ui.text import disarm


@dataclass(frozen=True, slots=True)
class Gone:
    """Of what a policy names, what Discord said that it has no more; `log_gaps`: what the bot lacks to write there.

    `nowhere`: there is no channel where the policy allows images.
    """

    roles: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    log_gaps: tuple[str, ...] = ()
    nowhere: bool = False


NOTHING_GONE = Gone()
MOST_SHOWN = 3


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
    changed = "Nothing set yet: the defaults apply."
    if revision.number:
        changed = f"Last changed by <@{revision.by}> {format_dt(revision.at, 'R')}"
    return "\n".join(filter(None, ["## Image limits", changed, _forgetful(view.panel.forgetful_host)]))


def _forgetful(host: str | None) -> str:
    """What moderators must not find out by surprise."""
    if host is None:
        return ""
    return (
        f"⚠️ **This bot runs on {host} without a database: every restart resets all counters and forgets what is "
        "set here.** The people who run it need to set `DATABASE_URL`."
    )


def each_member(view: View) -> str:
    rows = [_number(view, Setting.DAILY, "{} a day"), _number(view, Setting.MONTHLY, "{} a month")]
    return titled("Per member", *(list(filter(None, rows)) or ["no limit"]))


def whole_server(view: View) -> str:
    rows = ((Period.DAY, Setting.SERVER_DAILY, "today"), (Period.MONTH, Setting.SERVER_MONTHLY, "this month"))
    return titled("Whole server", *(_used(view, *row) for row in rows))


def _used(view: View, period: Period, setting: Setting, when: str) -> str:
    """What is used of it, and where it was decided here or limits anything, of how much."""
    used = f"{view.standing(period).used:,}"
    return _number(view, setting, used + " of {} used " + when) or f"{used} used {when}"


def pace(view: View) -> str:
    rows = [
        _number(view, Setting.PER_PROMPT, "{} per prompt"),
        _number(view, Setting.AT_ONCE, "{} at a time"),
        _number(view, Setting.COOLDOWN, "cooldown {}"),
    ]
    return titled("Pace", *(list(filter(None, rows)) or ["no limit"]))


def words(view: View) -> str:
    count = len(view.policy.words.patterns)
    shown_count = "none" if count == 0 else "1 entry" if count == 1 else f"{count:,} entries"
    return titled("Blocked words", shown_count, *_read_otherwise(view))


def _read_otherwise(view: View) -> list[str]:
    """Entries of earlier days with a `*` where none can stand any more, until the list is saved again."""
    changed = view.policy.words.changed
    if not changed:
        return []
    pairs = [f"{policy_text.spoiler(old)} as {policy_text.spoiler(new)}" for old, new in changed[:MOST_SHOWN]]
    more = f" and {len(changed) - MOST_SHOWN:,} more" if len(changed) > MOST_SHOWN else ""
    return [f"⚠️ A `*` can only open an end. Looked for: {', '.join(pairs)}{more}"]


def day_begins(view: View) -> str:
    next_one = format_dt(view.standing(Period.DAY).meter.window.ends_at, "R")
    zone = disarm(called(str(zone_of(view.policy, view.operator))))
    own = f"**{zone}**" if view.policy.zone else zone
    since = view.panel.zone_from
    later = (
        [f"This time zone takes effect {format_dt(since, 'f')}, when the running day ends."] if since else []
    )
    return titled("Time zone", f"{own}: new day {next_one}", *later)


def shown(setting: Setting, limit: Limit) -> str:
    return policy_text.value(setting, limit)


def titled(title: str, *lines: str) -> str:
    return "\n".join([f"**{title}**", *lines])


def _number(view: View, setting: Setting, words: str) -> str:
    """What was decided here, beside what holds without it; or what holds anyway, and nothing where nothing does."""
    ruling = number(view.policy, view.operator, setting)
    value = shown(setting, ruling.value)
    if ruling.origin is not Origin.SERVER:
        return "" if value in NO_LIMIT else words.format(value)
    default = shown(setting, view.operator.bounds[setting].default)
    capped = f"; {shown(setting, view.policy.numbers[setting])} was set" if ruling.capped else ""
    return f"{words.format(f'**{value}**')} (default {default}{capped})"


NO_LIMIT = frozenset({policy_text.UNLIMITED, policy_text.duration(0)})
