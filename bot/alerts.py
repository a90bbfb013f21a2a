"""Tells the operator what only they can mend: always in the log, and in a Discord channel where one is set."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import aiohttp
import discord

from bot.core.watch import Alert, DatabaseBack, OutageEnded
from bot.ui.alerts import alert_words
from bot.ui.text import cut, disarm

log = logging.getLogger(__name__)

MOST_WAITING = 20
POST_SECONDS = 10.0
RECONNECT_SECONDS = 1.0
LONGEST_MESSAGE = 2000


class OperatorAlerts:
    """`tell` returns at once; whatever goes wrong with a message, its line stands in the log."""

    def __init__(self, channel: int | None) -> None:
        self._channel = channel
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._client: discord.Client | None = None

    def attach(self, client: discord.Client) -> None:
        """Messages go out over this connection from now on."""
        self._client = client

    def tell(self, alert: Alert) -> None:
        words = alert_words(alert)
        is_over = isinstance(alert, OutageEnded | DatabaseBack)
        log.log(logging.INFO if is_over else logging.ERROR, "%s", words)
        if self._channel is not None:
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(words)

    async def run(self) -> None:
        """Post what is told, until it is cancelled."""
        while self._channel is not None:
            words = await self._waiting.get()
            try:
                await self._post(self._channel, words)
            except (
                discord.DiscordException,
                aiohttp.ClientError,
                TimeoutError,
                OSError,
                RuntimeError,
            ) as error:
                log.warning("the operator's channel could not be told: %s", type(error).__name__)

    async def _post(self, channel: int, words: str) -> None:
        client = await self._connected()
        async with asyncio.timeout(POST_SECONDS):
            await client.get_partial_messageable(channel).send(cut(disarm(words), LONGEST_MESSAGE))

    async def _connected(self) -> discord.Client:
        # Asked now and then: a connection may be replaced by another while somebody waits for it.
        while self._client is None or not self._client.is_ready():  # noqa: ASYNC110 — see above
            await asyncio.sleep(RECONNECT_SECONDS)
        return self._client
