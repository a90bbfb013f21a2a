"""The log that moderators read in a channel of their server: written in the background; no command waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.core.clock import Clock
from bot.core.errors import BotError, DatabaseUnavailable
from bot.core.limits.policy import LogLevel
from bot.core.limits.policy_store import PolicyStore
from bot.core.moderator_log.queue import Batch, Deduplication, EntryQueue, LogEvent, caller_in
from bot.core.place import is_in_server
from bot.interactions.context import public_sentences
from bot.interactions.discord_errors import CUT_OFF
from bot.interactions.sending import DiscordConnection, Sending
from bot.ui.moderator_log.entries import ENTRIES_IN_A_MESSAGE, log_message

log = logging.getLogger(__name__)

WRITE_SECONDS = 10.0
CLOSE_SECONDS = 2.0
PAUSE_SECONDS = 3600.0
"""How long nothing is sent to a channel where Discord refused an entry, unless the moderators choose one again."""


@dataclass(frozen=True, slots=True)
class _Pause:
    """Nothing is sent to the channel that `revision` of the policy names, `until` then on a monotonic clock."""

    revision: int
    until: float


class ModeratorLog:
    """Takes events as a listener (`add`), writes them (`run`), and implements `LogChannels` of the reports.

    `run` writes one message at a time, each server in its turn. A message that fails is not sent again, as it may have
    arrived: its events are counted, and the next message that arrives says how many are missing before it.
    """

    def __init__(
        self,
        policies: PolicyStore,
        clock: Clock,
        connection: DiscordConnection,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policies = policies
        self._clock = clock
        self._monotonic = monotonic
        self._deduplication = Deduplication()
        self._queue = EntryQueue()
        self._pauses: dict[int, _Pause] = {}
        self._times_chosen = 0
        self._connection = connection
        self._added = asyncio.Event()
        self._closing = False
        self._ended = asyncio.Event()

    def add(self, event: LogEvent) -> None:
        """Never raises and never waits. What happens in no server has no moderators to read it."""
        if not is_in_server(caller_in(event)):
            return
        self._queue.add(self._deduplication.take(event, self._clock(), self._monotonic()))
        self._added.set()

    async def run(self) -> None:
        """Write what is added, until it is closed or cancelled."""
        try:
            while True:
                due, next_due = self._deduplication.due(self._monotonic())
                self._queue.add(due)
                if batch := self._queue.next(ENTRIES_IN_A_MESSAGE):
                    await self._write(batch)
                    continue
                if self._closing:
                    return
                self._added.clear()
                seconds = None if next_due is None else max(0.0, next_due - self._monotonic())
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._added.wait()
        finally:
            self._ended.set()
            if unwritten := self._queue.unwritten():
                log.warning("stopping: %d events could not be written into the servers' logs", unwritten)

    async def _write(self, batch: Batch) -> None:
        """Write `batch` into the channel of the policy in force; what is not written is counted as lost."""
        written = False
        try:
            client = await self._connection.rest()  # writing needs no gateway
            async with asyncio.timeout(WRITE_SECONDS):
                revision = await self._policies.of(batch.server)
                rule = revision.policy.log
                if rule is None:
                    written = True  # no log was chosen, so nothing is missing from it
                    return
                if rule.level is LogLevel.PROBLEMS:
                    batch = batch.problems()
                if batch.entries and self.is_writable(batch.server, revision.number):
                    written = await self._send(client, rule.channel, revision.number, batch)
        except DatabaseUnavailable:
            pass  # the operator gets one alert for the outage
        except (BotError, discord.DiscordException, *CUT_OFF) as error:
            log.warning(
                "the log of server %d could not be written (%s); events missing from it so far: %d",
                batch.server,
                type(error).__name__,
                batch.missing_if_lost().total(),
            )
        except Exception:  # a bug in one entry must not stop the logs of all servers
            log.exception(
                "unexpected error while the log of server %d was written; events missing from it so far: %d",
                batch.server,
                batch.missing_if_lost().total(),
            )
        finally:
            if not written:
                self._queue.lose(batch)

    async def _send(self, client: discord.Client, channel: int, revision: int, batch: Batch) -> bool:
        """False where Discord refuses it: then nothing more is sent to that channel for PAUSE_SECONDS."""
        message = log_message(batch, public_sentences(batch.entries[0].caller))
        messageable = client.get_partial_messageable(channel, guild_id=batch.server)
        times_chosen = self._times_chosen
        try:
            await messageable.send(**Sending(message, client).post_options())
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            if times_chosen != self._times_chosen:
                return False  # chosen again meanwhile, where the bot may write by now
            self._pauses[batch.server] = _Pause(revision, self._monotonic() + PAUSE_SECONDS)
            log.warning(
                "server %d does not let me write its log (%d, %d): no entry is sent until its moderators choose the "
                "log channel again, or for an hour; events missing from it so far: %d",
                batch.server,
                error.status,
                error.code,
                batch.missing_if_lost().total(),
            )
            return False
        if missing := batch.lost.total():
            log.info(
                "the log of server %d is written again; events missing from it: %d", batch.server, missing
            )
        return True

    def is_writable(self, server: int, revision: int) -> bool:
        """Whether no pause holds for the channel that `revision` names. A pause that has ended is forgotten."""
        pause = self._pauses.get(server)
        if pause is None:
            return True
        if pause.revision == revision and self._monotonic() < pause.until:
            return False
        del self._pauses[server]
        return True

    def end_pause(self, server: int) -> None:
        """Its moderators have chosen a channel: the same one again, too, which makes no new revision."""
        self._pauses.pop(server, None)
        self._times_chosen += 1

    async def close(self) -> None:
        """Let `run` write what still waits, for CLOSE_SECONDS at most."""
        self._closing = True
        self._queue.add(self._deduplication.drain())
        self._added.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._ended.wait()
