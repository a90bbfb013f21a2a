"""Looks after the image API in the background: when an outage is over, and whether the balance lasts."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.core.errors import BotError, ModelGone, PicturesNotAllowed, Trouble
from bot.core.generation.circuit_breaker import CircuitBreaker, Outage

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
LONGEST_PROBE_SECONDS = 60.0
BALANCE_SECONDS = 3600.0
STEADY_SECONDS = 600.0
"""What begins anew so soon after its end is only told to have ended once it has been well for as long."""
WELL_ABOVE = 1.2
"""Times the threshold: a balance that is less does not count as topped up."""
PICTURES_AT = "pictures out of reach at"
"""The note of the origin that was not allowed."""


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


class ImageApiProbe(Protocol):
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

    def allows(self, origin: str) -> bool:
        """Whether pictures may be fetched from there."""
        ...


class Notes(Protocol):
    """What is remembered from one start to the next. Raises LedgerUnavailable."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str) -> None: ...


@dataclass(slots=True)
class _Told:
    """What the operator knows of one trouble: it began at `since`, and (not `open`) ended at `ended`."""

    since: float = 0.0
    ended: float = -math.inf
    open: bool = False
    unsteady: bool = False
    ending: asyncio.TimerHandle | None = None


class ImageApiMonitor:
    """`tell` an operator, once for each thing that begins and ends; it returns at once and never raises."""

    def __init__(
        self,
        doctor: ImageApiProbe,
        tell: Callable[[Alert], None],
        clock: Callable[[], float],
        notes: Notes,
        *,
        low_balance: float,
        probe_seconds: float = PROBE_SECONDS,
        balance_seconds: float = BALANCE_SECONDS,
        steady_seconds: float = STEADY_SECONDS,
    ) -> None:
        self._suspected = asyncio.Event()
        self.breaker = CircuitBreaker(clock, self._changed, self._suspected.set)
        self._image_api = doctor
        self._notes = notes
        self._tell = tell
        self._clock = clock
        self._low_balance = low_balance
        self._probe_seconds = probe_seconds
        self._balance_seconds = balance_seconds
        self._steady_seconds = steady_seconds
        self._told: dict[Trouble, _Told] = {}
        self._open = asyncio.Event()
        self._warned = False

    async def run(self) -> None:
        """Until it is cancelled."""
        works = (self._recall, self._survey, self._probe, self._confirm, self._watch_balance)
        await asyncio.gather(*(_unharmed(work, self._probe_seconds) for work in works))

    async def _recall(self) -> None:
        """A restart alone does not bring pictures within reach: nothing is bought to find that out again."""
        origin = await self._notes.get(PICTURES_AT)
        if origin and not self._image_api.allows(origin):
            self.breaker.failed(PicturesNotAllowed(origin))
        elif origin:
            await self._notes.put(PICTURES_AT, "")

    async def _survey(self) -> None:
        if not await self._image_api.survey():
            self.breaker.failed(ModelGone("the configured model"))

    def _changed(self, outage: Outage, began: bool) -> None:
        if began:
            self._open.set()
            self._begin(outage)
            return
        self._open.clear()
        for trouble, told in self._told.items():
            if told.open and told.ending is None:
                self._end(trouble, told)

    def _begin(self, outage: Outage) -> None:
        told = self._told.setdefault(outage.trouble, _Told())
        if told.ending:
            told.ending.cancel()
            told.ending = None
        if not told.open:
            told.open, told.since = True, outage.since
            told.unsteady = outage.since - told.ended < self._steady_seconds
            self._tell(OutageBegan(outage.trouble, outage.detail))

    def _end(self, trouble: Trouble, told: _Told) -> None:
        """At once; but of what comes and goes only when it has stayed away."""

        def tell(ended: float = self._clock()) -> None:
            told.ending = None
            if self.breaker.outage is not None:
                return  # it is told when that is over, too: until then nothing works
            told.open, told.ended = False, ended
            self._tell(OutageEnded(trouble, ended - told.since))

        if told.unsteady:
            told.ending = asyncio.get_running_loop().call_later(self._steady_seconds, tell)
        else:
            tell()

    async def _probe(self) -> None:
        while True:
            await self._open.wait()
            if self.breaker.outage and self.breaker.outage.origin:
                await self._notes.put(PICTURES_AT, self.breaker.outage.origin)
            while outage := self.breaker.outage:
                await self._probe_until_it_ends(outage)

    async def _probe_until_it_ends(self, outage: Outage) -> None:
        """A probe that finds nothing wrong while orders fail sees neither the trouble nor its end."""
        seen, pause = False, self._probe_seconds
        while self.breaker.outage is outage:
            mended = await self._image_api.is_mended(outage.trouble)
            if mended and seen and self.breaker.outage is outage:
                self.breaker.close()
                return
            seen |= mended is False
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PROBE_SECONDS)

    async def _confirm(self) -> None:
        """Where a few members' orders fail: whether the API can be reached at all."""
        while True:
            await self._suspected.wait()
            self._suspected.clear()
            if await self._image_api.is_mended(Trouble.DOWN) is False:
                self.breaker.confirm()
            await asyncio.sleep(self._probe_seconds)

    async def _watch_balance(self) -> None:
        while self._low_balance > 0:
            balance = await self._image_api.balance()
            if balance is not None:
                self._judge_balance(balance)
            await asyncio.sleep(self._balance_seconds)

    def _judge_balance(self, balance: Balance) -> None:
        low = balance.amount < self._low_balance
        if low and not self._warned:
            self._tell(BalanceLow(balance.amount, balance.currency, self._low_balance))
        self._warned = balance.amount < WELL_ABOVE * self._low_balance if self._warned else low


async def _unharmed(work: Callable[[], Awaitable[None]], pause: float) -> None:
    """To its end, however often a mistake of ours interrupts it."""
    while True:
        try:
            return await work()
        except BotError as error:
            log.warning("the watch of the image API goes on in a moment: %s", error)
        except Exception:
            log.exception("unforeseen failure in the watch")
        await asyncio.sleep(pause)
