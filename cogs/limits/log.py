"""`/limits log`: where the bot tells the moderators what it does."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.core.edits import SetLog
from bot.core.not_done import Unclear
from bot.core.policy import LogLevel, LogRule
from bot.ui.decisions import LEVELS
from bot.ui.host import Host
from bot.ui.log_channel import require_log_channel
from cogs.limits.answers import admit, carry_out


class Writable(app_commands.Transformer):
    """A channel where a message can stand by itself. As Discord sent it along: the bot knows no channels by heart."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.voice, kinds.stage_voice]

    async def transform(
        self, _interaction: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        return value


LogChannel = app_commands.Transform[app_commands.AppCommandChannel, Writable]


def log_command(host: Host) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(description="Choose a channel that is told who paints what")
    @app_commands.describe(
        channel="Where the log goes",
        level="How much of it",
        off="No log any more",
    )
    @app_commands.choices(
        level=[
            app_commands.Choice(name=name.capitalize(), value=level.value) for level, name in LEVELS.items()
        ]
    )
    async def log(
        interaction: discord.Interaction,
        channel: LogChannel | None = None,
        level: str = LogLevel.PROBLEMS.value,
        off: bool = False,
    ) -> None:
        if (channel is None) is not off:
            raise Unclear(("channel", "off"))
        rule = LogRule(channel.id, LogLevel(level)) if channel else None
        await admit(host, interaction)
        if rule:
            await require_log_channel(interaction.client, interaction.guild_id or 0, rule.channel)
        await carry_out(host, interaction, SetLog(rule))

    return log
