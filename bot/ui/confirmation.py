"""The question before a change that lets the operator pay for ten times as much."""

from __future__ import annotations

from typing import Any

from discord import ButtonStyle, ui

from bot.core.changes import mark_of
from bot.core.edits import Edit, ResetAll
from bot.core.moderation import Outcome
from bot.core.policy import Operator
from bot.ui import edit_ids
from bot.ui.decisions import fitting
from bot.ui.differences import changed
from bot.ui.embeds import COLOUR
from bot.ui.parts import REFRESH_ID, kept_by_nobody

CONFIRM_ID = "limits:yes:{mark}:{edit}"
LINES_LENGTH = 3000
QUESTION = (
    "## Change this?\nThis allows at least ten times as many images, or takes the limit away altogether. "
    "Nothing has changed yet."
)
RESET_QUESTION = (
    "## Reset everything?\nThis removes everything that was set here; the operator's defaults will apply. Blocks and "
    "today's top-ups stay. Nothing has changed yet."
)
OVERTAKEN_QUESTION = (
    "## Change this?\nSomething else was changed after you were asked, so this would now be a different step. "
    "It hasn't been applied yet."
)


def confirmation_layout(edit: Edit, outcome: Outcome, operator: Operator) -> ui.LayoutView:
    """The button knows what was shown, so that nothing else is carried out."""
    code = CONFIRM_ID.format(mark=mark_of(outcome.differences), edit=edit_ids.encode(edit))
    yes: ui.Button[Any] = ui.Button(label="Yes, change it", style=ButtonStyle.danger, custom_id=code)
    cancel: ui.Button[Any] = ui.Button(label="Cancel", custom_id=REFRESH_ID)
    asked: ui.Container[Any] = ui.Container(
        ui.TextDisplay(_question(edit, outcome)),
        ui.TextDisplay(fitting(changed(outcome.differences, operator), LINES_LENGTH)),
        accent_colour=COLOUR,
    )
    return kept_by_nobody(asked, ui.ActionRow(yes, cancel))


def _question(edit: Edit, outcome: Outcome) -> str:
    if outcome.overtaken:
        return OVERTAKEN_QUESTION
    return RESET_QUESTION if isinstance(edit, ResetAll) else QUESTION
