"""The panel of `/limits show`: a server's whole policy on one layout, each part with the button that changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from discord import ButtonStyle, ui

from bot.core.moderation import Panel
from bot.ui import rosters, sections
from bot.ui.embeds import COLOUR
from bot.ui.routing import RoutedLayout
from bot.ui.sections import NOTHING_GONE, Gone, View
from bot.ui.text import units

TEXT_LIMIT = 4000
"""Of all texts of a layout together: https://docs.discord.com/developers/components/reference"""
LISTED = (10, 6, 3, 1)
"""Entries of each list: as many as fit."""


class Part(StrEnum):
    """What a button of the panel changes."""

    EACH_MEMBER = "member-numbers"
    WHOLE_SERVER = "server-numbers"
    PACE = "pace"
    ROLE = "role"
    PERSON = "person"
    CHANNELS = "channels"
    WORDS = "words"
    ZONE = "zone"
    LOG = "log"


_DRAWN: Sequence[tuple[Part, str, Callable[[View], str]]] = (
    (Part.EACH_MEMBER, "Member limits", sections.each_member),
    (Part.WHOLE_SERVER, "Server limits", sections.whole_server),
    (Part.PACE, "Pace", sections.pace),
    (Part.ROLE, "Set role limit", rosters.roles),
    (Part.PERSON, "Manage a member", rosters.people),
    (Part.CHANNELS, "Channels", rosters.channels),
    (Part.WORDS, "Edit words", sections.words),
    (Part.ZONE, "Time zone", sections.day_begins),
    (Part.LOG, "Log channel", rosters.log_channel),
)


def edit_id(part: str) -> str:
    return f"limits:edit:{part}"


PARTS = "|".join(Part)
"""What can stand there, as an expression: whatever else is forged means nothing, and is not answered."""
REFRESH_ID = "limits:refresh"


def panel_layout(panel: Panel, now: datetime, gone: Gone = NOTHING_GONE, notice: str = "") -> ui.LayoutView:
    """`notice` says what has just happened; it is the sender's to keep it within 1,000 characters."""
    candidates = (_texts(View(panel, now, most, gone), notice) for most in LISTED)
    texts = next((one for one in candidates if _length(one) <= TEXT_LIMIT), None)
    return _drawn(texts or _texts(View(panel, now, 0, gone), notice))


def members_named(panel: Panel, now: datetime) -> frozenset[int]:
    """The members that a panel has room to name."""
    return rosters.members_named(View(panel, now, LISTED[0]))


def kept_by_nobody(*items: ui.Item[Any]) -> ui.LayoutView:
    """A layout that discord.py does not remember: its buttons are found by their custom ids, for as long as they are
    to be seen."""
    layout = RoutedLayout(*items)
    layout.stop()
    return layout


def _texts(view: View, notice: str) -> list[str]:
    """The header with the notice, then each part's."""
    head = "\n".join(filter(None, [sections.header(view), notice]))
    return [head, *(draw(view) for _, _, draw in _DRAWN)]


def _length(texts: Sequence[str]) -> int:
    return sum(map(units, texts))


def _drawn(texts: Sequence[str]) -> ui.LayoutView:
    head, *parts = texts
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for (part, label, _), text in zip(_DRAWN, parts, strict=True):
        button: ui.Button[Any] = ui.Button(label=label, custom_id=edit_id(part))
        container.add_item(ui.Section(text, accessory=button))
    refresh: ui.Button[Any] = ui.Button(label="Refresh", custom_id=REFRESH_ID, style=ButtonStyle.primary)
    return kept_by_nobody(container, ui.ActionRow(refresh))
