"""The message that shows pictures once more, to everybody in a channel. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from discord import Embed, ui

from bot.core.generation.model import Generation, Picture
from bot.ui.embeds import COLOUR, GALLERY, TEXT_SHOWN, model_name, revised_prompt, with_picture
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import plain, quote


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
    embeds, files = [], []
    for number, picture in enumerate(pictures, start=1):
        alt = revised_prompt(picture, generation.revision) or plain(prompt) or say("gallery.erased")
        if len(pictures) > 1:
            alt = say("image.of_several", number=number, many=len(pictures), alt=alt)
        gallery = Embed(colour=COLOUR, url=f"{link}#{(number - 1) // GALLERY}")
        embed, file = with_picture(gallery, number, picture, alt)
        embeds.append(embed)
        files.append(replace(file, spoiler=spoiler))
    if spoiler:  # Discord blurs attachments alone
        embeds = [Embed(colour=COLOUR)]
    shown_by = say("gallery.shown_by", member=f"<@{member}>", at=generation.reserved_at)
    embeds[0].description = "\n".join(
        filter(None, (quote(prompt, TEXT_SHOWN) if prompt else "", f"-# {shown_by}"))
    )
    if generation.model:
        embeds[0].set_footer(text=say("image.painted_by", model=model_name(generation.model)))
    return OutgoingMessage(embeds=tuple(embeds), files=tuple(files), components=buttons)
