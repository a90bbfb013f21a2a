"""The whole of a list that the panel shows the beginning of, in pages, with what can be done about each entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

from discord import SelectOption, ui

from bot.ui.embeds import COLOUR
from bot.ui.limits import panel_lists
from bot.ui.limits.panel_numbers import View
from bot.ui.limits.panel_parts import REFRESH_ID, Note, kept_by_nobody

PAGE = 8
"""Entries; each takes three of the 40 components that a layout has."""
MENU_ID = "limits:lists"


class Kind(StrEnum):
    """What is listed."""

    BLOCKS = "blocks"
    OWN_LIMITS = "own-limits"
    TOP_UPS = "top-ups"
    ROLES = "roles"
    CHANNELS = "channels"


KINDS = "|".join(Kind)
LINES: Mapping[Kind, Callable[[View], Mapping[int, str]]] = {
    Kind.BLOCKS: panel_lists.block_lines,
    Kind.OWN_LIMITS: panel_lists.own_limit_lines,
    Kind.TOP_UPS: panel_lists.top_up_lines,
    Kind.ROLES: panel_lists.role_lines,
    Kind.CHANNELS: panel_lists.channel_lines,
}
TITLES = {
    Kind.BLOCKS: "Blocked members",
    Kind.OWN_LIMITS: "Members with their own limit",
    Kind.TOP_UPS: "Members topped up today",
    Kind.ROLES: "Role limits",
    Kind.CHANNELS: "Listed channels",
}
HINTS = {
    Kind.BLOCKS: "",
    Kind.OWN_LIMITS: "",
    Kind.TOP_UPS: "They end with the day.",
    Kind.ROLES: "With several of these roles, the most generous counts.",
    Kind.CHANNELS: "",
}
LIFT = {Kind.BLOCKS: "Unblock", Kind.OWN_LIMITS: "Remove", Kind.ROLES: "Change", Kind.CHANNELS: "Remove"}
"""What stands on the button beside an entry; a top-up has none."""


def list_id(kind: str, page: int | str) -> str:
    return f"limits:list:{kind}:{page}"


def lift_id(kind: str, entry: int | str, page: int | str) -> str:
    return f"limits:lift:{kind}:{entry}:{page}"


def list_menu(lengths: Mapping[Kind, int]) -> ui.Select[Any]:
    """Of the lists that have anything on them."""
    return ui.Select(
        custom_id=MENU_ID,
        placeholder="See a whole list…",
        options=[
            SelectOption(label=f"{TITLES[kind]} ({length:,})", value=kind)
            for kind, length in lengths.items()
            if length
        ],
    )


def members_on(kind: Kind, page: int, view: View) -> frozenset[int]:
    """The members that a page names."""
    return (
        frozenset(on_page(kind, page, view))
        if kind in {Kind.BLOCKS, Kind.OWN_LIMITS, Kind.TOP_UPS}
        else frozenset()
    )


def on_page(kind: Kind, page: int, view: View) -> dict[int, str]:
    """Counted from 0; beyond the last page, the last."""
    lines = LINES[kind](view)
    page = min(page, last_page(len(lines)))
    return dict(islice(lines.items(), page * PAGE, (page + 1) * PAGE))


def last_page(length: int) -> int:
    return max(0, length - 1) // PAGE


def list_layout(kind: Kind, page: int, view: View, note: Note | None = None) -> ui.LayoutView:
    length = len(LINES[kind](view))
    last = last_page(length)
    page = min(page, last)
    pages = f"Page {page + 1} of {last + 1}. " if last else ""
    head = "\n".join(
        filter(None, [f"## {TITLES[kind]} ({length:,})", pages + HINTS[kind], "" if length else "none"])
    )
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(head), accent_colour=COLOUR)
    for item in note.items() if note else ():
        container.add_item(item)
    for entry, line in on_page(kind, page, view).items():
        container.add_item(_row(kind, entry, line, page))
    return kept_by_nobody(container, _ways(kind, page, last))


def _row(kind: Kind, entry: int, line: str, page: int) -> ui.Item[Any]:
    if kind not in LIFT:
        return ui.TextDisplay(line)
    button: ui.Button[Any] = ui.Button(label=LIFT[kind], custom_id=lift_id(kind, entry, page))
    return ui.Section(line, accessory=button)


def _ways(kind: Kind, page: int, last: int) -> ui.ActionRow[Any]:
    row: ui.ActionRow[Any] = ui.ActionRow()
    row.add_item(ui.Button(label="All settings", custom_id=REFRESH_ID))
    for label, to in (("Previous", page - 1), ("Next", page + 1)):
        if 0 <= to <= last:
            row.add_item(ui.Button(label=label, custom_id=list_id(kind, to)))
    return row
