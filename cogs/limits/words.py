"""`/limits words`: the list of forbidden words, in a form."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.command_text import described
from bot.interactions.services import services_of
from bot.ui.limits.panel_parts import Part
from cogs.limits.panel import open_form


@app_commands.command(description=described("command.limits.words"))
async def words(interaction: discord.Interaction) -> None:
    await services_of(interaction).rights.require(interaction)
    await open_form(interaction, Part.WORDS)
