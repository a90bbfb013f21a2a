"""`/limits history`: who changed what, in pages whose buttons remember nothing."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, server_of
from bot.interactions.moderator_components import ModeratorItem, require_moderator
from bot.interactions.responses import acknowledge_in_place, edit
from bot.interactions.services import services_of
from bot.ui.moderation.history import ENTRIES_PER_PAGE, history_embed, newer_than, older_than
from bot.ui.outgoing_message import OutgoingMessage


@app_commands.command(description=described("command.limits.history"))
async def history(interaction: discord.Interaction) -> None:
    await require_moderator(interaction)
    await show_page(interaction, None)


async def show_page(interaction: discord.Interaction[Any], before: int | None) -> None:
    """In the place that was acknowledged; the changes that are older than revision `before`."""
    moderation, say = services_of(interaction).moderation, private_sentences(interaction)
    entries = await moderation.history(server_of(interaction), ENTRIES_PER_PAGE + 1, before)
    paging = ui.View(timeout=None)
    if (newer := newer_than(entries, before)) is not None:
        paging.add_item(PageButton(newer, say("button.newer")))
    if (older := older_than(entries)) is not None:
        paging.add_item(PageButton(older, say("button.older")))
    embed = history_embed(entries, moderation.operator, say)
    await edit(interaction, OutgoingMessage(embeds=(embed,), components=paging))


class PageButton(ModeratorItem[ui.Button[Any]], template=r"limits:history:(?P<before>\d{1,18})"):
    """Shows the changes that are older than the revision in its custom id."""

    def __init__(self, before: int, label: str = "") -> None:
        super().__init__(ui.Button(label=label, custom_id=f"limits:history:{before}"))
        self.before = before

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["before"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        await show_page(interaction, self.before)
