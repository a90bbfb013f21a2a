"""`/limits words`: the list of forbidden words, in a form."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.interactions.services import Services
from bot.ui.limits.panel_parts import Part
from cogs.limits.panel import open_form


def words_command(services: Services) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Edit the blocked words")
    async def words(interaction: discord.Interaction) -> None:
        await services.rights.require(interaction)
        await open_form(interaction, Part.WORDS)

    return words
