"""The message that stands in the place of pictures while they are painted. Pure."""

from __future__ import annotations

from typing import Any

from discord import ButtonStyle, ComponentType, Embed

from bot.core.generation.reply import Progress
from bot.ui.embeds import COLOUR, TEXT_SHOWN
from bot.ui.generation.picture_buttons import CANCEL_ID
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import quote

FULL, EMPTY = "▰", "▱"
SEGMENTS = 20


def progress_embed(
    prompt: str, progress: Progress, say: Sentences = IN_ENGLISH, *, credit: str = ""
) -> Embed:
    """Without a picture: by that it is told from the pictures. `credit` says who asked, where Discord does not."""
    return Embed(
        colour=COLOUR,
        description=f"{quote(prompt, TEXT_SHOWN)}{credit}\n\n{_how_far(progress, say)}",
    )


def cancel_row(generation: int, say: Sentences = IN_ENGLISH) -> dict[str, Any]:
    """As Discord's API takes it: https://docs.discord.com/developers/components/reference#action-row"""
    cancel = {
        "type": ComponentType.button.value,
        "style": ButtonStyle.secondary.value,
        "label": say("button.cancel"),
        "custom_id": CANCEL_ID.format(generation),
    }
    return {"type": ComponentType.action_row.value, "components": [cancel]}


def _how_far(progress: Progress, say: Sentences) -> str:
    if progress.painted:
        return say("progress.painted")
    if not progress.submitted:
        if progress.place is None:
            return say("progress.begins")
        return say("progress.in_line", count=progress.place)
    if progress.percent is None or progress.usual is None:
        return say("progress.painting")
    filled = progress.percent * SEGMENTS // 100
    bar = FULL * filled + EMPTY * (SEGMENTS - filled)
    code = "progress.late" if progress.late else "progress.bar"
    return f"{bar}\n{say(code, percent=progress.percent, count=progress.usual)}"
