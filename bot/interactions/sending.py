"""Messages on their way to Discord: through which client, what discord.py is given, and how much may be uploaded."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any, TypeAlias, TypeVar

import discord
from discord import ui

from bot.core.generation.model import Picture
from bot.interactions.discord_errors import CUT_OFF, StillOnItsWay
from bot.interactions.rest_guard import TIMEOUTS, RequestTimeouts
from bot.ui.embeds import DESCRIPTION_LIMIT
from bot.ui.outgoing_message import NO_MENTIONS, KeptFile, MessageUpdate, OutgoingMessage
from bot.ui.text import LONGEST_CONTENT, cut, units

T = TypeVar("T")
Fit: TypeAlias = Callable[[Picture, int], Awaitable[Picture]]
"""Re-encodes a picture to at most so many bytes; one that is small enough comes back as it is."""

UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes of one attachment, where Discord has not said how many this server may have."""
REQUEST_LIMIT = 25 * 1024 * 1024
"""Bytes of a whole request, unless one attachment may have more: https://docs.discord.com/developers/reference#uploading-files"""
SPARE = 64 * 1024
"""Bytes of a request that are kept for what is no file in it."""
LEAST_UPLOAD = 64 * 1024
"""Bytes in one request that are always tried: smaller pictures are not worth sending."""
SLOW_SECONDS = 20.0
"""An upload that was cut off sooner was not cut off because it was slow."""


class DiscordConnection:
    """The client of now, for what speaks to Discord by itself and not to answer an interaction.

    After an outage of Discord, another client takes the place of the one before; whoever waits gets the next one.
    """

    def __init__(self) -> None:
        self.client: discord.Client | None = None
        """The latest one, connected or not; None before the first has logged in."""
        self._has_token = asyncio.Event()
        self._is_ready = asyncio.Event()

    def logged_in(self, client: discord.Client) -> None:
        """Discord has taken the token: from now on its REST API can be used."""
        self.client = client
        self._has_token.set()

    def ready(self) -> None:
        """The gateway is connected, too."""
        self._is_ready.set()

    def closed(self) -> None:
        """Until another client logs in."""
        self._has_token.clear()
        self._is_ready.clear()

    async def rest(self) -> discord.Client:
        """The client, once it is logged in."""
        # It may be closed again before this goes on.
        while self.client is None or not self._has_token.is_set():
            await self._has_token.wait()
        return self.client

    async def gateway(self) -> discord.Client:
        """The client, once it is ready."""
        while self.client is None or not self._is_ready.is_set():
            await self._is_ready.wait()
        return self.client


# As our sentences write it. What people typed was disarmed, and has no backtick that is not escaped.
_IN_CODE = re.compile(r"(?<!\\)`/([a-z]{1,32}(?: [a-z_]{1,32}){0,2})`")
SUB_COMMANDS = {1, 2}
"""https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type"""
FIELD_LIMIT = 1024
LAYOUT_LIMIT = 4000
"""Of all texts of a message: https://docs.discord.com/developers/components/reference#text-display"""


class CommandMentions:
    """The ids that Discord gave the bot's commands, once it has told them; until then nothing is changed."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def learn(self, commands: Iterable[Mapping[str, Any]]) -> None:
        """Of commands as Discord's API lists them. A group can't be used, and is not mentioned: its commands are."""
        self._ids = {
            path: str(one["id"])
            for one in commands
            if one.get("name") and one.get("id")
            for path in _usable(one)
        }

    def clickable(self, text: str) -> str:
        """`text` with each `/command` in code that is known as a mention, `</command:id>`."""
        return _IN_CODE.sub(self._mention, text)

    def clickable_embed(self, embed: discord.Embed) -> discord.Embed:
        """A copy of it where it names one, as Discord draws mentions in the description and in fields' values."""
        fields = embed.fields
        if not any("`/" in (text or "") for text in (embed.description, *(one.value for one in fields))):
            return embed
        copied = embed.copy()
        copied.description = self._fitting(embed.description or "", DESCRIPTION_LIMIT) or None
        for index, one in enumerate(fields):
            value = self._fitting(one.value or "", FIELD_LIMIT)
            copied.set_field_at(index, name=one.name, value=value, inline=bool(one.inline))
        return copied

    def make_clickable(self, layout: ui.LayoutView) -> None:
        """Its texts, as far as all of them together still fit."""
        texts = [item for item in layout.walk_children() if isinstance(item, ui.TextDisplay)]
        room = LAYOUT_LIMIT - sum(units(item.content) for item in texts)
        for item in texts:
            changed = self.clickable(item.content)
            if (longer := units(changed) - units(item.content)) <= room:
                item.content, room = changed, room - longer

    def _fitting(self, text: str, limit: int) -> str:
        changed = self.clickable(text)
        return changed if units(changed) <= limit else text

    def _mention(self, found: re.Match[str]) -> str:
        identity = self._ids.get(found[1])
        return f"</{found[1]}:{identity}>" if identity else found[0]


def _usable(command: Mapping[str, Any]) -> Iterator[str]:
    """The names of what it is, or what is in it, each behind those of its groups."""
    inside = [one for one in command.get("options") or () if one.get("type") in SUB_COMMANDS]
    if not inside:
        yield command["name"]
    for one in inside:
        yield from (f"{command['name']} {path}" for path in _usable(one))


_NONE_KNOWN = CommandMentions()


class _Spoiler(discord.File):
    """Marked as Discord wants it since June 2026. discord.py (2.7.1) gives it a name instead that it can't lose again.

    https://docs.discord.com/developers/resources/message#attachment-object-attachment-request-structure
    """

    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "is_spoiler": True}


@dataclass(slots=True)
class Sending:
    """An OutgoingMessage as options of discord.py's methods; every message that the bot sends becomes one.

    What discord.py is given is made anew for each attempt, for sending reads it. The content is cut to Discord's
    length, and the commands that a message names can be clicked where the bot of `client` knows them.
    """

    message: OutgoingMessage
    client: discord.Client
    files: list[discord.File] = field(default_factory=list)
    """Of the last attempt: how far each was read is how much of it was sent."""

    def edit_options(self) -> dict[str, Any]:
        """For discord.py's methods that edit a message: all that stood there is replaced."""
        message = self.message
        if message.components:
            message.components.stop()  # so that discord.py keeps none: what is pressed is found by its custom id
        self.files = [
            (_Spoiler if file.spoiler else discord.File)(
                BytesIO(file.content), file.name, description=file.alt
            )
            for file in message.files
        ]
        mentions: CommandMentions = getattr(self.client, "command_mentions", _NONE_KNOWN)
        content = mentions.clickable(message.content) if message.content else None
        if isinstance(message.components, ui.LayoutView):
            mentions.make_clickable(message.components)
        return {
            "content": content and cut(content, LONGEST_CONTENT),
            "embeds": [mentions.clickable_embed(embed) for embed in message.embeds],
            "attachments": self.files,
            "view": message.components,
            "allowed_mentions": NO_MENTIONS,
        }

    def let_go(self) -> None:
        """Of what was sent. discord.py (2.7.1) leaves each file holding its own `close`, and so the picture until the
        next garbage collection.
        """
        for file in self.files:
            vars(file.fp).clear()

    def post_options(self) -> dict[str, Any]:
        """For discord.py's methods that send a message: they take no None for what it has not got."""
        given = self.edit_options()
        given["files"] = given.pop("attachments")
        return {name: it for name, it in given.items() if it} | {"silent": self.message.silent}


@dataclass(frozen=True, slots=True)
class _Kept:
    """As discord.py asks an attachment what is to be sent of it. Its own (2.7.1) can say neither of the two anew.

    https://docs.discord.com/developers/reference#editing-message-attachments
    """

    file: KeptFile

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.file.id, "description": self.file.alt, "is_spoiler": self.file.spoiler}


def update_options(update: MessageUpdate) -> dict[str, Any]:
    """For discord.py's methods that edit a message."""
    return {
        "embeds": list(update.embeds),
        "attachments": [_Kept(file) for file in update.files],
        "allowed_mentions": NO_MENTIONS,
    }


ORIGINAL: Any = "@original"
"""What Discord's API calls the reply to an interaction, or the message of a button that was acknowledged in its place.
discord.py's types ask for a number, its code takes this.
"""


def interaction_webhook(client: discord.Client, application: int, token: str) -> discord.Webhook:
    """What speaks for an interaction as long as its token is good, from any process."""
    webhook = discord.Webhook.partial(application, token, client=client)
    webhook.proxy = client.http.proxy  # which discord.py 2.7.1 forgets
    # As those of interactions are: only they say things privately.
    webhook.type = discord.WebhookType.application
    return webhook


class UploadBudget:
    """How much one request may upload, learned from how earlier uploads ended.

    One for the process, whose uploads share its uplink.
    """

    def __init__(self, timeouts: RequestTimeouts = TIMEOUTS) -> None:
        self._timeouts = timeouts
        self._in_flight: set[int] = set()
        self.limit: int | None = None
        """Bytes of files in one request; None as long as nothing was too slow."""

    def within(self, most: int) -> int:
        """Bytes of files in one request, of which Discord takes `most`."""
        return min(most, self.limit or most)

    async def carry(self, generation: int, sending: Sending, upload: Coroutine[Any, Any, T]) -> T:
        """The result of `upload`, which goes on when whoever waits for it is cancelled.

        Raises StillOnItsWay where another one of the same generation has not ended, and what `upload` raises.
        """
        if generation in self._in_flight:
            upload.close()
            raise StillOnItsWay
        self._in_flight.add(generation)
        task = asyncio.create_task(upload, name=f"upload of generation {generation}")
        task.add_done_callback(partial(self._ended, generation, sending, time.monotonic()))
        await asyncio.wait({task})
        return task.result()

    def _ended(self, generation: int, sending: Sending, began: float, task: asyncio.Task[Any]) -> None:
        """Learn from it. Its error is retrieved here, for nobody may wait for it any more."""
        self._in_flight.discard(generation)
        if task.cancelled():
            return
        error, seconds = task.exception(), time.monotonic() - began
        if error is None:
            sending.let_go()
        if isinstance(error, TimeoutError) or (isinstance(error, CUT_OFF) and seconds > SLOW_SECONDS):
            sent = sum(file.fp.tell() for file in sending.files)
            self.limit = max(LEAST_UPLOAD, sent // 2)  # half of what went out has a chance
        elif error is None and self.limit is not None and sending.message.upload_size > self.limit // 2:
            allowed = self._timeouts.of(sending.message.upload_size).total or 0
            if seconds < allowed / 4:  # an uplink that was slow for a while is fast again
                self.limit *= 2
