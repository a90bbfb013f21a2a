"""What `/gallery` shows. Pure."""

from __future__ import annotations

from discord import Embed
from discord.utils import format_dt

from bot.core.generation.model import Generation, Picture
from bot.ui.embeds import COLOUR, alt_text, file_name, painted_by, with_image
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, plain, quote

PROMPT_SHOWN = 300
FOOTER_SHOWN = 200


def gallery_embed(
    number: int, kept: Generation, picture: Picture | None, say: Sentences = IN_ENGLISH
) -> Embed:
    """`number` names the attachment."""
    words = f"{quote(kept.request.prompt, PROMPT_SHOWN)}\n{format_dt(kept.reserved_at, 'f')}"
    embed = Embed(colour=COLOUR, description=words if picture else "\n".join((words, say("gallery.expired"))))
    if picture:
        embed = with_image(embed, file_name(number, picture), alt_text_of(kept, picture))
    revised = plain((picture and picture.revised_prompt) or "")
    return embed.set_footer(text=cut(revised or painted_by(kept.order.model, say), FOOTER_SHOWN))


def alt_text_of(kept: Generation, picture: Picture) -> str:
    return alt_text(picture.revised_prompt, kept.request.prompt)
