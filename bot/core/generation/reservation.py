"""One generation in this process's hands: what it has taken from the meters, how far it came, and its lease."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import DatabaseUnavailable
from bot.core.fair_limiter import Turn
from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import Ledger, Settlement, Step
from bot.core.generation.model import Order, Request, State
from bot.core.generation.notices import notice_of
from bot.core.generation.outcome import End, NoticeDone, NotOurs, Outcome, Retry, Settle, outcome_of
from bot.core.limits.meters import Standing
from bot.core.place import ServerCaller

log = logging.getLogger(__name__)


class Reservation:
    """Images taken from every meter, until `apply` writes down how their generation ended. Implements `Attempts`.

    `state` is what the journal says, `order` what was paid, `spent` the images that the operator may have to pay for,
    `message` the public reply where it is known, `turn` its place at the image API while it is ordered, `credits` what
    the image API says that it cost, where it was asked.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        request: Request,
        standings: Sequence[Standing],
        *,
        state: State = State.RESERVED,
        reserved_at: datetime | None = None,
        spent: int = 0,
    ) -> None:
        self.request = request
        self.standings = tuple(standings)
        self.state = state
        self.reserved_at = reserved_at or clock()
        self.spent = spent
        self.order: Order | None = None
        self.message: int | None = None
        self.credits: int | None = None
        self.turn: Turn
        self._ledger = ledger
        self._clock = clock
        self._leased_at: tuple[float, datetime] | None = None

    @property
    def age(self) -> timedelta:
        """Since the command was given."""
        return self._clock() - self.reserved_at

    @property
    def caller(self) -> ServerCaller:
        return self.request.caller

    async def acknowledged(self) -> None:
        """Raises LeaseLost."""
        await self._advance(Step(State.ACKNOWLEDGED, message=self.message))

    async def submitting(self, model: str) -> None:
        """From here on the operator may have to pay: not a step further unless this is written, for every attempt.

        Raises LeaseLost, NoBudgetForRetry, FailureLimitReached.
        """
        spent = self.spent + self.request.images
        # The first attempt was booked when the images were reserved.
        booked = spent if self.spent else 0
        await self._advance(Step(State.SUBMITTED, model=model, message=self.message, booked=booked))
        if not self._has_lease():  # this process stood still for so long that another may have claimed it
            await self._renew()
        self.spent = spent

    def not_billed(self) -> None:
        self.spent = max(0, self.spent - self.request.images)

    async def paid(self, order: Order) -> None:
        """The pictures are bought, so a ledger that fails now must not keep them from the member. Raises LeaseLost."""
        self.order = order
        try:
            await self._advance(Step(State.PAID, order=order))
        except DatabaseUnavailable as error:
            self._leased_at = None
            log.warning(
                "generation %d: paid for, which could not be recorded yet: %s", self.request.id, error
            )
        except LeaseLost:
            log.warning(
                "generation %d: paid for, but another process has taken it over; its images are kept for /gallery",
                self.request.id,
            )
            raise

    async def confirm_lease(self) -> None:
        """Right before a delivery. Raises LeaseLost where another process delivers it by now."""
        if self._has_lease():
            return
        try:
            await self._renew()
        except DatabaseUnavailable:
            log.warning("generation %d: delivered without asking the database whose it is", self.request.id)

    def outcome(self, end: End) -> Outcome:
        """What becomes of it, now that the work on it has ended so."""
        state = State.PAID if self.order and self.state is State.SUBMITTED else self.state
        return outcome_of(state, end, self.age, self.request.images, self.spent)

    async def apply(self, outcome: Outcome) -> Outcome:
        """Write down an outcome, and return what was written: NotOurs where another process has the generation by now.

        Nothing else settles or releases a generation. It is not cancelled with whoever calls it. Raises
        DatabaseUnavailable where nothing could be written.
        """
        return await asyncio.shield(asyncio.ensure_future(self._apply(outcome)))

    async def _apply(self, outcome: Outcome) -> Outcome:
        generation = self.request.id
        try:
            if self.order and self.state is State.SUBMITTED and not isinstance(outcome, NotOurs):
                await self._advance(Step(State.PAID, order=self.order))
        except LeaseLost:
            return NotOurs()
        match outcome:
            case Settle():
                ending = Settlement(
                    outcome.state,
                    outcome.refund,
                    self.credits,
                    notice_of(outcome.notice) if outcome.notice else None,
                    outcome.keep_pictures,
                    outcome.spent,
                )
                if not await self._ledger.settle(generation, ending, self._clock()):
                    return NotOurs()
                self.state = outcome.state
                if outcome.notify_after is not None:
                    await self._release(outcome.notify_after)
            case Retry(seconds):
                await self._release(seconds)
            case NoticeDone():
                await self._unless_unavailable(
                    self._ledger.notice_delivered(generation),
                    "member notified, but this could not be recorded; they may be notified again",
                )
        return outcome

    async def _release(self, seconds: float) -> None:
        await self._unless_unavailable(
            self._ledger.release(self.request.id, seconds),
            "not released, and tried again once its lease expires",
        )

    async def _unless_unavailable(self, writing: Awaitable[None], consequence: str) -> None:
        try:
            await writing
        except DatabaseUnavailable as error:
            log.warning("generation %d: %s: %s", self.request.id, consequence, error)

    async def _advance(self, step: Step) -> None:
        begun = asyncio.get_running_loop().time(), self._clock()
        await self._ledger.advance(self.request.id, step, begun[1])
        self.state, self._leased_at = step.state, begun

    def _has_lease(self) -> bool:
        """Whether this process wrote so recently that its lease can't have expired, by the clock that ran on further.

        A monotonic clock may stand still while its machine is suspended, and any other may be set back.
        """
        if self._leased_at is None:
            return False
        monotonic, wall = self._leased_at
        passed = max(asyncio.get_running_loop().time() - monotonic, (self._clock() - wall).total_seconds())
        return passed < self._ledger.lease_seconds / 2

    async def _renew(self) -> None:
        if self.request.id not in await self._ledger.renew([self.request.id]):
            raise LeaseLost
