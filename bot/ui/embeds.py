"""The embeds that people see. Pure: domain values in, Discord values out, every length kept here."""

from __future__ import annotations

from collections.abc import Sequence

from discord import Embed
from discord.utils import format_dt

from bot.core.generation import Painting, Picture
from bot.core.limits import Standing, member_today
from bot.ui.text import cut, plain, quote, units

COLOUR = 0x5865F2
GALLERY = 4
"""Discord draws up to four embeds that share a `url` as one gallery."""

# Discord's limits for embeds, in characters: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
DESCRIPTION_LIMIT = 4096
FOOTER_LIMIT = 2048
MESSAGE_LIMIT = 6000
ALT_TEXT_LIMIT = 1024

FIELD_NAME = "Today"
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def painting_embeds(
    prompt: str, painting: Painting, names: Sequence[str], standings: Sequence[Standing], link: str
) -> list[Embed]:
    """A gallery of the pictures attached under `names`; `link` is any URL of the generation's own."""
    embeds = [
        with_image(
            Embed(colour=COLOUR, url=f"{link}#{position // GALLERY}"),
            name,
            alt_text(picture.revised_prompt, prompt),
        )
        for position, (name, picture) in enumerate(zip(names, painting.pictures, strict=True))
    ]
    _write_caption(embeds[0], prompt, painting, member_today(standings))
    return embeds


def file_names(painting: Painting) -> list[str]:
    """A name for each picture's attachment, after its type."""
    return [file_name(number, picture) for number, picture in enumerate(painting.pictures, start=1)]


def file_name(number: int, picture: Picture) -> str:
    return f"imagine-{number}.{_SUFFIXES[picture.media_type]}"


def with_image(embed: Embed, name: str, alt: str) -> Embed:
    """The attachment called `name`, drawn in `embed`, with what a screen reader says of it there.

    Discord takes an embed's own alt text since June 2026 (discord-api-docs #8373). discord.py 2.7.1 has no argument for
    it, and passes on what an embed was made from.
    """
    image = {"url": f"attachment://{name}", "description": alt}
    return Embed.from_dict({**embed.to_dict(), "image": image})


def alt_text(revised_prompt: str | None, prompt: str) -> str:
    """What a screen reader says of the picture, within Discord's 1024."""
    return cut(plain(revised_prompt or "") or plain(prompt), ALT_TEXT_LIMIT)


def counter(standing: Standing) -> str:
    """How much is used, and when it resets."""
    limit = "∞" if standing.meter.limit is None else f"{standing.meter.limit:,}"
    return f"{standing.used:,} / {limit} · resets {format_dt(standing.meter.window.ends_at, 'R')}"


def _write_caption(embed: Embed, prompt: str, painting: Painting, standing: Standing) -> None:
    today = counter(standing) + _loss(painting.missing)
    revised = plain(painting.pictures[0].revised_prompt or "")
    footer = cut(revised or painting.model, FOOTER_LIMIT)
    room = MESSAGE_LIMIT - units(footer) - units(FIELD_NAME) - units(today)
    embed.description = quote(prompt, min(DESCRIPTION_LIMIT, room))
    embed.add_field(name=FIELD_NAME, value=today)
    embed.set_footer(text=footer)


def _loss(missing: int) -> str:
    if not missing:
        return ""
    pictures = "1 picture" if missing == 1 else f"{missing} pictures"
    return f"\n{pictures} couldn't be downloaded and {'was' if missing == 1 else 'were'}n't counted."
