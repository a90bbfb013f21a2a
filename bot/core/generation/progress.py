"""How far generations have come, shown in their replies beside the pipeline, which waits for none of it.

Each that takes longer than a moment is shown over and over, until it is stopped. One loop does that for all of a
process, so that they share one bound on what Discord is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.errors import DatabaseUnavailable
from bot.core.fair_limiter import Turn
from bot.core.generation.reply import Progress, PublicReply
from bot.core.generation.reservation import Reservation

log = logging.getLogger(__name__)

KEPT_SECONDS = 60.0
"""How long a usual time holds until the database is asked again."""
MOST_MODELS = 100
STEP = 5
"""Percent: a bar moves in steps, and nothing is sent that nobody would see."""
MOST_SHOWN = 95
"""Percent: all of it is a picture."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often progress is shown, in seconds."""

    look_after: float = 1.5
    """From the acknowledgement until the usual time is asked for."""
    first_after: float = 2.0
    """Until then "thinking…" says enough."""
    between: float = 2.5
    """Two edits of one message."""
    tick: float = 0.5
    most_per_tick: int = 5
    """Ten edits a second in all, of the fifty requests that Discord takes of a bot:
    https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
    """
    most_in_flight: int = 20


PACE = Pace()


def progress_of(place: int | None, painting_for: float | None, usual: float | None) -> Progress:
    """Of what is not painted yet. `painting_for`: seconds since it was submitted, None before; `usual`: seconds from
    there to the picture, where that is known.
    """
    if painting_for is None:
        return Progress(place=place)
    if not usual:
        return Progress(submitted=True)
    percent = min(MOST_SHOWN, int(100 * painting_for / usual) // STEP * STEP)
    return Progress(submitted=True, percent=percent, usual=max(1, round(usual)), late=painting_for > usual)


class Durations(Protocol):
    """How long generations took, by what is on record."""

    async def last(self, model: str) -> Sequence[float]:
        """Seconds from the request to the picture, of the last 50 that `model` painted at the first attempt.

        Raises DatabaseUnavailable.
        """
        ...


class _NothingOnRecord:
    async def last(self, model: str) -> Sequence[float]:  # noqa: ARG002
        return ()


NO_DURATIONS = _NothingOnRecord()


class UsualTimes:
    """The median of what each model took last, in seconds."""

    def __init__(self, durations: Durations, clock: Callable[[], float] = time.monotonic) -> None:
        self._durations = durations
        self._clock = clock
        self._known: dict[str, tuple[float, float | None]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def of(self, model: str) -> float | None:
        """As far as it is known. After KEPT_SECONDS, and at first, the database is asked meanwhile."""
        until, usual = self._known.get(model, (-math.inf, None))
        if self._clock() >= until and model not in self._asking:
            asking = asyncio.create_task(self._ask(model, usual), name=f"how long {model} takes")
            self._asking[model] = asking
            asking.add_done_callback(lambda _: self._asking.pop(model))
        return usual

    async def _ask(self, model: str, before: float | None) -> None:
        from statistics import median  # noqa: PLC0415 — not small, and a bot at rest has no use for it

        try:
            found = await self._durations.last(model)
            usual = median(found) if found else None
        except DatabaseUnavailable as error:
            log.info("how long %s takes could not be found out: %s", model, error)
            usual = before
        if len(self._known) >= MOST_MODELS:
            self._known.clear()
        self._known[model] = self._clock() + KEPT_SECONDS, usual


@dataclass(slots=True, eq=False)
class Watch:
    """One generation whose progress is shown, from its acknowledgement until it is stopped.

    `next_at`, on the loop's clock: nothing is sent before. `showing` is what was sent last.
    """

    reservation: Reservation
    reply: PublicReply
    turn: Turn
    next_at: float = 0.0
    shown: Progress | None = None
    showing: asyncio.Task[None] | None = None
    is_painted: bool = False
    timer: asyncio.TimerHandle | None = None

    def painted(self, quiet_for: float) -> None:
        """All that can be had is bought. Nothing is sent for so many seconds: what comes next may be the picture."""
        self.is_painted = True
        self.next_at = max(self.next_at, asyncio.get_running_loop().time() + quiet_for)

    async def ended(self) -> None:
        """Nothing is on its way any more. Only once it was stopped."""
        if self.showing is not None:
            await asyncio.wait({self.showing})


class ProgressReports:
    """`is_leased`: whether a generation is certainly this process's, as far as is known without asking anybody. Of one
    that may be another's by now nothing is shown: its picture may be there already.
    """

    def __init__(self, usual: UsualTimes, is_leased: Callable[[int], bool], pace: Pace = PACE) -> None:
        self.pace = pace
        self._usual = usual
        self._is_leased = is_leased
        self._watched: set[Watch] = set()
        self._in_flight = 0
        self._quiet_until = 0.0
        self._running: asyncio.Task[None] | None = None

    def begin(self, watch: Watch) -> None:
        watch.timer = asyncio.get_running_loop().call_later(self.pace.look_after, self._look, watch)

    def stop(self, watch: Watch) -> None:
        """Nothing is begun any more. What is on its way may still be carried out."""
        self._watched.discard(watch)
        if watch.timer is not None:
            watch.timer.cancel()
        if self._running is not None and not self._watched:
            self._running.cancel()
            self._running = None

    def _look(self, watch: Watch) -> None:
        self._progress(watch, 0.0)  # so that the usual time is known when it is needed
        watch.next_at = asyncio.get_running_loop().time() + self.pace.first_after - self.pace.look_after
        self._watched.add(watch)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="progress reports")

    async def _run(self) -> None:
        """Until there is nothing to show."""
        while True:
            await asyncio.sleep(self.pace.tick)
            try:
                self._tick(asyncio.get_running_loop().time())
            except Exception:  # a mistake of ours must not end it for everybody
                log.exception("progress could not be shown: unforeseen failure")

    def _tick(self, now: float) -> None:
        """Send what has to be sent, first what has waited longest, and no more than may be sent at once.

        While Discord fails at any of it, nothing is sent of all: the pictures need what it can do.
        """
        if now < self._quiet_until:
            return
        left = min(self.pace.most_per_tick, self.pace.most_in_flight - self._in_flight)
        due = [one for one in self._watched if one.next_at <= now]
        for watch in sorted(due, key=lambda one: one.next_at):
            if left <= 0:
                return
            progress, reservation = self._progress(watch, now), watch.reservation
            watch.next_at = now + self.pace.between
            leased = reservation.is_lease_fresh or self._is_leased(reservation.request.id)
            if progress == watch.shown or not leased:
                continue
            left -= 1
            self._in_flight += 1
            watch.next_at = math.inf
            watch.showing = asyncio.create_task(self._show(watch, progress))

    async def _show(self, watch: Watch, progress: Progress) -> None:
        pause = math.inf
        try:
            pause = await watch.reply.show_progress(progress)
            watch.shown = progress
        except Exception:  # a mistake of ours must not cost anybody a picture
            log.exception("generation %d: its progress could not be shown", watch.reservation.request.id)
        finally:
            self._in_flight -= 1
            now = asyncio.get_running_loop().time()
            watch.next_at = now + self.pace.between
        if pause == math.inf:
            self.stop(watch)
        else:
            self._quiet_until = max(self._quiet_until, now + pause)

    def _progress(self, watch: Watch, now: float) -> Progress:
        reservation = watch.reservation
        if watch.is_painted:
            return Progress(submitted=True, painted=True)
        model, since = reservation.model or reservation.estimated, reservation.submitted_at
        usual = self._usual.of(model) if model else None
        return progress_of(watch.turn.place, None if since is None else now - since, usual)
