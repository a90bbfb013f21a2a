"""Moderators are told once that the bot has joined, where Discord lets it write; asked of the look-alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.interactions.join_hints import JoinHints
from bot.interactions.sending import DiscordConnection
from sandbox.discord import Discord, Server
from sandbox.discord.state.guilds import Channel
from tests.core.factories import operator
from tests.sandbox.discord.discord_py_client import logged_in


class FakeGreeted:
    """Servers in memory, as several processes share them."""

    def __init__(self) -> None:
        self.servers: set[int] = set()
        self.reads = 0

    async def all(self) -> set[int]:
        self.reads += 1
        return set(self.servers)

    async def add(self, server: int, now: datetime) -> bool:
        assert now.tzinfo
        new = server not in self.servers
        self.servers.add(server)
        return new

    async def drop(self, servers: Collection[int]) -> None:
        self.servers.difference_update(servers)


@dataclass
class Scene:
    look_alike: Discord
    client: discord.Client
    greeted: FakeGreeted = field(default_factory=FakeGreeted)
    later: timedelta = timedelta()

    def process(self, allowed: frozenset[int] | None = None) -> JoinHints:
        connection = DiscordConnection()
        connection.logged_in(self.client)
        connection.ready()
        served = replace(operator(), allowed_servers=allowed)
        return JoinHints(connection, self.greeted, served, lambda: datetime.now(UTC) + self.later)

    def server(self, name: str = "Tea House") -> tuple[Server, Channel]:
        """With a system channel."""
        made = self.look_alike.server(name)
        made.guild.system_channel = made.general
        return made, made.general

    def said(self, channel: Channel) -> list[str]:
        return [one.content for one in self.look_alike.messages.by_channel.get(channel.id, {}).values()]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        yield Scene(look_alike, client)


async def test_a_server_is_told_once_whatever_is_started_again(scene: Scene) -> None:
    server, general = scene.server()
    first = scene.process()
    await first.look()
    [said] = scene.said(general)
    assert "/limits show" in said
    await first.look()
    await scene.process().look()
    assert len(scene.said(general)) == 1
    assert scene.greeted.servers == {server.id}


async def test_a_server_that_is_joined_while_the_bot_runs_is_told_at_the_next_look(scene: Scene) -> None:
    hints, other = scene.process(), scene.process()
    for process in (hints, other):
        await process.look()
    _, general = scene.server()
    for process in (hints, other):
        await process.look()
    assert len(scene.said(general)) == 1
    assert scene.greeted.reads == 2


async def test_it_is_told_in_the_first_channel_that_the_bot_may_write_to(scene: Scene) -> None:
    server, general = scene.server()
    updates = server.guild.public_updates_channel = server.channel("updates")
    await scene.process().look()
    assert (len(scene.said(updates)), len(scene.said(general))) == (1, 0)
    other, general = scene.server("Other")
    closed = other.guild.public_updates_channel = other.channel("closed")
    closed.deny_bot(send_messages=True)
    await scene.process().look()
    assert (len(scene.said(closed)), len(scene.said(general))) == (0, 1)


async def test_where_the_bot_may_write_nowhere_nothing_is_said_and_nothing_fails(scene: Scene) -> None:
    server, general = scene.server()
    server.revoke_from_bot(send_messages=True)
    await scene.process().look()
    assert scene.said(general) == []
    assert scene.greeted.servers == {server.id}
    scene.look_alike.server("without any channel for it")
    await scene.process().look()


async def test_a_server_that_was_joined_long_ago_is_told_nothing(scene: Scene) -> None:
    _, general = scene.server()
    scene.later = timedelta(days=2)
    await scene.process().look()
    assert scene.said(general) == []


async def test_a_server_that_the_bot_left_and_joined_again_is_told_again(scene: Scene) -> None:
    server, general = scene.server()
    hints = scene.process()
    await hints.look()
    server.remove_bot()
    await hints.look()
    assert scene.greeted.servers == set()
    server.add_bot()
    await hints.look()
    assert len(scene.said(general)) == 2


async def test_a_server_that_the_operator_does_not_serve_is_told_nothing(scene: Scene) -> None:
    server, general = scene.server()
    hints = scene.process(frozenset({server.id + 1}))
    await hints.look()
    assert scene.said(general) == []
    assert scene.greeted.servers == set()


async def test_where_discord_does_not_say_which_servers_there_are_none_counts_as_left(scene: Scene) -> None:
    server, _ = scene.server()
    hints = scene.process()
    await hints.look()
    for body in (b"{}", b"[]x", b'[{"id": 3}, {}]'):
        scene.look_alike.faults.respond("own_guilds", body)
        await hints.look()
    scene.look_alike.faults.fail("own_guilds", status=403)
    await hints.look()
    assert scene.greeted.servers == {server.id}
