"""`/limits show` and the buttons on its panel."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.ui.guarded import ModeratorItem
from bot.ui.host import host_of
from bot.ui.panel import REFRESH_ID, Part, edit_id, panel_layout
from bot.ui.presence import look
from cogs.limits.modals import modal_for

WITH_CHANNELS = {Part.CHANNELS, Part.LOG}
GLANCE_SECONDS = 1.0
"""A form has to open within Discord's 3 s, and the right was asked for before it."""


@app_commands.command(
    name="show", description="Everything that this server decided, with buttons to change it"
)
async def show(interaction: discord.Interaction) -> None:
    await acknowledge(interaction)
    await host_of(interaction).rights.require(interaction)
    await show_panel(interaction)


async def acknowledge(interaction: discord.Interaction) -> None:
    """What comes next takes the place of the message that was used, or is a private one where there is none."""
    await interaction.response.defer(ephemeral=True, thinking=interaction.message is None)


async def show_panel(interaction: discord.Interaction, notice: str = "") -> None:
    """In the place that was acknowledged."""
    server = interaction.guild_id or 0
    panel = await host_of(interaction).moderation.panel(server)
    present = await look(interaction.client, server, panel.policy)
    layout = panel_layout(panel, discord.utils.utcnow(), present, notice)
    await interaction.edit_original_response(view=layout)


class EditButton(ModeratorItem[ui.Button[Any]], template=r"limits:edit:(?P<part>[a-z-]+)"):
    """Opens the form that changes a part of the policy, filled with what holds now."""

    def __init__(self, part: Part) -> None:
        super().__init__(ui.Button(custom_id=edit_id(part)))
        self.part = part

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(Part(match["part"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        server = interaction.guild_id or 0
        panel = await host_of(interaction).moderation.panel(server)
        present = None
        if self.part in WITH_CHANNELS:
            present = await look(interaction.client, server, panel.policy, GLANCE_SECONDS)
        await interaction.response.send_modal(modal_for(self.part, panel, present))


class RefreshButton(ModeratorItem[ui.Button[Any]], template=REFRESH_ID):
    """Draws the panel anew; the way back from a question that is answered with no."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=REFRESH_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction)
        await show_panel(interaction)
