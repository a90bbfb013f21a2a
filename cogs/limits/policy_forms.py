"""The forms that the panel's buttons open, filled with what holds now. Pure: a policy in, a form out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zlib import crc32

import discord
from discord import CheckboxGroupOption, RadioGroupOption, ui

from bot.core.limits.offer import Requirement
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
CHOICES, REVISE, PRIVATE, SPOILER = "choices", "revise", "private", "spoiler"
ZONE_LENGTH, WORDS_LENGTH = 100, 4000


def modal_for(
    part: Part, panel: Panel, gone: MissingReferences = NOTHING_GONE, say: Sentences = IN_ENGLISH
) -> ui.Modal:
    """Filled with what holds now. Channels that are `gone` are not chosen in it: who submits it takes them off."""
    match part:
        case Part.CHANNELS:
            fields = _channels(panel, gone, say)
        case Part.WORDS:
            fields = [_words(panel, say)]
        case Part.ZONE:
            fields = [_zone(panel, say)]
        case Part.LOG:
            fields = _log(panel, gone, say)
        case Part.PICTURES:
            fields = _pictures(panel, say)
        case Part.ROLE:
            menu: ui.RoleSelect[Any] = ui.RoleSelect(custom_id="role", required=True)
            role = ui.Label(text=say("field.role"), component=menu)
            fields = [role, _own_limit(say("form.hint.role"), say)]
        case Part.PERSON:
            fields = _person(say)
        case _:
            fields = [_number(setting, panel, say) for setting in NUMBERS[part]]
    return form(say(f"form.title.{part}"), form_id(part, panel.revision.number), *fields)


def form_id(part: Part, revision: int) -> str:
    """It names the revision that the form was filled from, so that only what is edited is changed."""
    return f"limits:form:{part}:{revision}"


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


def _number(setting: Setting, panel: Panel, say: Sentences) -> ui.Label[Any]:
    """The hint says what can be written there, within the 100 characters that a description has."""
    bounds = panel.operator.bounds[setting]
    if setting is Setting.COOLDOWN:
        least, most = say.duration(bounds.ceiling or 0), say.duration(setting.most)
        hint = say(
            "form.hint.cooldown" if bounds.ceiling else "form.hint.cooldown_off", least=least, most=most
        )
    elif bounds.ceiling is None:
        hint = say("form.hint.unlimited", least=setting.least, most=setting.most)
    else:
        hint = say("form.hint.number", least=setting.least, most=bounds.ceiling)
    default = policy_text.value(setting, bounds.default, say)
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=setting.value,
        required=False,
        default=written(setting, panel.policy.number(setting)),
        placeholder=say("form.default_number", number=default),
        max_length=NUMBER_LENGTH,
    )
    return ui.Label(text=say(f"setting.{setting}"), description=hint, component=field)


def _own_limit(hint: str, say: Sentences) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(custom_id="images", required=False, max_length=NUMBER_LENGTH)
    return ui.Label(text=say("field.images"), description=hint, component=field)


def _person(say: Sentences) -> list[ui.Label[Any]]:
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
    return [
        ui.Label(text=say("field.member"), component=member),
        ui.Label(text=say("field.action"), component=_radio_group("action", IN_FORM, say)),
        _own_limit(say("form.hint.member"), say),
        ui.Label(text=say("field.span"), description=say("form.hint.span"), component=span),
        ui.Label(text=say("field.reason"), description=say("form.hint.reason"), component=reason),
    ]


def _channels(panel: Panel, gone: MissingReferences, say: Sentences) -> list[ui.Label[Any]]:
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
    return [
        ui.Label(text=say("field.mode"), component=_radio_group("mode", ChannelMode, say, rule.mode)),
        ui.Label(text=say("field.channels"), description=beyond, component=menu),
        ui.Label(text=say("field.age"), component=age),
    ]


def _chosen(channels: list[int], gone: MissingReferences) -> list[discord.SelectDefaultValue]:
    kind = discord.SelectDefaultValueType.channel
    return [discord.SelectDefaultValue(id=it, type=kind) for it in channels if it not in gone.channels]


def listed(channels: frozenset[int]) -> list[int]:
    """Those that a menu has room for."""
    return sorted(channels)[:CHANNELS_SHOWN]


def _words(panel: Panel, say: Sentences) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="words",
        style=discord.TextStyle.paragraph,
        required=False,
        default=panel.policy.words.text(),
        max_length=WORDS_LENGTH,
    )
    return ui.Label(text=say("field.words"), description=say("form.hint.words"), component=field)


def _zone(panel: Panel, say: Sentences) -> ui.Label[Any]:
    held = panel.policy.zone
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id="zone",
        required=False,
        default=zone_label(held.key) if held else "",
        placeholder=zone_label((held or panel.operator.zone).key),
        max_length=ZONE_LENGTH,
    )
    return ui.Label(text=say("field.zone"), description=say("form.hint.zone"), component=field)


def choices_field(names: Iterable[str]) -> str:
    """The custom id of the models' ticks. It says which models there are to be ticked: when the form comes back, the
    operator may offer others, about which nothing was decided with it.
    """
    return ":".join((CHOICES, *map(_mark, names)))


def choices_in(field: str, offered: Iterable[str]) -> frozenset[str]:
    """Which of the models `offered` now were there to be ticked in the form with this `field`."""
    marks = field.split(":")[1:]
    return frozenset(name for name in offered if _mark(name) in marks)


def _mark(name: str) -> str:
    return f"{crc32(name.encode()):08x}"[:6]


def _pictures(panel: Panel, say: Sentences) -> list[ui.Label[Any]]:
    """What the operator lets moderators decide of: models, revised prompts, and who sees the pictures."""
    policy, operator, fields = panel.policy, panel.operator, list[ui.Label[Any]]()
    if operator.choices:
        models: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
            custom_id=choices_field(one.name for one in operator.choices),
            required=False,
            min_values=0,
            options=[
                CheckboxGroupOption(
                    label=policy_text.choice_label(one, say),
                    value=one.name,
                    default=one.name not in policy.choices_off,
                )
                for one in operator.choices
            ],
        )
        hint = say("form.hint.choices")
        fields.append(ui.Label(text=say("field.choices"), description=hint, component=models))
    if operator.revises:
        revise: ui.Checkbox[Any] = ui.Checkbox(custom_id=REVISE, default=policy.revise)
        fields.append(
            ui.Label(text=say("field.revise"), description=say("form.hint.revise"), component=revise)
        )
    for name, operators, decided in (
        (PRIVATE, operator.private, policy.private),
        (SPOILER, operator.spoiler, policy.spoiler),
    ):
        if operators is Requirement.OPTIONAL:
            group = _radio_group(name, Requirement, say, decided)
            hint = say(f"form.hint.visibility.{name}")
            fields.append(ui.Label(text=say(f"field.{name}"), description=hint, component=group))
    return fields


def _log(panel: Panel, gone: MissingReferences, say: Sentences) -> list[ui.Label[Any]]:
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
    return [
        ui.Label(text=say("field.channel"), component=menu),
        ui.Label(text=say("field.level"), component=_radio_group("level", levels, say, chosen)),
    ]
