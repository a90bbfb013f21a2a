"""The panel of `/limits show`: a server's whole policy on one layout, each part with the button that changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from discord import ui

from bot.core.limits.policy import offer_of
from bot.core.moderation.service import Panel
from bot.ui.embeds import COLOUR
from bot.ui.limits import panel_sections
from bot.ui.limits.list_pages import LINES, list_menu
from bot.ui.limits.panel_parts import REFRESH_ID, STYLES_ID, Note, Part, edit_id, reports_id
from bot.ui.limits.panel_sections import NOTHING_GONE, MissingReferences, PanelContext
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import units

TEXT_LIMIT = 4000
"""Of all texts of a layout together: https://docs.discord.com/developers/components/reference"""
LISTED = (3, 1)
"""Entries of each list: a glance at it. The whole of it is a list of its own (`bot.ui.limits.list_pages`)."""


_DRAWN: Sequence[tuple[Part, Callable[[PanelContext], str]]] = (
    (Part.EACH_MEMBER, panel_sections.each_member),
    (Part.WHOLE_SERVER, panel_sections.whole_server),
    (Part.PACE, panel_sections.pace),
    (Part.ROLE, panel_sections.roles),
    (Part.PERSON, panel_sections.people),
    (Part.CHANNELS, panel_sections.channels),
    (Part.WORDS, panel_sections.words),
    (Part.ZONE, panel_sections.day_begins),
    (Part.LOG, panel_sections.log_channel),
    (Part.PICTURES, panel_sections.pictures),
)


def panel_layout(
    panel: Panel,
    now: datetime,
    gone: MissingReferences = NOTHING_GONE,
    note: Note | None = None,
    reports: int = 0,
    say: Sentences = IN_ENGLISH,
) -> ui.LayoutView:
    """`note` has at most NOTE_LENGTH characters; so many `reports` wait for the moderators."""
    room = TEXT_LIMIT - (units(note.text) if note else 0)
    drawn = [
        (part, draw)
        for part, draw in _DRAWN
        if part is not Part.PICTURES or panel.operator.offers_picture_settings
    ]
    contexts = (PanelContext(panel, now, most, gone, say, reports) for most in (*LISTED, 0))
    candidates = [[panel_sections.header(one), *(draw(one) for _, draw in drawn)] for one in contexts]
    head, *parts = next((one for one in candidates if sum(map(units, one)) <= room), candidates[-1])
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for item in note.items() if note and note.part is None else ():
        container.add_item(item)
    for (part, _), text in zip(drawn, parts, strict=True):
        button: ui.Button[Any] = ui.Button(label=say(f"button.edit.{part}"), custom_id=edit_id(part))
        container.add_item(ui.Section(text, accessory=button))
        for item in note.items() if note and note.part is part else ():
            container.add_item(item)
    lists = {kind: len(lines(PanelContext(panel, now, 0))) for kind, lines in LINES.items()}
    styles = len(offer_of(panel.policy, panel.operator).styles)
    menu = [list_menu(lists, styles, say)] if any(lists.values()) else []
    buttons: ui.ActionRow[Any] = ui.ActionRow(ui.Button(label=say("button.refresh"), custom_id=REFRESH_ID))
    if not menu:  # one row less: the panel of a server that has decided little fits a phone's screen
        buttons.add_item(ui.Button(label=say("button.styles"), custom_id=STYLES_ID))
    if reports:
        # Not beside its line: a message has room for 40 components, and with a form's note all are taken.
        see: ui.Button[Any] = ui.Button(label=say("button.see_reports"), custom_id=reports_id(0))
        buttons.add_item(see)
    return layout_of(container, *map(ui.ActionRow, menu), buttons)


def note_layout(note: Note, say: Sentences = IN_ENGLISH) -> ui.LayoutView:
    """The note alone, where the rest can't be read now."""
    show: ui.Button[Any] = ui.Button(label=say("button.show_settings"), custom_id=REFRESH_ID)
    return layout_of(ui.Container(*note.items(), accent_colour=COLOUR), ui.ActionRow(show))


def members_named(panel: Panel, now: datetime) -> frozenset[int]:
    """The members that a panel has room to name."""
    context = PanelContext(panel, now, LISTED[0])
    lists = panel_sections.people_lines(context)
    return frozenset(member for lines in lists for member in list(lines)[: context.most])
