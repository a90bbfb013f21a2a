"""The panel of `/limits show`: a server's whole policy on one layout, each part with the button that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from discord import ui

from bot.core.moderation.service import Panel
from bot.ui.embeds import COLOUR
from bot.ui.limits import panel_lists, panel_numbers
from bot.ui.limits.list_pages import LINES, Kind, list_menu
from bot.ui.limits.panel_numbers import NOTHING_GONE, Gone, View
from bot.ui.limits.panel_parts import (
    REFRESH_ID,
    Note,
    Part,
    edit_id,
    kept_by_nobody,
    waiting_row,
    waiting_words,
)
from bot.ui.text import units

TEXT_LIMIT = 4000
"""Of all texts of a layout together: https://docs.discord.com/developers/components/reference"""
LISTED = (3, 1)
"""Entries of each list: a glance at it. The whole of it is a list of its own (`bot.ui.limits.list_pages`)."""


_DRAWN: Sequence[tuple[Part, str, Callable[[View], str]]] = (
    (Part.EACH_MEMBER, "Member limits", panel_numbers.each_member),
    (Part.WHOLE_SERVER, "Server limits", panel_numbers.whole_server),
    (Part.PACE, "Pace", panel_numbers.pace),
    (Part.ROLE, "Set role limit", panel_lists.roles),
    (Part.PERSON, "Manage a member", panel_lists.people),
    (Part.CHANNELS, "Channels", panel_lists.channels),
    (Part.WORDS, "Edit words", panel_numbers.words),
    (Part.ZONE, "Time zone", panel_numbers.day_begins),
    (Part.LOG, "Log channel", panel_lists.log_channel),
)


def panel_layout(
    panel: Panel, now: datetime, gone: Gone = NOTHING_GONE, note: Note | None = None, reports: int = 0
) -> ui.LayoutView:
    """`note` has at most NOTE_LENGTH characters; so many `reports` wait for the moderators."""
    above = [waiting_row(reports)] if reports else []
    room = TEXT_LIMIT - (units(note.text) if note else 0) - (units(waiting_words(reports)) if reports else 0)
    candidates = (_texts(View(panel, now, most, gone)) for most in LISTED)
    texts = next((one for one in candidates if _length(one) <= room), None)
    lists = {kind: len(lines(View(panel, now, 0))) for kind, lines in LINES.items()}
    return _drawn(texts or _texts(View(panel, now, 0, gone)), note, lists, above)


def note_layout(note: Note) -> ui.LayoutView:
    """The note alone, where the rest can't be read now."""
    show: ui.Button[Any] = ui.Button(label="Show all settings", custom_id=REFRESH_ID)
    return kept_by_nobody(ui.Container(*note.items(), accent_colour=COLOUR), ui.ActionRow(show))


def members_named(panel: Panel, now: datetime) -> frozenset[int]:
    """The members that a panel has room to name."""
    return panel_lists.members_named(View(panel, now, LISTED[0]))


def _texts(view: View) -> list[str]:
    """The header, then each part's."""
    return [panel_numbers.header(view), *(draw(view) for _, _, draw in _DRAWN)]


def _length(texts: Sequence[str]) -> int:
    return sum(map(units, texts))


def _drawn(
    texts: Sequence[str], note: Note | None, lists: Mapping[Kind, int], above: Sequence[ui.Item[Any]]
) -> ui.LayoutView:
    head, *parts = texts
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for item in (*above, *(note.items() if note and note.part is None else ())):
        container.add_item(item)
    for (part, label, _), text in zip(_DRAWN, parts, strict=True):
        button: ui.Button[Any] = ui.Button(label=label, custom_id=edit_id(part))
        container.add_item(ui.Section(text, accessory=button))
        for item in note.items() if note and note.part is part else ():
            container.add_item(item)
    menu = [list_menu(lists)] if any(lists.values()) else []
    refresh: ui.Button[Any] = ui.Button(label="Refresh", custom_id=REFRESH_ID)
    return kept_by_nobody(container, *map(ui.ActionRow, [*menu, refresh]))
