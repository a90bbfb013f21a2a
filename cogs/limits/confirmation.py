"""Carrying an edit out, and asking first where it opens the door wide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.core.edits import Edit
from bot.ui import edit_ids
from bot.ui.confirmation import CONFIRM_ID, confirmation_layout
from bot.ui.decisions import fitting
from bot.ui.differences import changed
from bot.ui.guarded import ModeratorItem
from bot.ui.host import host_of
from cogs.limits.panel import acknowledge, show_panel

NOTICE_LENGTH = 900
UNCHANGED = "**Nothing was changed**: it was so already."


async def carry_out(interaction: discord.Interaction, edit: Edit, *, confirmed: bool = False) -> None:
    """Change it and show the panel with before → after, or ask; in the place that was acknowledged."""
    moderation = host_of(interaction).moderation
    outcome = await moderation.change(
        interaction.guild_id or 0, interaction.user.id, edit, confirmed=confirmed
    )
    lines = changed(outcome.differences, moderation.operator)
    if outcome.needs_confirmation:
        await interaction.edit_original_response(view=confirmation_layout(edit, lines))
    else:
        await show_panel(interaction, notice(lines))


def notice(lines: Sequence[str]) -> str:
    return "\n".join(["✅ **Changed**", fitting(lines, NOTICE_LENGTH)]) if lines else UNCHANGED


class ConfirmButton(ModeratorItem[ui.Button[Any]], template=CONFIRM_ID.format("(?P<edit>.+)")):
    """The edit that was asked about stands in the custom id, in numbers: what was shown is what is carried out."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(ui.Button(custom_id=CONFIRM_ID.format(edit_ids.encode(edit))))
        self.edit = edit

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(edit_ids.decode(match["edit"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction)
        await carry_out(interaction, self.edit, confirmed=True)
