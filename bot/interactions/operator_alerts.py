"""Tells the operator what only they can mend: always in the log, and in a Discord channel where one is set."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import discord

from bot.core.health.image_api import Alert, DatabaseBack, OutageEnded
from bot.core.moderation.errors import LogChannelUnknown, LogChannelUnusable
from bot.core.redaction import Redact, by_shape
from bot.interactions.connection import DiscordConnection
from bot.interactions.log_channel import EMBED, check_log_channel
from bot.interactions.rest_guard import CUT_OFF
from bot.ui.health.alerts import alert_words
from bot.ui.sentences import IN_ENGLISH
from bot.ui.text import cut, disarm

log = logging.getLogger(__name__)

MOST_WAITING = 20
POST_SECONDS = 10.0
LONGEST_MESSAGE = 2000


class OperatorAlerts:
    """`tell` returns at once; whatever goes wrong with a message, its line stands in the log."""

    def __init__(self, channel: int | None, connection: DiscordConnection, redact: Redact = by_shape) -> None:
        self._channel = channel
        self._redact = redact
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._connection = connection

    def tell(self, alert: Alert) -> None:
        words = self._redact(alert_words(alert))
        is_over = isinstance(alert, OutageEnded | DatabaseBack)
        log.log(logging.INFO if is_over else logging.ERROR, "%s", words)
        if self._channel is not None:
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(words)

    async def run(self) -> None:
        """Post what is told, until it is cancelled."""
        if self._channel is None:
            return
        await self._look_at(self._channel)
        while True:
            words = await self._waiting.get()
            try:
                await self._post(self._channel, words)
            except (discord.DiscordException, *CUT_OFF) as error:
                log.warning("the operator's channel could not be told: %s", type(error).__name__)

    async def _look_at(self, channel: int) -> None:
        """A channel that nobody can be told in is found out now, and not by the first outage."""
        client = await self._connection.gateway()
        with suppress(discord.DiscordException, *CUT_OFF):  # then nobody knows; the first message will show
            async with asyncio.timeout(POST_SECONDS):
                if trouble := await _trouble_with(client, channel):
                    log.warning("OPERATOR_CHANNEL_ID: %s; alerts appear in the log only", trouble)

    async def _post(self, channel: int, words: str) -> None:
        client = await self._connection.gateway()
        async with asyncio.timeout(POST_SECONDS):
            await client.get_partial_messageable(channel).send(cut(disarm(words), LONGEST_MESSAGE))


async def _trouble_with(client: discord.Client, channel: int) -> str | None:
    try:
        place = await client.fetch_channel(channel)
        if isinstance(place, discord.abc.PrivateChannel):
            return None
        missing = await check_log_channel(client, place.guild.id, channel)
    except (discord.NotFound, discord.Forbidden):
        return "there's no such channel, or the bot can't see it"
    except LogChannelUnusable:
        return "that channel doesn't take messages"
    except LogChannelUnknown:
        return None
    lacking = [
        IN_ENGLISH(f"permission.{name}") for name in missing if name != EMBED
    ]  # an alert is plain text
    return f"the bot needs {' and '.join(lacking)} there" if lacking else None
