"""`/limits reset`: back to what the operator decided."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.core.limits.offer import Requirement
from bot.core.limits.policy import UNDECIDED, ChannelRule, Operator, Setting
from bot.core.moderation.edits import (
    Edit,
    ResetAll,
    ResetStyles,
    SetChannels,
    SetChoices,
    SetLog,
    SetNumbers,
    SetRevise,
    SetVisibility,
    SetWords,
    SetZone,
)
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
    "models": SetChoices(frozenset()),
    "revise": SetRevise(True),
    "styles": ResetStyles(),
    "private": SetVisibility(private=Requirement.OPTIONAL),
    "spoiler": SetVisibility(spoiler=Requirement.OPTIONAL),
}


def reset_command(operator: Operator) -> app_commands.Command[Any, ..., None]:
    names = {setting.value: described(f"setting.{setting}") for setting in Setting}
    offered = {
        "models": bool(operator.choices),
        "revise": operator.revises,
        "private": operator.private is Requirement.OPTIONAL,
        "spoiler": operator.spoiler is Requirement.OPTIONAL,
    }
    whole = [what for what in WHOLE if offered.get(what, True)]
    names |= {what: described(f"option.reset.{what}") for what in (*whole, "words", "everything")}

    @app_commands.command(description=described("command.limits.reset"))
    @app_commands.describe(what=described("command.limits.reset.what"))
    @app_commands.choices(what=[app_commands.Choice(name=name, value=what) for what, name in names.items()])
    async def reset(interaction: discord.Interaction, what: str) -> None:
        await carry_out_reset(interaction, what)

    return reset


async def carry_out_reset(interaction: discord.Interaction, what: str) -> None:
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
