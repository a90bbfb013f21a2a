"""`/limits`: moderators look at what their server decided, and change it."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.interactions.services import Bot
from cogs.limits import confirmation, export, list_pages, panel, refused_forms, report_list, submitted_forms
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
    bot.add_dynamic_items(
        panel.EditButton, panel.RefreshButton, confirmation.ConfirmButton, refused_forms.FixButton
    )
    bot.add_dynamic_items(list_pages.ListMenu, list_pages.ListButton, list_pages.LiftButton)
    bot.add_dynamic_items(report_list.ReportsButton, report_list.DismissButton, report_list.DismissAllButton)
    submitted_forms.register(bot.forms)
