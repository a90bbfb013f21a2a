"""The images that a generation holds until they are delivered, and the ledger that they are written in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from bot.core.errors import GenerationFailed, LedgerUnavailable
from bot.core.generation import Order, Request, State
from bot.core.limits import Caller, Meter, Ruling, Standing, Terms
from bot.core.policy import Policy

log = logging.getLogger(__name__)

RESERVE_SECONDS = 1.5
"""Discord voids an interaction without a first answer after 3 s; half of that is left for the answer itself."""

Clock = Callable[[], datetime]
"""Now, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a member goes: their generations that are not finished, and when the last that counts began."""

    running: int
    last: datetime | None


class Ledger(Protocol):
    """The journal of generations and their meters. Every method is one transaction, or raises LedgerUnavailable."""

    async def reserve(
        self, request: Request, rules: Callable[[Policy], Terms], now: datetime
    ) -> tuple[Standing, ...]:
        """Claim `request.id` and take its images from all meters that `rules` find, or from none.

        `rules` are asked about the policy that is in force in that very transaction, so that no change of a moderator
        comes too late; they may be asked more than once, in another thread, and what they raise is raised.
        Returns the standings after it, in the order of the meters. Raises AlreadyClaimed, CoolingDown,
        TooManyAtOnce, LimitReached.
        """
        ...

    async def advance(
        self,
        generation: int,
        state: State,
        now: datetime,
        *,
        model: str | None = None,
        credits: int | None = None,
    ) -> None:
        """Write the state that a generation is about to enter, with what has become known."""
        ...

    async def settle(self, generation: int, state: State, now: datetime, *, refund: int) -> bool:
        """Close a generation in a final `state` and give `refund` images back to the meters they came from.

        Happens once: False where it was settled before, or never reserved.
        """
        ...

    async def usage(self, meters: Sequence[Meter]) -> tuple[Standing, ...]:
        """How much of each meter is used, in the order of `meters`."""
        ...

    async def history(self, meter: str, days: Sequence[str]) -> dict[str, int]:
        """Images used on the meter of that name, by the key of a day; a day without any is 0.

        What was used before a counter was set back to zero is in it.
        """
        ...

    async def pace(self, caller: Caller, cooldown: Ruling, now: datetime) -> Pace:
        """Of the caller, in their server; nothing that is older than `cooldown` has to be known."""
        ...


class Reservation:
    """Images taken from every meter. Leaving the block gives back what was not delivered, however it is left."""

    def __init__(self, ledger: Ledger, clock: Clock, request: Request, standings: Sequence[Standing]) -> None:
        self.request = request
        self.standings = tuple(standings)
        self.returned = False
        self._ledger = ledger
        self._clock = clock
        self.images_delivered = 0
        self.may_have_cost = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, GenerationFailed):
            self.may_have_cost &= error.may_have_cost
        # Shielded: a cancelled generation is given back like any other.
        await asyncio.shield(asyncio.ensure_future(self._settle()))

    async def acknowledged(self) -> None:
        await self._ledger.advance(self.request.id, State.ACKNOWLEDGED, self._clock())

    async def submitting(self, model: str) -> None:
        """From here on the operator may have to pay: not a step further unless this is written."""
        await self._ledger.advance(self.request.id, State.SUBMITTED, self._clock(), model=model)
        self.may_have_cost = True

    async def paid(self, order: Order) -> None:
        """The pictures are bought, so a ledger that fails now must not keep them from the member."""
        try:
            await self._ledger.advance(
                self.request.id, State.PAID, self._clock(), model=order.model, credits=order.credits
            )
        except LedgerUnavailable:
            log.exception("generation %d: paid, and the ledger could not be told", self.request.id)

    def delivered(self, images: int) -> None:
        self.images_delivered = images

    async def _settle(self) -> None:
        refund = self.request.images - self.images_delivered
        try:
            await self._ledger.settle(self.request.id, self._final_state(), self._clock(), refund=refund)
            self.returned = refund > 0
        except LedgerUnavailable:
            log.exception("generation %d: %d images could not be given back", self.request.id, refund)

    def _final_state(self) -> State:
        if self.images_delivered:
            return State.DELIVERED
        return State.UNKNOWN if self.may_have_cost else State.REFUNDED
