"""discord.py itself inside a test, asking the look-alike by REST alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from sandbox.discord import Discord


@asynccontextmanager
async def logged_in(look_alike: Discord) -> AsyncIterator[discord.Client]:
    elsewhere = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = look_alike.api_url, URL(look_alike.gateway_url)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(look_alike.token)
            yield client
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = elsewhere
