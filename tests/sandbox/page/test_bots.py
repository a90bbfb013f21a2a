"""The bot's processes at the page: started, doubled, stopped and killed, independently of each other."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.bot_process import Start
from sandbox.page.bots import Bots, parse_log_line
from sandbox.page.environment import Environment, run_environment
from sandbox.page.faults import FaultActions
from tests.patience import PATIENCE

SMALL = str(Path(__file__).parents[1] / "discord" / "minimal_bot.py")


@pytest.fixture
async def environment(start: Start) -> AsyncIterator[Environment]:
    async with run_environment(command=(SMALL,), start=start) as environment:
        await environment.bots.start("first")
        yield environment


async def do(environment: Environment, copy: str, what: str) -> None:
    await FaultActions(environment).table()["bot"]({"copy": copy, "do": what})


async def states(bots: Bots) -> list[tuple[str, str]]:
    """Of each copy, with its note, once all of them have come to rest."""
    await bots.changes.wait_for(
        lambda: all(copy.state in ("running", "stopped") for copy in bots.copies.values()), 10
    )
    return [(copy.state, copy.note) for copy in bots.copies.values()]


async def test_a_second_copy_runs_beside_the_first_and_survives_it(environment: Environment) -> None:
    await do(environment, "second", "start")
    assert await states(environment.bots) == [("running", ""), ("running", "")]
    first, second = (copy.pid for copy in environment.bots.copies.values())
    assert first != second
    await do(environment, "first", "kill")
    await environment.bots.changes.wait_for(
        lambda: environment.bots.copies["first"].state == "stopped", PATIENCE
    )
    assert await states(environment.bots) == [("stopped", "killed"), ("running", "")]


async def test_a_copy_that_is_asked_to_stop_says_goodbye(environment: Environment) -> None:
    process = environment.bots.copies["first"].process
    assert process is not None
    await do(environment, "first", "stop")
    assert await process.ended() in (0, -signal.SIGTERM)
    [(state, _), _] = await states(environment.bots)
    assert state == "stopped"


async def test_a_copy_that_is_killed_and_started_again_is_another_process(environment: Environment) -> None:
    before = environment.bots.copies["first"].pid
    await do(environment, "first", "restart")
    assert await states(environment.bots) == [("running", ""), ("stopped", "")]
    assert environment.bots.copies["first"].pid not in (before, None)


async def test_a_bot_that_does_not_start_says_why() -> None:
    async with run_environment(command=("-c", "raise SystemExit('no coffee')")) as environment:
        await environment.bots.start("first")
        await environment.bots.changes.wait_for(
            lambda: environment.bots.copies["first"].state == "stopped", 10
        )
        assert environment.bots.copies["first"].note == "no coffee"


def test_a_line_of_the_log_is_read_as_the_bot_meant_it() -> None:
    assert parse_log_line('{"level": "warning", "message": "slow"}') == ("WARNING", "slow")
    assert parse_log_line("plain words") == ("INFO", "plain words")
    assert parse_log_line("[1]") == ("INFO", "[1]")
    assert parse_log_line("Traceback (most recent call last):") == (
        "ERROR",
        "Traceback (most recent call last):",
    )
