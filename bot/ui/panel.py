"""The panel of `/limits show`: a server's whole policy on one layout, each part with the button that changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from discord import ButtonStyle, ui

from bot.core.edits import (
    BlockMember,
    ChangeChannels,
    ChangeLog,
    Edit,
    ResetCounter,
    SetChannels,
    SetLog,
    SetMember,
    SetNumbers,
    SetRole,
    SetWords,
    SetZone,
    TopUpMember,
    UnblockMember,
)
from bot.core.moderation import Panel
from bot.core.policy import Setting
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
NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """What has just happened, said beside `part`; above everything where there is none.

    `fix` is the custom id of the button that opens the form again, and `label` what stands on it.
    """

    text: str
    part: Part | None = None
    fix: str = ""
    label: str = "Fix it"

    def items(self) -> list[ui.Item[Any]]:
        if not self.fix:
            return [ui.TextDisplay(self.text)]
        button: ui.Button[Any] = ui.Button(label=self.label, custom_id=self.fix, style=ButtonStyle.primary)
        return [ui.Section(self.text, accessory=button)]


def part_of(edit: Edit) -> Part | None:
    """The part of the panel that shows what an edit changes."""
    match edit:
        case SetNumbers(numbers=numbers):
            return next((_PART_OF[setting] for setting in numbers), None)
        case SetRole():
            return Part.ROLE
        case SetMember() | BlockMember() | UnblockMember() | TopUpMember() | ResetCounter():
            return Part.PERSON
        case SetChannels() | ChangeChannels():
            return Part.CHANNELS
        case SetWords():
            return Part.WORDS
        case SetZone():
            return Part.ZONE
        case SetLog() | ChangeLog():
            return Part.LOG
        case _:
            return None


_PART_OF = {
    Setting.DAILY: Part.EACH_MEMBER,
    Setting.MONTHLY: Part.EACH_MEMBER,
    Setting.SERVER_DAILY: Part.WHOLE_SERVER,
    Setting.SERVER_MONTHLY: Part.WHOLE_SERVER,
    Setting.PER_PROMPT: Part.PACE,
    Setting.AT_ONCE: Part.PACE,
    Setting.COOLDOWN: Part.PACE,
}


def panel_layout(
    panel: Panel, now: datetime, gone: Gone = NOTHING_GONE, note: Note | None = None
) -> ui.LayoutView:
    """`note` has at most NOTE_LENGTH characters."""
    room = TEXT_LIMIT - (units(note.text) if note else 0)
    candidates = (_texts(View(panel, now, most, gone)) for most in LISTED)
    texts = next((one for one in candidates if _length(one) <= room), None)
    return _drawn(texts or _texts(View(panel, now, 0, gone)), note)


def note_layout(note: Note) -> ui.LayoutView:
    """The note alone, where the rest can't be read now."""
    show: ui.Button[Any] = ui.Button(label="Show all settings", custom_id=REFRESH_ID)
    return kept_by_nobody(ui.Container(*note.items(), accent_colour=COLOUR), ui.ActionRow(show))


def members_named(panel: Panel, now: datetime) -> frozenset[int]:
    """The members that a panel has room to name."""
    return rosters.members_named(View(panel, now, LISTED[0]))


def kept_by_nobody(*items: ui.Item[Any]) -> ui.LayoutView:
    """A layout that discord.py does not remember: its buttons are found by their custom ids, for as long as they are
    to be seen."""
    layout = RoutedLayout(*items)
    layout.stop()
    return layout


def _texts(view: View) -> list[str]:
    """The header, then each part's."""
    return [sections.header(view), *(draw(view) for _, _, draw in _DRAWN)]


def _length(texts: Sequence[str]) -> int:
    return sum(map(units, texts))


def _drawn(texts: Sequence[str], note: Note | None) -> ui.LayoutView:
    head, *parts = texts
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for item in note.items() if note and note.part is None else ():
        container.add_item(item)
    for (part, label, _), text in zip(_DRAWN, parts, strict=True):
        button: ui.Button[Any] = ui.Button(label=label, custom_id=edit_id(part))
        container.add_item(ui.Section(text, accessory=button))
        for item in note.items() if note and note.part is part else ():
            container.add_item(item)
    refresh: ui.Button[Any] = ui.Button(label="Refresh", custom_id=REFRESH_ID)
    return kept_by_nobody(container, ui.ActionRow(refresh))
