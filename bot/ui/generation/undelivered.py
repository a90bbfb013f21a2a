"""What `/gallery` shows first: pictures that could not be posted. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from discord import Embed, ui
from discord.utils import format_dt

from bot.core.generation.model import Generation, Picture
from bot.ui.embeds import COLOUR, footer, revised_prompt, with_picture
from bot.ui.generation.gallery import KEPT_ID, OPEN_ID, GalleryPosition, choice
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import plain, quote

PROMPT_SHOWN = 300
FOOTER_SHOWN = 200


def undelivered_message(
    shown: Sequence[tuple[Generation, Picture | None]], say: Sentences = IN_ENGLISH
) -> OutgoingMessage:
    """At least one, each with what it is a picture of; None where it can't be had any more."""
    embeds, files = [], []
    for number, (generation, picture) in enumerate(shown, start=1):
        prompt = generation.request.spec.prompt
        words = f"{quote(prompt, PROMPT_SHOWN)}\n{format_dt(generation.reserved_at, 'f')}"
        if picture:
            drawn = Embed(colour=COLOUR, description=words)
            alt = revised_prompt(picture, generation.revision) or plain(prompt)
            embed, file = with_picture(drawn, number, picture, alt)
            files.append(file)
        else:
            embed = Embed(colour=COLOUR, description=f"{words}\n{say('gallery.expired')}")
        below = footer(picture, generation.revision, generation.order.model, FOOTER_SHOWN, say)
        embeds.append(embed.set_footer(text=below))
    rest = ui.View(timeout=None)
    each = dict.fromkeys(generation for generation, _ in shown)
    rest.add_item(choice(KEPT_ID, tuple(each), say))
    rest.add_item(
        ui.Button(label=say("button.gallery.open"), custom_id=OPEN_ID.format(GalleryPosition().code))
    )
    return OutgoingMessage(say("gallery.shown"), tuple(embeds), tuple(files), components=rest)
