"""The generations that this process works on: their leases are renewed, and stopping waits for them.

A process that nobody uses asks the database rarely, so that one that bills by the hour can sleep.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.ledger import Ledger

log = logging.getLogger(__name__)

CLEAN_UP_SECONDS = 5.0
"""For releasing those that are still running when a stop has waited for them."""

BUSY_SECONDS = 45.0
"""So long after the last activity polling stays frequent: longer than a lease, to notice a process that died then."""
LONGEST_PAUSE_SECONDS = 1800.0


class InFlightGenerations:
    """Runs each generation in a task of its own, so that a stop can wait for it, or cancel it without its caller."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._tasks: dict[asyncio.Task[None], int] = {}
        self._clean_ups: set[asyncio.Task[None]] = set()
        self._failing = False
        self._renewed: frozenset[int] = frozenset()
        self._renewed_at = (0.0, 0.0)
        self.closing = False
        self.idle_polling = IdlePolling(time.monotonic)

    @property
    def generations(self) -> frozenset[int]:
        return frozenset(self._tasks.values())

    def start(self, generation: int, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run `work` on a generation. An error in it is logged, and the generation claimed when its lease expires."""
        self.idle_polling.end()
        task = asyncio.create_task(work, name=f"generation {generation}")
        self._tasks[task] = generation
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        generation = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("unforeseen failure in generation %d", generation, exc_info=error)

    def clean_up(self, work: Coroutine[None, None, None]) -> None:
        """Something short that stopping waits for, and never cancels."""
        task = asyncio.create_task(work)
        self._clean_ups.add(task)
        task.add_done_callback(self._clean_ups.discard)

    async def renew_leases(self) -> None:
        """The heartbeat of everything that runs."""
        if not self._tasks:
            return
        begun = time.monotonic(), time.time()
        try:
            self._renewed = await self._ledger.renew(self.generations)
            self._renewed_at = begun
            self._failing = False
        except DatabaseUnavailable as error:
            if not self._failing:
                log.warning("the leases of %s can't be renewed: %s", _counted(len(self._tasks)), error)
            self._failing = True

    def is_leased(self, generation: int) -> bool:
        """Whether the last heartbeat is so recent that the lease of `generation`, which had one, can't have expired."""
        monotonic, wall = self._renewed_at
        passed = max(time.monotonic() - monotonic, time.time() - wall)
        return generation in self._renewed and passed < self._ledger.lease_seconds / 2

    async def close(self, grace: float) -> None:
        """Take no new work, let what runs finish within `grace` seconds, and release the rest for other processes."""
        self.closing = True
        if self._tasks:
            log.info("stopping: %s still running", _counted(len(self._tasks)))
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        # In slices: the leases have to be renewed meanwhile, in case there is another process.
        while self._tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=min(left, 5.0))
            await self.renew_leases()
        late = set(self._tasks)
        if late:
            log.warning("stopping: %s left to the next process", _counted(len(late)))
        for task in late:
            task.cancel()
        await asyncio.sleep(0)  # whoever is cancelled while reserving leaves something to give back
        if ending := late | self._clean_ups:
            await asyncio.wait(ending, timeout=CLEAN_UP_SECONDS)
        try:
            await self._ledger.release_all()
        except DatabaseUnavailable as error:
            log.warning("stopping: leases could not be released, and have to expire: %s", error)


def _counted(generations: int) -> str:
    return "1 generation" if generations == 1 else f"{generations} generations"


def pause_after(quiet: float, pause: float) -> float:
    """Seconds until the next poll: `pause` while there is work, and more the longer it has been quiet (in seconds)."""
    return max(pause, min(quiet - BUSY_SECONDS, LONGEST_PAUSE_SECONDS))


class IdlePolling:
    """How long to wait between two polls of the database: the longer, the longer nothing has happened.

    `clock` in seconds, as monotonic as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """There is work, or there may be: a command was given, or may have been missed."""
        self._since = self._clock()
        self._ended.set()

    @property
    def is_slow(self) -> bool:
        """Whether nothing has happened for so long that polls become rare."""
        return self._clock() - self._since >= BUSY_SECONDS

    async def rest(self, pause: float) -> None:
        """Until the next poll is due, or until `end` is called meanwhile, where that is to take longer than `pause`."""
        self._ended.clear()
        longer = pause_after(self._clock() - self._since, pause)
        if longer <= pause:
            await asyncio.sleep(pause)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), longer)
