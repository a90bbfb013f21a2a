"""What of a policy still exists in Discord: asked for when a moderator looks, for the bot keeps no copy of servers."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.core.not_done import LogChannelUnfit, LogChannelUnknown
from bot.core.policy import LogRule, Policy
from bot.ui.delivery import CUT_OFF
from bot.ui.log_channel import check_log_channel
from bot.ui.sections import Present

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


async def look(
    client: discord.Client, server: int, policy: Policy, seconds: float = LOOK_SECONDS
) -> Present | None:
    """None where there is nothing to look for, and where Discord does not say."""
    if not (policy.roles or policy.channels.channels or policy.log):
        return None
    try:
        async with asyncio.timeout(seconds):
            roles, channels = await _fetched(client, server)
            channels, gaps = await _with_log(client, server, policy.log, channels)
    except (discord.DiscordException, LogChannelUnknown, *CUT_OFF) as error:
        log.warning("server %d could not be looked at: %s", server, type(error).__name__)
        return None
    return Present(roles, channels, gaps)


async def _fetched(client: discord.Client, server: int) -> tuple[frozenset[int], frozenset[int]]:
    guild = await client.fetch_guild(server, with_counts=False)
    channels = await guild.fetch_channels()
    return frozenset(role.id for role in guild.roles), frozenset(channel.id for channel in channels)


async def _with_log(
    client: discord.Client, server: int, rule: LogRule | None, channels: frozenset[int]
) -> tuple[frozenset[int], tuple[str, ...]]:
    """With the log's channel, which may be a thread and in no list, and what keeps the bot from writing there."""
    if rule is None:
        return channels, ()
    try:
        gaps = await check_log_channel(client, server, rule.channel)
    except LogChannelUnfit:
        return channels - {rule.channel}, ()
    return channels | {rule.channel}, gaps
