"""The pictures of a message, from its menu to the form that asks how to change them.

A signed link does not fit into a custom id, so a form knows only the message; the pictures are remembered meanwhile, or
asked for again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import discord

from bot.core.generation.errors import PictureForgotten
from bot.core.generation.model import ATTACHMENT_FOLDERS, InputImage
from bot.interactions.context import direct_place_of
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.error_handling import OTHERS_FIRST_SECONDS
from bot.interactions.member_memory import MemberMemory
from bot.interactions.modals import MOST_OPTIONS
from bot.ui.embeds import ORIGINAL_FILE, OWN_FILE

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600.0
"""A link of Discord's is good for a day, and nobody leaves a form open for an hour."""
MOST_KEPT = 300
ASK_SECONDS = 0.7
"""How long a form waits for its message, of the 3 s that Discord gives for an answer."""


@dataclass(frozen=True, slots=True)
class MessagePicture:
    """One picture that was uploaded to Discord."""

    name: str
    image: InputImage


class MessagePictures:
    """Remembered for whoever opened the menu: of a private message, nobody else may get them."""

    def __init__(self, client: discord.Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._kept = MemberMemory[tuple[int, int], tuple[MessagePicture, ...]](KEPT_SECONDS, MOST_KEPT, clock)

    def keep(self, member: int, message: discord.Message) -> tuple[MessagePicture, ...]:
        """The pictures of a message that `member` sees."""
        found = offered(message)
        self._kept.keep(member, (message.channel.id, message.id), found)
        return found

    async def of(
        self, interaction: discord.Interaction, channel: int, message: int
    ) -> tuple[MessagePicture, ...]:
        """Those of a message in the channel of `interaction`. Raises PictureForgotten.

        Without the privileged intent for messages' content, Discord shows again only what the bot wrote itself.
        """
        pictures = self._kept.find(interaction.user.id, (channel, message))
        if pictures is not None:
            return pictures
        direct = direct_place_of(interaction)
        seen = direct.with_bot if direct else interaction.permissions.read_message_history
        if seen and (found := await self._ask(channel, message)):
            return found
        # During a deploy there is another process, and it may be the one that opened the form.
        await asyncio.sleep(OTHERS_FIRST_SECONDS)
        raise PictureForgotten

    async def _ask(self, channel: int, message: int) -> tuple[MessagePicture, ...]:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                found = await self._client.get_partial_messageable(channel).fetch_message(message)
        except UNANSWERED as error:
            log.info("message %d could not be fetched: %s", message, type(error).__name__)
            return ()
        return offered(found)


def offered(message: discord.Message) -> tuple[MessagePicture, ...]:
    """As many as a menu has room for, each once."""
    by_link = {picture.image.url: picture for picture in pictures_of(message)}
    return tuple(by_link.values())[:MOST_OPTIONS]


def pictures_of(message: discord.Message | discord.MessageSnapshot) -> Iterator[MessagePicture]:
    """What was uploaded with it: attachments, those that its embeds draw, and the same of what it forwards.

    Not the copy that stands among the bot's own pictures where those are spoilers, of what they were made of.
    """
    own = any(one.filename.startswith(OWN_FILE) for one in message.attachments)
    for attachment in message.attachments:
        kind = attachment.content_type or ""
        if kind.startswith("image/") and not (own and attachment.filename == ORIGINAL_FILE):
            yield MessagePicture(attachment.filename, InputImage(attachment.url, kind))
    for embed in message.embeds:
        path = urlsplit(embed.image.url or "").path
        if embed.image.url and path.startswith(ATTACHMENT_FOLDERS):
            name = unquote(path.rpartition("/")[2])
            yield MessagePicture(name, InputImage(embed.image.url, ""))
    for snapshot in getattr(message, "message_snapshots", ()):
        yield from pictures_of(snapshot)
