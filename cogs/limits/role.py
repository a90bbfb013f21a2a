"""`/limits role`: what whoever has a role gets."""

# ruff: noqa: N806 — the options' types are made here, with the bounds that the operator set.
# No postponed annotations here: discord.py reads the options' bounds from them while the function is made.
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import app_commands

from bot.core.limits.policy import UNDECIDED, Operator, Setting
from bot.core.moderation.edits import role_limit
from bot.core.moderation.errors import OneOptionNeeded
from bot.interactions.command_text import described
from bot.interactions.context import server_of
from cogs.limits.change import change


def role_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    least, most = operator.numbers_for(Setting.DAILY)
    if TYPE_CHECKING:
        Images: TypeAlias = int
    else:
        Images = app_commands.Range[int, least, most]

    @app_commands.command(description=described("command.limits.role"))
    @app_commands.describe(
        role=described("command.limits.role.role"),
        images=described("command.limits.role.images", least=least, most=most),
        unlimited=described("command.limits.role.unlimited"),
        remove=described("command.limits.role.remove"),
    )
    async def role(
        interaction: discord.Interaction,
        role: discord.Role,
        images: Images | None = None,
        unlimited: bool = False,
        remove: bool = False,
    ) -> None:
        if (images is not None) + unlimited + remove != 1:
            raise OneOptionNeeded(("images", "unlimited", "remove"))
        limit = UNDECIDED if remove else images
        await change(interaction, role_limit(server_of(interaction), role.id, limit))

    return role
