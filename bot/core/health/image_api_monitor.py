"""Monitors the image API in the background: when an outage ends, and whether the balance runs low."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bot.core.errors import BotError
from bot.core.generation.circuit_breaker import CircuitBreaker, Outage
from bot.core.generation.errors import ImageApiTrouble, ModelRetired, PictureOriginNotAllowed
from bot.core.health.alerts import Alert, BalanceLow, OutageBegan, OutageEnded
from bot.core.key_value_store import KeyValueStore
from bot.core.retries import Backoff

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
LONGEST_PROBE_SECONDS = 60.0
BALANCE_SECONDS = 3600.0
STEADY_SECONDS = 600.0
"""An outage that begins so soon after the last one is reported as ended only after as long without failures."""
WELL_ABOVE = 1.2
"""Times the threshold: a balance that is less does not count as topped up."""
PICTURES_AT = "pictures out of reach at"
"""Under which the origin that was not allowed is kept; a stored format."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the operator has left; `currency` as the API writes it, usually USD."""

    amount: float
    currency: str


class ImageApiProbe(Protocol):
    """Asks the image API about itself without buying anything. Never raises."""

    async def choose_model(self) -> bool:
        """Whether one of the configured models is served."""
        ...

    async def has_ended(self, trouble: ImageApiTrouble) -> bool | None:
        """None where only an order could show it."""
        ...

    async def balance(self) -> Balance | None:
        """None where the API does not report it."""
        ...

    def allows(self, origin: str) -> bool:
        """Whether pictures may be fetched from there."""
        ...


@dataclass(slots=True)
class _Reported:
    """Which alerts the operator got of one trouble: it began at `since`, and (not `open`) ended at `ended`.

    `unsteady`: it came back soon after it had ended. `ending`: until it counts as over.
    """

    since: float = 0.0
    ended: float = -math.inf
    open: bool = False
    unsteady: bool = False
    ending: asyncio.TimerHandle | None = None


class ImageApiMonitor:
    """Alerts the operator once for each trouble that begins and ends: `alert` returns at once and never raises."""

    def __init__(
        self,
        image_api: ImageApiProbe,
        alert: Callable[[Alert], None],
        clock: Callable[[], float],
        store: KeyValueStore,
        *,
        low_balance: float,
        probe_seconds: float = PROBE_SECONDS,
        balance_seconds: float = BALANCE_SECONDS,
        steady_seconds: float = STEADY_SECONDS,
    ) -> None:
        self._suspected = asyncio.Event()
        self.breaker = CircuitBreaker(clock, self._outage_changed, self._suspected.set)
        self._image_api = image_api
        self._store = store
        self._alert = alert
        self._clock = clock
        self._low_balance = low_balance
        self._probe_seconds = probe_seconds
        self._balance_seconds = balance_seconds
        self._steady_seconds = steady_seconds
        self._reported: dict[ImageApiTrouble, _Reported] = {}
        self._open = asyncio.Event()
        self._origin_found = asyncio.Event()

    async def run(self, origin: str | None) -> None:
        """Until it is cancelled. `origin` is what was kept as PICTURES_AT: known before anything can be bought."""
        tasks = (
            partial(self._check_at_start, origin),
            partial(self._store_origins, origin),
            self._probe_outages,
            self._confirm_suspicions,
            self._watch_balance,
        )
        await asyncio.gather(*(_restarted(task, self._probe_seconds) for task in tasks))

    async def _check_at_start(self, origin: str | None) -> None:
        # A restart does not make that origin allowed: no order is placed to find that out again.
        if origin and not self._image_api.allows(origin):
            self.breaker.failed(PictureOriginNotAllowed(origin))
        if not await self._image_api.choose_model():
            self.breaker.failed(ModelRetired("the configured model"))

    def _outage_changed(self, outage: Outage, began: bool) -> None:
        if not began:
            self._open.clear()
            loop, now = asyncio.get_running_loop(), self._clock()
            for trouble, reported in self._reported.items():
                if reported.open and reported.ending is None:
                    if reported.unsteady:  # over only after so long without it
                        reported.ending = loop.call_later(
                            self._steady_seconds, self._report_end, trouble, reported, now
                        )
                    else:
                        self._report_end(trouble, reported, now)
            return
        self._open.set()
        if outage.origin:
            self._origin_found.set()
        reported = self._reported.setdefault(outage.trouble, _Reported())
        if reported.ending:
            reported.ending.cancel()
            reported.ending = None
        if not reported.open:
            reported.open, reported.since = True, outage.since
            reported.unsteady = outage.since - reported.ended < self._steady_seconds
            self._alert(OutageBegan(outage.trouble, outage.detail))

    def _report_end(self, trouble: ImageApiTrouble, reported: _Reported, ended: float) -> None:
        reported.ending = None
        if self.breaker.outage is not None:
            return  # it is reported when that is over, too: until then nothing works
        reported.open, reported.ended = False, ended
        self._alert(OutageEnded(trouble, ended - reported.since))

    async def _store_origins(self, at_start: str | None) -> None:
        """For the next start; at once, whatever other outage is being probed. One that is allowed by now is erased."""
        if at_start and self._image_api.allows(at_start) and not self._origin_found.is_set():
            await self._store.put(PICTURES_AT, "")
        while True:
            await self._origin_found.wait()
            outage = self.breaker.outage
            if outage and outage.origin:
                await self._store.put(PICTURES_AT, outage.origin)
            if self.breaker.outage is outage:  # else another may have been found meanwhile
                self._origin_found.clear()

    async def _probe_outages(self) -> None:
        """Until each ends. A probe that never failed during the outage can't show its end either."""
        while True:
            await self._open.wait()
            while outage := self.breaker.outage:
                seen, backoff = False, Backoff(self._probe_seconds, LONGEST_PROBE_SECONDS)
                while self.breaker.outage is outage:
                    ended = await self._image_api.has_ended(outage.trouble)
                    if ended and seen and self.breaker.outage is outage:
                        self.breaker.close()
                        break
                    seen |= ended is False
                    await asyncio.sleep(backoff.pause())

    async def _confirm_suspicions(self) -> None:
        """Where a few members' orders fail: whether the API can be reached at all."""
        while True:
            await self._suspected.wait()
            self._suspected.clear()
            if await self._image_api.has_ended(ImageApiTrouble.DOWN) is False:
                self.breaker.confirm()
            await asyncio.sleep(self._probe_seconds)

    async def _watch_balance(self) -> None:
        warned = False
        while self._low_balance > 0:
            balance = await self._image_api.balance()
            if balance is not None:
                low = balance.amount < self._low_balance
                if low and not warned:
                    self._alert(BalanceLow(balance.amount, balance.currency, self._low_balance))
                warned = balance.amount < WELL_ABOVE * self._low_balance if warned else low
            await asyncio.sleep(self._balance_seconds)


async def _restarted(task: Callable[[], Awaitable[None]], pause: float) -> None:
    """Run `task` to its end, again after each unexpected error."""
    while True:
        try:
            return await task()
        except BotError as error:
            log.warning("the image API could not be checked, trying again in a moment: %s", error)
        except Exception:
            log.exception("unexpected error while the image API was checked")
        await asyncio.sleep(pause)
