"""What keeps the bot from writing a log, asked of the look-alike by the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord
import pytest

from bot.core.moderation.errors import LogChannelForbidden, LogChannelUnknown, LogChannelUnusable
from bot.interactions.log_channel import check_log_channel, require_log_channel
from bot.ui.error_messages import refusal
from sandbox.discord import Discord
from sandbox.discord.state.guilds import Channel
from sandbox.discord.state.permissions import EVERYONE, Permission
from tests.sandbox.discord.discord_py_client import logged_in


@dataclass
class Scene:
    look_alike: Discord
    client: discord.Client

    def __post_init__(self) -> None:
        self.server = self.look_alike.server("Tea House")

    async def missing_in(self, channel: Channel) -> tuple[str, ...]:
        return await check_log_channel(self.client, self.server.id, channel.id)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        yield Scene(look_alike, client)


async def test_in_an_ordinary_channel_nothing_is_missing(scene: Scene) -> None:
    assert await scene.missing_in(scene.server.channel("log")) == ()


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        (Permission.VIEW_CHANNEL, ("view_channel",)),
        (Permission.SEND_MESSAGES, ("send_messages",)),
        (Permission.EMBED_LINKS, ("embed_links",)),
        (Permission.SEND_MESSAGES | Permission.EMBED_LINKS, ("send_messages", "embed_links")),
        (Permission.SEND_MESSAGES_IN_THREADS, ()),
    ],
)
async def test_each_missing_permission_is_named_as_discord_names_it(
    scene: Scene, taken: Permission, missing: tuple[str, ...]
) -> None:
    channel = scene.server.channel("log")
    channel.bot_permissions = EVERYONE & ~taken
    assert await scene.missing_in(channel) == missing


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        (Permission.SEND_MESSAGES_IN_THREADS, ("send_messages_in_threads",)),
        (Permission.SEND_MESSAGES, ()),
        (Permission.VIEW_CHANNEL, ("view_channel",)),
    ],
)
async def test_in_a_thread_it_takes_the_permission_for_threads(
    scene: Scene, taken: Permission, missing: tuple[str, ...]
) -> None:
    scene.server.general.bot_permissions = EVERYONE & ~taken
    assert await scene.missing_in(scene.server.thread("log")) == missing


async def test_a_channel_that_is_gone_or_of_another_server_is_unfit(scene: Scene) -> None:
    gone = scene.server.channel("gone")
    scene.server.delete(gone)
    for channel in (gone, scene.look_alike.server("Elsewhere").general):
        with pytest.raises(LogChannelUnusable) as unfit:
            await scene.missing_in(channel)
        assert f"can't write a log in <#{channel.id}>" in refusal(unfit.value)


async def test_where_discord_does_not_say_the_moderator_is_told_so(scene: Scene) -> None:
    scene.look_alike.faults.cut("guild", times=None)
    with pytest.raises(LogChannelUnknown):
        await scene.missing_in(scene.server.general)


async def test_the_moderator_reads_the_missing_permissions_names(scene: Scene) -> None:
    channel = scene.server.channel("log")
    channel.bot_permissions = EVERYONE & ~Permission.EMBED_LINKS
    with pytest.raises(LogChannelForbidden) as closed:
        await require_log_channel(scene.client, scene.server.id, channel.id)
    words = refusal(closed.value)
    assert f"I need **Embed Links** in <#{channel.id}> to write there." in words
    assert "Nothing was changed." in words
