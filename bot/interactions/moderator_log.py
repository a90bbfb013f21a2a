"""The log that moderators read in a channel of their server: written behind everything else, never in its way."""

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
from bot.core.limits.policy import LogLevel, LogRule
from bot.core.limits.policy_store import PolicyStore
from bot.core.moderator_log.deduplication import Folds
from bot.core.moderator_log.events import LogEvent, Reported
from bot.core.moderator_log.queue import Backlog, Batch
from bot.interactions.connection import DiscordConnection
from bot.interactions.language import public_sentences
from bot.interactions.rest_guard import CUT_OFF
from bot.ui.moderator_log.entries import ENTRIES_IN_A_MESSAGE, entry_embed, lost_words

log = logging.getLogger(__name__)

WRITE_SECONDS = 10.0
CLOSE_SECONDS = 2.0
QUIET = timedelta(hours=1)
"""How long a channel that refused an entry is left alone, unless the moderators choose again."""


@dataclass(frozen=True, slots=True)
class _Silence:
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
        self._silences: dict[int, _Silence] = {}
        self._connection = connection
        self._noted = asyncio.Event()
        self._closing = False
        self._written = asyncio.Event()

    def note(self, event: LogEvent) -> None:
        """Never raises and never waits."""
        self._backlog.add(self._folds.take(event, self._clock()))
        self._noted.set()

    def is_writable(self, server: int, revision: int) -> bool:
        return not self._is_silent(server, revision)

    async def close(self) -> None:
        """Write what still waits, as far as that goes in two seconds."""
        self._closing = True
        self._backlog.add(self._folds.all())
        self._noted.set()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._written.wait()
        except TimeoutError:
            log.warning("stopping: the servers' logs miss their last entries")

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
                await self._write_where_chosen(client, batch)
        except DatabaseUnavailable:  # of which the operator is told once
            self._backlog.lose(batch)
        except (BotError, discord.DiscordException, *CUT_OFF) as error:
            self._backlog.lose(batch)
            log.warning("the log of server %d could not be written: %s", batch.server, type(error).__name__)
        except Exception:  # a mistake of ours in one entry must not silence every server
            log.exception("unforeseen failure in the log of server %d", batch.server)

    async def _write_where_chosen(self, client: discord.Client, batch: Batch) -> None:
        revision = await self._policies.of(batch.server)
        rule = revision.policy.log
        if rule is None or self._is_silent(batch.server, revision.number):
            return
        try:
            if not await _post(client, rule, batch):
                self._backlog.lose(Batch(batch.server, (), batch.lost))
        except discord.HTTPException as error:
            if error.status >= 500 or error.status == 429:
                raise
            self._silences[batch.server] = _Silence(revision.number, self._clock() + QUIET)
            log.warning(
                "server %d does not let me write its log (%d, %d): left alone until its moderators choose anew, "
                "or for an hour",
                batch.server,
                error.status,
                error.code,
            )

    def _is_silent(self, server: int, revision: int) -> bool:
        silence = self._silences.get(server)
        if silence is None:
            return False
        if silence.revision == revision and self._clock() < silence.until:
            return True
        del self._silences[server]
        return False


async def _post(client: discord.Client, rule: LogRule, batch: Batch) -> bool:
    """Whether anything of it belongs into the log."""
    entries = [
        entry
        for entry in batch.entries
        if rule.level is LogLevel.EVERYTHING or not isinstance(entry.event, Delivered)
    ]
    if entries:
        event = entries[0].event
        say = public_sentences(event.by if isinstance(event, Reported) else event.request.caller)
        await client.get_partial_messageable(rule.channel, guild_id=batch.server).send(
            lost_words(batch.lost, say),
            embeds=[entry_embed(entry, say) for entry in entries],
            allowed_mentions=discord.AllowedMentions.none(),
            silent=True,
        )
    return bool(entries)
