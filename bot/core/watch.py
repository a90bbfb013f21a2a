"""Looks after the image API in the background: when an outage is over, and whether the balance lasts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.core.breaker import Breaker, Outage
from bot.core.errors import ModelGone, Trouble

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
LONGEST_PROBE_SECONDS = 60.0
BALANCE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class OutageBegan:
    trouble: Trouble
    detail: str


@dataclass(frozen=True, slots=True)
class OutageEnded:
    trouble: Trouble
    seconds: float


@dataclass(frozen=True, slots=True)
class BalanceLow:
    """`amount` is left, in the API's own currency; below `threshold`."""

    amount: float
    currency: str
    threshold: float


@dataclass(frozen=True, slots=True)
class DatabaseLost:
    """Nobody can be served; `detail` is what the engine said."""

    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseBack:
    seconds: float


Alert: TypeAlias = OutageBegan | OutageEnded | BalanceLow | DatabaseLost | DatabaseBack


class Balance(Protocol):
    """What the operator has left, in the API's own currency."""

    @property
    def amount(self) -> float: ...

    @property
    def currency(self) -> str: ...


class Doctor(Protocol):
    """Asks the image API about itself without buying anything. Never raises."""

    async def survey(self) -> bool:
        """Whether one of the configured models is served."""
        ...

    async def is_mended(self, trouble: Trouble) -> bool | None:
        """None where it can't be told without an order."""
        ...

    async def balance(self) -> Balance | None:
        """None where the API does not say."""
        ...


class Watch:
    """`tell` an operator, once for each thing that begins and ends; it returns at once and never raises."""

    def __init__(
        self,
        doctor: Doctor,
        tell: Callable[[Alert], None],
        clock: Callable[[], float],
        *,
        low_balance: float,
        probe_seconds: float = PROBE_SECONDS,
        balance_seconds: float = BALANCE_SECONDS,
    ) -> None:
        self.breaker = Breaker(clock, self._changed)
        self._doctor = doctor
        self._tell = tell
        self._clock = clock
        self._low_balance = low_balance
        self._probe_seconds = probe_seconds
        self._balance_seconds = balance_seconds
        self._open = asyncio.Event()
        self._warned = False

    async def run(self) -> None:
        """Until it is cancelled."""
        works = (self._survey, self._probe, self._watch_balance)
        await asyncio.gather(*(_unharmed(work, self._probe_seconds) for work in works))

    async def _survey(self) -> None:
        if not await self._doctor.survey():
            self.breaker.failed(ModelGone("the configured model"))

    def _changed(self, outage: Outage, began: bool) -> None:
        if began:
            self._open.set()
            self._tell(OutageBegan(outage.trouble, outage.detail))
        else:
            self._open.clear()
            self._tell(OutageEnded(outage.trouble, self._clock() - outage.since))

    async def _probe(self) -> None:
        while True:
            await self._open.wait()
            pause = self._probe_seconds
            while outage := self.breaker.outage:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PROBE_SECONDS)
                mended = await self._doctor.is_mended(outage.trouble)
                if mended and self.breaker.outage is outage:
                    self.breaker.close()

    async def _watch_balance(self) -> None:
        while self._low_balance > 0:
            balance = await self._doctor.balance()
            if balance is not None:
                self._judge_balance(balance)
            await asyncio.sleep(self._balance_seconds)

    def _judge_balance(self, balance: Balance) -> None:
        low = balance.amount < self._low_balance
        if low and not self._warned:
            self._tell(BalanceLow(balance.amount, balance.currency, self._low_balance))
        self._warned = low


async def _unharmed(work: Callable[[], Awaitable[None]], pause: float) -> None:
    """To its end, however often a mistake of ours interrupts it."""
    while True:
        try:
            return await work()
        except Exception:
            log.exception("unforeseen failure in the watch")
        await asyncio.sleep(pause)
