"""The forms that the panel's buttons open, filled with what holds now. Pure: a policy in, a form out."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.core.limits.policy import ChannelMode, LogLevel
from bot.core.limits.rules import zone_of
from bot.core.limits.time_zones import called
from bot.core.moderation.service import Panel
from bot.interactions.log_channel import CHANNEL_TYPES as LOG_CHANNEL_TYPES
from bot.ui.limits.panel_parts import Part
from bot.ui.limits.panel_sections import NOTHING_GONE, MissingReferences
from bot.ui.sentences import IN_ENGLISH, Sentences
from cogs.limits.number_forms import numbers_form, part_form, person_form, radio_group, role_form

LOG_OFF = "off"
CHANNELS_SHOWN = 25  # as many as a menu holds
CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.category,
]
ZONE_LENGTH, WORDS_LENGTH = 100, 4000


def modal_for(
    part: Part, panel: Panel, gone: MissingReferences = NOTHING_GONE, say: Sentences = IN_ENGLISH
) -> ui.Modal:
    """Filled with what holds now. Channels that are `gone` are not chosen in it: who submits it takes them off."""
    match part:
        case Part.CHANNELS:
            return _channels(part, panel, gone, say)
        case Part.WORDS:
            return _words(part, panel, say)
        case Part.ZONE:
            return _zone(part, panel, say)
        case Part.LOG:
            return _log(part, panel, gone, say)
        case Part.ROLE:
            return role_form(part, panel, say)
        case Part.PERSON:
            return person_form(part, panel, say)
        case _:
            return numbers_form(part, panel, say)


def _channels(part: Part, panel: Panel, gone: MissingReferences, say: Sentences) -> ui.Modal:
    rule = panel.policy.channels
    more = len(rule.channels) - CHANNELS_SHOWN
    menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id="channels",
        channel_types=CHANNEL_TYPES,
        min_values=0,
        max_values=CHANNELS_SHOWN,
        required=False,
        default_values=_chosen(listed(rule.channels), gone),
    )
    age: ui.Checkbox[Any] = ui.Checkbox(custom_id="age", default=rule.age_restricted_only)
    beyond = say("form.hint.more_channels", count=more) if more > 0 else None
    return part_form(
        part,
        panel,
        say,
        ui.Label(text=say("field.mode"), component=radio_group("mode", ChannelMode, say, rule.mode)),
        ui.Label(text=say("field.channels"), description=beyond, component=menu),
        ui.Label(text=say("field.age"), component=age),
    )


def _chosen(channels: list[int], gone: MissingReferences) -> list[discord.SelectDefaultValue]:
    kind = discord.SelectDefaultValueType.channel
    return [discord.SelectDefaultValue(id=it, type=kind) for it in channels if it not in gone.channels]


def listed(channels: frozenset[int]) -> list[int]:
    """Those that a menu has room for."""
    return sorted(channels)[:CHANNELS_SHOWN]


def _words(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="words",
        style=discord.TextStyle.paragraph,
        required=False,
        default=panel.policy.words.text(),
        max_length=WORDS_LENGTH,
    )
    label = ui.Label(text=say("field.words"), description=say("form.hint.words"), component=field)
    return part_form(part, panel, say, label)


def _zone(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    held = panel.policy.zone
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="zone",
        required=False,
        default=called(held.key) if held else "",
        placeholder=called(zone_of(panel.policy, panel.operator).key),
        max_length=ZONE_LENGTH,
    )
    label = ui.Label(text=say("field.zone"), description=say("form.hint.zone"), component=field)
    return part_form(part, panel, say, label)


def _log(part: Part, panel: Panel, gone: MissingReferences, say: Sentences) -> ui.Modal:
    rule = panel.policy.log
    chosen = rule.level if rule else LogLevel.PROBLEMS
    menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id="channel",
        channel_types=LOG_CHANNEL_TYPES,
        min_values=0,
        required=False,
        default_values=_chosen([rule.channel] if rule else [], gone),
    )
    levels = (LogLevel.PROBLEMS, LogLevel.EVERYTHING, LOG_OFF)
    return part_form(
        part,
        panel,
        say,
        ui.Label(text=say("field.channel"), component=menu),
        ui.Label(text=say("field.level"), component=radio_group("level", levels, say, chosen)),
    )
