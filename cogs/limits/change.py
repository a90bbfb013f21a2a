"""The one way to change a policy, whether it was typed, filled into a form, or pressed.

What was asked for is read into edits; those are carried out together; where that may cost far more, or stop everybody,
the moderator is asked first; and what came of it is said where they asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.limits.policy import LogRule
from bot.core.moderation.edits import ChangeLog, Edit, SetLog
from bot.interactions import responses
from bot.interactions.context import private_sentences, server_of
from bot.interactions.log_channel import require_log_channel
from bot.interactions.moderator_components import ModeratorItem
from bot.interactions.services import services_of
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note, Part, part_of
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation import edit_ids
from bot.ui.moderation.confirmation import CONFIRM_ID, confirmation_layout
from bot.ui.moderation.diff_text import changed_just_now
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut
from cogs.limits.panel import acknowledge, show_panel

MESSAGE_LIMIT = 2000
NOTICE_LENGTH = 700


async def require_moderator(interaction: discord.Interaction) -> None:
    """Before anything else. Discord lets moderators alone give the command, and this asks once more."""
    await acknowledge(interaction)
    await services_of(interaction).rights.require(interaction)


async def carry_out(
    interaction: discord.Interaction, *edits: Edit, agreed: str | None = None
) -> list[str] | None:
    """Change the policy of the server where they were asked for: by all of the edits, or by none.

    The lines that say before → after; None where a question stands in the place that was acknowledged, and nothing was
    changed. `agreed` is the fingerprint of what the moderator was shown and said yes to. Raises RequestRefused.
    """
    moderation, say = services_of(interaction).moderation, private_sentences(interaction)
    server = server_of(interaction)
    for edit in edits:
        match edit:
            case SetLog(rule=LogRule(channel=channel)) | ChangeLog(channel=int(channel)):
                await require_log_channel(interaction.client, server, channel)
            case _:
                pass
    outcome = await moderation.change(server, interaction.user.id, *edits, agreed=agreed)
    if not outcome.needs_confirmation:
        return changed_just_now(outcome, moderation.operator, say)
    layout = confirmation_layout(edits, outcome, moderation.operator, say)
    await responses.edit(interaction, OutgoingMessage(components=layout))
    return None


async def change(interaction: discord.Interaction, *edits: Edit) -> None:
    """What was typed."""
    await require_moderator(interaction)
    await answer_change(interaction, *edits)


async def answer_change(interaction: discord.Interaction, *edits: Edit) -> None:
    """To the moderator alone."""
    lines = await carry_out(interaction, *edits)
    if lines is not None:
        words = change_text(lines, private_sentences(interaction))
        await responses.edit(interaction, OutgoingMessage(words))


async def change_on_panel(
    interaction: discord.Interaction,
    *edits: Edit,
    agreed: str | None = None,
    part: Part | None = None,
    left: Note | None = None,
) -> None:
    """What was filled in or confirmed: shown on the panel, beside what was changed, and where nothing was beside
    `part`; with what was `left` out. In the place that was acknowledged.
    """
    lines = await carry_out(interaction, *edits, agreed=agreed)
    if lines is None:
        return
    say = private_sentences(interaction)
    note = Note(change_note(lines, say), part_of(edits[0]) or part)
    if left:
        said = note.text if lines else say("note.nothing_changed")
        note = replace(left, text=cut(f"{said}\n{left.text}", NOTE_LENGTH), part=note.part)
    await show_panel(interaction, note)


def change_text(lines: Sequence[str], say: Sentences = IN_ENGLISH) -> str:
    if not lines:
        return say("diff.unchanged")
    return fitting([say("note.changed_now"), *lines], MESSAGE_LIMIT, say)


def change_note(lines: Sequence[str], say: Sentences) -> str:
    if not lines:
        return say("diff.unchanged")
    return "\n".join([say("note.changed"), fitting(lines, NOTICE_LENGTH, say)])


class ConfirmButton(
    ModeratorItem[ui.Button[Any]],
    template=CONFIRM_ID.format(fingerprint="(?P<fingerprint>[0-9a-f]{8})", edit=f"(?P<edit>{edit_ids.CODE})"),
):
    """The edits that were asked about stand in the custom id, and the fingerprint of what was shown.

    Where that has become another step meanwhile, it is asked about anew.
    """

    def __init__(self, fingerprint: str, *edits: Edit) -> None:
        super().__init__(
            ui.Button(custom_id=CONFIRM_ID.format(fingerprint=fingerprint, edit=edit_ids.encode(*edits)))
        )
        self.fingerprint, self.edits = fingerprint, edits

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["fingerprint"], *edit_ids.decode(match["edit"]))

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction)
        await change_on_panel(interaction, *self.edits, agreed=self.fingerprint)
