"""`/limits reset`: back to what the operator decided."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.core.limits.policy import UNDECIDED, ChannelRule, Setting
from bot.core.moderation.edits import Edit, ResetAll, SetChannels, SetLog, SetNumbers, SetWords, SetZone
from bot.core.word_filter.word_list import WordList
from bot.interactions.services import Services
from bot.ui.sentences import IN_ENGLISH
from cogs.limits.change import ask, change
from cogs.limits.set import ZONE_OPTION

EVERYTHING = "everything"
WORDS = "words"
WHOLE: dict[str, tuple[str, Edit]] = {
    "channels": ("Channels", SetChannels(ChannelRule())),
    ZONE_OPTION: ("Time zone of the daily reset", SetZone(None)),
    "log": ("Log channel", SetLog(None)),
}


def reset_command(services: Services) -> app_commands.Command[Any, ..., None]:
    names = {setting.value: IN_ENGLISH(f"setting.{setting}") for setting in Setting}
    names |= {what: name for what, (name, _) in WHOLE.items()}
    names |= {WORDS: "Blocked words", EVERYTHING: "Everything (blocks and top-ups stay)"}

    @app_commands.command(description="Go back to the defaults")
    @app_commands.describe(what="What to reset; “Everything” asks you to confirm")
    @app_commands.choices(what=[app_commands.Choice(name=name, value=what) for what, name in names.items()])
    async def reset(interaction: discord.Interaction, what: str) -> None:
        if what == EVERYTHING:
            await ask(services, interaction, ResetAll())
        else:
            await change(services, interaction, await reset_edit(services, interaction.guild_id or 0, what))

    return reset


async def reset_edit(services: Services, server: int, what: str) -> Edit:
    if what == WORDS:
        panel = await services.moderation.panel(server)
        return SetWords(panel.policy.words, WordList())
    return WHOLE[what][1] if what in WHOLE else SetNumbers({Setting(what): UNDECIDED})
