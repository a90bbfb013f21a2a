"""Alerts the operator to what only they can fix: always in the log, and in a Discord channel where one is set."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import discord

from bot.core.health.alerts import Alert, DatabaseBack, OutageEnded
from bot.core.moderation.errors import LogChannelUnknown, LogChannelUnusable
from bot.core.redaction import Redact, by_shape
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.log_channel import EMBED, check_log_channel
from bot.interactions.sending import DiscordConnection, Sending
from bot.ui.health.alerts import alert_words
from bot.ui.outgoing_message import OutgoingMessage
from bot.ui.sentences import IN_ENGLISH
from bot.ui.text import disarm

log = logging.getLogger(__name__)

MOST_WAITING = 20
POST_SECONDS = 10.0


class OperatorAlerts:
    """`raise_alert` returns at once. Every alert is logged, whether or not it can be posted."""

    def __init__(self, channel: int | None, connection: DiscordConnection, redact: Redact = by_shape) -> None:
        self._channel = channel
        self._redact = redact
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._connection = connection

    def raise_alert(self, alert: Alert) -> None:
        words = self._redact(alert_words(alert))
        is_over = isinstance(alert, OutageEnded | DatabaseBack)
        log.log(logging.INFO if is_over else logging.ERROR, "%s", words)
        if self._channel is not None:
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(words)

    async def run(self) -> None:
        """Post the alerts until it is cancelled; first of all, log a warning where the channel can't be used."""
        if self._channel is None:
            return
        client = await self._connection.gateway()
        with suppress(*UNANSWERED):  # unknown, then; the first alert will show
            async with asyncio.timeout(POST_SECONDS):
                if trouble := await _channel_trouble(client, self._channel):
                    log.warning("%s", trouble)
        while True:
            words = await self._waiting.get()
            try:
                client = await self._connection.gateway()
                channel = client.get_partial_messageable(self._channel)
                async with asyncio.timeout(POST_SECONDS):
                    await channel.send(**Sending(OutgoingMessage(disarm(words)), client).post_options())
            except UNANSWERED as error:
                log.warning("an alert could not be sent to OPERATOR_CHANNEL_ID: %s", type(error).__name__)


async def _channel_trouble(client: discord.Client, channel: int) -> str | None:
    """Why alerts can't be posted there, in a sentence for the log; None where they can, or Discord doesn't say."""
    try:
        found = await client.fetch_channel(channel)
        if isinstance(found, discord.abc.PrivateChannel):
            return None
        missing = await check_log_channel(client, found.guild.id, channel)
    except (discord.NotFound, discord.Forbidden):
        return "OPERATOR_CHANNEL_ID: there's no such channel, or the bot can't see it; alerts appear in the log only"
    except LogChannelUnusable:
        return "OPERATOR_CHANNEL_ID: that channel doesn't take messages; alerts appear in the log only"
    except LogChannelUnknown:
        return None
    # An alert is plain text.
    lacking = IN_ENGLISH.listed(
        (IN_ENGLISH(f"permission.{name}") for name in missing if name != EMBED), "and"
    )
    if not lacking:
        return None
    return f"OPERATOR_CHANNEL_ID: the bot needs {lacking} there; alerts appear in the log only"
