"""The images that a generation holds until they are delivered, or given back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from bot.core.clock import Clock
from bot.core.errors import AlreadyClaimed, BotError, DatabaseUnavailable, UnforeseenFailure
from bot.core.fair_limiter import Turn
from bot.core.generation.errors import (
    AcknowledgementUnclear,
    DeliveryFailed,
    GenerationTimedOut,
    LeaseLost,
    PictureKept,
    PictureOriginNotAllowed,
    PicturesUnavailable,
)
from bot.core.generation.ledger import LEASE_SECONDS, Ending, Ledger, Step
from bot.core.generation.model import Order, Request, State
from bot.core.generation.notices import notice_of
from bot.core.limits.meters import Standing
from bot.core.place import ServerCaller

log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""After which a delivery that Discord did not take is tried again, or a picture that its host did not hand out."""

DELIVERED_UNTIL = timedelta(hours=1)
"""How long a paid picture is brought to a Discord that does not take it."""

FETCHED_UNTIL = timedelta(minutes=10)
"""How long a paid picture is asked for at a host that does not hand it out; the rest of 15 is for saying so."""

WRITE_AGAIN_SECONDS = 2.0
"""After which what the ledger could not be told is told again."""


class Reservation:
    """Images taken from every meter.

    Leaving the block gives back what was not delivered, however it is left; but what is to be finished by another
    process, or later, stays reserved in the journal (`left_behind`). What could not be written then is `owed`.
    """

    turn: Turn
    """The place at the image API; there is one while it is ordered."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        request: Request,
        standings: Sequence[Standing],
        state: State = State.RESERVED,
        reserved_at: datetime | None = None,
        booked: int = 0,
    ) -> None:
        self.request = request
        self.standings = tuple(standings)
        self.state = state
        self.returned = False
        self.left_behind = False
        self.owed = False
        self.credits: int | None = None
        self.pending_notice: BotError | None = None
        # Images of attempts that may have been billed.
        self._spent = max(booked, request.images) if state in {State.SUBMITTED, State.PAID} else 0
        self._reserved_at = reserved_at or clock()
        self._ledger = ledger
        self._clock = clock
        self._left_with: BaseException | None = None
        self._leaving: asyncio.Future[None] | None = None
        self._order: Order | None = None
        self._final: State | None = None
        self._missing = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave(error)

    async def leave(self, error: BaseException | None) -> None:
        """Write down how it ended; the first time, whatever follows."""
        if self._leaving is None:
            self._leaving = asyncio.ensure_future(self._leave_unless_down(error))
        # Shielded: a cancelled generation is written down like any other.
        await asyncio.shield(self._leaving)

    @property
    def is_over(self) -> bool:
        """Whether its pictures have been delivered or kept: no sentence may take their place."""
        return self._final is not None

    @property
    def seconds(self) -> float:
        """Since the command was given."""
        return (self._clock() - self._reserved_at).total_seconds()

    async def acknowledged(self, message: int | None) -> None:
        await self._advance(Step(State.ACKNOWLEDGED, message=message))

    @property
    def may_have_cost(self) -> bool:
        """Whether the operator may have to pay for it."""
        return self._spent > 0

    @property
    def caller(self) -> ServerCaller:
        return self.request.caller

    async def submitting(self, model: str) -> None:
        """From here on the operator may have to pay: not a step further unless this is written, for every attempt.

        Raises LeaseLost, NoBudgetForRetry, FailureLimitReached.
        """
        clock = asyncio.get_running_loop().time
        begun, spent = clock(), self._spent + self.request.images
        # The first attempt was booked when the images were reserved.
        await self._advance(Step(State.SUBMITTED, model=model, booked=spent if self._spent else 0))
        if clock() - begun > LEASE_SECONDS / 2 and self.request.id not in await self._ledger.renew(
            [self.request.id]
        ):
            raise LeaseLost  # this process stood still for so long that it was taken for dead
        self._spent = spent

    def not_billed(self) -> None:
        self._spent = max(0, self._spent - self.request.images)

    def cost_nothing(self) -> None:
        """With all of its attempts: the image API says so."""
        self._spent = 0

    async def paid(self, order: Order) -> None:
        """The pictures are bought, so a ledger that fails now must not keep them from the member. Raises LeaseLost."""
        self._order = order
        try:
            await self._write_order()
        except DatabaseUnavailable as error:
            log.warning("generation %d: paid, and the ledger could not be told: %s", self.request.id, error)
        except LeaseLost:
            log.warning("generation %d: paid after another process had taken it over; kept", self.request.id)
            raise

    async def delivering(self) -> None:
        """Raises LeaseLost where another process delivers it by now."""
        try:
            if self.request.id not in await self._ledger.renew([self.request.id]):
                raise LeaseLost
        except DatabaseUnavailable:
            log.warning("generation %d: delivered without asking the ledger", self.request.id)

    def delivered(self, images: int) -> None:
        self._final, self._missing = State.DELIVERED, self.request.images - images

    def kept(self, images: int) -> None:
        """There was no place left to show them."""
        self._final, self._missing = State.KEPT, self.request.images - images

    async def told(self) -> None:
        """The member knows how it ended, or can't be told."""
        if self.pending_notice is None:
            return
        self.pending_notice = None
        try:
            await self._ledger.told(self.request.id)
        except DatabaseUnavailable:
            log.warning("generation %d: told, and told again when its lease runs out", self.request.id)

    async def tell_later(self, seconds: float = RETRY_SECONDS) -> None:
        """Whoever comes first after so many may say how it ended."""
        if self.pending_notice is not None:
            self.pending_notice = None
            await self._release(seconds)

    async def write_again(self, pause: float = WRITE_AGAIN_SECONDS) -> None:
        """What is owed to the ledger, every `pause` seconds until it is written, or another process's business."""
        while self.owed:
            await asyncio.sleep(pause)
            await self._leave_unless_down(self._left_with)

    async def _advance(self, step: Step) -> None:
        await self._ledger.advance(self.request.id, step, self._clock())
        self.state = step.state

    async def _write_order(self) -> None:
        if self._order is not None and self.state is not State.PAID:
            await self._advance(Step(State.PAID, order=self._order))

    async def _leave_unless_down(self, error: BaseException | None) -> None:
        known_to_be_down, self.owed, self._left_with = self.owed, False, None
        try:
            await self._leave(error)
        except LeaseLost:
            self.left_behind = True
        except DatabaseUnavailable as trouble:
            if not known_to_be_down:
                came_to = self._final.value if self._final else "not given back"
                log.warning("generation %d: %s, and not settled yet: %s", self.request.id, came_to, trouble)
            self.owed, self._left_with = True, error

    async def _leave(self, error: BaseException | None) -> None:
        if isinstance(error, LeaseLost):
            self.left_behind = True
            return
        stopped = isinstance(error, asyncio.CancelledError)
        self.left_behind = self._final is None and (stopped or self._may_be_tried_again(error))
        await self._write_order()
        if self.left_behind:
            await self._release(0 if stopped else RETRY_SECONDS)
        else:
            await self._settle(error)

    def _may_be_tried_again(self, error: BaseException | None) -> bool:
        age = self._clock() - self._reserved_at
        match error:
            case AcknowledgementUnclear():
                return True
            case DeliveryFailed() | GenerationTimedOut():
                return self._is_paid and age < DELIVERED_UNTIL
            case PictureOriginNotAllowed():
                return False  # the operator's matter: they may be had from the gallery afterwards
            case PicturesUnavailable():
                return age < FETCHED_UNTIL
            case _:
                return False

    @property
    def _is_paid(self) -> bool:
        return self.state is State.PAID or self._order is not None

    async def _release(self, seconds: float) -> None:
        try:
            await self._ledger.release(self.request.id, seconds)
        except DatabaseUnavailable:
            log.warning("generation %d: left behind until its lease runs out", self.request.id)

    async def _settle(self, error: BaseException | None) -> None:
        if self._final is None and self._is_paid and isinstance(error, DeliveryFailed | GenerationTimedOut):
            self.kept(self.request.images)
        refund = self.request.images if self._final is None else self._missing
        pending_notice = self._to_be_told(error)
        ending = Ending(
            self._final_state(),
            refund,
            self.credits,
            notice_of(pending_notice) if pending_notice else None,
            # Of what fails in a way that nobody foresaw, the pictures may be had from the gallery all the same.
            out_of_reach=isinstance(error, PicturesUnavailable | UnforeseenFailure),
            spent=self._spent,
        )
        settled = await self._ledger.settle(self.request.id, ending, self._clock())
        self.returned, self.left_behind = settled and refund > 0, not settled
        self.pending_notice = pending_notice if settled else None

    def _to_be_told(self, error: BaseException | None) -> BotError | None:
        if self._final is State.KEPT:
            return PictureKept()
        if self._final is None and isinstance(error, BotError) and not isinstance(error, AlreadyClaimed):
            return error
        return None

    def _final_state(self) -> State:
        return self._final or (State.UNKNOWN if self.may_have_cost else State.REFUNDED)
