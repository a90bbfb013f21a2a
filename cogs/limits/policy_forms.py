"""The forms that the panel's buttons open, filled with what holds now. Pure: a policy in, a form out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.limits.policy import LONGEST_REASON, ChannelMode, LogLevel, Setting
from bot.core.limits.time_zones import zone_label
from bot.core.moderation.service import Panel
from bot.interactions.log_channel import CHANNEL_TYPES as LOG_CHANNEL_TYPES
from bot.interactions.modals import form
from bot.ui.limits import policy_text
from bot.ui.limits.number_input import written
from bot.ui.limits.panel_parts import NUMBERS, Part
from bot.ui.limits.panel_sections import NOTHING_GONE, MissingReferences
from bot.ui.sentences import IN_ENGLISH, Sentences
from cogs.limits.member_actions import IN_FORM

REMOVE = "remove"
"""What is written instead of a number to take a limit away."""
NUMBER_LENGTH, SPAN_LENGTH = 20, 40
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
            return _role(part, panel, say)
        case Part.PERSON:
            return _person(part, panel, say)
        case _:
            return _numbers(part, panel, say)


def form_id(part: Part, revision: int) -> str:
    return f"limits:form:{part}:{revision}"


def _form(part: Part, panel: Panel, say: Sentences, *fields: ui.Label[Any]) -> ui.Modal:
    """Its custom id names the revision that it was filled from, so that only what is edited is changed."""
    return form(say(f"form.title.{part}"), form_id(part, panel.revision.number), *fields)


def _radio_group(
    custom_id: str, values: Iterable[str], say: Sentences, chosen: str = ""
) -> ui.RadioGroup[Any]:
    return ui.RadioGroup(
        custom_id=custom_id,
        options=[
            RadioGroupOption(
                label=say(f"form.choice.{one}"),
                value=one,
                description=say(f"form.choice.{one}.why"),
                default=one == chosen,
            )
            for one in values
        ],
    )


def _numbers(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    return _form(part, panel, say, *(_number(setting, panel, say) for setting in NUMBERS[part]))


def _number(setting: Setting, panel: Panel, say: Sentences) -> ui.Label[Any]:
    default = policy_text.value(setting, panel.operator.bounds[setting].default, say)
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=setting.value,
        required=False,
        default=written(setting, panel.policy.number(setting)),
        placeholder=say("form.default_number", number=default),
        max_length=NUMBER_LENGTH,
    )
    hint = _possible(setting, panel, say)
    return ui.Label(text=say(f"setting.{setting}"), description=hint, component=field)


def _possible(setting: Setting, panel: Panel, say: Sentences) -> str:
    """What can be written there, within the 100 characters that a description has."""
    ceiling = panel.operator.bounds[setting].ceiling
    if setting is Setting.COOLDOWN:
        most = say.duration(setting.most)
        if not ceiling:
            return say("form.hint.cooldown_off", most=most)
        return say("form.hint.cooldown", least=say.duration(ceiling), most=most)
    if ceiling is None:
        return say("form.hint.unlimited", least=setting.least, most=setting.most)
    return say("form.hint.number", least=setting.least, most=ceiling)


def _role(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    menu: ui.RoleSelect[Any] = ui.RoleSelect(custom_id="role", required=True)
    hint = say("form.hint.role")
    return _form(part, panel, say, ui.Label(text=say("field.role"), component=menu), _own_limit(hint, say))


def _own_limit(hint: str, say: Sentences) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(custom_id="images", required=False, max_length=NUMBER_LENGTH)
    return ui.Label(text=say("field.images"), description=hint, component=field)


def _person(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    member: ui.UserSelect[Any] = ui.UserSelect(custom_id="member", required=True)
    span: ui.TextInput[Any] = ui.TextInput(
        custom_id="span", required=False, placeholder=say("form.default_span"), max_length=SPAN_LENGTH
    )
    reason: ui.TextInput[Any] = ui.TextInput(
        custom_id="reason",
        required=False,
        style=discord.TextStyle.paragraph,
        max_length=LONGEST_REASON,
    )
    return _form(
        part,
        panel,
        say,
        ui.Label(text=say("field.member"), component=member),
        ui.Label(text=say("field.action"), component=_radio_group("action", IN_FORM, say)),
        _own_limit(say("form.hint.member"), say),
        ui.Label(text=say("field.span"), description=say("form.hint.span"), component=span),
        ui.Label(text=say("field.reason"), description=say("form.hint.reason"), component=reason),
    )


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
    return _form(
        part,
        panel,
        say,
        ui.Label(text=say("field.mode"), component=_radio_group("mode", ChannelMode, say, rule.mode)),
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
    return _form(part, panel, say, label)


def _zone(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    held = panel.policy.zone
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="zone",
        required=False,
        default=zone_label(held.key) if held else "",
        placeholder=zone_label((held or panel.operator.zone).key),
        max_length=ZONE_LENGTH,
    )
    label = ui.Label(text=say("field.zone"), description=say("form.hint.zone"), component=field)
    return _form(part, panel, say, label)


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
    return _form(
        part,
        panel,
        say,
        ui.Label(text=say("field.channel"), component=menu),
        ui.Label(text=say("field.level"), component=_radio_group("level", levels, say, chosen)),
    )
