"""`/limits explain`: why a member has the limit that they have, rule by rule."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.interactions.responses import edit
from bot.interactions.services import Services
from bot.ui.limits.explanation import explanation_embed
from cogs.limits.change import admit
from cogs.limits.log import Spoken


def explain_command(services: Services) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Explain whether a member can paint, and why, rule by rule")
    @app_commands.describe(
        member="As if they used /imagine right now", channel="Where they'd use it (default: this channel)"
    )
    async def explain(
        interaction: discord.Interaction, member: discord.User, channel: Spoken | None = None
    ) -> None:
        await admit(services, interaction)
        caller = await services.callers.of(interaction, member, channel)
        explanation = await services.moderation.explain(caller)
        left = not isinstance(member, discord.Member)
        embed = explanation_embed(explanation, caller, services.moderation.operator, left=left)
        await edit(interaction, embeds=[embed])

    return explain
