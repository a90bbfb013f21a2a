"""A bot that is forked is a process like one that is started from nothing."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from sandbox.bot_process import BOT, Process, Start, python_environment, start_anew
from tests.fork_server import fork_server
from tests.patience import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there a bot is forked")
ENVIRONMENT = python_environment()
ASLEEP = ("-c", "import time; print('asleep', flush=True); time.sleep(60)")


async def exit_code_and_output(process: Process) -> tuple[int, bytes, bytes]:
    """Its exit code, and all it wrote."""
    assert process.stdout
    assert process.stderr
    written = await asyncio.gather(process.stdout.read(), process.stderr.read())
    return await process.wait(), *written


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], []])
async def test_it_says_and_ends_as_one_that_is_started_from_nothing(
    start: Start, tmp_path: Path, arguments: list[str]
) -> None:
    command, environment = [*BOT, *arguments], {**ENVIRONMENT, "DAILY_LIMIT": "many"}
    forked, anew = [
        await exit_code_and_output(await starting(command, tmp_path, environment))
        for starting in (start, start_anew)
    ]
    assert forked == anew
    assert forked[0] != 0
    assert forked[2]


async def test_it_has_the_folder_and_the_settings_it_was_given(start: Start, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DAILY_LIMIT=few")
    _, _, from_the_folder = await exit_code_and_output(await start(BOT, tmp_path, ENVIRONMENT))
    assert b"DAILY_LIMIT" in from_the_folder
    _, _, settled = await exit_code_and_output(
        await start(BOT, tmp_path, {**ENVIRONMENT, "DAILY_LIMIT": "5"})
    )
    assert b"DISCORD_TOKEN" in settled
    assert b"DAILY_LIMIT" not in settled


async def test_what_python_reads_before_the_bot_is_read(start: Start, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "PYTHONVERBOSE": "1"}
    _, _, said = await exit_code_and_output(await start([*BOT, "nonsense"], tmp_path, environment))
    assert b"import 'discord'" in said


async def test_a_script_has_its_arguments_and_is_the_main_module(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; print(__name__, sys.argv); sys.exit(len(sys.argv))")
    ended, said, _ = await exit_code_and_output(await start([str(script), "a", "b"], tmp_path, ENVIRONMENT))
    assert (ended, said.decode()) == (3, f"__main__ {[str(script), 'a', 'b']}\n")


async def test_it_is_killed_and_told_so(start: Start, tmp_path: Path) -> None:
    process = await start(ASLEEP, tmp_path, ENVIRONMENT)
    assert process.returncode is None
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == process.returncode == -signal.SIGKILL


async def test_it_ends_with_those_who_started_it(tmp_path: Path) -> None:
    with fork_server() as server:
        process = await server.start(ASLEEP, tmp_path, ENVIRONMENT)
        assert process.stdout
        assert await process.stdout.readline() == b"asleep\n"
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.read() == b""  # nobody holds the other end any more
    assert await process.wait() == -signal.SIGKILL
