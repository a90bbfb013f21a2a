"""Who gives a command, and where, from what Discord says of an interaction."""

from __future__ import annotations

import discord

from bot.core.limits import Caller


def caller_of(
    interaction: discord.Interaction, member: discord.Member | discord.User | None = None
) -> Caller:
    """Whoever gave the command; or `member` as if they had given it there."""
    channel = interaction.channel
    container = getattr(channel, "parent_id", None) or getattr(channel, "category_id", None)
    return Caller(
        member=(member or interaction.user).id,
        server=interaction.guild_id or 0,
        channels=(interaction.channel_id or 0, container) if container else (interaction.channel_id or 0,),
        roles=role_ids(member or interaction.user),
        age_restricted=bool(getattr(channel, "nsfw", False)),
    )


def role_ids(member: discord.Member | discord.User) -> frozenset[int]:
    """As Discord sent them along.

    `Member.roles` names only roles of servers in the library's cache, and the bot keeps none: that would take an
    intent, and memory for every role and channel of every server.
    """
    return frozenset(member._roles) if isinstance(member, discord.Member) else frozenset()
