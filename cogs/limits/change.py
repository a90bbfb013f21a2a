"""The one way to change a policy, whether it was typed, filled into a form, or pressed.

A command or a form makes `Edit`s of what the moderator asked for. They are carried out together, or none of them. Where
they may cost far more, or stop everybody, the moderator has to confirm them first. The answer says what has changed.
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
from bot.interactions.moderator_components import ModeratorItem, require_moderator
from bot.interactions.responses import acknowledge_in_place
from bot.interactions.services import services_of
from bot.ui.limits.panel_parts import NOTE_LENGTH, Note, Part, part_of
from bot.ui.limits.policy_text import fitting
from bot.ui.moderation import edit_ids
from bot.ui.moderation.confirmation import CONFIRM_ID, confirmation_layout
from bot.ui.moderation.diff_text import changed_just_now
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import LONGEST_CONTENT, cut
from cogs.limits.panel import show_panel

LINES_LENGTH = 700
"""UTF-16 code units of the lines in a note on the panel."""


async def change(interaction: discord.Interaction, *edits: Edit) -> None:
    """Carry out a command: check the right of whoever gave it, change the policy, and answer."""
    await require_moderator(interaction)
    await answer_change(interaction, *edits)


async def answer_change(interaction: discord.Interaction, *edits: Edit) -> None:
    """Change the policy, and answer with what has changed; the right has been checked."""
    lines = await carry_out(interaction, *edits)
    if lines is not None:
        words = change_text(lines, private_sentences(interaction))
        await responses.edit(interaction, OutgoingMessage(words))


async def change_on_panel(
    interaction: discord.Interaction,
    *edits: Edit,
    agreed_fingerprint: str | None = None,
    part: Part | None = None,
    left_out: Note | None = None,
) -> None:
    """Change the policy by what a form or a button asked for, and answer with the panel.

    A note on it says what has changed: at the part of the panel that the first edit is about, or else at `part`. It
    also says what `left_out` says: which entries of the form were not taken over.
    """
    lines = await carry_out(interaction, *edits, agreed_fingerprint=agreed_fingerprint)
    if lines is None:
        return
    say = private_sentences(interaction)
    about = part_of(edits[0]) if edits else None
    note = Note(change_note(lines, say), about or part)
    if left_out:
        said = note.text if lines else say("note.nothing_changed")
        note = replace(left_out, text=cut(f"{said}\n{left_out.text}", NOTE_LENGTH), part=note.part)
    await show_panel(interaction, note)


async def carry_out(
    interaction: discord.Interaction, *edits: Edit, agreed_fingerprint: str | None = None
) -> list[str] | None:
    """Change the policy of the interaction's server by all of the edits, or by none. Raises RequestRefused.

    Returns a line for each difference, before → after; or None where the edits have to be confirmed: then nothing was
    changed, and the question is the answer to the interaction. `agreed_fingerprint` is that of the differences that the
    moderator was shown and has confirmed. Raises AlreadyAcknowledged where another copy carries it out.
    """
    services, say, server = services_of(interaction), private_sentences(interaction), server_of(interaction)
    moderation = services.moderation
    for edit in edits:
        match edit:
            case SetLog(rule=LogRule(channel=channel)) | ChangeLog(channel=int(channel)):
                await require_log_channel(interaction.client, server, channel)
                services.moderator_log.end_pause(server)
            case _:
                pass
    result = await moderation.change(
        server,
        interaction.user.id,
        *edits,
        agreed_fingerprint=agreed_fingerprint,
        interaction=interaction.id,
    )
    if not result.needs_confirmation:
        return changed_just_now(result, moderation.operator, say)
    layout = confirmation_layout(edits, result, moderation.operator, say)
    await responses.edit(interaction, OutgoingMessage(components=layout))
    return None


def change_text(lines: Sequence[str], say: Sentences = IN_ENGLISH) -> str:
    if not lines:
        return say("diff.unchanged")
    return fitting([say("note.changed_now"), *lines], LONGEST_CONTENT, say)


def change_note(lines: Sequence[str], say: Sentences) -> str:
    if not lines:
        return say("diff.unchanged")
    return "\n".join([say("note.changed"), fitting(lines, LINES_LENGTH, say)])


class ConfirmButton(
    ModeratorItem[ui.Button[Any]],
    template=CONFIRM_ID.format(fingerprint="(?P<fingerprint>[0-9a-f]{8})", edit=f"(?P<edit>{edit_ids.CODE})"),
):
    """Carries out edits that need a confirmation. They stand in the custom id, with the fingerprint of what was shown.

    Where they would change something else by now, the moderator is asked again.
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
        await acknowledge_in_place(interaction)
        await change_on_panel(interaction, *self.edits, agreed_fingerprint=self.fingerprint)
