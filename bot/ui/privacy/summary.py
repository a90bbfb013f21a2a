"""What `/privacy` says. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from discord import ButtonStyle, Embed, ui

from bot.core.privacy.service import (
    ERASURE_TAKES,
    KEEP_RECORDS,
    KEEP_REPORTS,
    KEEP_REVISIONS,
    MOST_REVISIONS,
    Erased,
)
from bot.ui.embeds import COLOUR
from bot.ui.outgoing_message import layout_of
from bot.ui.sentences import IN_ENGLISH, Sentences

DELETE_ID = "privacy:delete:{}"


def privacy_embed(keep_prompts: timedelta, say: Sentences = IN_ENGLISH, *, edits: bool = True) -> Embed:
    """What is stored, why, for how long, and who sees it; `keep_prompts` is the operator's choice.

    `edits`: whether members can have pictures changed.
    """
    prompt = (
        say("privacy.imagine.prompt", count=keep_prompts.days)
        if keep_prompts
        else say("privacy.imagine.prompt_not_kept")
    )
    imagine = (say("privacy.imagine.order", count=KEEP_RECORDS.days), prompt, say("privacy.imagine.token"))
    revisions = {"least": KEEP_REVISIONS, "most": MOST_REVISIONS, "count": KEEP_RECORDS.days}
    embed = Embed(colour=COLOUR, title=say("privacy.title"), description=say("privacy.about"))
    changed = ((say("privacy.edits"), say("privacy.edits.text")),) if edits else ()
    for name, text in (
        (say("privacy.imagine"), "\n".join(imagine)),
        *changed,
        (say("privacy.counters"), say("privacy.counters.text", count=KEEP_RECORDS.days)),
        (say("privacy.preferences"), say("privacy.preferences.text", count=KEEP_RECORDS.days)),
        (say("privacy.decisions"), say("privacy.decisions.text", **revisions)),
        (say("privacy.reports"), say("privacy.reports.text", count=KEEP_REPORTS.days)),
        (say("privacy.readers"), say("privacy.readers.text")),
        (say("privacy.rights"), say("privacy.rights.text")),
    ):
        embed.add_field(name=name, value=text, inline=False)
    return embed


def question_layout(member: int, say: Sentences = IN_ENGLISH) -> ui.LayoutView:
    """Only `member` can say yes."""
    yes: ui.Button[Any] = ui.Button(
        label=say("button.yes_erase"), style=ButtonStyle.danger, custom_id=DELETE_ID.format(member)
    )
    question: ui.Container[Any] = ui.Container(ui.TextDisplay(say("privacy.question")), accent_colour=COLOUR)
    return layout_of(question, ui.ActionRow(yes))


def erased_layout(erased: Erased, say: Sentences = IN_ENGLISH) -> ui.LayoutView:
    """In the place of the question, without a button: what is gone, and what stays until when."""
    found = []
    if erased.prompts:
        found.append(say("erased.prompts", count=erased.prompts))
    if erased.generations:
        found.append(say("erased.generations", count=erased.generations))
    if erased.counters:
        found.append(say("erased.counters", count=erased.counters))
    if erased.preferences:
        found.append(say("erased.preferences"))
    gone = [say("erased.gone"), *found] if found else [say("erased.nothing")]
    lines = [
        say("erased.title"),
        *gone,
        say("erased.by_itself", count=ERASURE_TAKES.days),
        say("erased.stays"),
    ]
    if erased.running:
        lines.append(say("erased.running", count=erased.running))
    return layout_of(ui.Container(ui.TextDisplay("\n".join(lines)), accent_colour=COLOUR))
