"""What of a policy still exists in Discord: asked for when a moderator looks, for the bot keeps no copy of servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection
from dataclasses import replace

import discord

from bot.core.not_done import LogChannelUnfit, LogChannelUnknown
from bot.core.policy import LogRule, Policy
from bot.ui.log_channel import check_log_channel
from bot.ui.rest import CUT_OFF
from bot.ui.sections import NOTHING_GONE, Gone

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
UNKNOWN_MEMBER, UNKNOWN_USER = 10007, 10013


async def look(
    client: discord.Client,
    server: int,
    policy: Policy,
    members: Collection[int] = (),
    seconds: float = LOOK_SECONDS,
) -> Gone:
    """What Discord has no more; of `members`, those who left. What it does not say in time is not called gone."""
    gone, left = await asyncio.gather(
        _gone(client, server, policy, seconds), _left(client, server, members, seconds)
    )
    return replace(gone, members=left)


async def _gone(client: discord.Client, server: int, policy: Policy, seconds: float) -> Gone:
    """Of roles and channels."""
    if not (policy.roles or policy.channels.channels or policy.log):
        return NOTHING_GONE
    try:
        async with asyncio.timeout(seconds):
            roles, channels = await _fetched(client, server)
            channels, gaps = await _with_log(client, server, policy.log, channels)
    except (discord.DiscordException, LogChannelUnknown, *CUT_OFF) as error:
        log.warning("server %d could not be looked at: %s", server, type(error).__name__)
        return NOTHING_GONE
    named = policy.channels.channels | ({policy.log.channel} if policy.log else frozenset())
    return Gone(frozenset(policy.roles) - roles, named - channels, log_gaps=gaps)


async def _left(
    client: discord.Client, server: int, members: Collection[int], seconds: float
) -> frozenset[int]:
    if not members:
        return frozenset()
    found: set[int] = set()
    with contextlib.suppress(discord.DiscordException, *CUT_OFF):
        async with asyncio.timeout(seconds):
            guild = await client.fetch_guild(server, with_counts=False)
            await asyncio.gather(*(_note_if_left(guild, member, found) for member in members))
    return frozenset(found)


async def _note_if_left(guild: discord.Guild, member: int, left: set[int]) -> None:
    try:
        await guild.fetch_member(member)
    except discord.NotFound as error:
        if error.code in {UNKNOWN_MEMBER, UNKNOWN_USER}:
            left.add(member)
    except (discord.DiscordException, *CUT_OFF) as error:
        log.debug("member %d could not be looked for: %s", member, type(error).__name__)


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
