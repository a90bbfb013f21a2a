"""What becomes of a submitted form: from what a moderator filled in to an edit of what they were shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import discord

from bot.core.limits.offer import Requirement
from bot.core.limits.policy import (
    UNDECIDED,
    ChannelMode,
    ChannelRule,
    Decision,
    LogLevel,
    LogRule,
    Operator,
    Policy,
    Setting,
)
from bot.core.limits.time_zones import zone_named
from bot.core.moderation.edits import (
    Edit,
    SetChannels,
    SetChoices,
    SetLog,
    SetNumbers,
    SetRevise,
    SetVisibility,
    SetWords,
    SetZone,
    role_limit,
)
from bot.core.moderation.errors import InvalidInput
from bot.core.word_filter.word_list import WordList, sort_words
from bot.interactions.context import server_of
from bot.interactions.modals import Answers
from bot.interactions.responses import acknowledge_in_place
from bot.interactions.services import services_of
from bot.ui.limits.number_input import DEFAULT, named, read_count, read_decision, read_span
from bot.ui.limits.panel_parts import NUMBERS, PARTS, Part
from cogs.limits.change import change_on_panel
from cogs.limits.member_actions import IN_FORM, Action, Field, edit_for, require_applicable
from cogs.limits.policy_forms import CHOICES, LOG_OFF, PRIVATE, REMOVE, REVISE, SPOILER, choices_in, listed
from cogs.limits.refused_forms import note_of_left_out

NO_EDIT = SetNumbers({})
TEMPLATE = rf"limits:form:(?P<part>{PARTS}):(?P<revision>\d{{1,18}})"


async def submitted(interaction: discord.Interaction, match: re.Match[str], answers: Answers) -> None:
    await acknowledge_in_place(interaction)
    services, server, part = services_of(interaction), server_of(interaction), Part(match["part"])
    shown = await services.moderation.at(server, int(match["revision"]))
    edits = form_edits(part, answers, shown, server, discord.utils.utcnow(), services.moderation.operator)
    unusable = sort_words(answers.text("words"))[1] if part is Part.WORDS else ()
    left_out = note_of_left_out(interaction, unusable) if unusable else None
    if part is Part.LOG:  # the same channel as before is no edit
        services.moderator_log.end_pause(server)
    await change_on_panel(interaction, *edits, part=part, left_out=left_out)


def form_edits(
    part: Part, answers: Answers, shown: Policy | None, server: int, now: datetime, operator: Operator
) -> tuple[Edit, ...]:
    """What was filled in, compared with what was `shown`: whatever another moderator changed meanwhile stays so.

    Entries of the blocked words that can't be used are left out. Raises InvalidInput, UnknownTimeZone, WordListTooLong,
    and ValueError for what no form sends.
    """
    if part is Part.PICTURES:
        return tuple(_pictures(answers, shown, operator))
    return (form_edit(part, answers, shown, server, now),)


def form_edit(part: Part, answers: Answers, shown: Policy | None, server: int, now: datetime) -> Edit:
    """Of each part but that of the pictures. Raises as `form_edits`."""
    if part in NUMBERS:
        return _numbers(NUMBERS[part], answers, shown)
    match part:
        case Part.ROLE:
            return role_limit(server, _one(answers, "role"), _own_limit(answers))
        case Part.PERSON:
            return _person(answers, now)
        case Part.CHANNELS:
            return _channels(answers, shown)
        case Part.WORDS:
            usable, _ = sort_words(answers.text("words"))
            return SetWords(shown.words if shown else WordList(), usable)
        case Part.ZONE:
            text = answers.text("zone").strip()
            zone = None if text.casefold() in DEFAULT else zone_named(text)
            return NO_EDIT if shown and zone == shown.zone else SetZone(zone)
        case _:
            level = answers.text("level")
            rule = None if level == LOG_OFF else LogRule(_one(answers, "channel"), LogLevel(level))
            return NO_EDIT if shown and rule == shown.log else SetLog(rule)


def _numbers(settings: tuple[Setting, ...], answers: Answers, shown: Policy | None) -> SetNumbers:
    decided = dict[Setting, Decision]()
    for setting in settings:
        with named(f"setting.{setting}"):
            decision = read_decision(setting, answers.text(setting.value))
        if shown is None or decision != shown.number(setting):
            decided[setting] = decision
    return SetNumbers(decided)


def _person(answers: Answers, now: datetime) -> Edit:
    member, action = _one(answers, "member"), IN_FORM.get(answers.text("action"))
    if action is None:
        raise ValueError(f"no such action: {answers.text('action')!r}")
    given = {field: f"field.{field}" for field in Field if answers.text(field).strip()}
    require_applicable(action, given, {one: f"form.choice.{value}" for value, one in IN_FORM.items()})
    match action:
        case Action.LIMIT:
            return edit_for(action, member, now, limit=_own_limit(answers))
        case Action.TOP_UP:
            with named("field.images"):
                return edit_for(action, member, now, images=read_count(answers.text("images"), least=1))
        case Action.BLOCK:
            with named("field.span"):
                span = read_span(answers.text("span"))
            return edit_for(action, member, now, span=span, reason=answers.text("reason"))
        case _:
            return edit_for(action, member, now)


def _own_limit(answers: Answers) -> Decision:
    """Of a role or a member. An empty field takes nothing away: that has to be said."""
    text = answers.text("images")
    with named("field.images"):
        if not text.strip():
            raise InvalidInput(text, "own_limit")
        return UNDECIDED if text.strip().casefold() == REMOVE else read_decision(Setting.DAILY, text)


def _channels(answers: Answers, shown: Policy | None) -> SetChannels:
    edited = ChannelRule(ChannelMode(answers.text("mode")), answers.ids("channels"), answers.ticked("age"))
    if shown is None:
        return SetChannels(edited)
    rule = shown.channels
    return SetChannels(
        edited, ChannelRule(rule.mode, frozenset(listed(rule.channels)), rule.age_restricted_only)
    )


def _pictures(answers: Answers, shown: Policy | None, operator: Operator) -> Iterator[Edit]:
    """Of a field that the form did not have, nothing is changed."""
    field = next((name for name in answers.given if name.partition(":")[0] == CHOICES), None)
    if field is not None:
        asked = choices_in(field, (choice.name for choice in operator.choices))
        base = shown.choices_off & asked if shown else None
        yield SetChoices(asked - frozenset(answers.given[field]), base)
    if REVISE in answers.given and (shown is None or answers.ticked(REVISE) is not shown.revise):
        yield SetRevise(answers.ticked(REVISE))
    private, spoiler = (
        Requirement(text) if (text := answers.text(one)) else None for one in (PRIVATE, SPOILER)
    )
    if shown:
        private = None if private is shown.private else private
        spoiler = None if spoiler is shown.spoiler else spoiler
    if private or spoiler:
        yield SetVisibility(private, spoiler)


def _one(answers: Answers, field: str) -> int:
    """What was chosen in a menu of one."""
    chosen = next(iter(answers.ids(field)), None)
    if chosen is None:
        raise InvalidInput("", "choice", f"field.{field}")
    return chosen
