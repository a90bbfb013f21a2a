"""Whether the bot can write its log into a channel: asked of Discord, at once, when a moderator chooses one.

`/limits log` and the panel call `require_log_channel` before they write the choice down; `check_log_channel` says of
a channel that was chosen earlier what has changed since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import discord

from bot.core.moderation.errors import LogChannelForbidden, LogChannelUnknown, LogChannelUnusable
from bot.interactions.discord_errors import MISSING_ACCESS, UNANSWERED

ASK_SECONDS = 2.0
"""For three questions; whoever asks from a command or a form has 3 s for the first answer."""

VIEW, SEND, SEND_IN_THREADS, EMBED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
)

_KINDS = discord.ChannelType
CHANNEL_TYPES = [
    *(_KINDS.text, _KINDS.news, _KINDS.voice, _KINDS.stage_voice),
    *(_KINDS.public_thread, _KINDS.private_thread, _KINDS.news_thread),
]
"""Where a message can stand by itself."""
_Writable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


async def require_log_channel(client: discord.Client, server: int, channel: int) -> None:
    """Raises LogChannelForbidden (with the missing permissions' names), LogChannelUnusable, LogChannelUnknown."""
    if missing := await check_log_channel(client, server, channel):
        raise LogChannelForbidden(channel, missing)


async def check_log_channel(client: discord.Client, server: int, channel: int) -> tuple[str, ...]:
    """The permissions that the bot lacks there, by the names of their codes; empty where it can write.

    Raises LogChannelUnusable for a channel that is gone, of another server or without messages, and LogChannelUnknown
    where Discord does not say.
    """
    try:
        async with asyncio.timeout(ASK_SECONDS):
            guild = await client.fetch_guild(server, with_counts=False)
            own_id = client.user.id if client.user else 0
            found, me = await asyncio.gather(guild.fetch_channel(channel), guild.fetch_member(own_id))
            if not isinstance(found, _Writable):
                raise LogChannelUnusable(channel)
            if not isinstance(found, discord.Thread):
                return tuple(_lacking(found, me, SEND))
            parent = await guild.fetch_channel(found.parent_id)
            if isinstance(parent, discord.Thread):
                raise LogChannelUnusable(channel)
            return tuple(_lacking(parent, me, SEND_IN_THREADS))
    except (discord.NotFound, discord.InvalidData) as error:
        raise LogChannelUnusable(channel) from error
    except discord.Forbidden as error:
        if error.code == MISSING_ACCESS:
            return (VIEW,)
        raise LogChannelUnknown from error
    except UNANSWERED as error:
        raise LogChannelUnknown from error


def _lacking(channel: discord.abc.GuildChannel, me: discord.Member, sending: str) -> Iterator[str]:
    # Not the channel's own method: that takes everything away from whoever lacks one thing, and the moderator would
    # be told to grant what is granted.
    granted = discord.abc.GuildChannel.permissions_for(channel, me)
    if not granted.view_channel:
        yield VIEW
    if not (granted.send_messages_in_threads if sending == SEND_IN_THREADS else granted.send_messages):
        yield sending
    if not granted.embed_links:
        yield EMBED
