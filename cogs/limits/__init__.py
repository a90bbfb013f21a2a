"""`/limits`: moderators look at what their server decided, and change it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.interactions.command_text import described
from bot.interactions.moderator_components import moderators_only
from bot.interactions.services import Bot
from cogs.limits import change, list_pages, panel, refused_forms, report_list, styles, submitted_forms
from cogs.limits.channel import channel
from cogs.limits.explain import explain
from cogs.limits.export import export
from cogs.limits.history import PageButton, history
from cogs.limits.log import log
from cogs.limits.member import member_command
from cogs.limits.pictures import picture_commands
from cogs.limits.reset import reset_command
from cogs.limits.role import role_command
from cogs.limits.set import set_command


async def setup(bot: Bot) -> None:
    group = app_commands.Group(
        name="limits",
        description=described("command.limits"),
        guild_only=True,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )
    operator = bot.services.moderation.operator
    commands: tuple[app_commands.Command[Any, ..., None], ...] = (
        panel.show,
        set_command(operator),
        role_command(operator),
        channel,
        member_command(operator),
        panel.words,
        log,
        explain,
        history,
        styles.styles,
        *picture_commands(operator),
        reset_command(operator),
        export,
    )
    for command in commands:
        group.add_command(command)
    bot.tree.add_command(group)
    bot.add_dynamic_items(panel.EditButton, panel.RefreshButton, PageButton)
    bot.add_dynamic_items(change.ConfirmButton, refused_forms.FixButton)
    bot.add_dynamic_items(list_pages.ListMenu, list_pages.ListButton, list_pages.LiftButton)
    bot.add_dynamic_items(report_list.ReportsButton, report_list.DismissButton, report_list.DismissAllButton)
    bot.add_dynamic_items(styles.StylesMenu, styles.StylesButton)
    bot.add_dynamic_items(styles.NewStyleButton, styles.FixStyleButton)
    bot.forms.add(styles.STYLE_FORM, moderators_only(styles.submitted), styles.refused)
    bot.forms.add(submitted_forms.TEMPLATE, moderators_only(submitted_forms.submitted), refused_forms.refused)
