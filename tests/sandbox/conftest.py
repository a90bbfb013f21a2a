"""A Discord look-alike for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox.discord import Discord
from tests.patience import PATIENCE


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        discord.reply_timeout = PATIENCE
        yield discord
