"""A form that was refused: what was wrong with it stands on the panel, with a button that opens it filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.core.errors import BotError
from bot.core.limits.policy import UNDECIDED, Decision, Policy, Setting
from bot.core.word_filter.errors import InvalidEntry
from bot.interactions.context import private_sentences, server_of
from bot.interactions.drafts import CODE
from bot.interactions.modals import Answers, refill
from bot.interactions.moderator_components import ModeratorItem
from bot.interactions.responses import edit, open_modal
from bot.interactions.services import services_of
from bot.ui.error_messages import left_out as left_out_entry
from bot.ui.error_messages import not_carried_out
from bot.ui.limits.number_input import written
from bot.ui.limits.panel import note_layout
from bot.ui.limits.panel_parts import NOTE_LENGTH, PARTS, Note, Part
from bot.ui.limits.policy_text import spoiler
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.text import cut, units
from cogs.limits.panel import filled_form, show_panel
from cogs.limits.policy_forms import WORDS_LENGTH, form_id

FIX_ID = "limits:fix:{part}:{revision}:{code}"
CUSTOM_ID_LENGTH = 100
LEFT = "left"
ENTRIES_NAMED = 3


async def refused(
    interaction: discord.Interaction, match: re.Match[str], answers: Answers, failure: BotError
) -> None:
    """Say it where the form was opened from, in the place of whatever was said there before.

    Where the bot is in trouble it is said alone: nobody waits for a panel that can't be read either.
    """
    trouble, say = failure.is_fault, private_sentences(interaction)
    label = say("button.try_again" if trouble else "button.fix")
    words = cut(say("note.refused", what=not_carried_out(failure, say)), NOTE_LENGTH)
    note = Note(
        words, Part(match["part"]), fix_id(interaction, match["part"], match["revision"], answers), label
    )
    if trouble:
        await edit(interaction, OutgoingMessage(components=note_layout(note, say)))
    else:
        await show_panel(interaction, note)


def note_of_left_out(interaction: discord.Interaction, unusable: Sequence[InvalidEntry]) -> Note:
    """Entries of the blocked words that could not be taken; the form brings them back beside those that were."""
    say = private_sentences(interaction)
    named = [left_out_entry(one, spoiler(one.word), say) for one in unusable[:ENTRIES_NAMED]]
    more = len(unusable) - ENTRIES_NAMED
    lines = [
        say("note.left_out"),
        *named,
        *([say("note.more", count=more)] if more > 0 else []),
    ]
    answers = Answers({LEFT: ("\n".join(one.word for one in unusable),)}, {})
    return Note("\n".join(lines), Part.WORDS, fix_id(interaction, Part.WORDS, 0, answers), say("button.fix"))


def fix_id(interaction: discord.Interaction, part: str, revision: int | str, answers: Answers) -> str:
    begun = FIX_ID.format(part=part, revision=revision, code="")
    code = services_of(interaction).drafts.keep(interaction.user.id, answers, CUSTOM_ID_LENGTH - len(begun))
    return begun + code


class FixButton(
    ModeratorItem[ui.Button[Any]],
    template=FIX_ID.format(
        part=f"(?P<part>{PARTS})", revision=r"(?P<revision>\d{1,18})", code=f"(?P<code>{CODE})"
    ),
):
    """Opens the form as it was submitted, compared with the revision that it was first filled from."""

    def __init__(self, part: Part, revision: int, code: str) -> None:
        custom_id = FIX_ID.format(part=part, revision=revision, code=code)
        super().__init__(ui.Button(custom_id=custom_id))
        self.part, self.revision, self.code = part, revision, code

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(Part(match["part"]), int(match["revision"]), match["code"])

    async def moderated(self, interaction: discord.Interaction[Any]) -> None:
        answers = services_of(interaction).drafts.find(interaction.user.id, self.code)
        await open_with(interaction, self.part, answers, self.revision)


async def open_with(
    interaction: discord.Interaction, part: Part, answers: Answers | None, revision: int | None = None
) -> None:
    """A form filled with `answers`, to be compared with that revision; None of them: they are gone."""
    form, panel = await filled_form(interaction, part)
    if answers is None:
        form.title = private_sentences(interaction)("form.title.gone")
    else:
        refill(form, completed(part, answers, panel.policy, server_of(interaction)))
        if revision is not None and LEFT not in answers.given:
            form.custom_id = form_id(part, revision)
    await open_modal(interaction, form)


def completed(part: Part, answers: Answers, policy: Policy, server: int) -> Answers:
    """With what holds now, where only a part of the form was filled in.

    Of blocked words that were left out: the list as it is, and as many of them as there is room for. Of a role or a
    member that was chosen without a number: the one that they have.
    """
    if LEFT in answers.given:
        words = policy.words.text()
        for entry in answers.text(LEFT).splitlines():
            longer = f"{words}\n{entry}" if words else entry
            words = longer if units(longer) <= WORDS_LENGTH else words
        return Answers({"words": (words,)}, {})
    if answers.text("images").strip():
        return answers
    number: Decision = UNDECIDED
    if part is Part.ROLE:
        role = next(iter(answers.ids("role")), 0)
        number = policy.number(Setting.DAILY) if role == server else policy.roles.get(role, UNDECIDED)
    elif part is Part.PERSON and answers.text("action") == "limit":
        number = policy.members.get(next(iter(answers.ids("member")), 0), UNDECIDED)
    return Answers({**answers.given, "images": (written(Setting.DAILY, number),)}, answers.typed)
