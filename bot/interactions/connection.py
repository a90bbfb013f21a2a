"""When, and through which client, Discord can be spoken to."""

from __future__ import annotations

import asyncio

import discord


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
