"""Finishes what is nobody's any more: once, and by whichever process claims it first.

A process died with it and its lease expired; or it was released, at a stop or to be tried again later, perhaps by this
very process.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from bot.core.background import repeat
from bot.core.clock import CLOCKS_APART, Clock
from bot.core.errors import BotError
from bot.core.generation.errors import DeliveryFailed, Interrupted
from bot.core.generation.image_api import ImageApi
from bot.core.generation.in_flight import InFlightGenerations
from bot.core.generation.ledger import AbandonedGeneration, Ledger
from bot.core.generation.model import Order, State, created_at
from bot.core.generation.notices import failure_of
from bot.core.generation.outcome import DeliveryResult, NextStep, Retry, Unexamined, next_step
from bot.core.generation.pipeline import GenerationPipeline
from bot.core.generation.reply import AbandonedReply, Replies, ReplyStatus, Shown
from bot.core.generation.reservation import Reservation
from bot.core.limits.meters import MeterReading
from bot.core.limits.usage import UsageService

log = logging.getLogger(__name__)

RENEW_SECONDS = 10.0
"""A third of a lease: two heartbeats may get lost."""
POLL_SECONDS = 3.0
BATCH = 10


class Recovery:
    """Renews this process's leases, and claims generations whose lease has expired or was given up; rarely while there
    are none.
    """

    def __init__(
        self,
        ledger: Ledger,
        image_api: ImageApi,
        usage: UsageService,
        clock: Clock,
        discord_clock: Clock,
        replies: Replies,
        pipeline: GenerationPipeline,
        in_flight: InFlightGenerations,
    ) -> None:
        self._ledger = ledger
        self._image_api = image_api
        self._usage = usage
        self._clock = clock
        self._discord_clock = discord_clock
        self._replies = replies
        self._pipeline = pipeline
        self._in_flight = in_flight
        self._finishing: set[asyncio.Task[None]] = set()

    async def run(self, pause: float = POLL_SECONDS) -> None:
        """Until it is cancelled; `pause`: seconds between two polls."""
        await asyncio.gather(
            repeat(
                self._in_flight.renew_leases,
                lambda _failing: asyncio.sleep(RENEW_SECONDS),
                log,
                "leases can't be renewed",
            ),
            repeat(
                partial(self._claim_all, pause),
                lambda _failing: self._in_flight.idle_polling.rest(pause),
                log,
                "abandoned generations can't be looked for",
            ),
        )

    async def _claim_all(self, pause: float) -> None:
        """Claim batch after batch, while there are any.

        With as many unfinished ones as the pipeline runs at once, it waits before the next batch until there are fewer,
        so that other processes can claim it; but no longer than `pause`, as a paid picture among them must not wait
        for those that are yet to be bought.
        """
        await self._replies.ready()
        while await self.claim():
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    while len(self._finishing) >= self._pipeline.concurrency:
                        await asyncio.wait(self._finishing, return_when=asyncio.FIRST_COMPLETED)
            await self._replies.ready()
        idle_polling = self._in_flight.idle_polling
        if idle_polling.is_slow and (self._in_flight.generations or await self._ledger.has_unfinished()):
            idle_polling.end()

    async def claim(self) -> bool:
        """Claim a batch of what is nobody's any more, and begin to finish it; whether there may be more.

        Raises DatabaseUnavailable.
        """
        closing = self._in_flight.closing
        claimed = () if closing else await self._ledger.claim_expired(self._in_flight.generations, BATCH)
        for abandoned in claimed:
            if self._in_flight.closing:
                # Asked to stop meanwhile: nobody would wait for what is begun, and may be paid.
                await self._ledger.release(abandoned.request.id, 0.0)
                continue
            log.warning(
                "generation %d claimed, whose lease had expired or been given up: %s",
                abandoned.request.id,
                abandoned.state.value,
            )
            task = self._in_flight.start(abandoned.request.id, self._finish(abandoned))
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)
        return len(claimed) == BATCH

    async def _finish(self, abandoned: AbandonedGeneration) -> None:
        reserved_at = abandoned.reserved_at
        if reserved_at > self._clock() + CLOCKS_APART:  # by a clock that ran ahead, or this one was set back
            reserved_at = self._clock() - (self._discord_clock() - created_at(abandoned.request.id))
        bought = abandoned.state in {State.SUBMITTED, State.PAID}
        reservation = Reservation(
            self._ledger,
            self._clock,
            abandoned.request,
            reserved_at,
            state=abandoned.state,
            model=abandoned.model,
            order=abandoned.order,
            spent=abandoned.spent if bought else 0,
            revision=abandoned.revision,
        )
        try:
            await self._take_next_step(abandoned, reservation, self._replies.to(abandoned))
        except Exception as error:
            outcome = reservation.outcome(Unexamined(error))
            foreseen = isinstance(error, BotError)
            log.log(
                logging.WARNING if foreseen else logging.ERROR,
                "generation %d could not be finished, and %s: %s",
                abandoned.request.id,
                f"is tried again in {outcome.seconds:g} s" if isinstance(outcome, Retry) else "is given up",
                error,
                exc_info=None if foreseen else error,
            )
            await reservation.apply(outcome)

    async def _take_next_step(
        self, abandoned: AbandonedGeneration, reservation: Reservation, reply: AbandonedReply
    ) -> None:
        status: ReplyStatus | None = None
        try:
            status = await reply.status()
        except DeliveryFailed:  # Discord does not say: one that is old enough goes on without knowing
            if next_step(abandoned.state, None, reservation.age) is NextStep.WAIT:
                raise
        reservation.message = status.message if status and status.message else abandoned.message
        step = next_step(abandoned.state, status.state if status else None, reservation.age)
        match step:
            case NextStep.RESUME:
                reservation.readings = await self._readings(abandoned)
                policy = await self._usage.policy_in(abandoned.request.caller.place)
                reservation.wording = self._pipeline.revisions.wording_of(
                    abandoned.request, policy.words, allowed=policy.revise
                )
                await self._pipeline.run(reservation, reply)
            case NextStep.DELIVER:
                reservation.readings = await self._readings(abandoned)
                order = await self._ledger.load(abandoned.request.id, abandoned.order or Order("", ()))
                await self._pipeline.deliver(reservation, reply, order)
            case NextStep.FAIL:
                if abandoned.state is State.SUBMITTED:
                    id = str(abandoned.request.id)
                    reservation.credits = await self._image_api.logged_cost(id, abandoned.attempts)
                    if reservation.credits == 0:  # with all of its attempts: the image API says so
                        reservation.spent = 0
                await self._pipeline.settle(reservation, reply, Interrupted())
            case NextStep.RECORD_DELIVERY if status:
                pictures = min(status.pictures, abandoned.request.spec.count)
                await self._pipeline.settle(
                    reservation, reply, DeliveryResult(pictures, Shown(status.message))
                )
            case NextStep.NOTIFY:
                await reply.apologise(failure_of(abandoned.pending_notice or ""), returned=True)
                await reservation.apply(reservation.outcome(None))
            case _:  # RETURN and ERASE_NOTICE: all that is left is to settle, or to erase the notice
                log.warning("generation %d: %s", abandoned.request.id, step.value)
                await reservation.apply(reservation.outcome(None))

    async def _readings(self, abandoned: AbandonedGeneration) -> tuple[MeterReading, ...]:
        """What its meters read, with the limits that it was reserved under: the member's roles are not on record."""
        caps = {(charge.meter, charge.window): charge.cap for charge in abandoned.charges}
        return await self._usage.readings_at(abandoned.reserved_at, abandoned.request.caller, caps)
