"""`python -m sandbox --no-browser`, as a process: an address, a page behind it, and a clean end."""

from __future__ import annotations

import asyncio
import re
import signal
import sys

import pytest
from aiohttp import ClientSession

from sandbox.bot_process import REPOSITORY
from tests.patience import PATIENCE

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process"),
    pytest.mark.usefixtures("ctrl_c"),
]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_it_prints_an_address_serves_the_page_there_and_ends_when_asked(ending: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--no-browser"),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            assert process.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+/", (await process.stdout.readline()).decode())
            assert address is not None
            async with ClientSession() as client, client.get(address[0]) as answer:
                assert answer.status == 200
                assert "<title>" in await answer.text()
            process.send_signal(ending)
            rest, complaints = await process.communicate()
        assert (process.returncode, rest, complaints) == (0, b"", b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    async with asyncio.timeout(PATIENCE):
        taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        async with taken:
            port = str(taken.sockets[0].getsockname()[1])
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sandbox", "--no-browser", "--port", port),
                cwd=REPOSITORY,
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await process.communicate()
    assert process.returncode == 1
    assert f"cannot be served on port {port}" in said.decode()
