"""The forms that take numbers, and those about one role or one member. Pure: a policy in, a form out."""

from __future__ import annotations

from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.limits.policy import LONGEST_REASON, Setting
from bot.core.moderation.service import Panel
from bot.interactions.modals import form
from bot.ui.limits import policy_text
from bot.ui.limits.number_input import written
from bot.ui.limits.panel_parts import Part
from bot.ui.sentences import IN_ENGLISH
from cogs.limits.member_actions import IN_FORM

NUMBERS = {
    Part.EACH_MEMBER: ("Limits per member", (Setting.DAILY, Setting.MONTHLY)),
    Part.WHOLE_SERVER: ("Limits for the whole server", (Setting.SERVER_DAILY, Setting.SERVER_MONTHLY)),
    Part.PACE: ("Pace per member", (Setting.PER_PROMPT, Setting.AT_ONCE, Setting.COOLDOWN)),
}
IMAGES_LABEL, SPAN_LABEL, REASON_LABEL = "Images per day", "Block for", "Reason for the block"
REMOVE = "remove"
"""What is written instead of a number to take a limit away."""
NUMBER_LENGTH, SPAN_LENGTH = 20, 40


def form_id(part: Part, revision: int) -> str:
    return f"limits:form:{part}:{revision}"


def numbers_form(part: Part, panel: Panel) -> ui.Modal:
    title, settings = NUMBERS[part]
    return form(
        title, form_id(part, panel.revision.number), *(_number(setting, panel) for setting in settings)
    )


def _number(setting: Setting, panel: Panel) -> ui.Label[Any]:
    default = policy_text.value(setting, panel.operator.bounds[setting].default)
    held = panel.policy.number(setting)
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=setting.value,
        required=False,
        default=written(setting, held),
        placeholder=f"{default} ({IN_ENGLISH('amount.default')})",
        max_length=NUMBER_LENGTH,
    )
    return ui.Label(
        text=IN_ENGLISH(f"setting.{setting}"), description=_possible(setting, panel), component=field
    )


def _possible(setting: Setting, panel: Panel) -> str:
    """What can be written there, within the 100 characters that a description has."""
    ceiling, default = panel.operator.bounds[setting].ceiling, "empty: default"
    if setting is Setting.COOLDOWN:
        least = IN_ENGLISH.duration(ceiling) if ceiling else "off"
        return f"{least} to {IN_ENGLISH.duration(setting.most)}, such as 30 s or 5 min; {default}"
    if ceiling is None:
        return f"{setting.least} to {setting.most:,}, or unlimited; {default}"
    return f"{setting.least} to {ceiling:,}; {default}"


def role_form(part: Part, panel: Panel) -> ui.Modal:
    return form(
        "Role limit",
        form_id(part, panel.revision.number),
        ui.Label(text="Role", component=ui.RoleSelect(custom_id="role", required=True)),
        _own_limit(f"A number, unlimited, or 0 for none; or {REMOVE}, to take the role's limit away"),
    )


def _own_limit(description: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(custom_id="images", required=False, max_length=NUMBER_LENGTH)
    return ui.Label(text=IMAGES_LABEL, description=description, component=field)


def person_form(part: Part, panel: Panel) -> ui.Modal:
    span: ui.TextInput[Any] = ui.TextInput(
        custom_id="span", required=False, placeholder="1 day", max_length=SPAN_LENGTH
    )
    reason: ui.TextInput[Any] = ui.TextInput(
        custom_id="reason",
        required=False,
        style=discord.TextStyle.paragraph,
        max_length=LONGEST_REASON,
    )
    actions = [
        RadioGroupOption(label=one.label, value=one.value, description=one.description) for one in IN_FORM
    ]
    return form(
        "Manage a member",
        form_id(part, panel.revision.number),
        ui.Label(text="Member", component=ui.UserSelect(custom_id="member", required=True)),
        ui.Label(text="What to do", component=ui.RadioGroup(custom_id="action", options=actions)),
        _own_limit(f"For a limit or a top-up. Limits: a number, unlimited, 0, or {REMOVE} to take it away"),
        ui.Label(
            text=SPAN_LABEL,
            description="Such as 30 min, 12 h, 3 days, or permanent. Empty: 1 day",
            component=span,
        ),
        ui.Label(text=REASON_LABEL, description="The member sees it", component=reason),
    )
