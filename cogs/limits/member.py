"""`/limits role` and `/limits member`: what holds for some, and not for others."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import app_commands

from bot.core.limits.policy import LONGEST_REASON, UNDECIDED, Block, Decision, Setting
from bot.core.moderation.edits import (
    BlockMember,
    Edit,
    ResetCounter,
    SetMember,
    TopUpMember,
    UnblockMember,
    role_limit,
)
from bot.core.moderation.errors import ConflictingOptions, FieldNotApplicable
from bot.interactions.error_handling import Suggestions, routed_autocomplete
from bot.interactions.services import Services
from bot.ui.limits.number_input import named, read_span, suggested_spans
from cogs.limits.change import change

LONGEST_DURATION = 40
DURATION = "duration"


class Action(StrEnum):
    """What is done with a member; the name is what a moderator chooses."""

    LIMIT = "limit"
    UNLIMITED = "unlimited"
    LIKE_EVERYBODY = "like everybody"
    BLOCK = "block"
    UNBLOCK = "unblock"
    TOP_UP = "top up"
    RESET_COUNTER = "reset counter"


ACTIONS = {
    Action.LIMIT: "Set images per day (with: images)",
    Action.UNLIMITED: "Unlimited images per day",
    Action.LIKE_EVERYBODY: "Remove their own limit",
    Action.BLOCK: "Block (with: duration, reason)",
    Action.UNBLOCK: "Unblock",
    Action.TOP_UP: "Top up for today (with: images)",
    Action.RESET_COUNTER: "Reset today's counter",
}


@dataclass(frozen=True, slots=True)
class Details:
    """What an action takes besides the member; `duration` as it was typed."""

    images: int | None = None
    duration: str | None = None
    reason: str | None = None


def role_command(services: Services) -> app_commands.Command[Any, ..., None]:
    least, most = services.moderation.operator.numbers_for(Setting.DAILY)
    if TYPE_CHECKING:
        Images: TypeAlias = int
    else:
        Images = app_commands.Range[int, least, most]

    @app_commands.command(description="Change how many images per day a role gets")
    @app_commands.describe(
        role="Applies to everyone with this role; with several, the most generous counts",
        images=f"Images per member per day: {least:,} to {most:,}; 0 turns images off",
        unlimited="No limit, if the bot's operator allows it",
        remove="Remove the role's limit",
    )
    async def role(
        interaction: discord.Interaction,
        role: discord.Role,
        images: Images | None = None,
        unlimited: bool = False,
        remove: bool = False,
    ) -> None:
        limit = one_limit(images, unlimited=unlimited, remove=remove)
        await change(interaction, role_limit(interaction.guild_id or 0, role.id, limit))

    return role


def one_limit(images: int | None, *, unlimited: bool, remove: bool) -> Decision:
    """Raises ConflictingOptions unless exactly one is given."""
    if (images is not None) + unlimited + remove != 1:
        raise ConflictingOptions(("images", "unlimited", "remove"))
    return UNDECIDED if remove else images


def member_command(services: Services) -> app_commands.Command[Any, ..., None]:
    _, most = services.moderation.operator.numbers_for(Setting.DAILY)
    if TYPE_CHECKING:
        Images: TypeAlias = int
        Duration: TypeAlias = str
        Reason: TypeAlias = str
    else:
        Images = app_commands.Range[int, 0, most]
        Duration = app_commands.Range[str, 1, LONGEST_DURATION]
        Reason = app_commands.Range[str, 1, LONGEST_REASON]

    @app_commands.command(description="Manage one member: limit, block, top up, reset")
    @app_commands.describe(
        member="Who to manage; paste the ID of someone who left",
        action="What to do",
        images=f"For a limit or a top-up: up to {most:,}",
        duration="For a block: how long, such as 90 min, 2 days or permanent (default: 1 day)",
        reason="For a block: the reason, which the member sees",
    )
    @app_commands.choices(
        action=[app_commands.Choice(name=name, value=action.value) for action, name in ACTIONS.items()]
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
    """Raises ConflictingOptions where `details` are missing, or say more than the action takes."""
    _check_options(action, details)
    return _EDITS[action](member, details, now)


def _check_options(action: Action, details: Details) -> None:
    takes_images = action in {Action.LIMIT, Action.TOP_UP}
    if takes_images and (details.images is None or (action is Action.TOP_UP and details.images == 0)):
        raise ConflictingOptions(("images",))
    if details.images is not None and not takes_images:
        raise FieldNotApplicable("images", (ACTIONS[Action.LIMIT], ACTIONS[Action.TOP_UP]))
    for option, given in ((DURATION, details.duration), ("reason", details.reason)):
        if given is not None and action is not Action.BLOCK:
            raise FieldNotApplicable(option, (ACTIONS[Action.BLOCK],))


def _block(member: int, details: Details, now: datetime) -> Edit:
    with named(DURATION):
        span = read_span(details.duration or "")
    return BlockMember(member, Block(None if span is None else now + span, details.reason or ""))


async def suggest_durations(_: discord.Interaction, typed: str) -> Suggestions:
    return [app_commands.Choice(name=span, value=span) for span in suggested_spans(typed[:LONGEST_DURATION])]


_EDITS: dict[Action, Callable[[int, Details, datetime], Edit]] = {
    Action.LIMIT: lambda member, details, _: SetMember(member, details.images),
    Action.UNLIMITED: lambda member, *_: SetMember(member, None),
    Action.LIKE_EVERYBODY: lambda member, *_: SetMember(member, UNDECIDED),
    Action.BLOCK: _block,
    Action.UNBLOCK: lambda member, *_: UnblockMember(member),
    Action.TOP_UP: lambda member, details, _: TopUpMember(member, details.images or 0),
    Action.RESET_COUNTER: lambda member, *_: ResetCounter(member),
}
