"""What `/gallery` shows. Pure."""

from __future__ import annotations

from discord import Embed
from discord.utils import format_dt

from bot.core.generation.model import Picture
from bot.core.generation.undelivered import UndeliveredOrder
from bot.ui.embeds import COLOUR, alt_text, file_name, painted_by, with_image
from bot.ui.text import cut, plain, quote

NOTHING = "You have no undelivered pictures. Pictures end up here when I couldn't post them anywhere."
SHOWN = (
    "Painted for you but never shown: I couldn't reach the channel or the picture, or my answer was deleted."
)
EXPIRED = "This picture is no longer available: its link has expired."
PROMPT_SHOWN = 300
FOOTER_SHOWN = 200


def gallery_embed(number: int, kept: UndeliveredOrder, picture: Picture | None) -> Embed:
    """`number` names the attachment."""
    words = f"{quote(kept.prompt, PROMPT_SHOWN)}\n{format_dt(kept.reserved_at, 'f')}"
    embed = Embed(colour=COLOUR, description=words if picture else f"{words}\n{EXPIRED}")
    if picture:
        embed = with_image(embed, file_name(number, picture), alt_text_of(kept, picture))
    revised = plain((picture and picture.revised_prompt) or "")
    return embed.set_footer(text=cut(revised or painted_by(kept.order.model), FOOTER_SHOWN))


def alt_text_of(kept: UndeliveredOrder, picture: Picture) -> str:
    return alt_text(picture.revised_prompt, kept.prompt)
