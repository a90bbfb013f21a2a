"""`/help`: what this member can use here, and their limits, for themselves alone."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.command_places import offered_as_own
from bot.interactions.command_text import described
from bot.interactions.context import has_bot, private_sentences
from bot.interactions.responses import acknowledge, edit
from bot.interactions.services import Bot
from bot.ui.help_screen import help_embed
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH

ORDER = ("imagine", "edit", "gallery", "preferences", "usage", "privacy", "limits")
"""What matters most to most comes first; whatever else there is comes last."""
OWN = {"preferences", "privacy"}
"""What is a member's own, also where the operator lets nobody paint."""
MENUS = ("menu.imagine", "menu.edit", "menu.report")


async def setup(bot: Bot) -> None:
    services = bot.services

    @bot.tree.command(description=described("command.help"))
    @offered_as_own(services.moderation.operator)
    async def help(interaction: discord.Interaction) -> None:
        await acknowledge(interaction)
        say = private_sentences(interaction)
        usable = await services.usable_commands.of(interaction)
        menus = {one.name for one in usable if isinstance(one, app_commands.ContextMenu)}
        names = {one.name for one in usable} - menus - {"help"}
        caller = await services.callers.of(interaction)
        served = caller.place.server is None or services.moderation.operator.serves(caller.place.server)
        if not served:
            names, menus = names & OWN, set()
        usage = await services.usage_service.of(caller) if "imagine" in names else None
        embed = help_embed(
            [*(one for one in ORDER if one in names), *sorted(names.difference(ORDER))],
            [say(code) for code in MENUS if IN_ENGLISH(code) in menus],
            usage,
            say,
            in_server=interaction.guild_id is not None and has_bot(interaction),
            served=served,
        )
        await edit(interaction, OutgoingMessage(embeds=(embed,)))
