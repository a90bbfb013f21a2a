"""A generation in this process's hands: each step is written to the journal before it is taken, and so is its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.errors import DatabaseUnavailable
from bot.core.generation.costs import price_paid
from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import Ledger, Settlement, Step
from bot.core.generation.model import Cost, ImageSpec, Order, PromptRevision, Request, State
from bot.core.generation.notices import notice_of
from bot.core.generation.outcome import End, NoticeDone, NotOurs, Outcome, Retry, Settle, outcome_of
from bot.core.generation.revision import Wording
from bot.core.limits.budgets import Estimate
from bot.core.limits.meters import MeterReading

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Reservation:
    """Images taken from every meter, until `apply` writes down how their generation ended. Implements `Attempts`.

    `readings` are those of its meters after it was reserved at `reserved_at`, `state` what the journal says, `spent`
    the images that the operator may have to pay for, `model` the one that was asked last, `order` what was paid so far,
    `credits` what the image API says that it cost, where it was asked, `cost` that of its pictures once it is settled,
    and `message` the public reply, where it is known. `wording` has a revised prompt, where one may be asked for, and
    `revision` says what came of that. `estimated` is the model whose price the budgets count with, `estimate_of` knows
    another's. `submitted_at`: when it first was, on the loop's clock.
    """

    ledger: Ledger
    clock: Clock
    request: Request
    reserved_at: datetime
    readings: Sequence[MeterReading] = ()
    state: State = State.RESERVED
    spent: int = 0
    model: str | None = None
    order: Order | None = None
    credits: int | None = None
    cost: Cost | None = None
    message: int | None = None
    wording: Wording | None = None
    revision: PromptRevision | None = None
    estimated: str | None = None
    estimate_of: Callable[[str], Estimate] | None = None
    submitted_at: float | None = None
    _leased_at: tuple[float, datetime] | None = None
    _is_of_several_models: bool = False
    _recorded: tuple[Order | None, int] = (None, 0)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._recorded = self.order, self.spent

    @property
    def age(self) -> timedelta:
        """Since the command was given."""
        return self.clock() - self.reserved_at

    async def acknowledged(self) -> None:
        """Raises LeaseLost."""
        await self._advance(Step(State.ACKNOWLEDGED, message=self.message))

    async def prompt_for(self, spec: ImageSpec, longest: int, *, revises: bool) -> str:
        if self.wording is None:
            return spec.painted
        prompt = await self.wording.prompt_for(longest, revises=revises)
        self.revision = self.wording.revision
        return prompt

    async def submitting(self, model: str, images: int) -> None:
        """From here on the operator may have to pay: not a step further unless this is written, for every attempt.

        Raises LeaseLost, NoBudgetForRetry, FailureLimitReached.
        """
        async with self._writing:
            step = Step(
                State.SUBMITTED,
                model=model,
                message=self.message,
                spent=(self.spent + images) * self.request.spec.weight,
                estimate=self.estimate_of(model) if self.estimate_of and model != self.estimated else None,
                pictures=self.request.spec.count,
                revision=self.revision,
            )
            await self._advance(step)
            # This process may have stood still so long that another has claimed it.
            await self.confirm_lease()
            self.submitted_at = self.submitted_at or asyncio.get_running_loop().time()
            self.spent += images
            self._is_of_several_models |= self.order is not None and model != self.model
            self.model = self.estimated = model

    def not_billed(self, images: int) -> None:
        self.spent = max(0, self.spent - images)

    async def bought(self, order: Order) -> None:
        """So much is bought, so a ledger that fails now must not keep it from the member. Raises LeaseLost."""
        known = self.order.sources if self.order else ()
        # Told apart by which they are: two requests may bring the same picture, and each was paid for.
        added = (source for source in order.sources if not any(source is one for one in known))
        self.order = replace(order, sources=(*known, *added))
        try:
            await self._record_order()
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

    async def _record_order(self, *, shown: bool = False) -> None:
        """Write what has been bought so far, unless it is on record; without the pictures where they are `shown`.

        One write after the other: an answer that comes meanwhile must not be overwritten by one with fewer pictures.
        """
        async with self._writing:
            order, recorded = self.order, self._recorded
            if order is None or (order, self.spent) == recorded:
                return
            written = replace(order, sources=()) if shown else order
            on_record = len(recorded[0].sources) if recorded[0] else 0
            spec = self.request.spec
            price = price_paid(order, self.model or order.model, len(spec.inputs))
            step = Step(
                State.PAID,
                order=written,
                recorded=on_record,
                spent=self.spent * spec.weight,
                priced=(order.priced or spec.count) * spec.weight,
                price=None if self._is_of_several_models else price,
            )
            try:
                await self._advance(step)
            except LeaseLost:  # kept all the same, and so is what follows it
                self._recorded = order, self.spent
                raise
            self._recorded = order, self.spent

    async def _advance(self, step: Step) -> None:
        begun = asyncio.get_running_loop().time(), self.clock()
        await self.ledger.advance(self.request.id, step, begun[1])
        self._leased_at = begun
        if self.state is not State.PAID:  # it stays so while more is bought
            self.state = step.state

    @property
    def is_lease_fresh(self) -> bool:
        """Whether this process wrote so recently that its lease can't have expired."""
        if self._leased_at is None:
            return False
        monotonic, wall = self._leased_at
        # By the clock that ran on further: a monotonic one may stand still while its machine is suspended, and any
        # other may be set back.
        passed = max(asyncio.get_running_loop().time() - monotonic, (self.clock() - wall).total_seconds())
        return passed < self.ledger.lease_seconds / 2

    async def confirm_lease(self) -> None:
        """Ask whose it is, unless the lease is fresh.

        Raises LeaseLost where another process has it by now, DatabaseUnavailable where nobody says.
        """
        if self.is_lease_fresh:
            return
        if self.request.id not in await self.ledger.renew([self.request.id]):
            raise LeaseLost

    def outcome(self, end: End) -> Outcome:
        """What becomes of it, now that the work on it has ended so."""
        state = State.PAID if self.order and self.state is State.SUBMITTED else self.state
        images = self.request.spec.count
        bought = min(images, len(self.order.sources)) if self.order else 0
        return outcome_of(state, end, self.age, images, bought, self.spent)

    async def apply(self, outcome: Outcome) -> Outcome:
        """Write down an outcome, and return what was written: NotOurs where another process has the generation by now.

        Nothing else settles or releases a generation, but for `Ledger.cancel`. It is not cancelled with whoever calls
        it. Raises DatabaseUnavailable where nothing could be written.
        """
        return await asyncio.shield(asyncio.ensure_future(self._apply(outcome)))

    async def _apply(self, outcome: Outcome) -> Outcome:
        generation = self.request.id
        if self.order and self.order != self._recorded[0]:  # `bought` could not write it
            try:
                await self._record_order(
                    shown=isinstance(outcome, Settle) and outcome.state is State.DELIVERED
                )
            except LeaseLost:  # it is kept for /gallery
                return NotOurs()
        if isinstance(outcome, NotOurs):
            return outcome
        if isinstance(outcome, Settle):
            notice = notice_of(outcome.notice) if outcome.notice else None
            weight = self.request.spec.weight
            ending = Settlement(
                outcome.state,
                outcome.refund * weight,
                self.credits,
                notice,
                outcome.keep_pictures,
                outcome.spent * weight,
                self.message,
            )
            self.cost = await self.ledger.settle(generation, ending, self.clock())
            if self.cost is None:
                return NotOurs()
            self.state = outcome.state
        try:
            match outcome:
                case Settle(notify_after=float(seconds)) | Retry(seconds):
                    await self.ledger.release(generation, seconds)
                case NoticeDone():
                    await self.ledger.notice_delivered(generation)
        except DatabaseUnavailable as error:  # only logged: the lease expires
            what = "not released, and tried again once its lease expires"
            if isinstance(outcome, NoticeDone):
                what = "member notified, but this could not be recorded; they may be notified again"
            log.warning("generation %d: %s: %s", generation, what, error)
        return outcome
