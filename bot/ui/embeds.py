"""The embeds that people see. Pure: domain values in, Discord values out, every length kept here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from discord import Embed

from bot.core.generation.model import Painting, Picture
from bot.core.limits.meters import Standing, member_today
from bot.ui.sentences import IN_ENGLISH, Sentences
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
    prompt: str,
    painting: Painting,
    names: Sequence[str],
    standings: Sequence[Standing],
    link: str,
    say: Sentences = IN_ENGLISH,
) -> list[Embed]:
    """A gallery of the pictures attached under `names`; `link` is any URL of the generation's own."""
    embeds = [
        with_image(
            Embed(colour=COLOUR, url=f"{link}#{position // GALLERY}"),
            name,
            alt,
        )
        for position, (name, alt) in enumerate(
            zip(names, alt_texts(prompt, painting.pictures, say), strict=True)
        )
    ]
    # What it says stays true for as long as the picture is there: the day by its date, and nothing that runs out.
    today = member_today(standings)
    used = daily_count(today, say)
    if painting.missing:
        used += "\n" + say("image.missing", count=painting.missing)
    day = date.fromisoformat(today.meter.window.key[:10])
    revised = plain(painting.pictures[0].revised_prompt or "")
    embeds[0].description = quote(prompt, TEXT_SHOWN)
    embeds[0].add_field(name=say("image.daily_usage", day=day), value=used)
    embeds[0].set_footer(text=cut(revised, TEXT_SHOWN) or painted_by(painting.model, say))
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


def alt_texts(prompt: str, pictures: Sequence[Picture], say: Sentences = IN_ENGLISH) -> list[str]:
    """Of one reply: those of several begin with which of them it is, for they say much the same."""
    alts = [alt_text(picture.revised_prompt, prompt) for picture in pictures]
    if len(alts) == 1:
        return alts
    numbered = (
        say("image.of_several", number=number, many=len(alts), alt=alt) for number, alt in enumerate(alts, 1)
    )
    return [cut(alt, ALT_TEXT_LIMIT) for alt in numbered]


def painted_by(model: str, say: Sentences = IN_ENGLISH) -> str:
    """The model without its vendor."""
    return say("image.painted_by", model=plain(model).rpartition("/")[2])


def alt_text(revised_prompt: str | None, prompt: str) -> str:
    """What a screen reader says of the picture, within Discord's 1024."""
    return cut(plain(revised_prompt or "") or plain(prompt), ALT_TEXT_LIMIT)


def daily_count(standing: Standing, say: Sentences = IN_ENGLISH) -> str:
    if standing.meter.limit is None:
        return say("image.used", count=standing.used)
    return say("image.used_of", used=standing.used, count=standing.meter.limit)
