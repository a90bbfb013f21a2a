"""The question before a change that lets the operator pay for ten times as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ButtonStyle, ui

from bot.core.edits import Edit, ResetAll
from bot.ui import edit_ids
from bot.ui.decisions import fitting
from bot.ui.embeds import COLOUR
from bot.ui.panel import REFRESH_ID, kept_by_nobody

CONFIRM_ID = "limits:yes:{}"
LINES_LENGTH = 3000
QUESTION = (
    "## Change it?\nThis allows ten times as many images or more, or as many as anybody likes. "
    "Nothing was changed yet."
)
RESET_QUESTION = (
    "## Change it?\nThis takes back what was decided here: the operator's defaults will hold. Blocks and today's "
    "top-ups stay. Nothing was changed yet."
)


def confirmation_layout(edit: Edit, lines: Sequence[str]) -> ui.LayoutView:
    """`lines` say before → after."""
    yes: ui.Button[Any] = ui.Button(
        label="Yes, change it", style=ButtonStyle.danger, custom_id=CONFIRM_ID.format(edit_ids.encode(edit))
    )
    cancel: ui.Button[Any] = ui.Button(label="Cancel", custom_id=REFRESH_ID)
    asked: ui.Container[Any] = ui.Container(
        ui.TextDisplay(RESET_QUESTION if isinstance(edit, ResetAll) else QUESTION),
        ui.TextDisplay(fitting(lines, LINES_LENGTH)),
        accent_colour=COLOUR,
    )
    return kept_by_nobody(asked, ui.ActionRow(yes, cancel))
