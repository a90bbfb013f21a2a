"""`/limits explain`: why a member has the limit that they have, rule by rule."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.moderator_components import require_moderator
from bot.interactions.responses import edit
from bot.interactions.services import services_of
from bot.ui.limits.explanation import explanation_embed
from bot.ui.outgoing_message import OutgoingMessage
from cogs.limits.log import Spoken


@app_commands.command(description=described("command.limits.explain"))
@app_commands.describe(
    member=described("command.limits.explain.member"), channel=described("command.limits.explain.channel")
)
async def explain(
    interaction: discord.Interaction, member: discord.User, channel: Spoken | None = None
) -> None:
    await require_moderator(interaction)
    services = services_of(interaction)
    caller = await services.callers.in_server(interaction, member, channel)
    explanation = await services.moderation.explain(caller)
    left = not isinstance(member, discord.Member)
    embed = explanation_embed(
        explanation, caller, services.moderation.operator, left=left, say=private_sentences(interaction)
    )
    await edit(interaction, OutgoingMessage(embeds=(embed,)))
