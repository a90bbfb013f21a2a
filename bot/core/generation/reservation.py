"""One generation in this process's hands: what it has taken from the meters, how far it came, and its lease."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
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

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Reservation:
    """Images taken from every meter, until `apply` writes down how their generation ended. Implements `Attempts`.

    `standings` are those of its meters after it was reserved at `reserved_at`, `state` what the journal says, `spent`
    the images that the operator may have to pay for, `model` the one that was asked last, `order` what was paid,
    `credits` what the image API says that it cost, where it was asked, `message` the public reply, where it is known,
    and `turn` its turn at the image API.
    """

    ledger: Ledger
    clock: Clock
    request: Request
    reserved_at: datetime
    standings: Sequence[Standing] = ()
    state: State = State.RESERVED
    spent: int = 0
    model: str | None = None
    order: Order | None = None
    credits: int | None = None
    message: int | None = None
    turn: Turn = field(init=False)
    _leased_at: tuple[float, datetime] | None = None

    @property
    def age(self) -> timedelta:
        """Since the command was given."""
        return self.clock() - self.reserved_at

    async def acknowledged(self) -> None:
        """Raises LeaseLost."""
        await self._advance(Step(State.ACKNOWLEDGED, message=self.message))

    async def submitting(self, model: str) -> None:
        """From here on the operator may have to pay: not a step further unless this is written, for every attempt.

        Raises LeaseLost, NoBudgetForRetry, FailureLimitReached.
        """
        spent = self.spent + self.request.spec.count
        # The first attempt was booked when the images were reserved.
        booked = spent if self.spent else 0
        await self._advance(Step(State.SUBMITTED, model=model, message=self.message, booked=booked))
        await self.confirm_lease()  # this process may have stood still so long that another has claimed it
        self.spent, self.model = spent, model

    def not_billed(self) -> None:
        self.spent = max(0, self.spent - self.request.spec.count)

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

    async def _advance(self, step: Step) -> None:
        begun = asyncio.get_running_loop().time(), self.clock()
        await self.ledger.advance(self.request.id, step, begun[1])
        self.state, self._leased_at = step.state, begun

    async def confirm_lease(self) -> None:
        """Ask whose it is, unless this process wrote so recently that its lease can't have expired.

        Raises LeaseLost where another process has it by now, DatabaseUnavailable where nobody says.
        """
        if self._leased_at is not None:
            monotonic, wall = self._leased_at
            # By the clock that ran on further: a monotonic one may stand still while its machine is suspended, and any
            # other may be set back.
            passed = max(asyncio.get_running_loop().time() - monotonic, (self.clock() - wall).total_seconds())
            if passed < self.ledger.lease_seconds / 2:
                return
        if self.request.id not in await self.ledger.renew([self.request.id]):
            raise LeaseLost

    def outcome(self, end: End) -> Outcome:
        """What becomes of it, now that the work on it has ended so."""
        state = State.PAID if self.order and self.state is State.SUBMITTED else self.state
        return outcome_of(state, end, self.age, self.request.spec.count, self.spent)

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
                if not await self.ledger.settle(generation, ending, self.clock()):
                    return NotOurs()
                self.state = outcome.state
                if outcome.notify_after is not None:
                    await self._release(outcome.notify_after)
            case Retry(seconds):
                await self._release(seconds)
            case NoticeDone():
                await self._unless_unavailable(
                    self.ledger.notice_delivered(generation),
                    "member notified, but this could not be recorded; they may be notified again",
                )
        return outcome

    async def _release(self, seconds: float) -> None:
        await self._unless_unavailable(
            self.ledger.release(self.request.id, seconds),
            "not released, and tried again once its lease expires",
        )

    async def _unless_unavailable(self, writing: Awaitable[None], consequence: str) -> None:
        try:
            await writing
        except DatabaseUnavailable as error:
            log.warning("generation %d: %s: %s", self.request.id, consequence, error)
