"""`/limits`: moderators look at what their server decided, and change it."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.services import Bot
from cogs.limits import confirmation, export, fixes, forms, lists, panel, reports
from cogs.limits.commands import add_commands


async def setup(bot: Bot) -> None:
    group = app_commands.Group(
        name="limits",
        description="Image limits in this server: view, change, and explain them",
        guild_only=True,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )
    group.add_command(panel.show)
    add_commands(group, bot)
    group.add_command(export.export)
    bot.command_tree.add_command(group)
    bot.add_dynamic_items(panel.EditButton, panel.RefreshButton, confirmation.ConfirmButton, fixes.FixButton)
    bot.add_dynamic_items(lists.ListMenu, lists.ListButton, lists.LiftButton)
    bot.add_dynamic_items(reports.ReportsButton, reports.DismissButton, reports.DismissAllButton)
    forms.register(bot.forms)
