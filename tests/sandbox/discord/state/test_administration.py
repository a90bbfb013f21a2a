"""Deleted roles, channels, members, and the removed bot: by REST, and by events to those with the intents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import discord
import pytest

from sandbox.discord import Discord, Permission, RefusedByDiscord, Server
from sandbox.discord.state.events import Intent
from tests.patience import PATIENCE
from tests.sandbox.discord.discord_py_client import logged_in
from tests.sandbox.discord.raw_bot import RawBot, command


@dataclass
class Scene:
    look_alike: Discord
    server: Server
    client: discord.Client


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        look_alike.commands.replace([command("imagine")], None)
        yield Scene(look_alike, look_alike.server("Tea House"), client)


async def code_of(asked: Any) -> tuple[int, int]:
    with pytest.raises(discord.HTTPException) as refused:
        await asked
    return refused.value.status, refused.value.code


async def test_what_is_there_can_be_fetched(scene: Scene) -> None:
    painters, ada = scene.server.role("Painters"), scene.server.member("Ada", nick="Countess")
    ada.give(painters)
    guild = await scene.client.fetch_guild(scene.server.id)
    assert guild.approximate_member_count == 3
    assert (await guild.fetch_role(painters.id)).name == "Painters"
    assert {role.name for role in await guild.fetch_roles()} == {"@everyone", "Imagine", "Painters"}
    member = await guild.fetch_member(ada.id)
    assert (member.display_name, [role.id for role in member.roles]) == ("Countess", [guild.id, painters.id])
    assert (await scene.client.fetch_user(ada.id)).display_name == "Ada"
    ada.take(painters)
    assert [role.id for role in (await guild.fetch_member(ada.id)).roles] == [guild.id]


async def test_a_deleted_role_is_unknown_and_nobody_has_it(scene: Scene) -> None:
    painters = scene.server.role("Painters", Permission.MANAGE_GUILD)
    ada = scene.server.member("Ada", roles=[painters])
    scene.server.general.deny(painters, send_messages=True)
    guild = await scene.client.fetch_guild(scene.server.id)
    scene.server.delete(painters)
    assert await code_of(guild.fetch_role(painters.id)) == (404, 10011)
    assert not ada.profile.permissions & Permission.MANAGE_GUILD
    assert ada.profile.permissions_in(scene.server.general) & Permission.SEND_MESSAGES
    for kept in (scene.server.everyone, scene.server.bot_role, painters):
        with pytest.raises(RefusedByDiscord, match="cannot be deleted"):
            scene.server.delete(kept)


async def test_a_deleted_channel_takes_its_threads_along(scene: Scene) -> None:
    art = scene.server.channel("art")
    thread = scene.server.thread("sketches", parent=art)
    there = await scene.client.fetch_channel(thread.id)
    assert isinstance(there, discord.Thread)
    assert there.parent_id == art.id
    scene.server.delete(art)
    assert await code_of(there.send("words")) == (404, 10003)
    assert await code_of(scene.client.fetch_channel(art.id)) == (404, 10003)
    guild = await scene.client.fetch_guild(scene.server.id)
    assert [channel.name for channel in await guild.fetch_channels()] == ["general"]
    with pytest.raises(RefusedByDiscord, match="no channel"):
        scene.server.member("Ada").begin("imagine", channel=art)


async def test_a_member_who_left_is_unknown_there_but_known_as_a_user(scene: Scene) -> None:
    ada = scene.server.member("Ada")
    guild = await scene.client.fetch_guild(scene.server.id)
    ada.leave()
    assert await code_of(guild.fetch_member(ada.id)) == (404, 10007)
    assert await code_of(guild.fetch_member(1)) == (404, 10013)
    assert (await scene.client.fetch_user(ada.id)).id == ada.id
    with pytest.raises(RefusedByDiscord, match="not in Tea House"):
        ada.begin("imagine")


async def test_a_bot_that_was_removed_knows_nothing_of_the_server(scene: Scene) -> None:
    ada = scene.server.member("Ada")
    guild = await scene.client.fetch_guild(scene.server.id)
    general = await scene.client.fetch_channel(scene.server.general.id)
    assert isinstance(general, discord.TextChannel)
    scene.server.set_command_permission("imagine", ada, allowed=False)
    scene.server.remove_bot()
    assert await code_of(scene.client.fetch_guild(guild.id)) == (404, 10004)
    assert await code_of(guild.fetch_member(ada.id)) == (404, 10004)
    assert await code_of(general.send("words")) == (403, 50001)
    with pytest.raises(RefusedByDiscord, match="The bot is not in Tea House"):
        ada.begin("imagine")
    scene.server.add_bot()
    assert (await general.send("back")).content == "back"
    ada.begin("imagine")


@pytest.mark.parametrize(("closed", "left", "code"), [(True, False, 50007), (False, True, 50278)])
async def test_who_cannot_be_written_to_is_said_when_it_is_tried(
    scene: Scene, closed: bool, left: bool, code: int
) -> None:
    ada = scene.server.member("Ada")
    direct = await (await scene.client.fetch_user(ada.id)).create_dm()
    assert (await direct.send("hello")).content == "hello"
    ada.block_direct_messages(closed=closed)
    if left:
        ada.leave()
    assert await code_of(direct.send("hello?")) == (403, code)


async def heard(scene: Scene, intents: int) -> list[str]:
    """The events of a session with these intents, while one of everything comes and goes."""
    async with RawBot(scene.look_alike) as bot:
        socket = await bot.identify(intents=intents)
        await socket.hear_event("READY")
        art, painters = scene.server.channel("art"), scene.server.role("Painters")
        ada = scene.server.member("Ada", roles=[painters])
        art.deny_bot(send_messages=True)
        scene.server.grant(painters, manage_guild=True)
        scene.server.thread("sketches", parent=art)
        scene.server.set_command_permission("imagine", painters, allowed=True)
        scene.server.delete(painters)
        scene.server.delete(art)
        ada.leave()
        scene.server.remove_bot()
        scene.server.role("Unheard of")
        scene.server.add_bot()
        scene.server.member("Bob").begin("imagine")
        names: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not names or names[-1] != "INTERACTION_CREATE":
                names.append((await socket.hear())["t"])
        return names


async def test_a_bot_without_intents_hears_only_what_concerns_its_commands(scene: Scene) -> None:
    only = ["APPLICATION_COMMAND_PERMISSIONS_UPDATE", "INTERACTION_CREATE"]
    assert await heard(scene, Intent.NONE) == only


async def test_each_intent_brings_its_own_events(scene: Scene) -> None:
    scene.look_alike.gateway.privileged_intents = Intent.GUILD_MEMBERS
    assert await heard(scene, Intent.GUILD_MEMBERS | Intent.GUILDS) == [
        "GUILD_CREATE",
        "CHANNEL_CREATE",
        "GUILD_ROLE_CREATE",
        "GUILD_MEMBER_ADD",
        "CHANNEL_UPDATE",
        "GUILD_ROLE_UPDATE",
        "THREAD_CREATE",
        "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
        "GUILD_ROLE_DELETE",
        "CHANNEL_DELETE",
        "GUILD_MEMBER_REMOVE",
        "GUILD_DELETE",
        "GUILD_CREATE",
        "GUILD_MEMBER_ADD",
        "INTERACTION_CREATE",
    ]


async def test_whoever_looks_on_is_told_of_each_change(scene: Scene) -> None:
    seen: list[int] = []
    scene.look_alike.state.events.changes.subscribe(lambda: seen.append(len(scene.server.guild.channels)))
    art = scene.server.channel("art")
    scene.server.delete(art)
    assert seen == [2, 1]


async def test_a_thread_of_an_age_restricted_channel_is_age_restricted(scene: Scene) -> None:
    scene.look_alike.commands.replace([command("imagine", nsfw=True)], None)
    ada, cellar = scene.server.member("Ada"), scene.server.channel("cellar", nsfw=True)
    thread = scene.server.thread("deeper", parent=cellar)
    assert ada.begin("imagine", channel=cellar).interaction.payload["channel"]["nsfw"] is True
    assert "nsfw" not in ada.begin("imagine", channel=thread).interaction.payload["channel"]
    with pytest.raises(RefusedByDiscord, match="age-restricted"):
        ada.begin("imagine", channel=scene.server.thread("upstairs"))
