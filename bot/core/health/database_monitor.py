"""Monitors the database in the background: one alert when an outage begins, and one when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.core.errors import DatabaseUnavailable
from bot.core.health.alerts import Alert, DatabaseBack, DatabaseLost

PROBE_SECONDS = 3.0
FAILURES_OF_AN_OUTAGE = 2
"""In a row; one failure may be a database server that restarts."""


class DatabaseMonitor:
    """After a failed call the database is probed until it works again.

    `probe` writes something, for a full disk can still be read; it raises DatabaseUnavailable. `alert` returns at once
    and never raises; `clock` in seconds.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        alert: Callable[[Alert], None],
        clock: Callable[[], float],
        *,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._probe = probe
        self._alert = alert
        self._clock = clock
        self._probe_seconds = probe_seconds
        self._suspected = asyncio.Event()

    def failed(self) -> None:
        """A call to the database has failed."""
        self._suspected.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._suspected.wait()
            since, failures = self._clock(), 0
            while True:
                try:
                    await self._probe()
                    break
                except DatabaseUnavailable as error:
                    failures += 1
                    if failures == FAILURES_OF_AN_OUTAGE:
                        self._alert(DatabaseLost(str(error)))
                await asyncio.sleep(self._probe_seconds)
            if failures >= FAILURES_OF_AN_OUTAGE:
                self._alert(DatabaseBack(self._clock() - since))
            self._suspected.clear()
