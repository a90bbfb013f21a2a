"""The numbers on the panel of `/limits show`: each with who decided it, and how far it can go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.limits.meters import Origin, Period, Standing
from bot.core.limits.policy import Operator, Policy, Setting
from bot.core.limits.rules import ruling_on, zone_of
from bot.core.limits.time_zones import called
from bot.core.moderation.service import Panel
from bot.ui.limits import policy_text
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import disarm


@dataclass(frozen=True, slots=True)
class MissingReferences:
    """Of what a policy names, what Discord said that it has no more; `log_gaps`: what the bot lacks to write there.

    `nowhere`: there is no channel where the policy allows images.
    """

    roles: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    log_gaps: tuple[str, ...] = ()
    nowhere: bool = False


NOTHING_GONE = MissingReferences()
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class View:
    """What the panel is drawn from; `most` entries of a list fit."""

    panel: Panel
    now: datetime
    most: int
    gone: MissingReferences = NOTHING_GONE
    say: Sentences = IN_ENGLISH

    @property
    def policy(self) -> Policy:
        return self.panel.policy

    @property
    def operator(self) -> Operator:
        return self.panel.operator

    def standing(self, period: Period) -> Standing:
        return next(it for it in self.panel.standings if it.meter.period is period)


def header(view: View) -> str:
    say, revision, host = view.say, view.panel.revision, view.panel.forgetful_host
    changed = (
        say("panel.changed", member=f"<@{revision.by}>", at=revision.at)
        if revision.number
        else say("panel.unchanged")
    )
    # What moderators must not find out by surprise.
    forgetful = [say("panel.forgetful", host=host)] if host else []
    return "\n".join([say("panel.title"), changed, *forgetful])


def each_member(view: View) -> str:
    rows = [number_line(view, setting) for setting in (Setting.DAILY, Setting.MONTHLY)]
    return _section(view.say("panel.section.member_numbers"), rows, view.say("panel.no_limit"))


def whole_server(view: View) -> str:
    """What is used, and where it was decided here or limits anything, of how much."""
    rows = []
    for period, setting in ((Period.DAY, Setting.SERVER_DAILY), (Period.MONTH, Setting.SERVER_MONTHLY)):
        used = view.standing(period).used
        rows.append(number_line(view, setting, used) or view.say(f"panel.used.{period}", used=used))
    return _section(view.say("panel.section.server_numbers"), rows)


def pace(view: View) -> str:
    rows = [number_line(view, setting) for setting in (Setting.PER_PROMPT, Setting.AT_ONCE, Setting.COOLDOWN)]
    return _section(view.say("panel.section.pace"), rows, view.say("panel.no_limit"))


def words(view: View) -> str:
    say, found = view.say, view.policy.words
    rows = [say("panel.words", count=len(found.patterns)) if found.patterns else say("panel.none")]
    if found.changed:
        # Entries of earlier days with a `*` where none can stand any more, until the list is saved again.
        changes = (
            say("panel.word_changed", before=policy_text.spoiler(old), after=policy_text.spoiler(new))
            for old, new in found.changed
        )
        rows.append(say("panel.words_changed", changes=say.listed(changes, most=MOST_SHOWN)))
    return _section(say("panel.section.words"), rows)


def day_begins(view: View) -> str:
    say, since = view.say, view.panel.zone_from
    zone = disarm(called(str(zone_of(view.policy, view.operator))))
    own = f"**{zone}**" if view.policy.zone else zone
    rows = [say("panel.zone", zone=own, at=view.standing(Period.DAY).meter.window.ends_at)]
    if since:
        rows.append(say("panel.zone_from", since=since))
    return _section(say("panel.section.zone"), rows)


def _section(title: str, rows: Iterable[str], nothing: str = "") -> str:
    """Without empty rows; `nothing` where all are."""
    return "\n".join([title, *([row for row in rows if row] or [nothing])])


def number_line(view: View, setting: Setting, used: int = 0) -> str:
    """What was decided here, beside what holds without it; or what holds anyway, and nothing where nothing does."""
    say, ruling = view.say, ruling_on(view.policy, view.operator, setting)
    here = ruling.origin is Origin.SERVER
    if not here and (ruling.value is None or (setting is Setting.COOLDOWN and not ruling.value)):
        return ""
    shown = policy_text.value(setting, ruling.value, say)
    line = say(f"panel.number.{setting}", number=f"**{shown}**" if here else shown, used=used)
    if not here:
        return line
    default = policy_text.value(setting, view.operator.bounds[setting].default, say)
    if not ruling.capped:
        return say("panel.decided", line=line, default=default)
    decided = policy_text.value(setting, view.policy.numbers[setting], say)
    return say("panel.decided.capped", line=line, default=default, set=decided)
