"""The message with the pictures of an `/imagine`, and what all embeds share. Pure: every length is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from discord import Embed, ui

from bot.core.generation.model import Painting, Picture, PromptRevision
from bot.core.limits.meters import MeterReading, member_today
from bot.ui.outgoing_message import OutgoingMessage, Upload
from bot.ui.sentences import IN_ENGLISH, Sentences
from bot.ui.text import cut, plain, quote, units

COLOUR = 0x5865F2
GALLERY = 4
"""Discord draws up to four embeds that share a `url` as one gallery."""

# Discord's limits for embeds, in characters: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_FILES = 10
DESCRIPTION_LIMIT = 4096
ALT_TEXT_LIMIT = 1024

OWN_FILE = "imagine-"
"""Begins the names of the bot's pictures."""
ORIGINAL_FILE = "original.jpg"
"""What the small copy of a picture that was changed is called."""

TEXT_SHOWN = 300
"""Of a prompt: so much is read in passing, and the picture stays in view."""
FOOTER_SHOWN = 300
"""Of what a prompt was made to, below the picture in small letters; *Details* has all of it."""
MODEL_SHOWN = 60
_VENDORS = frozenset(
    {
        *(
            "alibaba",
            "black-forest-labs",
            "blackforestlabs",
            "bytedance",
            "google",
            "hunyuan",
            "klingai",
            "luma",
        ),
        *("microsoft", "openai", "qwen", "stabilityai", "topaz-labs", "x-ai", "xai"),
    }
)
"""Whose names stand before those of their models."""
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def painting_message(
    prompt: str,
    painting: Painting,
    readings: Sequence[MeterReading],
    link: str,
    say: Sentences = IN_ENGLISH,
    *,
    credit: str = "",
    spoiler: bool = False,
    buttons: ui.View | None = None,
) -> OutgoingMessage:
    """The pictures, drawn as galleries under one caption; `link` is any URL of the generation's own.

    `credit` is that of `credit_line`; `spoiler` as for `galleries`.
    What it says stays true for as long as the picture is there: the day by its date, and nothing that runs out.
    """
    alts = alt_texts(painting.pictures, painting.revision, prompt, say)
    embeds, files = galleries(painting.pictures, alts, link, spoiler=spoiler)
    today = member_today(readings)
    if today.meter.limit is None:
        used = say("image.used", count=today.used)
    else:
        used = say("image.used_of", used=today.used, count=today.meter.limit)
    if painting.missing:
        used += "\n" + say("image.missing", count=painting.missing)
    day = date.fromisoformat(today.meter.window.key[:10])
    if painting.original is not None and len(files) < MOST_FILES:
        small = Upload(ORIGINAL_FILE, painting.original.content, say("image.original"), spoiler)
        if not spoiler:
            embeds[0].set_thumbnail(url=f"attachment://{small.name}")
        files.append(small)
    embeds[0].description = quote(prompt, TEXT_SHOWN) + credit
    embeds[0].add_field(name=say("image.daily_usage", day=day), value=used)
    below = footer(painting.pictures[0], painting.revision, painting.model, FOOTER_SHOWN, say)
    embeds[0].set_footer(text=below)
    return OutgoingMessage(embeds=tuple(embeds), files=tuple(files), components=buttons)


def galleries(
    pictures: Sequence[Picture], alts: Sequence[str], link: str, *, spoiler: bool = False
) -> tuple[list[Embed], list[Upload]]:
    """At least one embed, of which the first is to have the caption, and a file with its alt text for each picture.

    `link` is any URL of the message's own. `spoiler`: they are blurred until somebody clicks on them. No embed draws
    them then, for Discord blurs attachments alone.
    """
    embeds, files = [], []
    for number, (picture, alt) in enumerate(zip(pictures, alts, strict=True), start=1):
        gallery = Embed(colour=COLOUR, url=f"{link}#{(number - 1) // GALLERY}")
        embed, file = with_picture(gallery, number, picture, alt)
        embeds.append(embed)
        files.append(replace(file, spoiler=spoiler))
    return [Embed(colour=COLOUR)] if spoiler else embeds, files


def alt_texts(
    pictures: Sequence[Picture], revision: PromptRevision | None, prompt: str, say: Sentences
) -> list[str]:
    """The words that each was painted by; which of several it is."""
    alts = [revised_prompt(picture, revision) or plain(prompt) for picture in pictures]
    if (many := len(alts)) == 1:
        return alts
    return [say("image.of_several", number=n, many=many, alt=alt) for n, alt in enumerate(alts, start=1)]


def credit_line(asked_by: int, idea_by: int | None, say: Sentences = IN_ENGLISH) -> str:
    """Below the prompt, in small letters: who asked, where Discord does not say it above the message; and whose picture
    it is once more, where that is somebody else. Neither is notified of it.
    """
    code = "image.asked_by_idea_of" if idea_by else "image.asked_by"
    return f"\n-# {say(code, member=f'<@{asked_by}>', other=f'<@{idea_by}>')}"


def named(message: OutgoingMessage, asked_by: int, idea_by: int | None, say: Sentences) -> OutgoingMessage:
    """With who asked for it, unless it says so already: for one that stands below no command."""
    credit, first = credit_line(asked_by, idea_by, say), message.embeds[0] if message.embeds else None
    # What anybody typed is disarmed, and names nobody.
    if f"<@{asked_by}>" in f"{message.content} {first and first.description}":
        return message
    if first is None:
        return replace(message, content=(message.content or "") + credit)
    caption = first.copy()
    caption.description = (first.description or "") + credit
    return replace(message, embeds=(caption, *message.embeds[1:]))


def with_picture(embed: Embed, number: int, picture: Picture, alt: str) -> tuple[Embed, Upload]:
    """`embed` with the `number`th picture of its message drawn in it, and the file to be attached, named by its type.

    `alt` is what a screen reader says of it, cut to Discord's limit.
    Discord takes an embed's own alt text since June 2026 (discord-api-docs #8373). discord.py 2.7.1 has no argument for
    it, and passes on what an embed was made from.
    """
    alt = cut(alt, ALT_TEXT_LIMIT)
    name = f"{OWN_FILE}{number}.{_SUFFIXES[picture.media_type]}"
    image = {"url": f"attachment://{name}", "description": alt}
    return Embed.from_dict({**embed.to_dict(), "image": image}), Upload(name, picture.content, alt)


def revised_prompt(picture: Picture | None, revision: PromptRevision | None) -> str:
    """The words that it was painted by, where they are not the member's: the model's own, or a chat model's."""
    return plain((picture and picture.revised_prompt) or "") or plain((revision and revision.prompt) or "")


def model_name(model: str) -> str:
    """Its id without the vendor's name; of `flux/dev` and `flux/dev/image-to-image` all is the model's."""
    name = plain(model)
    vendor, _, rest = name.partition("/")
    return rest if rest and vendor.lower() in _VENDORS else name


def footer(
    picture: Picture | None,
    revision: PromptRevision | None,
    model: str,
    most: int,
    say: Sentences = IN_ENGLISH,
) -> str:
    """The revised prompt, and below it the model: `most` characters in all.

    Where a chat model was asked to revise the prompt, and nothing came of it, the footer says so.
    """
    name = cut(model_name(model), MODEL_SHOWN)
    painted_by = say("image.painted_by", model=name)
    if revised := revised_prompt(picture, revision):
        return f"{cut(revised, most - units(painted_by) - 1)}\n{painted_by}"
    return say("image.painted_as_written", model=name) if revision else painted_by


def revised_in(embeds: Sequence[Embed]) -> str:
    """The revised prompt that `footer` has put below pictures; empty where there is none."""
    below = (embeds[0].footer.text or "") if embeds else ""
    return below.rpartition("\n")[0]
