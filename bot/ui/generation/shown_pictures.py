"""The pictures of a message that is there already, and how it looks once they are drawn in another way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

import discord
from discord import Embed

from bot.core.generation.model import ATTACHMENT_FOLDERS
from bot.ui.embeds import ALT_TEXT_LIMIT, COLOUR, GALLERY, ORIGINAL_FILE
from bot.ui.outgoing_message import KeptFile, MessageUpdate
from bot.ui.text import cut, plain


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """One file: the id of its attachment, which stays, and a signed link, good for a day."""

    id: int
    name: str
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class ShownPictures:
    """As `painting_message` lays them out; `original` is the copy of what was changed, where there is one.

    `spoiler`: they are blurred until somebody clicks on them. `whole`: these are all files of the message, so that
    none is lost where it is drawn anew.
    """

    pictures: tuple[ShownPicture, ...]
    original: ShownPicture | None = None
    spoiler: bool = False
    whole: bool = True

    @property
    def files(self) -> tuple[ShownPicture, ...]:
        return (*self.pictures, self.original) if self.original else self.pictures

    def described(self, alts: Mapping[int, str]) -> ShownPictures:
        """With other alt texts, by the positions of the pictures."""
        pictures = (
            replace(one, alt=cut(plain(alts.get(position, one.alt)), ALT_TEXT_LIMIT))
            for position, one in enumerate(self.pictures)
        )
        return replace(self, pictures=tuple(pictures))


def pictures_shown(embeds: Sequence[Embed], attachments: Sequence[discord.Attachment]) -> ShownPictures:
    """What an embed draws is no attachment of the message, but its link has the attachment's id in it:
    https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
    """
    drawn, thumbnails = tuple(_drawn(embeds, "image")), tuple(_drawn(embeds, "thumbnail"))
    images = [one for one in attachments if (one.content_type or "").startswith("image/")]
    loose = [ShownPicture(one.id, one.filename, one.url, one.description or "") for one in images]
    originals = [*thumbnails, *(one for one in loose if ORIGINAL_FILE in one.name)]
    pictures = drawn or tuple(one for one in loose if ORIGINAL_FILE not in one.name)
    found = ShownPictures(
        pictures,
        originals[0] if originals else None,
        # Without the permission for embeds the bot's pictures are attachments as well, and no spoilers.
        spoiler=not drawn and any(one.is_spoiler() for one in images),
    )
    media = [part for embed in embeds for part in (embed.image.url, embed.thumbnail.url) if part]
    return replace(found, whole=len(found.files) == len(media) + len(attachments))


def _drawn(embeds: Sequence[Embed], place: str) -> Iterator[ShownPicture]:
    for embed in embeds:
        media: Mapping[str, Any] = dict(embed.to_dict()).get(place) or {}  # type: ignore[assignment]
        path = urlsplit(url := str(media.get("url") or "")).path
        if path.startswith(ATTACHMENT_FOLDERS) and len(parts := path.split("/")) == 5 and parts[3].isdigit():
            yield ShownPicture(int(parts[3]), unquote(parts[4]), url, media.get("description") or "")


def update_of(embeds: Sequence[Embed], shown: ShownPictures, link: str) -> MessageUpdate:
    """The message with the pictures as they are `shown` now; its `embeds` are those that it has, the caption first.

    `link` is any URL of the message's own. No file is uploaded again: Discord keeps those that are named, and
    draws them wherever an embed names them anew.
    """
    caption = dict(embeds[0].to_dict()) if embeds else {}
    bare = {name: it for name, it in caption.items() if name not in {"image", "thumbnail", "url"}}
    first = Embed.from_dict({"color": COLOUR, **bare})
    files = tuple(KeptFile(one.id, one.alt, shown.spoiler) for one in shown.files)
    if shown.spoiler:
        return MessageUpdate((first,) if embeds else (), files)
    if shown.original:
        first.set_thumbnail(url=f"attachment://{shown.original.name}")
    drawn = [
        _with_image(first if n == 0 else Embed(colour=COLOUR), n, one, link)
        for n, one in enumerate(shown.pictures)
    ]
    return MessageUpdate(tuple(drawn), files)


def _with_image(embed: Embed, position: int, picture: ShownPicture, link: str) -> Embed:
    image = {"url": f"attachment://{picture.name}", "description": picture.alt}
    return Embed.from_dict({**embed.to_dict(), "url": f"{link}#{position // GALLERY}", "image": image})
