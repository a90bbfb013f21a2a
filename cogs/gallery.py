"""`/gallery`: a member's paid pictures that found no place to be shown, for themselves alone."""

from __future__ import annotations

import discord

from bot.interactions.command_places import offered_everywhere
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences
from bot.interactions.responses import acknowledge, edit
from bot.interactions.services import Bot
from bot.ui.generation.undelivered import gallery_message


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.command(description=described("command.gallery"))
    @offered_everywhere(services.moderation.operator)
    async def gallery(interaction: discord.Interaction) -> None:
        await acknowledge(interaction)
        say = private_sentences(interaction)
        caller = await services.callers.of(interaction)
        async with services.bulk.turn(caller.tenant, caller.member):
            kept = await services.undelivered.of(caller)
            room = min(interaction.filesize_limit, services.upload_budget.limit or interaction.filesize_limit)
            # All of them share one request, and Discord looks at its size as well.
            size = room // max(1, len(kept))
            pictures = await services.undelivered.fetch(kept, services.fit, size)
            shown = [(one.generation, picture) for one, picture in zip(kept, pictures, strict=True)]
            await edit(interaction, gallery_message(shown, say))
