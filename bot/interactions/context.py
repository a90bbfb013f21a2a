"""Who gives a command, where, and in which language they are answered, from the interaction that Discord sent."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands

from bot.core.limits.errors import OnlyInServers
from bot.core.place import Caller, Direct, InServer, Place, ServerCaller, is_in_server
from bot.interactions.discord_errors import UNANSWERED
from bot.interactions.lookup_cache import LookupCache
from bot.ui.sentences import ENGLISH, Sentences, sentences_in

log = logging.getLogger(__name__)

ASK_SECONDS = 0.7
"""How long a command waits for a channel: Discord gives 3 s for an answer, and reserving takes up to half of them."""
GIVE_UP_SECONDS = 10.0
"""How long a channel is asked for in the background, after the command has gone on without it."""
KEPT_SECONDS = 300.0
"""How long an answer is used before Discord is asked again."""
STALE_SECONDS = 3600.0
"""How old an answer may be that is used because Discord gives no newer one."""
UNKNOWN_KEPT_SECONDS = 30.0
"""How long Discord is not asked again after it did not answer."""


Elsewhere = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""A channel that was named in a command, as Discord sent it along."""
INCOMPLETE = discord.PartialMessageable | discord.Thread | app_commands.AppCommandThread
"""Channels that Discord sends without everything that the rules need."""


def server_of(interaction: discord.Interaction[Any]) -> int:
    """The server that it comes from. Raises OnlyInServers where there is none that has the bot."""
    if interaction.guild_id is None or not has_bot(interaction):
        raise OnlyInServers
    return interaction.guild_id


def has_bot(interaction: discord.Interaction[Any]) -> bool:
    """Whether its server has the bot, and not somebody there alone: below an answer, whoever that was given to.

    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-authorizing-integration-owners-object
    """
    owners = interaction._integration_owners  # discord.py compares them with the one who uses it
    return owners.get(0) == interaction.guild_id or not owners


def caller_of(
    interaction: discord.Interaction[Any],
    member: discord.Member | discord.User | None = None,
    elsewhere: Elsewhere | None = None,
) -> Caller[Place]:
    """Whoever gave the command; or `member` as if they had given it, there or `elsewhere` in that server.

    Of what a thread is in, only its parent's id. A channel of a kind that discord.py does not know is not `known`.
    """
    if direct := direct_place_of(interaction):
        return Caller(interaction.user.id, direct, *_locales(interaction))
    return server_caller_of(interaction, member, elsewhere)


def direct_place_of(interaction: discord.Interaction[Any]) -> Direct | None:
    """None where it comes from a server that has the bot."""
    server = interaction.guild_id
    if server is not None and has_bot(interaction):
        return None
    with_bot = server is None and not interaction.context.private_channel
    return Direct(interaction.channel_id or 0, with_bot=with_bot, server=server)


def server_caller_of(
    interaction: discord.Interaction[Any],
    member: discord.Member | discord.User | None = None,
    elsewhere: Elsewhere | None = None,
) -> ServerCaller:
    """As `caller_of`. Raises OnlyInServers where there is no server that has the bot."""
    server = server_of(interaction)
    # As Discord sent them along: `Member.roles` names only roles of servers in the library's cache, and the bot keeps
    # none. That would take an intent, and memory for every role and channel of every server.
    who = member or interaction.user
    roles = frozenset(who._roles) if isinstance(who, discord.Member) else frozenset[int]()
    channel = elsewhere or interaction.channel
    number = elsewhere.id if elsewhere else interaction.channel_id or 0
    container = getattr(channel, "parent_id", None) or getattr(channel, "category_id", None)
    place = InServer(
        server,
        number,
        (container,) if container else (),
        roles,
        age_restricted=bool(getattr(channel, "nsfw", False)),
        known=not (channel is None or isinstance(channel, INCOMPLETE)),
    )
    return Caller(who.id, place, *_locales(interaction))


def _locales(interaction: discord.Interaction[Any]) -> tuple[str, str | None]:
    return str(interaction.locale), interaction.guild_locale and str(interaction.guild_locale)


def private_sentences(interaction: discord.Interaction[Any]) -> Sentences:
    """For whoever gave the command: Discord says the language of their client."""
    return sentences_in(str(interaction.locale))


def public_sentences(caller: Caller[Any]) -> Sentences:
    """For everybody where `caller` is: in the server's language, or theirs where Discord does not name it."""
    return sentences_in(caller.server_locale or caller.locale or ENGLISH)


@dataclass(frozen=True, slots=True)
class _Parent:
    """What a thread has from the channel or the forum it is in, as Discord said at `answered_at`, on a monotonic clock.

    None: it has not answered. `is_fresh` is False where it was asked again and did not answer, and `hidden` is True
    where the answer was that the bot may not view it.
    """

    category: int | None = None
    age_restricted: bool = False
    answered_at: float | None = None
    is_fresh: bool = False
    hidden: bool = False


class Callers:
    """Callers with what Discord leaves out of a command given in a thread: fetched from it, and kept for minutes."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._parents = LookupCache(
            self._fetch,
            lambda parent: KEPT_SECONDS if parent.is_fresh else UNKNOWN_KEPT_SECONDS,
            most_asked=1,
        )

    async def of(self, interaction: discord.Interaction) -> Caller[Place]:
        """As `caller_of`, and in a thread with what its parent has. That takes ASK_SECONDS at most."""
        caller = caller_of(interaction)
        return await self._with_parent(caller, interaction.channel) if is_in_server(caller) else caller

    async def in_server(
        self,
        interaction: discord.Interaction,
        member: discord.Member | discord.User | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> ServerCaller:
        """As `server_caller_of`, and in a thread with what its parent has. That takes ASK_SECONDS at most."""
        caller = server_caller_of(interaction, member, elsewhere)
        return await self._with_parent(caller, elsewhere or interaction.channel)

    async def _with_parent(self, caller: ServerCaller, channel: object) -> ServerCaller:
        if not isinstance(channel, discord.Thread | app_commands.AppCommandThread):
            return caller
        try:
            async with asyncio.timeout(ASK_SECONDS):
                parent = await self._parents.get(channel.parent_id)
        except TimeoutError:
            log.debug("channel %d was not fetched within %.1f s", channel.parent_id, ASK_SECONDS)
            parent = self._last_known(channel.parent_id)
        parents = caller.place.parents
        place = replace(
            caller.place,
            parents=(*parents, parent.category) if parent.category else parents,
            age_restricted=parent.age_restricted,
            known=parent.answered_at is not None,
            hidden=parent.hidden,
        )
        return replace(caller, place=place)

    async def _fetch(self, channel: int) -> _Parent:
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                found = await self._client.fetch_channel(channel)
        except UNANSWERED as error:
            log.debug("channel %d could not be fetched: %s", channel, type(error).__name__)
            return replace(self._last_known(channel), hidden=isinstance(error, discord.Forbidden))
        category, age_restricted = getattr(found, "category_id", None), bool(getattr(found, "nsfw", False))
        return _Parent(category, age_restricted, time.monotonic(), is_fresh=True)

    def _last_known(self, channel: int) -> _Parent:
        """What Discord answered within STALE_SECONDS, else a `_Parent` of which nothing is known."""
        known = self._parents.last(channel)
        if (
            known is None
            or known.answered_at is None
            or time.monotonic() >= known.answered_at + STALE_SECONDS
        ):
            return _Parent()
        return replace(known, is_fresh=False)
