"""The forms that take numbers, and those about one role or one member. Pure: a policy in, a form out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.limits.policy import LONGEST_REASON, Setting
from bot.core.moderation.service import Panel
from bot.interactions.modals import form
from bot.ui.limits import policy_text
from bot.ui.limits.number_input import written
from bot.ui.limits.panel_parts import Part
from bot.ui.sentences import Sentences
from cogs.limits.member_actions import IN_FORM

NUMBERS = {
    Part.EACH_MEMBER: (Setting.DAILY, Setting.MONTHLY),
    Part.WHOLE_SERVER: (Setting.SERVER_DAILY, Setting.SERVER_MONTHLY),
    Part.PACE: (Setting.PER_PROMPT, Setting.AT_ONCE, Setting.COOLDOWN),
}
REMOVE = "remove"
"""What is written instead of a number to take a limit away."""
NUMBER_LENGTH, SPAN_LENGTH = 20, 40


def form_id(part: Part, revision: int) -> str:
    return f"limits:form:{part}:{revision}"


def part_form(part: Part, panel: Panel, say: Sentences, *fields: ui.Label[Any]) -> ui.Modal:
    """Its custom id names the revision that it was filled from, so that only what is edited is changed."""
    return form(say(f"form.title.{part}"), form_id(part, panel.revision.number), *fields)


def radio_group(
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


def numbers_form(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    return part_form(part, panel, say, *(_number(setting, panel, say) for setting in NUMBERS[part]))


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


def role_form(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
    menu: ui.RoleSelect[Any] = ui.RoleSelect(custom_id="role", required=True)
    hint = say("form.hint.role")
    return part_form(
        part, panel, say, ui.Label(text=say("field.role"), component=menu), _own_limit(hint, say)
    )


def _own_limit(hint: str, say: Sentences) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(custom_id="images", required=False, max_length=NUMBER_LENGTH)
    return ui.Label(text=say("field.images"), description=hint, component=field)


def person_form(part: Part, panel: Panel, say: Sentences) -> ui.Modal:
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
    return part_form(
        part,
        panel,
        say,
        ui.Label(text=say("field.member"), component=member),
        ui.Label(text=say("field.action"), component=radio_group("action", IN_FORM, say)),
        _own_limit(say("form.hint.member"), say),
        ui.Label(text=say("field.span"), description=say("form.hint.span"), component=span),
        ui.Label(text=say("field.reason"), description=say("form.hint.reason"), component=reason),
    )
