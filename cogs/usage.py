"""`/usage`: a member's own numbers, for nobody else but the moderators."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, server_of
from bot.interactions.responses import acknowledge, answer_privately
from bot.interactions.services import Bot
from bot.ui.limits.usage_embed import usage_embed
from bot.ui.outgoing_message import OutgoingMessage


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.command(description=described("command.usage"))
    @app_commands.describe(member=described("command.usage.member"))
    @offered_everywhere(services.moderation.operator)
    async def usage(interaction: discord.Interaction, member: discord.User | None = None) -> None:
        other = None if member is None or member.id == interaction.user.id else member
        if other is None:
            caller = await services.callers.of(interaction)
        else:
            server_of(interaction)  # elsewhere there are no moderators
            # Asking for permissions takes its time.
            await acknowledge(interaction)
            await services.permissions.require(interaction)
            caller = await services.callers.in_server(interaction, other)
        used = await services.usage_service.of(caller)
        embed = usage_embed(used, other.id if other else None, private_sentences(interaction))
        await answer_privately(interaction, OutgoingMessage(embeds=(embed,)))
