"""The embeds that people see. Pure: domain values in, Discord values out, every length kept here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from discord import Embed

from bot.core.generation.model import Painting, Picture
from bot.core.limits.meters import Standing, member_today
from bot.ui.text import cut, plain, quote

COLOUR = 0x5865F2
GALLERY = 4
"""Discord draws up to four embeds that share a `url` as one gallery."""

# Discord's limits for embeds, in characters: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
DESCRIPTION_LIMIT = 4096
ALT_TEXT_LIMIT = 1024

TEXT_SHOWN = 300
"""Of a prompt, and of what became of it: so much is read in passing, and the picture stays in view."""
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def painting_embeds(
    prompt: str, painting: Painting, names: Sequence[str], standings: Sequence[Standing], link: str
) -> list[Embed]:
    """A gallery of the pictures attached under `names`; `link` is any URL of the generation's own."""
    embeds = [
        with_image(
            Embed(colour=COLOUR, url=f"{link}#{position // GALLERY}"),
            name,
            alt,
        )
        for position, (name, alt) in enumerate(zip(names, alt_texts(prompt, painting.pictures), strict=True))
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


def alt_texts(prompt: str, pictures: Sequence[Picture]) -> list[str]:
    """Of one reply: those of several begin with which of them it is, for they say much the same."""
    many = len(pictures)
    marks = [f"{number} of {many}: " if many > 1 else "" for number in range(1, many + 1)]
    return [
        cut(mark + alt_text(picture.revised_prompt, prompt), ALT_TEXT_LIMIT)
        for mark, picture in zip(marks, pictures, strict=True)
    ]


def painted_by(model: str) -> str:
    """The model without its vendor."""
    return f"Painted by {plain(model).rpartition('/')[2]}"


def alt_text(revised_prompt: str | None, prompt: str) -> str:
    """What a screen reader says of the picture, within Discord's 1024."""
    return cut(plain(revised_prompt or "") or plain(prompt), ALT_TEXT_LIMIT)


def _write_caption(embed: Embed, prompt: str, painting: Painting, standing: Standing) -> None:
    """What it says stays true for as long as the picture is there: the day by its date, and nothing that runs out."""
    revised = plain(painting.pictures[0].revised_prompt or "")
    embed.description = quote(prompt, TEXT_SHOWN)
    embed.add_field(
        name=f"Daily usage · {_day(standing)}", value=daily_count(standing) + _loss(painting.missing)
    )
    embed.set_footer(text=cut(revised, TEXT_SHOWN) or painted_by(painting.model))


def daily_count(standing: Standing) -> str:
    if standing.meter.limit is None:
        return "1 image" if standing.used == 1 else f"{standing.used:,} images"
    return f"{standing.used:,} of {standing.meter.limit:,} images"


def _day(standing: Standing) -> str:
    day = date.fromisoformat(standing.meter.window.key[:10])
    return f"{day.day} {day:%B %Y}"


def _loss(missing: int) -> str:
    if not missing:
        return ""
    pictures = "1 picture" if missing == 1 else f"{missing} pictures"
    return f"\n{pictures} couldn't be downloaded and {'was' if missing == 1 else 'were'}n't counted."
