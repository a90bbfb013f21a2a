"""A look-alike with one server and two members, and a raw bot connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from sandbox.discord import Discord, Member, Server
from tests.sandbox.discord.raw_bot import RawBot, RawSocket, command, option


@dataclass
class Scene:
    discord: Discord
    server: Server
    ada: Member
    bob: Member
    bot: RawBot
    socket: RawSocket


@pytest.fixture
async def bot(discord: Discord) -> AsyncIterator[RawBot]:
    async with RawBot(discord) as bot:
        yield bot


@pytest.fixture
async def scene(discord: Discord, bot: RawBot) -> Scene:
    """Everybody is there, and /imagine is registered."""
    server = discord.server("Tea House")
    socket = await bot.identify()
    images = option("images", 4, min_value=1, max_value=4)
    prompt = option("prompt", required=True, min_length=1, max_length=100)
    await bot.register(command("imagine", prompt, images))
    await socket.hear_event("READY")
    return Scene(discord, server, server.member("Ada"), server.member("Bob"), bot, socket)
