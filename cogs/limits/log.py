"""`/limits log`: where the bot tells the moderators what it does."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.core.limits.policy import LogLevel
from bot.core.moderation.edits import ChangeLog, SetLog
from bot.core.moderation.errors import OneOptionNeeded
from bot.interactions.command_text import described
from bot.interactions.log_channel import CHANNEL_TYPES
from cogs.limits.change import change


class Writable(app_commands.Transformer):
    """A channel or a thread that takes messages. As Discord sent it along: the bot knows no channels by heart."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return CHANNEL_TYPES

    async def transform(
        self, _interaction: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        return value


Spoken = app_commands.Transform[app_commands.AppCommandChannel, Writable]


@app_commands.command(description=described("command.limits.log"))
@app_commands.describe(
    channel=described("command.limits.log.channel"),
    level=described("command.limits.log.level"),
    off=described("command.limits.log.off"),
)
@app_commands.choices(
    level=[
        app_commands.Choice(name=described(f"option.level.{level}"), value=level.value) for level in LogLevel
    ]
)
async def log(
    interaction: discord.Interaction,
    channel: Spoken | None = None,
    level: str | None = None,
    off: bool = False,
) -> None:
    # Nothing at all is refused, and a log that is off and goes somewhere.
    if off is (channel is not None or level is not None):
        raise OneOptionNeeded(("channel", "level", "off"))
    edit = ChangeLog(channel.id if channel else None, LogLevel(level) if level else None)
    await change(interaction, SetLog(None) if off else edit)
