"""The lists behind the panel: turned page by page, and what is done about an entry."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.errors import InvalidOption, RequestRefused
from bot.core.limits.policy import UNDECIDED, Policy
from bot.core.moderation.edits import Edit, SetChannels, SetMember, UnblockMember
from bot.interactions.context import private_sentences, server_of
from bot.interactions.error_handling import log_error
from bot.interactions.modals import Answers
from bot.interactions.moderator_components import ModeratorItem
from bot.interactions.pressed_message import chosen_in
from bot.interactions.responses import acknowledge_in_place, edit
from bot.interactions.services import services_of
from bot.ui.error_messages import not_carried_out
from bot.ui.limits.list_pages import (
    KINDS,
    MENU_ID,
    STYLES,
    ListKind,
    lift_id,
    list_id,
    list_layout,
    members_on,
)
from bot.ui.limits.panel_parts import Note, Part
from bot.ui.limits.panel_sections import PanelContext
from bot.ui.outgoing_message import OutgoingMessage
from cogs.limits.change import carry_out, change_note
from cogs.limits.refused_forms import open_with
from cogs.limits.styles import show_styles

_PAGE = r"(?P<page>\d{1,4})"
_KIND = f"(?P<kind>{KINDS})"


async def show_list(
    interaction: discord.Interaction, kind: ListKind, page: int, note: Note | None = None
) -> None:
    """In the place that was acknowledged."""
    server, services = server_of(interaction), services_of(interaction)
    panel = await services.moderation.panel(server)
    context = PanelContext(panel, discord.utils.utcnow(), 0)
    gone = await services.stale_references.find(server, panel.policy, members_on(kind, page, context))
    seen = PanelContext(panel, context.now, 0, gone, private_sentences(interaction))
    await edit(interaction, OutgoingMessage(components=list_layout(kind, page, seen, note)))


class ListMenu(ModeratorItem[ui.Select[Any]], template=MENU_ID):
    """Opens the list that was chosen."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=MENU_ID))

    @classmethod
    def read(cls, _match: re.Match[str]) -> Self:
        return cls()

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        chosen = chosen_in(interaction)
        if chosen == STYLES:
            await acknowledge_in_place(interaction)
            await show_styles(interaction)
            return
        kind = next((kind for kind in ListKind if chosen == kind.value), None)
        if kind is None:
            raise InvalidOption("list")
        await acknowledge_in_place(interaction)
        await show_list(interaction, kind, 0)


class ListButton(ModeratorItem[ui.Button[Any]], template=list_id(_KIND, _PAGE)):
    """Turns to a page."""

    def __init__(self, kind: ListKind, page: int) -> None:
        super().__init__(ui.Button(custom_id=list_id(kind, page)))
        self.kind, self.page = kind, page

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(ListKind(match["kind"]), int(match["page"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge_in_place(interaction)
        await show_list(interaction, self.kind, self.page)


class LiftButton(ModeratorItem[ui.Button[Any]], template=lift_id(_KIND, r"(?P<entry>\d{1,20})", _PAGE)):
    """Takes an entry off its list; a role's limit is changed in its form."""

    def __init__(self, kind: ListKind, entry: int, page: int) -> None:
        super().__init__(ui.Button(custom_id=lift_id(kind, entry, page)))
        self.kind, self.entry, self.page = kind, entry, page

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(ListKind(match["kind"]), int(match["entry"]), int(match["page"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        if self.kind is ListKind.ROLES:
            await open_with(interaction, Part.ROLE, Answers({"role": (str(self.entry),)}, {}))
            return
        await acknowledge_in_place(interaction)
        panel = await services_of(interaction).moderation.panel(server_of(interaction))
        try:
            lines = await carry_out(interaction, lifting(self.kind, self.entry, panel.policy))
        except RequestRefused as refusal:
            say = private_sentences(interaction)
            words = not_carried_out(log_error(interaction, refusal), say)
            await show_list(interaction, self.kind, self.page, Note(say("note.refused", what=words)))
            return
        if lines is not None:
            await show_list(
                interaction, self.kind, self.page, Note(change_note(lines, private_sentences(interaction)))
            )


def lifting(kind: ListKind, entry: int, policy: Policy) -> Edit:
    """Raises InvalidOption for a list whose entries end by themselves."""
    match kind:
        case ListKind.BLOCKS:
            return UnblockMember(entry)
        case ListKind.OWN_LIMITS:
            return SetMember(entry, UNDECIDED)
        case ListKind.CHANNELS:
            rule = policy.channels
            return SetChannels(replace(rule, channels=rule.channels - {entry}), rule)
        case _:
            raise InvalidOption("list")
