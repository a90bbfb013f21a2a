"""`/limits reset`: back to what the operator decided."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.core.limits.policy import UNDECIDED, ChannelRule, Setting
from bot.core.moderation.edits import Edit, ResetAll, SetChannels, SetLog, SetNumbers, SetWords, SetZone
from bot.core.word_filter.word_list import WordList
from bot.interactions.command_text import described
from bot.interactions.context import server_of
from bot.interactions.moderator_components import require_moderator
from bot.interactions.services import services_of
from cogs.limits.change import answer_change
from cogs.limits.set import ZONE_OPTION

WHOLE: dict[str, Edit] = {
    "channels": SetChannels(ChannelRule()),
    ZONE_OPTION: SetZone(None),
    "log": SetLog(None),
}


NAMES_OF = {
    **{setting.value: described(f"setting.{setting}") for setting in Setting},
    **{what: described(f"option.reset.{what}") for what in (*WHOLE, "words", "everything")},
}


@app_commands.command(description=described("command.limits.reset"))
@app_commands.describe(what=described("command.limits.reset.what"))
@app_commands.choices(what=[app_commands.Choice(name=name, value=what) for what, name in NAMES_OF.items()])
async def reset(interaction: discord.Interaction, what: str) -> None:
    await require_moderator(interaction)
    edit: Edit
    match what:
        case "words":
            panel = await services_of(interaction).moderation.panel(server_of(interaction))
            edit = SetWords(panel.policy.words, WordList())
        case "everything":
            edit = ResetAll()
        case _:
            edit = WHOLE[what] if what in WHOLE else SetNumbers({Setting(what): UNDECIDED})
    await answer_change(interaction, edit)
