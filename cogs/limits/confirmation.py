"""Carrying an edit out, and asking first where it opens the door wide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.moderation.edits import Edit
from bot.interactions.moderator_components import ModeratorItem
from bot.interactions.responses import edit as put
from bot.interactions.services import services_of
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note, Part, part_of
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation import edit_ids
from bot.ui.moderation.confirmation import CONFIRM_ID, confirmation_layout
from bot.ui.moderation.diff_text import changed_just_now
from bot.ui.sentences import IN_ENGLISH
from bot.ui.text import cut
from cogs.limits.panel import acknowledge, show_panel

NOTICE_LENGTH = 700


async def change_on_panel(
    interaction: discord.Interaction,
    edit: Edit,
    agreed: str | None = None,
    part: Part | None = None,
    left: Note | None = None,
) -> None:
    """Change it and show the panel with before → after, or ask; in the place that was acknowledged.

    It is said beside what was changed, and where nothing was beside `part`; with what was `left` out.
    """
    moderation = services_of(interaction).moderation
    server, by = interaction.guild_id or 0, interaction.user.id
    outcome = await moderation.change(server, by, edit, agreed=agreed)
    if outcome.needs_confirmation:
        layout = confirmation_layout(edit, outcome, moderation.operator)
        await put(interaction, view=layout)
    else:
        lines = changed_just_now(outcome, moderation.operator)
        note = Note(told(lines), part_of(edit) or part)
        if left:
            said = [told(lines)] if lines else ["❌ **Nothing was changed**"]
            note = replace(left, text=cut("\n".join([*said, left.text]), NOTE_LENGTH), part=note.part)
        await show_panel(interaction, note)


def told(lines: Sequence[str]) -> str:
    return (
        "\n".join(["✅ **Changed**", fitting(lines, NOTICE_LENGTH)])
        if lines
        else IN_ENGLISH("diff.unchanged")
    )


class ConfirmButton(
    ModeratorItem[ui.Button[Any]],
    template=CONFIRM_ID.format(fingerprint="(?P<fingerprint>[0-9a-f]{8})", edit=f"(?P<edit>{edit_ids.CODE})"),
):
    """The edit that was asked about stands in the custom id, and the fingerprint of what was shown.

    Where that has become another step meanwhile, it is asked about anew.
    """

    def __init__(self, fingerprint: str, edit: Edit) -> None:
        super().__init__(
            ui.Button(custom_id=CONFIRM_ID.format(fingerprint=fingerprint, edit=edit_ids.encode(edit)))
        )
        self.fingerprint, self.edit = fingerprint, edit

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["fingerprint"], edit_ids.decode(match["edit"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction)
        await change_on_panel(interaction, self.edit, self.fingerprint)
