"""Tells the moderators of a server that the bot has joined what it does and how to set it up: once.

Discord announces it only to bots with the intent GUILDS, to which it sends every server at each start, with all its
channels and roles. So the bot asks for the list of its servers instead: one request a minute for up to 200 of them.
Nothing is read from the database while there is no new one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, Protocol

import discord

from bot.core.background import repeat
from bot.core.clock import Clock
from bot.core.limits.policy import Operator
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.sending import DiscordConnection, Sending
from bot.ui.join_hint import join_hint
from bot.ui.sentences import sentences_in
from bot.ui.text import snowflake

log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 10.0
"""After the start: what members ask for at that moment comes first."""
LOOK_SECONDS = 60.0
"""Between two looks at the list of servers, for each page of it."""
PAGE = 200
"""https://docs.discord.com/developers/resources/user#get-current-user-guilds"""
JUST_JOINED = timedelta(days=1)
"""A server that the bot was invited to longer ago knows it by now: it was not running then, or of an older version."""
GREET_SECONDS = 1.0
"""Between two servers that are not known: at the first start of this version that may be all of them."""
CHANNELS = ("safety_alerts_channel_id", "public_updates_channel_id", "system_channel_id")
"""Where a server's moderators look, in this order: https://docs.discord.com/developers/resources/guild#guild-object"""


class GreetedServers(Protocol):
    """Raises DatabaseUnavailable."""

    async def all(self) -> set[int]: ...

    async def add(self, server: int, now: datetime) -> bool:
        """False where it is there already: another process has greeted it."""
        ...

    async def drop(self, servers: Collection[int]) -> None: ...


class JoinHints:
    """A process that ends between recording a server and greeting it greets it never: rather that than twice."""

    def __init__(
        self, connection: DiscordConnection, greeted: GreetedServers, operator: Operator, clock: Clock
    ) -> None:
        self._connection = connection
        self._greeted = greeted
        self._operator = operator
        self._clock = clock
        self._known: set[int] | None = None
        self._pages = 1

    async def run(self) -> NoReturn:
        """Until it is cancelled."""
        await self._connection.gateway()
        await asyncio.sleep(FIRST_LOOK_SECONDS)
        await repeat(
            self.look,
            lambda _failing: asyncio.sleep(LOOK_SECONDS * self._pages),
            log,
            "servers that the bot has joined could not be recorded",
        )

    async def look(self) -> None:
        """Greet those that are new. Raises DatabaseUnavailable."""
        client = await self._connection.gateway()
        try:
            servers = await self._servers(client)
        except UNANSWERED as error:
            log.info("the list of servers could not be fetched: %s", type(error).__name__)
            return
        if self._known is None:
            self._known = await self._greeted.all()
        if gone := self._known - servers:
            await self._greeted.drop(gone)
            self._known -= gone
        for number, server in enumerate(sorted(servers - self._known)):
            if number:
                await asyncio.sleep(GREET_SECONDS)
            if self._operator.serves(server):
                try:
                    await self._greet(client, server)
                except UNANSWERED as error:
                    log.info("server %d was not greeted: %s", server, type(error).__name__)
            self._known.add(server)

    async def _servers(self, client: discord.Client) -> set[int]:
        """Their ids: all, or it raises one of UNANSWERED."""
        found, last = set[int](), 0
        while True:
            page: object = await client.http.get_guilds(PAGE, after=last, with_counts=False)
            if not isinstance(page, list):
                raise TypeError("no list of servers")
            ids = [int(one["id"]) for one in page]
            found.update(ids)
            if len(ids) < PAGE:
                self._pages = len(found) // PAGE + 1
                return found
            last = max(ids)

    async def _greet(self, client: discord.Client, server: int) -> None:
        """Where Discord lets the bot write. Raises one of UNANSWERED, and DatabaseUnavailable."""
        own = await client.http.get_member(server, client.application_id or 0)
        joined = discord.utils.parse_time(own["joined_at"])
        now = self._clock()
        if not await self._greeted.add(server, now) or joined is None or now - joined > JUST_JOINED:
            return
        guild: Mapping[str, Any] = dict(await client.http.get_guild(server, with_counts=False))
        message = join_hint(sentences_in(str(guild.get("preferred_locale"))))
        for channel in filter(None, (snowflake(guild.get(name)) for name in CHANNELS)):
            try:
                where = client.get_partial_messageable(channel, guild_id=server)
                await where.send(**Sending(message, client).post_options())
            except (discord.Forbidden, discord.NotFound):
                continue
            log.info("joined server %d, and told its moderators what to do", server)
            return
        log.info("joined server %d; it has no channel where its moderators could be told what to do", server)
