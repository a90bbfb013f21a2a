"""`try` without a prompt: the page, the bot in it, and the wait for Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import webbrowser
from collections.abc import Mapping

from sandbox.page.environment import Environment, run_environment
from sandbox.page.samples import paint_samples
from sandbox.page.server import Page


async def show_page(real: Mapping[str, str] | None, *, browser: bool, port: int = 0) -> int:
    stop = asyncio.Event()
    if sys.platform != "win32":  # Ctrl-C cancels the main task there
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with run_environment(real=real) as environment, Page(environment).served(port) as page:
        starting = asyncio.create_task(_start(environment))
        print(f"The bot is in its channel at {page.url} - Ctrl-C ends it.", flush=True)
        if browser and _has_a_screen():
            await asyncio.to_thread(webbrowser.open, page.url)
        await stop.wait()
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
    return 0


async def _start(environment: Environment) -> None:
    await environment.bots.start("first")
    first = environment.bots.copies["first"]
    if first.state != "running":
        print(f"The bot did not start: {first.note}", flush=True)
    elif environment.images is not None:
        await paint_samples(environment)


def _has_a_screen() -> bool:
    """Without a display, `webbrowser` might start a text browser in this terminal."""
    return sys.platform in ("win32", "darwin") or any(
        os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY")
    )
