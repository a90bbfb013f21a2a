"""`/limits reset`: back to what the operator decided."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.core.limits.policy import UNDECIDED, ChannelRule, Setting
from bot.core.moderation.edits import Edit, ResetAll, SetChannels, SetLog, SetNumbers, SetWords, SetZone
from bot.core.word_filter.word_list import WordList
from bot.interactions.services import services_of
from bot.ui.sentences import IN_ENGLISH
from cogs.limits.change import admit, answer_change
from cogs.limits.set import ZONE_OPTION

WHOLE: dict[str, tuple[str, Edit]] = {
    "channels": ("Channels", SetChannels(ChannelRule())),
    ZONE_OPTION: ("Time zone of the daily reset", SetZone(None)),
    "log": ("Log channel", SetLog(None)),
}


NAMES_OF = {
    **{setting.value: IN_ENGLISH(f"setting.{setting}") for setting in Setting},
    **{what: name for what, (name, _) in WHOLE.items()},
    "words": "Blocked words",
    "everything": "Everything (blocks and top-ups stay)",
}


@app_commands.command(description="Go back to the defaults")
@app_commands.describe(what="What to reset; “Everything” asks you to confirm")
@app_commands.choices(what=[app_commands.Choice(name=name, value=what) for what, name in NAMES_OF.items()])
async def reset(interaction: discord.Interaction, what: str) -> None:
    await admit(interaction)
    edit: Edit
    match what:
        case "words":
            panel = await services_of(interaction).moderation.panel(interaction.guild_id or 0)
            edit = SetWords(panel.policy.words, WordList())
        case "everything":
            edit = ResetAll()
        case _:
            edit = WHOLE[what][1] if what in WHOLE else SetNumbers({Setting(what): UNDECIDED})
    await answer_change(interaction, edit)
