"""An OutgoingMessage in the words of discord.py: the one place that every message passes on its way out."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import discord

from bot.interactions.command_mentions import mentions_of
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.text import LONGEST_CONTENT, cut


class Sending:
    """One message, in as many attempts as it takes. What discord.py is given is made anew for each: sending reads it.

    The content is cut to Discord's length, and the bot's commands that it names can be clicked.
    """

    def __init__(self, message: OutgoingMessage, client: discord.Client) -> None:
        self.message = message
        self._mentions = mentions_of(client)
        self._files: list[discord.File] = []

    def edit_options(self) -> dict[str, Any]:
        """For whatever of discord.py edits: all that stood there is replaced."""
        message = self.message
        if message.components:
            message.components.stop()  # so that discord.py keeps none: what is pressed is found by its custom id
        self._files = [
            discord.File(BytesIO(file.content), file.name, description=file.alt) for file in message.files
        ]
        return {
            "content": cut(self._mentions.clickable(message.content), LONGEST_CONTENT)
            if message.content
            else None,
            "embeds": [self._mentions.clickable_embed(embed) for embed in message.embeds],
            "attachments": self._files,
            "view": message.components,
            "allowed_mentions": message.allowed_mentions,
        }

    def post_options(self) -> dict[str, Any]:
        """For whatever of discord.py sends, which wants to be told only of what there is."""
        given = self.edit_options()
        given["files"] = given.pop("attachments")
        return {name: it for name, it in given.items() if it} | {"silent": self.message.silent}

    @property
    def bytes_sent(self) -> int:
        """Of the files, in the last attempt."""
        return sum(file.fp.tell() for file in self._files)
