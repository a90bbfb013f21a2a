"""`/limits member`: what holds for one member."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import app_commands

from bot.core.limits.policy import LONGEST_REASON, Operator, Setting
from bot.core.moderation.edits import Edit
from bot.core.moderation.errors import OneOptionNeeded
from bot.interactions.command_text import described
from bot.interactions.error_handling import Suggestions, routed_autocomplete
from bot.ui.limits.number_input import named, read_span, suggested_spans
from cogs.limits.change import change
from cogs.limits.member_actions import IN_COMMAND, TAKES, Action, Field, edit_for, require_applicable

LONGEST_DURATION = 40


@dataclass(frozen=True, slots=True)
class Details:
    """What an action takes besides the member; `duration` as it was typed."""

    images: int | None = None
    duration: str | None = None
    reason: str | None = None


def member_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    _, most = operator.numbers_for(Setting.DAILY)
    if TYPE_CHECKING:
        Images: TypeAlias = int
        Duration: TypeAlias = str
        Reason: TypeAlias = str
    else:
        Images = app_commands.Range[int, 0, most]
        Duration = app_commands.Range[str, 1, LONGEST_DURATION]
        Reason = app_commands.Range[str, 1, LONGEST_REASON]

    @app_commands.command(description=described("command.limits.member"))
    @app_commands.describe(
        member=described("command.limits.member.member"),
        action=described("command.limits.member.action"),
        images=described("command.limits.member.images", most=most),
        duration=described("command.limits.member.duration"),
        reason=described("command.limits.member.reason"),
    )
    @app_commands.choices(
        action=[
            app_commands.Choice(name=described(code), value=action.value)
            for action, code in IN_COMMAND.items()
        ]
    )
    @app_commands.autocomplete(duration=routed_autocomplete(suggest_durations))
    async def member(
        interaction: discord.Interaction,
        member: discord.User,
        action: str,
        images: Images | None = None,
        duration: Duration | None = None,
        reason: Reason | None = None,
    ) -> None:
        details = Details(images, duration, reason)
        edit = member_edit(member.id, Action(action), details, discord.utils.utcnow())
        await change(interaction, edit)

    return member


def member_edit(member: int, action: Action, details: Details, now: datetime) -> Edit:
    """Raises OneOptionNeeded where `details` are missing, FieldNotApplicable where they say more than it takes."""
    takes_images = Field.IMAGES in TAKES.get(action, ())
    if takes_images and (details.images is None or (action is Action.TOP_UP and details.images == 0)):
        raise OneOptionNeeded((Field.IMAGES.value,))
    options = {
        Field.IMAGES: ("name.images", details.images),
        Field.SPAN: ("name.duration", details.duration),
        Field.REASON: ("name.reason", details.reason),
    }
    given = {field: name for field, (name, value) in options.items() if value is not None}
    require_applicable(action, given, IN_COMMAND)
    with named("name.duration"):
        span = read_span(details.duration or "")
    return edit_for(
        action,
        member,
        now,
        limit=details.images,
        images=details.images or 0,
        span=span,
        reason=details.reason or "",
    )


async def suggest_durations(_: discord.Interaction, typed: str) -> Suggestions:
    return [app_commands.Choice(name=span, value=span) for span in suggested_spans(typed[:LONGEST_DURATION])]
