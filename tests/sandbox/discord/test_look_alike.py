"""A real discord.py client takes the look-alike for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.bot_process import BotProcess, Start
from sandbox.discord import Discord, Member, RefusedByDiscord, Server
from tests.patience import PATIENCE
from tests.sandbox.discord.raw_bot import NoImages

SCRIPT = str(Path(__file__).with_name("minimal_bot.py"))


@dataclass
class Scene:
    discord: Discord
    server: Server
    ada: Member
    bob: Member
    bot: BotProcess


@pytest.fixture
async def scene(discord: Discord, start: Start) -> AsyncIterator[Scene]:
    server = discord.server("Tea House")
    ada, bob = server.member("Ada"), server.member("Bob")
    discord.reply_timeout = PATIENCE
    async with BotProcess(discord, NoImages(), command=(SCRIPT,), start=start) as bot:
        yield Scene(discord, server, ada, bob, bot)


async def test_a_deferred_picture_arrives(scene: Scene) -> None:
    reply = await scene.ada.imagine("a fox", images=2)
    assert [file.filename for file in reply.attachments] == ["picture-0.png", "picture-1.png"]
    assert reply.attachments[1].description == "a fox 1"
    assert reply.embeds[0].image is reply.attachments[0]
    assert (reply.embeds[0].description, reply.embeds[0].footer) == ("a fox", "a revised prompt")
    assert (reply.state, reply.ephemeral) == ("done", False)


async def test_everything_a_member_can_touch_reaches_the_bot(scene: Scene) -> None:
    whisper = await scene.ada.use("whisper", to=scene.bob)
    assert (whisper.content, whisper.ephemeral, scene.bob.sees(whisper)) == ("psst, Bob", True, False)
    assert (await scene.ada.use_on(scene.bob, "Who is this")).content == "Bob"
    offered = await scene.ada.suggestions("complete", "word", "swimm")
    assert [one["name"] for one in offered] == ["swimming", "swimmed"]
    with pytest.raises(RefusedByDiscord):
        scene.ada.begin("reign")


async def test_buttons_menus_and_modals_work(scene: Scene) -> None:
    shown = await scene.ada.use("buttons")
    await scene.ada.press(shown, "Again")
    assert shown.content == "Again!"
    assert (await scene.bob.choose(shown, "Colour", "red")).content == "red"
    opened = await scene.bob.press(shown, "Name it")
    assert (await scene.bob.submit(opened, name="Rex")).content == "It is called Rex"
    with pytest.raises(RefusedByDiscord, match="20 characters"):
        await scene.bob.submit(opened, name="x" * 21)
    with pytest.raises(RefusedByDiscord, match="no 'Stop'"):
        scene.ada.begin_press(shown, "Stop")


async def test_two_hundred_members_at_once_are_all_answered(scene: Scene) -> None:
    replies = await asyncio.gather(*(scene.ada.imagine("a cat") for _ in range(200)))
    assert {reply.state for reply in replies} == {"done"}


async def test_a_cut_connection_is_resumed_and_nothing_is_lost(scene: Scene) -> None:
    scene.discord.gateway.drop()
    await scene.discord.bot_gone(PATIENCE)
    asking = scene.ada.begin("imagine", prompt="meanwhile")
    assert (await asking.finished()).state == "done"
    assert (scene.discord.gateway.identifies, scene.discord.gateway.resumes) == (1, 1)


async def test_a_bot_that_does_not_answer_is_reported_by_discord(scene: Scene) -> None:
    scene.discord.deadlines.first_response = 0.05
    assert (await scene.ada.use("sulk")).text == "The application did not respond"


async def test_a_bot_stops_when_it_is_asked_to(scene: Scene) -> None:
    assert await scene.bot.terminate() == 0
    assert not scene.bot.running
    await scene.discord.bot_gone(PATIENCE)


async def test_a_killed_bot_can_be_started_again(scene: Scene, start: Start) -> None:
    await scene.bot.kill()
    async with BotProcess(scene.discord, NoImages(), command=(SCRIPT,), start=start):
        assert scene.discord.gateway.identifies == 2
        assert (await scene.ada.imagine("a fox")).state == "done"
