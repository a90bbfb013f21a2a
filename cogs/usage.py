"""`/usage`: a member's own numbers, for nobody else."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.ui.callers import caller_of
from bot.ui.embeds import usage_embed
from bot.ui.host import Host
from bot.ui.replies import answer_privately


def usage_command(host: Host) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="How many images you have used, and when new ones arrive")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def usage(interaction: discord.Interaction) -> None:
        used = await host.usage_book.of(caller_of(interaction))
        await answer_privately(interaction, embed=usage_embed(used))

    return usage


async def setup(host: Host) -> None:
    host.command_tree.add_command(usage_command(host))
