"""The forms that the panel's buttons open, filled with what holds now. Pure: a policy in, a form out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.limits.policy import ChannelMode, LogLevel
from bot.core.limits.rules import zone_of
from bot.core.limits.time_zones import called
from bot.core.moderation.service import Panel
from bot.interactions.log_channel import PLACES as LOG_PLACES
from bot.interactions.modals import form
from bot.ui.limits.panel_numbers import NOTHING_GONE, MissingReferences
from bot.ui.limits.panel_parts import Part
from cogs.limits.number_forms import form_id, numbers_form, person_form, role_form

MODES = (
    (ChannelMode.EVERYWHERE, "Everywhere", "The list below is ignored"),
    (ChannelMode.ONLY, "Only in these", "A category includes its channels, a channel its threads"),
    (
        ChannelMode.EXCEPT,
        "Everywhere except these",
        "A category includes its channels, a channel its threads",
    ),
)
LOG_LEVELS = (
    (LogLevel.PROBLEMS, "Problems", "Refusals, failures and reports"),
    (LogLevel.EVERYTHING, "Everything", "Every picture too: who, prompt, link, cost"),
)
LOG_OFF = "off"
CHANNELS_SHOWN = 25  # as many as a menu holds
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.category,
]
ZONE_LENGTH, WORDS_LENGTH = 100, 4000


def modal_for(part: Part, panel: Panel, gone: MissingReferences = NOTHING_GONE) -> ui.Modal:
    """Its custom id names the revision that it was filled from, so that only what is edited is changed.

    Channels that are `gone` are not chosen in it: who submits the form takes them off the list.
    """
    if part is Part.CHANNELS:
        return _channels(part, panel, gone)
    if part is Part.LOG:
        return _log(part, panel, gone)
    return _FORMS[part](part, panel)


def _channels(part: Part, panel: Panel, gone: MissingReferences) -> ui.Modal:
    rule = panel.policy.channels
    modes = [
        RadioGroupOption(label=name, value=mode, description=why, default=mode is rule.mode)
        for mode, name, why in MODES
    ]
    menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id="channels",
        channel_types=PLACES,
        min_values=0,
        max_values=CHANNELS_SHOWN,
        required=False,
        default_values=_chosen(listed(rule.channels), gone),
    )
    age: ui.Checkbox[Any] = ui.Checkbox(custom_id="age", default=rule.age_restricted_only)
    return form(
        "Where images are allowed",
        form_id(part, panel.revision.number),
        ui.Label(text="Where", component=ui.RadioGroup(custom_id="mode", options=modes)),
        ui.Label(text="Channels", description=_beyond(rule.channels), component=menu),
        ui.Label(text="Age-restricted channels only", component=age),
    )


def _chosen(channels: list[int], gone: MissingReferences) -> list[discord.SelectDefaultValue]:
    kind = discord.SelectDefaultValueType.channel
    return [discord.SelectDefaultValue(id=it, type=kind) for it in channels if it not in gone.channels]


def listed(channels: frozenset[int]) -> list[int]:
    """Those that a menu has room for."""
    return sorted(channels)[:CHANNELS_SHOWN]


def _beyond(channels: frozenset[int]) -> str | None:
    more = len(channels) - CHANNELS_SHOWN
    return (
        f"{more} more are on the list and stay there; remove them with /limits channel" if more > 0 else None
    )


def _words(part: Part, panel: Panel) -> ui.Modal:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="words",
        style=discord.TextStyle.paragraph,
        required=False,
        default=panel.policy.words.text(),
        max_length=WORDS_LENGTH,
    )
    how = "One per line. Whole words; * matches any letters: cat* finds cats, *cat* finds concatenate"
    return form(
        "Blocked words",
        form_id(part, panel.revision.number),
        ui.Label(text="Words", description=how, component=field),
    )


def _zone(part: Part, panel: Panel) -> ui.Modal:
    held = panel.policy.zone
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="zone",
        required=False,
        default=called(held.key) if held else "",
        placeholder=called(zone_of(panel.policy, panel.operator).key),
        max_length=ZONE_LENGTH,
    )
    how = "A city, such as Berlin or New York, or UTC+2. Empty: default"
    return form(
        "Daily reset at midnight in",
        form_id(part, panel.revision.number),
        ui.Label(text="Time zone", description=how, component=field),
    )


def _log(part: Part, panel: Panel, gone: MissingReferences) -> ui.Modal:
    rule = panel.policy.log
    chosen = rule.level if rule else LogLevel.PROBLEMS
    levels = [
        RadioGroupOption(label=name, value=level, description=why, default=level is chosen)
        for level, name, why in LOG_LEVELS
    ]
    levels.append(RadioGroupOption(label="Off", value=LOG_OFF, description="Nothing is logged"))
    menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id="channel",
        channel_types=LOG_PLACES,
        min_values=0,
        required=False,
        default_values=_chosen([rule.channel] if rule else [], gone),
    )
    return form(
        "Log",
        form_id(part, panel.revision.number),
        ui.Label(text="Channel", component=menu),
        ui.Label(text="What to log", component=ui.RadioGroup(custom_id="level", options=levels)),
    )


_FORMS: dict[Part, Callable[[Part, Panel], ui.Modal]] = {
    Part.EACH_MEMBER: numbers_form,
    Part.WHOLE_SERVER: numbers_form,
    Part.PACE: numbers_form,
    Part.ROLE: role_form,
    Part.PERSON: person_form,
    Part.WORDS: _words,
    Part.ZONE: _zone,
}
