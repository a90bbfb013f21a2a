"""The message that shows pictures once more, to everybody in a channel. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.core.generation.model import Generation, Picture
from bot.ui.embeds import TEXT_SHOWN, alt_texts, galleries, model_name
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import quote


def shown_again_message(
    generation: Generation,
    pictures: Sequence[Picture],
    link: str,
    say: Sentences = IN_ENGLISH,
    *,
    spoiler: bool = False,
    buttons: ui.View | None = None,
) -> OutgoingMessage:
    """At least one picture; `link` is any URL of the message's own. What it says stays true."""
    prompt, member = generation.request.spec.prompt, generation.request.caller.member
    alts = alt_texts(pictures, generation.revision, prompt or say("gallery.erased"), say)
    embeds, files = galleries(pictures, alts, link, spoiler=spoiler)
    shown_by = say("gallery.shown_by", member=f"<@{member}>", at=generation.reserved_at)
    embeds[0].description = "\n".join(
        filter(None, (quote(prompt, TEXT_SHOWN) if prompt else "", f"-# {shown_by}"))
    )
    if generation.model:
        embeds[0].set_footer(text=say("image.painted_by", model=model_name(generation.model)))
    return OutgoingMessage(embeds=tuple(embeds), files=tuple(files), components=buttons)
