"""discord.py's client inside a test, connected to the look-alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from sandbox.discord import Discord


@contextmanager
def pointed_at(look_alike: Discord) -> Iterator[None]:
    elsewhere = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = look_alike.api_url, URL(look_alike.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = elsewhere


@asynccontextmanager
async def logged_in(look_alike: Discord) -> AsyncIterator[discord.Client]:
    """A client that asks by REST alone."""
    with pointed_at(look_alike):
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(look_alike.token)
            yield client
