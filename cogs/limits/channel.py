"""`/limits channel`: where images may be asked for."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.core.limits.policy import ChannelMode
from bot.core.moderation.edits import ChangeChannels
from bot.core.moderation.errors import ConflictingOptions
from cogs.limits.change import change

MODES = {
    ChannelMode.EVERYWHERE: "Everywhere",
    ChannelMode.ONLY: "Only in listed channels",
    ChannelMode.EXCEPT: "Everywhere except listed channels",
}
MORE_TO_ADD = [f"add_{number}" for number in (2, 3)]
MORE_TO_REMOVE = [f"remove_{number}" for number in (2, 3)]


@app_commands.command(description="Change where images are allowed")
@app_commands.describe(
    mode="Where; “only” and “except” use a list, and switching between them starts a new one",
    add="Add to the list; a category includes its channels, a channel its threads",
    remove="Remove from the list",
    **dict.fromkeys(MORE_TO_ADD, "One more to add"),
    **dict.fromkeys(MORE_TO_REMOVE, "One more to remove"),
    age_restricted="Allow images in age-restricted channels only",
)
@app_commands.choices(mode=[app_commands.Choice(name=name, value=mode.value) for mode, name in MODES.items()])
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
        raise ConflictingOptions((f"mode:{ChannelMode.ONLY}", f"mode:{ChannelMode.EXCEPT}"))
    await change(interaction, edit)


def ids(*channels: app_commands.AppCommandChannel | None) -> frozenset[int]:
    return frozenset(channel.id for channel in channels if channel)
