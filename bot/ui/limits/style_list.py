"""The styles of a server, as moderators see them, with a menu that opens the form of each. Pure."""

from __future__ import annotations

from typing import Any

from discord import ButtonStyle, SelectOption, ui

from bot.core.limits.policy import offer_of
from bot.core.limits.styles import MOST_STYLES, Style
from bot.core.moderation.service import Panel
from bot.ui.embeds import COLOUR
from bot.ui.limits.panel_parts import REFRESH_ID, Note
from bot.ui.limits.policy_text import fitting, style_text
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import disarm, units

STYLES_MENU_ID = "limits:styles"
NEW_STYLE_ID = "limits:styles:new"
LINES_LENGTH = 3600
"""Of the 4,000 units that a layout has, in all its texts together."""


def styles_layout(panel: Panel, note: Note | None = None, say: Sentences = IN_ENGLISH) -> ui.LayoutView:
    """Those to choose from, and then the operator's that are switched off. `note` has at most NOTE_LENGTH units."""
    offer = offer_of(panel.policy, panel.operator)
    lines = [style_line(panel, style, say) for style in (*offer.styles, *offer.styles_off)]
    head = [
        say("styles.title", number=len(offer.styles), most=MOST_STYLES),
        say("styles.hint") if lines else say("styles.none"),
    ]
    room = LINES_LENGTH - sum(map(units, head)) - (units(note.text) if note else 0)
    container: ui.Container[Any] = ui.Container(ui.TextDisplay("\n".join(head)), accent_colour=COLOUR)
    for item in note.items() if note else ():
        container.add_item(item)
    if lines:
        container.add_item(ui.TextDisplay(fitting(lines, room, say)))
    add: ui.Button[Any] = ui.Button(
        label=say("button.add_style"), custom_id=NEW_STYLE_ID, style=ButtonStyle.primary
    )
    back: ui.Button[Any] = ui.Button(label=say("button.all_settings"), custom_id=REFRESH_ID)
    menus = [ui.ActionRow(styles_menu(panel, say))] if lines else []
    return layout_of(container, *menus, ui.ActionRow(add, back))


def style_line(panel: Panel, style: Style, say: Sentences = IN_ENGLISH) -> str:
    """What it makes of a prompt, and whose it is."""
    offer = offer_of(panel.policy, panel.operator)
    if offer.style(style.name) is None:
        return say("style_line.off", style=disarm(style.name))
    how = "default" if style.key not in offer.own else "changed" if offer.default_of(style.name) else "own"
    return say(f"style_line.{how}", style=disarm(style.name), text=style_text(style))


def styles_menu(panel: Panel, say: Sentences = IN_ENGLISH) -> ui.Select[Any]:
    """As many as a menu of Discord has; what is switched off comes last, and can be named in the command."""
    offer = offer_of(panel.policy, panel.operator)
    return ui.Select(
        custom_id=STYLES_MENU_ID,
        placeholder=say("menu.styles"),
        options=[
            SelectOption(label=one.name, value=one.name)
            for one in (*offer.styles, *offer.styles_off)[:MOST_STYLES]
        ],
    )
