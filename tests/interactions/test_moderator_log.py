"""The moderators' log, written by the real client into the look-alike."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.core.generation.events import Delivered, Refused
from bot.core.generation.model import ImageSpec, Request
from bot.core.limits.policy import LogLevel, LogRule
from bot.core.moderator_log.queue import MOST_QUEUED, REPEATED_SECONDS
from bot.core.place import Caller, Direct
from bot.core.word_filter.errors import EmptyPrompt
from bot.interactions.moderator_log import PAUSE_SECONDS, ModeratorLog
from bot.interactions.sending import DiscordConnection
from sandbox.discord import Discord, ShownMessage
from sandbox.discord.state.guilds import Channel
from tests.core.factories import NOON, caller
from tests.core.fakes import FakePolicies
from tests.patience import PATIENCE, until
from tests.sandbox.discord.discord_py_client import logged_in


class Scene:
    def __init__(self, look_alike: Discord, client: discord.Client) -> None:
        self.look_alike = look_alike
        self.server = look_alike.server("Tea House")
        self.channel = self.server.channel("log")
        self.policies = FakePolicies()
        self.now = NOON
        self.seconds = 0.0
        connection = DiscordConnection()
        connection.logged_in(client)
        self.log = ModeratorLog(self.policies, lambda: self.now, connection, monotonic=lambda: self.seconds)
        self.worker: asyncio.Task[None]

    async def cancel(self) -> None:
        self.worker.cancel()
        await asyncio.wait({self.worker})

    async def choose(self, channel: Channel | None, level: LogLevel = LogLevel.EVERYTHING) -> None:
        rule = LogRule(channel.id, level) if channel else None
        await self.policies.change(self.server.id, lambda it: replace(it, log=rule), 1, NOON)

    def delivered(self, number: int = 1) -> None:
        request = Request(number, caller(server=self.server.id), ImageSpec(f"fox {number}"))
        self.log.add(Delivered(request, 1, 0, "m", None, 9))

    def refused(self, member: int = 2) -> None:
        self.log.add(Refused(Request(1, caller(member, self.server.id), ImageSpec("a fox")), EmptyPrompt()))

    @property
    def attempts(self) -> int:
        return len(self.look_alike.traffic.of("send_message"))

    @property
    def messages(self) -> list[ShownMessage]:
        written = self.look_alike.messages.by_channel.get(self.channel.id, {})
        return [ShownMessage(message) for message in written.values()]

    async def until_written(self, messages: int) -> list[ShownMessage]:
        await self.look_alike.messages.changes.wait_for(lambda: len(self.messages) >= messages, PATIENCE)
        return self.messages

    async def until_tried(self, attempts: int) -> None:
        def answered() -> bool:
            tried = self.look_alike.traffic.of("send_message")
            return len(tried) >= attempts and all(asked.answered_at for asked in tried)

        await self.look_alike.traffic.changes.wait_for(answered, PATIENCE)

    async def until_silent(self) -> None:
        revision = (await self.policies.of(self.server.id)).number
        await until(lambda: not self.log.is_writable(self.server.id, revision))

    async def until_idle(self) -> None:
        """Until the worker, which needs no more than turns of the loop for a silent server, has had its turns."""
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        scene = Scene(look_alike, client)
        await scene.choose(scene.channel)
        scene.worker = asyncio.create_task(scene.log.run())
        yield scene
        await scene.cancel()


async def test_what_piles_up_while_discord_is_slow_comes_ten_to_a_message(scene: Scene) -> None:
    held = scene.look_alike.faults.hold("send_message")
    scene.delivered(0)
    await scene.look_alike.traffic.changes.wait_for(lambda: scene.attempts == 1, PATIENCE)
    for number in range(1, 16):
        scene.delivered(number)
    held.set()
    assert [len(message.embeds) for message in await scene.until_written(3)] == [1, 10, 5]


async def test_what_is_painted_in_direct_messages_stands_in_no_log(scene: Scene) -> None:
    member = scene.server.id  # so that it would be found under that number
    direct = Request(1, Caller(member, Direct(5)), ImageSpec("a secret fox"))
    scene.log.add(Delivered(direct, 1, 0, "m", None, 9))
    scene.delivered(2)
    [written] = await scene.until_written(1)
    assert "fox 2" in str(written.embeds)
    assert "secret" not in str(written.embeds)


async def test_an_entry_that_got_lost_is_counted_in_the_next_message(scene: Scene) -> None:
    scene.look_alike.faults.cut("send_message")
    scene.delivered(1)
    await scene.until_tried(1)
    scene.delivered(2)
    [message] = await scene.until_written(1)
    assert message.content == "1 earlier event couldn't be written here."
    assert "fox 2" in message.embeds[0].text


async def test_an_entry_that_an_outage_of_the_database_costs_is_counted_without_a_line_for_each(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.policies.down = True
    scene.delivered(1)
    await scene.until_idle()
    scene.policies.down = False
    scene.delivered(2)
    [message] = await scene.until_written(1)
    assert message.content == "1 earlier event couldn't be written here."
    assert not [record for record in caplog.records if record.name == "bot.interactions.moderator_log"]


async def test_too_much_at_once_loses_the_oldest_and_says_how_many(scene: Scene) -> None:
    for number in range(MOST_QUEUED + 20):
        scene.delivered(number)
    first, *_ = messages = await scene.until_written(MOST_QUEUED // 10)
    assert first.content == "20 earlier events couldn't be written here."
    assert "fox 20" in first.embeds[0].text
    assert f"fox {MOST_QUEUED + 19}" in messages[-1].embeds[-1].text


async def test_a_channel_that_refuses_is_left_alone_for_an_hour(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.channel.bot_permissions = 0
    scene.delivered(1)
    await scene.until_silent()
    for number in range(2, 5):
        scene.delivered(number)
    await scene.until_idle()
    assert scene.attempts == 1
    revision = (await scene.policies.of(scene.server.id)).number
    assert not scene.log.is_writable(scene.server.id, revision)
    assert [record.levelno for record in caplog.records if "its log" in record.message] == [logging.WARNING]
    scene.seconds += PAUSE_SECONDS
    scene.channel.bot_permissions = (1 << 53) - 1
    scene.delivered(9)
    [message] = await scene.until_written(1)
    assert "fox 9" in message.embeds[0].text
    assert message.content == "4 earlier events couldn't be written here."


async def test_a_channel_that_refuses_is_tried_at_once_when_the_moderators_choose_again(scene: Scene) -> None:
    closed = scene.server.channel("closed")
    closed.bot_permissions = 0
    await scene.choose(closed)
    scene.delivered(1)
    await scene.until_tried(1)
    await scene.choose(scene.channel)
    scene.delivered(2)
    [message] = await scene.until_written(1)
    assert "fox 2" in message.embeds[0].text
    assert message.content == "1 earlier event couldn't be written here."


async def test_a_channel_that_is_chosen_again_while_it_refuses_an_entry_is_tried_with_the_next(
    scene: Scene,
) -> None:
    scene.channel.bot_permissions = 0
    held = scene.look_alike.faults.hold("send_message")
    scene.delivered(1)
    await scene.look_alike.traffic.changes.wait_for(lambda: scene.attempts == 1, PATIENCE)
    scene.log.end_pause(scene.server.id)
    held.set()
    await scene.until_tried(1)
    await asyncio.sleep(0.05)  # so that the bot has read the refusal
    scene.channel.bot_permissions = (1 << 53) - 1
    scene.delivered(2)
    [message] = await scene.until_written(1)
    assert message.content == "1 earlier event couldn't be written here."


async def test_the_operator_reads_how_many_events_are_missing_and_when_entries_arrive_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.interactions.moderator_log")
    scene.look_alike.faults.cut("send_message")
    scene.delivered(1)
    await scene.until_tried(1)
    scene.channel.bot_permissions = 0
    scene.delivered(2)
    await scene.until_silent()
    for number in range(3, 6):
        scene.delivered(number)
    await scene.until_idle()
    scene.seconds += PAUSE_SECONDS
    scene.delivered(6)
    await scene.until_tried(3)
    await scene.until_silent()
    scene.channel.bot_permissions = (1 << 53) - 1
    scene.seconds += PAUSE_SECONDS
    scene.delivered(7)
    [message] = await scene.until_written(1)
    assert message.content == "6 earlier events couldn't be written here."
    await scene.log.close()
    lines = [record.message for record in caplog.records]
    assert [line.rsplit(": ", 1)[1] for line in lines] == ["1", "2", "6", "6"]


async def test_an_entry_that_a_bug_costs_is_counted_too(scene: Scene) -> None:
    no_model: Any = None
    request = Request(1, caller(server=scene.server.id), ImageSpec("fox 1"))
    scene.log.add(Delivered(request, 1, 0, no_model, None, 9))
    await scene.until_idle()
    scene.delivered(2)
    [message] = await scene.until_written(1)
    assert message.content == "1 earlier event couldn't be written here."


async def test_a_log_of_problems_does_not_miss_the_pictures_that_it_would_not_have_held(scene: Scene) -> None:
    scene.channel.bot_permissions = 0
    await scene.choose(scene.channel, LogLevel.PROBLEMS)
    scene.refused(member=2)
    await scene.until_silent()
    scene.delivered(1)
    scene.refused(member=3)
    await scene.until_idle()
    scene.channel.bot_permissions = (1 << 53) - 1
    await scene.choose(scene.channel)
    scene.refused(member=4)
    [message] = await scene.until_written(1)
    assert message.content == "2 earlier events couldn't be written here."


async def test_a_log_that_the_moderators_ended_misses_nothing(scene: Scene) -> None:
    scene.channel.bot_permissions = 0
    scene.delivered(1)
    await scene.until_silent()
    await scene.choose(None)
    scene.delivered(2)
    await scene.until_idle()
    scene.channel.bot_permissions = (1 << 53) - 1
    await scene.choose(scene.channel)
    scene.delivered(3)
    [message] = await scene.until_written(1)
    assert message.content == ""


async def test_a_log_of_problems_holds_no_pictures(scene: Scene) -> None:
    await scene.choose(scene.channel, LogLevel.PROBLEMS)
    scene.delivered()
    scene.refused()
    [message] = await scene.until_written(1)
    assert [embed.text.startswith("**Refused**") for embed in message.embeds] == [True]


async def test_at_the_end_of_its_minute_a_flood_becomes_a_number(scene: Scene) -> None:
    for _ in range(12):
        scene.refused()
    await scene.until_written(1)
    scene.now -= timedelta(hours=3)  # somebody sets the host's clock back
    scene.seconds += REPEATED_SECONDS
    scene.refused(member=3)  # wakes the worker, whose own clock is the loop's
    texts = [embed.text for message in await scene.until_written(2) for embed in message.embeds]
    assert len([text for text in texts if "×11" in text]) == 1


async def test_adding_waits_for_nothing(scene: Scene) -> None:
    held = scene.look_alike.faults.hold("send_message")
    began = time.thread_time()
    for number in range(1000):
        scene.delivered(number)
    assert time.thread_time() - began < 0.5
    assert scene.attempts == 0
    held.set()


async def test_a_discord_that_hangs_does_not_keep_the_bot_from_stopping(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    held = scene.look_alike.faults.hold("send_message")
    scene.delivered(1)
    await scene.look_alike.traffic.changes.wait_for(lambda: scene.attempts == 1, PATIENCE)
    scene.delivered(2)
    async with asyncio.timeout(PATIENCE):
        await scene.log.close()
    await scene.cancel()
    held.set()
    assert "stopping: 2 events could not be written into the servers' logs" in caplog.messages
