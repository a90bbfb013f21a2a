"""What of a policy still exists in Discord: asked for when a moderator looks, for the bot keeps no copy of servers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import discord
from discord.abc import GuildChannel

from bot.core.policy import Policy
from bot.ui.replies import CUT_OFF
from bot.ui.sections import Present

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
TO_WRITE = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)


async def look(client: discord.Client, server: int, policy: Policy) -> Present | None:
    """None where there is nothing to look for, and where Discord does not say."""
    if not (policy.roles or policy.channels.channels or policy.log):
        return None
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await _fetched(client, server, policy)
    except (discord.DiscordException, *CUT_OFF) as error:
        log.warning("server %d could not be looked at: %s", server, type(error).__name__)
        return None


async def _fetched(client: discord.Client, server: int, policy: Policy) -> Present:
    guild = await client.fetch_guild(server, with_counts=False)
    channels = await guild.fetch_channels()
    return Present(
        frozenset(role.id for role in guild.roles),
        frozenset(channel.id for channel in channels),
        await _log_gaps(client, guild, channels, policy),
    )


async def _log_gaps(
    client: discord.Client, guild: discord.Guild, channels: Sequence[GuildChannel], policy: Policy
) -> tuple[str, ...]:
    rule = policy.log
    channel = next((one for one in channels if rule and one.id == rule.channel), None)
    if channel is None or client.user is None:
        return ()
    me = await guild.fetch_member(client.user.id)
    return gaps(channel.permissions_for(me))


def gaps(held: discord.Permissions) -> tuple[str, ...]:
    """What it takes to write a log line and is not `held`, by the names that Discord gives to permissions."""
    missing = [name for name, needed in TO_WRITE if needed and not getattr(held, name)]
    return tuple(name.replace("_", " ").title() for name in missing)
