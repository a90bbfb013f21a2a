"""The log that moderators read in a channel of their server: written in the background; no command waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.core.errors import BotError, DatabaseUnavailable
from bot.core.generation.events import Delivered
from bot.core.limits.policy import LogLevel
from bot.core.limits.policy_store import PolicyStore
from bot.core.moderator_log.deduplication import Folds
from bot.core.moderator_log.events import LogEvent, Reported
from bot.core.moderator_log.queue import Backlog, Batch
from bot.interactions.connection import DiscordConnection
from bot.interactions.context import public_sentences
from bot.interactions.rest_guard import CUT_OFF
from bot.ui.moderator_log.entries import ENTRIES_IN_A_MESSAGE, entry_embed, lost_words

log = logging.getLogger(__name__)

WRITE_SECONDS = 10.0
CLOSE_SECONDS = 2.0
PAUSE = timedelta(hours=1)
"""How long nothing is sent to a channel that refused an entry, unless the moderators choose again."""


@dataclass(frozen=True, slots=True)
class _Pause:
    revision: int
    until: datetime


class ModeratorLog:
    """Listens to events, and implements the reports' `LogChannels`.

    One worker writes, a message at a time, each server in its turn.
    """

    def __init__(
        self, policies: PolicyStore, clock: Callable[[], datetime], connection: DiscordConnection
    ) -> None:
        self._policies = policies
        self._clock = clock
        self._folds = Folds()
        self._backlog = Backlog()
        self._pauses: dict[int, _Pause] = {}
        self._connection = connection
        self._noted = asyncio.Event()
        self._closing = False
        self._written = asyncio.Event()

    def note(self, event: LogEvent) -> None:
        """Never raises and never waits."""
        self._backlog.add(self._folds.take(event, self._clock()))
        self._noted.set()

    def is_writable(self, server: int, revision: int) -> bool:
        return not self._is_paused(server, revision)

    async def close(self) -> None:
        """Write what still waits, as far as that goes in two seconds."""
        self._closing = True
        self._backlog.add(self._folds.all())
        self._noted.set()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._written.wait()
        except TimeoutError:
            log.warning("stopping: the last entries of the servers' logs could not be sent in time")

    async def run(self) -> None:
        """Write what is noted, until it is closed or cancelled."""
        while True:
            self._backlog.add(self._folds.due(self._clock()))
            if batch := self._backlog.next(ENTRIES_IN_A_MESSAGE):
                await self._write(batch)
                continue
            if self._closing:
                self._written.set()
                return
            self._noted.clear()
            end = self._folds.next_end()
            seconds = None if end is None else max(0.0, (end - self._clock()).total_seconds())
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._noted.wait()

    async def _write(self, batch: Batch) -> None:
        try:
            client = await self._connection.rest()  # it takes no more than the token to write
            async with asyncio.timeout(WRITE_SECONDS):
                await self._send(client, batch)
        except DatabaseUnavailable:  # the operator gets one alert for the outage
            self._backlog.lose(batch)
        except (BotError, discord.DiscordException, *CUT_OFF) as error:
            self._backlog.lose(batch)
            log.warning("the log of server %d could not be written: %s", batch.server, type(error).__name__)
        except Exception:  # a bug in one entry must not stop the logs of all servers
            log.exception("unexpected error while the log of server %d was written", batch.server)

    async def _send(self, client: discord.Client, batch: Batch) -> None:
        revision = await self._policies.of(batch.server)
        rule = revision.policy.log
        if rule is None or self._is_paused(batch.server, revision.number):
            return
        everything = rule.level is LogLevel.EVERYTHING
        entries = [one for one in batch.entries if everything or not isinstance(one.event, Delivered)]
        if not entries:
            self._backlog.lose(Batch(batch.server, (), batch.lost))
            return
        event = entries[0].event
        say = public_sentences(event.by if isinstance(event, Reported) else event.request.caller)
        try:
            await client.get_partial_messageable(rule.channel, guild_id=batch.server).send(
                lost_words(batch.lost, say),
                embeds=[entry_embed(entry, say) for entry in entries],
                allowed_mentions=discord.AllowedMentions.none(),
                silent=True,
            )
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            self._pauses[batch.server] = _Pause(revision.number, self._clock() + PAUSE)
            log.warning(
                "server %d does not let me write its log (%d, %d): no entry is sent until its moderators choose the "
                "log channel again, or for an hour",
                batch.server,
                error.status,
                error.code,
            )

    def _is_paused(self, server: int, revision: int) -> bool:
        pause = self._pauses.get(server)
        if pause is None:
            return False
        if pause.revision == revision and self._clock() < pause.until:
            return True
        del self._pauses[server]
        return False
