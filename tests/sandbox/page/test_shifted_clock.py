"""The clock moved to tomorrow: for Discord, for the page, and for the real bot as a process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.discord import Reply
from sandbox.discord.kit.snowflakes import created_at
from sandbox.page.environment import DAY, Environment, run_environment
from sandbox.page.faults import FaultActions
from tests.patience import PATIENCE
from tests.sandbox.page.conftest import Scene

CLOCKS = """
import json, sys, time, datetime
from datetime import datetime as imported_by_name, timezone
print(json.dumps([
    time.time(), time.time_ns() / 1e9, imported_by_name.now(timezone.utc).timestamp(),
    datetime.datetime.now().timestamp(), datetime.datetime.today().timestamp(), time.monotonic(), sys.argv[1:],
]))
"""


def test_a_program_takes_the_time_of_day_to_be_later_and_measures_time_as_ever(tmp_path: Path) -> None:
    script = tmp_path / "clocks.py"
    script.write_text(CLOCKS, encoding="utf-8")
    command = [sys.executable, "-m", "sandbox.shifted_clock", str(3 * DAY), str(script), "an argument"]
    said = subprocess.run(command, capture_output=True, check=True, text=True)
    *wall, monotonic, arguments = json.loads(said.stdout)
    assert wall == pytest.approx([time.time() + 3 * DAY] * 5, abs=60)
    assert monotonic == pytest.approx(time.monotonic(), abs=60)
    assert arguments == ["an argument"]


async def test_a_day_later_messages_say_so_and_yesterdays_answers_are_too_late(scene: Scene) -> None:
    ada = scene.person("Ada")
    await scene.tab.look(ada, "traffic")
    using = asyncio.create_task(scene.tab.act("use", ada, command="imagine", options={"prompt": "a fox"}))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    await using
    assert await scene.tab.act("advance-day", ada) == (200, {})
    await scene.tab.act("advance-day", ada)
    await scene.tab.until(lambda: scene.tab.seen["status"]["ahead"] == 2 * DAY)
    status, refused = await scene.bot.edit(event, content="a fox")
    assert (status, refused["code"]) == (401, 50027)
    scene.tab.messages.clear()
    await scene.tab.act("say", ada, text="good morning")
    await scene.tab.until(lambda: scene.tab.messages)
    [message] = scene.tab.messages.values()
    then = time.time() + 2 * DAY
    assert datetime.fromisoformat(message["timestamp"]).timestamp() == pytest.approx(then, abs=60)
    assert created_at(int(message["id"])) == pytest.approx(then, abs=60)
    assert scene.environment.traffic_log.entries[-1].at == pytest.approx(then, abs=60)


async def test_a_counter_that_is_used_up_starts_again_tomorrow_in_every_copy() -> None:
    async with run_environment({"DAILY_LIMIT": "1"}, latency=0.0) as environment:
        await environment.bots.start("first")
        assert (await imagine(environment)).attachments
        assert "The limit resets" in (await imagine(environment)).content
        before = environment.bots.copies["first"].pid
        await FaultActions(environment).table()["advance-day"]({})
        assert environment.bots.copies["first"].pid not in (before, None)
        assert environment.bots.copies["second"].pid is None
        reply = await imagine(environment)
        assert reply.attachments
        assert "1 of 1" in reply.embeds[0].fields[0].value
        said = [json.loads(line)["time"] for line in environment.bots.copies["first"].process.log]  # type: ignore[union-attr]  # it runs
    assert {moment[:10] for moment in said} == {f"{datetime.fromtimestamp(time.time() + DAY, UTC):%Y-%m-%d}"}


async def imagine(environment: Environment) -> Reply:
    ada = environment.demo.people[0]
    return await ada.member_in(ada.home).imagine("a fox", channel=ada.home, within=PATIENCE)
