"""How long a test waits for what has to happen: a bound for failures, which a busy machine must not meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds. Whatever is waited for is a condition, so a test that passes takes no longer for it."""


async def until(holds: Callable[[], bool], every: float = 0.01) -> None:
    """Return when `holds()` is true, for what announces nothing: it is asked every so many seconds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 — see above
            await asyncio.sleep(every)
