"""The whole of a list that the panel shows the beginning of, in pages, with what can be done about each entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

from discord import SelectOption, ui

from bot.ui.embeds import COLOUR
from bot.ui.limits import panel_sections
from bot.ui.limits.panel_parts import Note, paging_row
from bot.ui.limits.panel_sections import PanelContext
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences

LINES_PER_PAGE = 8
"""Each takes three of the 40 components that a layout has."""
MENU_ID = "limits:lists"
STYLES = "styles"
"""What is chosen in that menu for the list that has a layout of its own (`bot.ui.limits.style_list`)."""


class ListKind(StrEnum):
    """What is listed."""

    BLOCKS = "blocks"
    OWN_LIMITS = "own-limits"
    TOP_UPS = "top-ups"
    ROLES = "roles"
    CHANNELS = "channels"


KINDS = "|".join(ListKind)
LINES: Mapping[ListKind, Callable[[PanelContext], Mapping[int, str]]] = {
    ListKind.BLOCKS: panel_sections.block_lines,
    ListKind.OWN_LIMITS: panel_sections.own_limit_lines,
    ListKind.TOP_UPS: panel_sections.top_up_lines,
    ListKind.ROLES: panel_sections.role_lines,
    ListKind.CHANNELS: panel_sections.channel_lines,
}
LIFTED = frozenset({ListKind.BLOCKS, ListKind.OWN_LIMITS, ListKind.ROLES, ListKind.CHANNELS})
"""Lists whose entries have a button beside them; a top-up has none."""
HINTED = frozenset({ListKind.TOP_UPS, ListKind.ROLES})


def list_id(kind: str, page: int | str) -> str:
    return f"limits:list:{kind}:{page}"


def lift_id(kind: str, entry: int | str, page: int | str) -> str:
    return f"limits:lift:{kind}:{entry}:{page}"


def list_menu(lengths: Mapping[ListKind, int], styles: int, say: Sentences = IN_ENGLISH) -> ui.Select[Any]:
    """Of the lists that have anything on them, and of the styles, so many, which can be added there."""
    options = [
        SelectOption(label=say(f"menu.list.{kind}", number=length), value=kind)
        for kind, length in lengths.items()
        if length
    ]
    options.append(SelectOption(label=say("menu.list.styles", number=styles), value=STYLES))
    return ui.Select(custom_id=MENU_ID, placeholder=say("menu.lists"), options=options)


def members_on(kind: ListKind, page: int, context: PanelContext) -> frozenset[int]:
    """The members that a page names."""
    if kind not in {ListKind.BLOCKS, ListKind.OWN_LIMITS, ListKind.TOP_UPS}:
        return frozenset()
    _, _, shown = _page_of(LINES[kind](context), page)
    return frozenset(shown)


def _page_of(lines: Mapping[int, str], page: int) -> tuple[int, int, dict[int, str]]:
    """The number of the page and of the last one, counted from 0, and its lines; beyond the last page, the last."""
    last = max(0, len(lines) - 1) // LINES_PER_PAGE
    page = min(page, last)
    return page, last, dict(islice(lines.items(), page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE))


def list_layout(kind: ListKind, page: int, context: PanelContext, note: Note | None = None) -> ui.LayoutView:
    say, lines = context.say, LINES[kind](context)
    page, last, shown = _page_of(lines, page)
    hints = [say("list.page", page=page + 1, last=last + 1)] if last else []
    hints += [say(f"list.hint.{kind}")] if kind in HINTED else []
    nothing = "" if lines else say("panel.none")
    head = [say(f"list.title.{kind}", number=len(lines)), say.text(*hints), nothing]
    container: ui.Container[Any] = ui.Container(
        ui.TextDisplay("\n".join(filter(None, head))), accent_colour=COLOUR
    )
    for item in note.items() if note else ():
        container.add_item(item)
    for entry, line in shown.items():
        if kind in LIFTED:
            lift = lift_id(kind, entry, page)
            button: ui.Button[Any] = ui.Button(label=say(f"button.lift.{kind}"), custom_id=lift)
            container.add_item(ui.Section(line, accessory=button))
        else:
            container.add_item(ui.TextDisplay(line))
    turning = paging_row(page, last, lambda to: list_id(kind, to), say)
    return layout_of(container, turning)
