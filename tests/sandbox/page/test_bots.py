"""The bot's processes at the page: started, doubled, stopped and killed, each for itself."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.page.bots import Bots, told
from sandbox.page.environment import Stage, staged
from sandbox.page.faults import WhatIf

SMALL = str(Path(__file__).parents[1] / "discord" / "minimal_bot.py")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(command=(SMALL,)) as stage:
        await stage.bots.start("first")
        yield stage


async def do(stage: Stage, copy: str, what: str) -> None:
    await WhatIf(stage).table()["bot"]({"copy": copy, "do": what})


async def states(bots: Bots) -> list[tuple[str, str]]:
    """Of each copy, with its note, once all of them have come to rest."""
    await bots.changes.wait_for(
        lambda: all(copy.state in ("running", "stopped") for copy in bots.copies.values()), 10
    )
    return [(copy.state, copy.note) for copy in bots.copies.values()]


async def test_a_second_copy_runs_beside_the_first_and_survives_it(stage: Stage) -> None:
    await do(stage, "second", "start")
    assert await states(stage.bots) == [("running", ""), ("running", "")]
    first, second = (copy.pid for copy in stage.bots.copies.values())
    assert first != second
    await do(stage, "first", "kill")
    await stage.bots.changes.wait_for(lambda: stage.bots.copies["first"].state == "stopped", 10)
    assert await states(stage.bots) == [("stopped", "killed"), ("running", "")]


async def test_a_copy_that_is_asked_to_stop_says_goodbye(stage: Stage) -> None:
    process = stage.bots.copies["first"].process
    assert process is not None
    await do(stage, "first", "stop")
    assert await process.ended() in (0, -signal.SIGTERM)
    [(state, _), _] = await states(stage.bots)
    assert state == "stopped"


async def test_a_copy_that_is_killed_and_started_again_is_another_process(stage: Stage) -> None:
    before = stage.bots.copies["first"].pid
    await do(stage, "first", "restart")
    assert await states(stage.bots) == [("running", ""), ("stopped", "")]
    assert stage.bots.copies["first"].pid not in (before, None)


async def test_a_bot_that_does_not_start_says_why() -> None:
    async with staged(command=("-c", "raise SystemExit('no coffee')")) as stage:
        await stage.bots.start("first")
        await stage.bots.changes.wait_for(lambda: stage.bots.copies["first"].state == "stopped", 10)
        assert stage.bots.copies["first"].note == "no coffee"


def test_a_line_of_the_log_is_read_as_the_bot_meant_it() -> None:
    assert told('{"level": "warning", "message": "slow"}') == ("WARNING", "slow")
    assert told("plain words") == ("INFO", "plain words")
    assert told("[1]") == ("INFO", "[1]")
    assert told("Traceback (most recent call last):") == ("ERROR", "Traceback (most recent call last):")
