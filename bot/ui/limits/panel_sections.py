"""The sections of the panel of `/limits show`: numbers, each with who decided it, and lists of whom else it is about.

Roles, members and channels that Discord has no more are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.limits.meters import Limit, MeterReading, Origin, Period, generosity
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import ChannelMode, Operator, Policy, Setting
from bot.core.limits.rules import ruling_on
from bot.core.limits.time_zones import zone_label
from bot.core.moderation.service import Panel
from bot.ui.limits import policy_text
from bot.ui.limits.panel_parts import NUMBERS, Part
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, disarm


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
MOST_CHANGES_SHOWN = 3
REASON_SHOWN = 60
ENDLESS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What the panel is drawn from; `most` entries of a list fit. So many `reports` wait for the moderators."""

    panel: Panel
    now: datetime
    most: int
    gone: MissingReferences = NOTHING_GONE
    say: Sentences = IN_ENGLISH
    reports: int = 0

    @property
    def policy(self) -> Policy:
        return self.panel.policy

    @property
    def operator(self) -> Operator:
        return self.panel.operator

    def reading(self, period: Period) -> MeterReading:
        return next(it for it in self.panel.readings if it.meter.period is period)


def header(context: PanelContext) -> str:
    say, revision, host = context.say, context.panel.revision, context.panel.ephemeral_host
    changed = (
        say("panel.changed", member=f"<@{revision.by}>", at=revision.at)
        if revision.number
        else say("panel.unchanged")
    )
    # What moderators must not find out by surprise.
    ephemeral = [say("panel.ephemeral_disk", host=host)] if host else []
    waiting = [say("reports.waiting", count=context.reports)] if context.reports else []
    return "\n".join([say("panel.title"), changed, *ephemeral, *waiting])


def each_member(context: PanelContext) -> str:
    rows = [number_line(context, setting) for setting in NUMBERS[Part.EACH_MEMBER]]
    return _section(context.say("panel.section.member_numbers"), rows, context.say("panel.no_limit"))


def whole_server(context: PanelContext) -> str:
    """What is used, and where it was decided here or limits anything, of how much."""
    rows = []
    for period, setting in zip((Period.DAY, Period.MONTH), NUMBERS[Part.WHOLE_SERVER], strict=True):
        used = context.reading(period).used
        rows.append(number_line(context, setting, used) or context.say(f"panel.used.{period}", used=used))
    return _section(context.say("panel.section.server_numbers"), rows)


def pace(context: PanelContext) -> str:
    rows = [number_line(context, setting) for setting in NUMBERS[Part.PACE]]
    return _section(context.say("panel.section.pace"), rows, context.say("panel.no_limit"))


def words(context: PanelContext) -> str:
    say, found = context.say, context.policy.words
    rows = [say("panel.words", count=len(found.patterns)) if found.patterns else say("panel.none")]
    if found.changed:
        # Entries of earlier days with a `*` where none can stand any more, until the list is saved again.
        changes = (
            say("panel.word_changed", before=policy_text.spoiler(old), after=policy_text.spoiler(new))
            for old, new in found.changed
        )
        rows.append(say("panel.words_changed", changes=say.listed(changes, most=MOST_CHANGES_SHOWN)))
    return _section(say("panel.section.words"), rows)


def day_begins(context: PanelContext) -> str:
    say, since = context.say, context.panel.zone_from
    zone = disarm(zone_label(str(context.policy.zone or context.operator.zone)))
    own = f"**{zone}**" if context.policy.zone else zone
    rows = [say("panel.zone", zone=own, at=context.reading(Period.DAY).meter.window.ends_at)]
    if since:
        rows.append(say("panel.zone_from", since=since))
    return _section(say("panel.section.zone"), rows)


def _section(title: str, rows: Iterable[str], nothing: str = "") -> str:
    """Without empty rows; `nothing` where all are."""
    return "\n".join([title, *([row for row in rows if row] or [nothing])])


def number_line(context: PanelContext, setting: Setting, used: int = 0) -> str:
    """What was decided here, beside what holds without it; or what holds anyway, and nothing where nothing does."""
    say, ruling = context.say, ruling_on(context.policy, context.operator, setting)
    here = ruling.origin is Origin.SERVER
    if not here and (ruling.value is None or (setting is Setting.COOLDOWN and not ruling.value)):
        return ""
    number = policy_text.value(setting, ruling.value, say)
    if not here:
        return say(f"panel.number.{setting}", number=number, used=used)
    decided, default = context.policy.numbers[setting], context.operator.bounds[setting].default
    return say(
        f"panel.number.{setting}.{'capped' if ruling.capped else 'decided'}",
        number=f"**{number}**",
        used=used,
        default=policy_text.value(setting, default, say),
        set=policy_text.value(setting, decided, say),
    )


def roles(context: PanelContext) -> str:
    rows = _few(role_lines(context), context)
    return _section(context.say("panel.section.roles"), rows, context.say("panel.none"))


def role_lines(context: PanelContext) -> dict[int, str]:
    """The most generous first, which counts where somebody has several."""
    ranked = sorted(context.policy.roles.items(), key=lambda entry: generosity(entry[1]), reverse=True)
    lines = dict[int, str]()
    for role, limit in ranked:
        who = context.say("gone.role", role=str(role)) if role in context.gone.roles else f"<@&{role}>"
        lines[role] = _own_limit(context, who, limit)
    return lines


def people(context: PanelContext) -> str:
    rows = [line for lines in people_lines(context) for line in _few(lines, context)]
    return _section(context.say("panel.section.people"), rows, context.say("panel.none"))


def channels(context: PanelContext) -> str:
    say, rule = context.say, context.policy.channels
    listed = channel_lines(context)
    rows = [say("channels.aged")] if rule.age_restricted_only else []
    if rule.mode is ChannelMode.ONLY and not listed:
        rows = [say("panel.channels_empty")]
    elif rule.mode is not ChannelMode.EVERYWHERE and listed:
        shown = say.listed(list(listed.values())[: context.most])
        more = len(listed) - context.most
        rows = [
            say(f"panel.channels.{rule.mode}", channels=shown, count=more)
            if more > 0
            else say(f"channels.{rule.mode}", channels=shown),
            *rows,
        ]
    if context.gone.nowhere:
        rows = [*(rows or [say("channels.everywhere")]), say("panel.nowhere")]
    return _section(say("panel.section.channels"), rows, say("channels.everywhere"))


def channel_lines(context: PanelContext) -> dict[int, str]:
    return {channel: _channel(context, channel) for channel in sorted(context.policy.channels.channels)}


def log_channel(context: PanelContext) -> str:
    say, rule, gaps = context.say, context.policy.log, context.gone.log_gaps
    rows = [say(f"panel.log.{rule.level}", channel=_channel(context, rule.channel))] if rule else []
    if rule and gaps:
        lacking = say.listed(say(f"permission.{gap}") for gap in gaps)
        rows.append(say("panel.log_gaps", permissions=lacking))
    return _section(say("panel.section.log"), rows, say("panel.log.off"))


def pictures(context: PanelContext) -> str:
    """Only where the operator lets moderators decide anything about them."""
    say, policy, operator = context.say, context.policy, context.operator
    rows = []
    if operator.choices:
        allowed, off = (
            policy_text.choices(
                (one for one in operator.choices if (one.name in policy.choices_off) is is_off), say
            )
            for is_off in (False, True)
        )
        rows.append(say("panel.choices", models=allowed or say("panel.none")))
        if off:
            rows.append(say("panel.choices_off", models=off))
    if operator.revises:
        rows.append(say("panel.revised" if policy.revise else "panel.not_revised"))
    if operator.private is Requirement.OPTIONAL is not policy.private:
        rows.append(say(f"panel.private.{policy.private}"))
    if operator.spoiler is Requirement.OPTIONAL is not policy.spoiler:
        rows.append(say(f"panel.spoiler.{policy.spoiler}"))
    return _section(say("panel.section.pictures"), rows, say("panel.pictures_default"))


def people_lines(context: PanelContext) -> Sequence[Mapping[int, str]]:
    """Blocks, own limits, top-ups: the line of each member."""
    return block_lines(context), own_limit_lines(context), top_up_lines(context)


def own_limit_lines(context: PanelContext) -> dict[int, str]:
    limits = sorted(context.policy.members.items())
    return {member: _own_limit(context, _member(context, member), limit) for member, limit in limits}


def _own_limit(context: PanelContext, who: str, limit: Limit) -> str:
    say, held = context.say, context.operator.within(Setting.DAILY, limit)
    if held is None:
        return say("panel.own_limit.unlimited", who=who)
    number = policy_text.amount(held, say)
    if held == limit:
        return say("panel.own_limit", who=who, number=number)
    return say("panel.own_limit.capped", who=who, number=number, set=policy_text.amount(limit, say))


def block_lines(context: PanelContext) -> dict[int, str]:
    """Those that end first, first."""
    running = {member: block for member, block in context.policy.blocks.items() if block.runs_at(context.now)}
    lines = dict[int, str]()
    for member in sorted(running, key=lambda member: (running[member].until or ENDLESS, member)):
        until, reason = running[member].until, disarm(cut(running[member].reason, REASON_SHOWN))
        code = f"panel.blocked.{'until' if until else 'for_good'}{'.why' if reason else ''}"
        lines[member] = context.say(code, who=_member(context, member), until=until or "", reason=reason)
    return lines


def top_up_lines(context: PanelContext) -> dict[int, str]:
    today = context.reading(Period.DAY).meter.window.key
    return {
        member: context.say("panel.top_up", member=_member(context, member), images=top_up.images)
        for member, top_up in sorted(context.policy.top_ups.items())
        if top_up.day == today
    }


def _member(context: PanelContext, member: int) -> str:
    shown = f"<@{member}>"
    return context.say("gone.member", member=shown) if member in context.gone.members else shown


def _channel(context: PanelContext, channel: int) -> str:
    if channel in context.gone.channels:
        return context.say("gone.channel", channel=str(channel))
    return f"<#{channel}>"


def _few(lines: Mapping[int, str], context: PanelContext) -> list[str]:
    """The first of them; the last of those says how many more there are."""
    shown, more = list(lines.values())[: context.most], len(lines) - context.most
    return [*shown, context.say("panel.more", count=more)] if more > 0 else shown
