"""What people can select at the page: what they see in their channel, and what still exists."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.discord.state.guilds import Channel
from sandbox.page.demo_servers import channels_of
from tests.sandbox.discord.raw_bot import command, option
from tests.sandbox.page.conftest import Scene

TEXT, THREAD = 0, 11
GONE = "What was chosen is not there any more"


def place(scene: Scene, name: str) -> Channel:
    guild = scene.environment.demo.tea_house.general.guild
    assert guild is not None
    return next(channel for channel in channels_of(guild) if channel.name == name)


async def pointed(scene: Scene, name: str, /, **options: str) -> dict[str, Any] | str:
    """What the bot hears, or how it is refused."""
    using = asyncio.create_task(scene.tab.act("use", scene.person(name), command="point", options=options))
    heard = asyncio.create_task(scene.socket.hear_event("INTERACTION_CREATE"))
    await asyncio.wait((using, heard), return_when=asyncio.FIRST_COMPLETED)
    if using.done():
        heard.cancel()
        return str(using.result()[1]["refused"])
    event = await heard
    await scene.bot.respond(event, 4, content="thanks")
    await using
    data: dict[str, Any] = event["data"]
    return data


@pytest.fixture
async def pointing(scene: Scene) -> Scene:
    texts = option("text", 7, channel_types=[TEXT])
    await scene.bot.register(command("point", option("where", 7), texts, option("who", 6), option("role", 8)))
    return scene


async def test_a_thread_can_be_pointed_at(pointing: Scene) -> None:
    thread = str(place(pointing, "dragons only").id)
    data = await pointed(pointing, "Ada", where=thread)
    assert isinstance(data, dict)
    assert data["resolved"]["channels"][thread]["type"] == THREAD


async def test_only_the_kinds_of_channels_that_an_option_takes_can_be_pointed_at(pointing: Scene) -> None:
    thread = str(place(pointing, "dragons only").id)
    assert await pointed(pointing, "Ada", text=thread) == "#dragons only cannot be chosen here"
    assert isinstance(await pointed(pointing, "Ada", text=str(place(pointing, "gallery").id)), dict)


async def test_a_channel_that_one_does_not_see_cannot_be_pointed_at(pointing: Scene) -> None:
    private = str(place(pointing, "moderators").id)
    assert await pointed(pointing, "Ada", where=private) == "Ada does not see that channel"
    assert isinstance(await pointed(pointing, "Mia", where=private), dict)


async def test_another_servers_channel_cannot_be_pointed_at(pointing: Scene) -> None:
    elsewhere = pointing.environment.demo.kitchen.general
    assert await pointed(pointing, "Ada", where=str(elsewhere.id)) == "#general cannot be chosen here"


async def test_what_is_gone_cannot_be_pointed_at(pointing: Scene) -> None:
    for option_name in ("who", "role"):
        assert await pointed(pointing, "Ada", **{option_name: "123"}) == GONE
    gallery = pointing.environment.demo.tea_house.channel("soon gone")
    identity = str(gallery.id)
    pointing.environment.demo.tea_house.delete(gallery)
    assert await pointed(pointing, "Ada", where=identity) == "Ada does not see that channel"


async def test_somebody_who_has_left_can_be_pointed_at_by_their_id(pointing: Scene) -> None:
    bob = pointing.person("Bob")
    bob.member_in(bob.home).leave()
    data = await pointed(pointing, "Ada", who=str(bob.user.id))
    assert isinstance(data, dict)
    assert data["resolved"]["users"][str(bob.user.id)]["global_name"] == "Bob"
    assert "members" not in data["resolved"]


async def test_the_bot_itself_has_a_menu_whose_commands_reach_it(scene: Scene) -> None:
    await scene.bot.register({"name": "Greet", "type": 2})
    ada, bot = scene.person("Ada"), str(scene.environment.discord.state.bot.id)
    using = asyncio.create_task(scene.tab.act("use-on", ada, command="Greet", user=bot))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["data"]["target_id"] == bot
    await scene.bot.respond(event, 4, content="hello")
    await using
    _, said = await scene.tab.act("use-on", ada, command="Greet", user="123")
    assert said == {"refused": "They are not in this server"}
