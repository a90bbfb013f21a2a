"""`/limits show`, the buttons on its panel, and `/limits words`, which opens one of its forms."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.core.errors import BotError, DatabaseBusy, OutdatedInteraction
from bot.core.moderation.service import Panel
from bot.interactions import responses
from bot.interactions.command_text import described
from bot.interactions.context import private_sentences, server_of
from bot.interactions.error_handling import log_error
from bot.interactions.moderator_components import ModeratorItem, require_moderator
from bot.interactions.responses import acknowledge_in_place
from bot.interactions.services import services_of
from bot.ui.limits.panel import members_named, note_layout, panel_layout
from bot.ui.limits.panel_parts import PARTS, REFRESH_ID, Note, Part, edit_id
from bot.ui.limits.panel_sections import NOTHING_GONE
from bot.ui.outgoing_message import OutgoingMessage
from cogs.limits.policy_forms import modal_for

WITH_CHANNELS = {Part.CHANNELS, Part.LOG}
FORM_SECONDS, GLANCE_SECONDS = 1.2, 0.7
"""Of Discord's 3 s for a form; the right was asked for before it, and the form is still to be sent."""


@app_commands.command(name="show", description=described("command.limits.show"))
async def show(interaction: discord.Interaction) -> None:
    await require_moderator(interaction)
    await show_panel(interaction)


async def show_panel(interaction: discord.Interaction, note: Note | None = None) -> None:
    """In the place that was acknowledged. Where the panel can't be read, `note` is said alone: it is true even so."""
    server, services, say = server_of(interaction), services_of(interaction), private_sentences(interaction)
    now = discord.utils.utcnow()
    try:
        panel = await services.moderation.panel(server)
        gone = await services.stale_references.find(server, panel.policy, members_named(panel, now))
        reports = await services.reports.count(server)
    except BotError as error:
        if note is None:
            raise
        log_error(interaction, error)
        layout = note_layout(note, say)
    else:
        layout = panel_layout(panel, now, gone, note, reports, say)
    await responses.edit(interaction, OutgoingMessage(components=layout))


async def filled_form(interaction: discord.Interaction, part: Part) -> tuple[ui.Modal, Panel]:
    """The form with what holds now, and the panel that it was filled from.

    Raises DatabaseBusy where it would come too late for Discord: it can't be acknowledged first. Raises
    OutdatedInteraction where nothing is left to be decided in it.
    """
    server, services, gone = server_of(interaction), services_of(interaction), NOTHING_GONE
    try:
        async with asyncio.timeout(FORM_SECONDS):
            panel = await services.moderation.panel(server)
            if part in WITH_CHANNELS:
                gone = await services.stale_references.find(server, panel.policy, seconds=GLANCE_SECONDS)
    except TimeoutError:
        raise DatabaseBusy from None
    if part is Part.PICTURES and not panel.operator.offers_picture_settings:
        raise OutdatedInteraction("button")  # the operator has taken away what it was about
    return modal_for(part, panel, gone, private_sentences(interaction)), panel


@app_commands.command(description=described("command.limits.words"))
async def words(interaction: discord.Interaction) -> None:
    await services_of(interaction).permissions.require(interaction)
    form, _ = await filled_form(interaction, Part.WORDS)
    await responses.open_modal(interaction, form)


class EditButton(ModeratorItem[ui.Button[Any]], template=edit_id(f"(?P<part>{PARTS})")):
    """Opens the form that changes a part of the policy, filled with what holds now."""

    def __init__(self, part: Part) -> None:
        super().__init__(ui.Button(custom_id=edit_id(part)))
        self.part = part

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(Part(match["part"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        form, _ = await filled_form(interaction, self.part)
        await responses.open_modal(interaction, form)


class RefreshButton(ModeratorItem[ui.Button[Any]], template=REFRESH_ID):
    """Draws the panel anew; the way back from a question that is answered with no."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=REFRESH_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        await show_panel(interaction)
