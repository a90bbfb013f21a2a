"""The reports that wait for the moderators: read page by page, and dealt with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import ui

from bot.interactions.context import private_sentences, server_of
from bot.interactions.moderator_components import ModeratorItem
from bot.interactions.responses import acknowledge_in_place, edit
from bot.interactions.services import services_of
from bot.ui.limits.panel_parts import Note, reports_id
from bot.ui.moderator_log.report_list import dismiss_all_id, dismiss_id, reports_layout
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import Sentences
from bot.ui.text import snowflake

_PAGE = r"(?P<page>\d{1,4})"


async def show_reports(interaction: discord.Interaction, page: int, note: Note | None = None) -> None:
    """In the place that was acknowledged."""
    server = server_of(interaction)
    reports = await services_of(interaction).reports.waiting(server)
    layout = reports_layout(server, reports, page, note, private_sentences(interaction))
    await edit(interaction, OutgoingMessage(components=layout))


def dismissed(count: int, say: Sentences) -> Note:
    return Note(say("note.dismissed", count=count) if count else say("note.nothing_waited"))


class ReportsButton(ModeratorItem[ui.Button[Any]], template=reports_id(_PAGE)):
    """Turns to a page."""

    def __init__(self, page: int) -> None:
        super().__init__(ui.Button(custom_id=reports_id(page)))
        self.page = page

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["page"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        await show_reports(interaction, self.page)


class DismissButton(ModeratorItem[ui.Button[Any]], template=dismiss_id(r"(?P<message>\d{1,19})", _PAGE)):
    """Deals with all reports of one picture."""

    def __init__(self, message: int, page: int) -> None:
        super().__init__(ui.Button(custom_id=dismiss_id(message, page)))
        self.message, self.page = message, page

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        if not snowflake(match["message"]):
            raise ValueError(match["message"])
        return cls(int(match["message"]), int(match["page"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        count = await services_of(interaction).reports.dismiss(server_of(interaction), self.message)
        await show_reports(interaction, self.page, dismissed(count, private_sentences(interaction)))


class DismissAllButton(ModeratorItem[ui.Button[Any]], template=dismiss_all_id(r"(?P<until>\d{1,13})")):
    """Deals with everything that was on the list when it was drawn."""

    def __init__(self, until: int) -> None:
        super().__init__(ui.Button(custom_id=dismiss_all_id(until)))
        self.until = datetime.fromtimestamp(until / 1000, UTC)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["until"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        count = await services_of(interaction).reports.dismiss_all(server_of(interaction), self.until)
        await show_reports(interaction, 0, dismissed(count, private_sentences(interaction)))
