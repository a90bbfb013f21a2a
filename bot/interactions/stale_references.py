"""What a policy names that Discord no longer has: asked when a panel is opened, for the bot caches no servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import discord

from bot.core.limits.policy import LogRule, Policy
from bot.core.limits.rules import channel_obstacle
from bot.core.moderation.errors import LogChannelUnknown, LogChannelUnusable
from bot.core.place import InServer
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.log_channel import check_log_channel
from bot.interactions.lookup_cache import LookupCache
from bot.ui.limits.panel_sections import NOTHING_GONE, MissingReferences

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
KEPT_SECONDS, MOST_ASKED = 10.0, 5
"""A moderator sees at once what they did in Discord; a crowd of panels makes so many questions in that time."""
MOST_MEMBERS = 10
"""Looked up at once, one request each; members that were not looked up do not count as gone."""
UNKNOWN_MEMBER, UNKNOWN_USER = 10007, 10013


@dataclass(frozen=True, slots=True)
class _Server:
    """`channels`: with somebody in each, to try a rule on; nobody is in a category."""

    roles: frozenset[int]
    channels: Mapping[int, InServer | None]


class StaleReferences:
    """Panels that are opened together share their requests, and for a while the answers."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._servers = LookupCache(self._fetch_server, KEPT_SECONDS, MOST_ASKED)
        self._logs: LookupCache[tuple[int, LogRule], tuple[str, ...]] = LookupCache(
            lambda key: check_log_channel(client, key[0], key[1].channel), KEPT_SECONDS, MOST_ASKED
        )
        self._here = LookupCache(self._is_member, KEPT_SECONDS, MOST_ASKED)

    async def find(
        self, server: int, policy: Policy, members: Collection[int] = (), seconds: float = LOOK_SECONDS
    ) -> MissingReferences:
        """What Discord has no more; of `members`, those who left. What it does not answer in time is not gone."""
        gone, left = await asyncio.gather(
            self._gone(server, policy, seconds), self._left(server, members, seconds)
        )
        return replace(gone, members=left)

    async def _gone(self, server: int, policy: Policy, seconds: float) -> MissingReferences:
        """Of roles and channels."""
        rule = policy.channels
        if not (policy.roles or rule.channels or rule.age_restricted_only or policy.log):
            return NOTHING_GONE
        gaps: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(seconds):
                found = await self._servers.get(server)
                missing = rule.channels.difference(found.channels)
                if policy.log:
                    # By itself: it may be a thread, which is in no list.
                    missing -= {policy.log.channel}
                    try:
                        gaps = await self._logs.get((server, policy.log))
                    except LogChannelUnusable:
                        missing |= {policy.log.channel}
        except (LogChannelUnknown, *UNANSWERED) as error:
            log.warning(
                "the roles and channels of server %d could not be fetched: %s", server, type(error).__name__
            )
            return NOTHING_GONE
        places = [somebody for somebody in found.channels.values() if somebody]
        nowhere = bool(places) and all(channel_obstacle(policy, place) for place in places)
        return MissingReferences(
            frozenset(policy.roles) - found.roles, missing, log_gaps=gaps, nowhere=nowhere
        )

    async def _left(self, server: int, members: Collection[int], seconds: float) -> frozenset[int]:
        left = {one for one in members if self._here.last((server, one)) is False}
        asked = sorted(members, key=lambda one: self._here.last((server, one)) is not None)[:MOST_MEMBERS]
        found = dict.fromkeys(asked, True)

        async def ask(member: int) -> None:
            with contextlib.suppress(*UNANSWERED):
                found[member] = await self._here.get((server, member))

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*map(ask, asked))
        return frozenset(left - found.keys() | {member for member, here in found.items() if not here})

    async def _fetch_server(self, server: int) -> _Server:
        guild = await self._client.fetch_guild(server, with_counts=False)
        channels: dict[int, InServer | None] = {}
        for channel in await guild.fetch_channels():
            parents = (channel.category_id,) if channel.category_id else ()
            nsfw = bool(getattr(channel, "nsfw", False))
            somebody = InServer(server, channel.id, parents, age_restricted=nsfw)
            channels[channel.id] = None if isinstance(channel, discord.CategoryChannel) else somebody
        return _Server(frozenset(role.id for role in guild.roles), channels)

    async def _is_member(self, who: tuple[int, int]) -> bool:
        """Raises what Discord answers other than yes or no."""
        try:
            await self._client.http.get_member(*who)
        except discord.NotFound as error:
            if error.code in {UNKNOWN_MEMBER, UNKNOWN_USER}:
                return False
            raise
        return True
