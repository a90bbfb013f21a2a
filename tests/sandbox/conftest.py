"""A Discord look-alike for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox.discord import Discord


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        discord.reply_timeout = 5.0
        yield discord
