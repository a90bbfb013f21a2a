"""The one way to change a policy, whether it was typed, filled into a form, or pressed.

What was asked for is read into edits; those are carried out; where one may cost far more, or stop everybody, the
moderator is asked first; and what came of it is said where they asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.limits.policy import LogRule
from bot.core.moderation.edits import ChangeLog, Edit, ResetAll, SetLog
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
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut
from cogs.limits.panel import acknowledge, show_panel

MESSAGE_LIMIT = 2000
NOTICE_LENGTH = 700


async def admit(interaction: discord.Interaction) -> None:
    """Before anything else. Discord lets moderators alone give the command, and this asks once more."""
    await acknowledge(interaction)
    await services_of(interaction).rights.require(interaction)


async def carry_out(
    interaction: discord.Interaction, *edits: Edit, agreed: str | None = None
) -> tuple[list[str], bool]:
    """Change the policy of the server where they were asked for, one edit after the other.

    The lines that say before → after, and whether a question stands in the place that was acknowledged: then that edit
    has not been carried out. `agreed` is the fingerprint of what the moderator was shown and said yes to. Everything
    is only done after it was asked about. Raises RequestRefused.
    """
    moderation, say = services_of(interaction).moderation, private_sentences(interaction)
    server, by = server_of(interaction), interaction.user.id
    lines, asks = list[str](), False
    for edit in edits:
        match edit:
            case SetLog(rule=LogRule(channel=channel)) | ChangeLog(channel=int(channel)):
                await require_log_channel(interaction.client, server, channel)
            case _:
                pass
        if isinstance(edit, ResetAll) and agreed is None:
            outcome = await moderation.preview(server, edit)
        else:
            outcome = await moderation.change(server, by, edit, agreed=agreed)
        if not outcome.needs_confirmation:
            lines += changed_just_now(outcome, moderation.operator, say)
        elif outcome.differences:
            asks = True
            layout = confirmation_layout(edit, outcome, moderation.operator, say)
            await responses.edit(interaction, view=layout)
    return lines, asks


async def change(interaction: discord.Interaction, *edits: Edit) -> None:
    """What was typed."""
    await admit(interaction)
    await answer_change(interaction, *edits)


async def answer_change(interaction: discord.Interaction, *edits: Edit) -> None:
    """To the moderator alone. A question comes alone; what was changed beside it follows."""
    lines, asks = await carry_out(interaction, *edits)
    text = told(lines, private_sentences(interaction))
    if not asks:
        await responses.edit(interaction, content=text)
    elif lines:
        await responses.follow_up(interaction, text)


async def change_on_panel(
    interaction: discord.Interaction,
    edit: Edit,
    agreed: str | None = None,
    part: Part | None = None,
    left: Note | None = None,
) -> None:
    """What was filled in or confirmed: shown on the panel, beside what was changed, and where nothing was beside
    `part`; with what was `left` out. In the place that was acknowledged.
    """
    lines, asks = await carry_out(interaction, edit, agreed=agreed)
    if asks:
        return
    say = private_sentences(interaction)
    note = Note(told_on_panel(lines, say), part_of(edit) or part)
    if left:
        said = note.text if lines else say("note.nothing_changed")
        note = replace(left, text=cut(f"{said}\n{left.text}", NOTE_LENGTH), part=note.part)
    await show_panel(interaction, note)


def told(lines: Sequence[str], say: Sentences = IN_ENGLISH) -> str:
    if not lines:
        return say("diff.unchanged")
    return fitting([say("note.changed_now"), *lines], MESSAGE_LIMIT, say)


def told_on_panel(lines: Sequence[str], say: Sentences) -> str:
    if not lines:
        return say("diff.unchanged")
    return "\n".join([say("note.changed"), fitting(lines, NOTICE_LENGTH, say)])


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
