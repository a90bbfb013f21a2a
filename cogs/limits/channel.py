"""`/limits channel`: where images may be asked for."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.core.limits.policy import ChannelMode
from bot.core.moderation.edits import ChangeChannels
from bot.core.moderation.errors import OneOptionNeeded
from bot.interactions.command_text import described
from cogs.limits.change import change

MORE_TO_ADD = [f"add_{number}" for number in (2, 3)]
MORE_TO_REMOVE = [f"remove_{number}" for number in (2, 3)]


@app_commands.command(description=described("command.limits.channel"))
@app_commands.describe(
    mode=described("command.limits.channel.mode"),
    add=described("command.limits.channel.add"),
    remove=described("command.limits.channel.remove"),
    **dict.fromkeys(MORE_TO_ADD, described("command.limits.channel.add_more")),
    **dict.fromkeys(MORE_TO_REMOVE, described("command.limits.channel.remove_more")),
    age_restricted=described("command.limits.channel.age_restricted"),
)
@app_commands.choices(
    mode=[
        app_commands.Choice(name=described(f"option.mode.{mode}"), value=mode.value) for mode in ChannelMode
    ]
)
async def channel(  # noqa: PLR0913, PLR0917 — Discord has no option that takes several channels
    interaction: discord.Interaction,
    mode: str,
    add: app_commands.AppCommandChannel | None = None,
    remove: app_commands.AppCommandChannel | None = None,
    age_restricted: bool | None = None,
    add_2: app_commands.AppCommandChannel | None = None,
    add_3: app_commands.AppCommandChannel | None = None,
    remove_2: app_commands.AppCommandChannel | None = None,
    remove_3: app_commands.AppCommandChannel | None = None,
) -> None:
    added = ids(add, add_2, add_3)
    removed = ids(remove, remove_2, remove_3)
    edit = ChangeChannels(ChannelMode(mode), added, removed, age_restricted)
    if edit.mode is ChannelMode.EVERYWHERE and (edit.add or edit.remove):
        raise OneOptionNeeded((f"mode:{ChannelMode.ONLY}", f"mode:{ChannelMode.EXCEPT}"))
    await change(interaction, edit)


def ids(*channels: app_commands.AppCommandChannel | None) -> frozenset[int]:
    return frozenset(channel.id for channel in channels if channel)
