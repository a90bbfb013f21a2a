"""From a reservation to its end: acknowledge, buy, download, deliver, settle; begun here, or by another process."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace

from bot.core.errors import BotError, DatabaseUnavailable, UnforeseenFailure
from bot.core.fair_limiter import START, FairLimiter
from bot.core.generation.circuit_breaker import CircuitBreaker
from bot.core.generation.errors import DeliveryFailed, GenerationTimedOut, PictureOriginNotAllowed
from bot.core.generation.events import Delivered, EventSink, Failed, GenerationEvent
from bot.core.generation.image_api import ImageApi
from bot.core.generation.model import CREDITS_PER_DOLLAR, Order, Painting, State
from bot.core.generation.outcome import Arrival, End, NotOurs, Outcome, Retry, Settle
from bot.core.generation.reply import PublicReply, Reply
from bot.core.generation.reservation import Reservation

log = logging.getLogger(__name__)

GIVE_UP_SECONDS = 14 * 60.0
"""Discord takes answers for 15 minutes; the last of them is kept for saying that nothing came of it."""

WRITE_AGAIN_SECONDS = 2.0
"""Before an outcome that the ledger could not take is written again."""


class GenerationPipeline:
    """Turns reservations into delivered pictures, and every other end into returned images and a notice."""

    def __init__(
        self,
        image_api: ImageApi,
        breaker: CircuitBreaker,
        events: EventSink[GenerationEvent],
        concurrency: int,
        give_up: float = GIVE_UP_SECONDS,
        write_again: float = WRITE_AGAIN_SECONDS,
    ) -> None:
        self._image_api = image_api
        self._breaker = breaker
        self._events = events
        self.concurrency = concurrency
        self._limiter = FairLimiter(concurrency, START, name="the image API")
        self._give_up = give_up
        self._write_again_seconds = write_again

    async def run(self, reservation: Reservation, reply: Reply) -> None:
        """A new generation, from the acknowledgement on. Never raises but when cancelled, like the others here."""
        await self._complete(reservation, reply, self._paint(reservation, reply, reply.acknowledge))

    async def resume(self, reservation: Reservation, reply: PublicReply) -> None:
        """One that was acknowledged, and not submitted."""
        await self._complete(reservation, reply, self._paint(reservation, reply))

    async def deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> None:
        """One that was paid for, and not seen to arrive."""
        await self._complete(reservation, reply, self._deliver(reservation, reply, order))

    async def settle(self, reservation: Reservation, reply: PublicReply, end: Arrival | BotError) -> None:
        """One that needs no more work: its pictures are there already, or none can come any more."""

        async def ended() -> Arrival:
            if isinstance(end, BotError):
                raise end
            return end

        await self._complete(reservation, reply, ended())

    async def _paint(
        self,
        reservation: Reservation,
        reply: PublicReply,
        acknowledge: Callable[[], Awaitable[int | None]] | None = None,
    ) -> Arrival:
        request, turn = reservation.request, reservation.turn
        if acknowledge is not None:
            reservation.message = await acknowledge()
        if self._limiter.is_full:  # else the next thing that is written says that it was acknowledged
            await reservation.acknowledged()
        await turn.acquire()
        with self._breaker.guard(request.caller):
            order = await self._image_api.order(request.spec, str(request.id), reservation)
        turn.release()
        await reservation.paid(order)
        try:
            return await self._deliver(reservation, reply, order)
        except PictureOriginNotAllowed as failure:  # the next ones would be there, too
            self._breaker.failed(failure)
            raise

    async def _deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> Arrival:
        request = reservation.request
        pictures = (await self._image_api.fetch(order))[: request.spec.count]
        painting = Painting(pictures, order.model, missing=request.spec.count - len(pictures))
        standings = [replace(it, used=it.used - painting.missing) for it in reservation.standings]
        try:
            await reservation.confirm_lease()
        except DatabaseUnavailable:
            log.warning("generation %d: delivered without asking the database whose it is", request.id)
        shown = await reply.deliver(request.spec.prompt, painting, standings)
        return Arrival(len(pictures), shown)

    async def _complete(
        self, reservation: Reservation, reply: PublicReply, work: Coroutine[None, None, Arrival]
    ) -> None:
        """Do the work, write down how it ended, and tell the log, the member and the moderators."""
        request = reservation.request
        turn = reservation.turn = self._limiter.turn(request.caller.server, request.caller.member)
        try:
            async with asyncio.timeout(self._give_up):
                end: End = await work
        except TimeoutError:
            end = GenerationTimedOut()
        except (BotError, asyncio.CancelledError) as error:
            end = error
        except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
            end = unforeseen(request.id, error)
        outcome, recorded = reservation.outcome(end), True
        try:
            outcome = await reservation.apply(outcome)
        except DatabaseUnavailable as error:
            recorded = False
            came_to = outcome.state.value if isinstance(outcome, Settle) else "to be tried again"
            log.warning(
                "generation %d: its outcome (%s) could not be recorded yet: %s", request.id, came_to, error
            )
        finally:  # not before: whoever waits for a turn is counted after what has failed
            turn.release()
        if isinstance(end, asyncio.CancelledError):
            raise end
        self._log(reservation, end, outcome)
        if not recorded:
            outcome = await self._record_later(reservation, reply, outcome)
        if isinstance(outcome, Settle):
            await self._tell(reservation, reply, end, outcome)

    def _log(self, reservation: Reservation, end: End, outcome: Outcome) -> None:
        request, order = reservation.request, reservation.order
        model = order.model if order else reservation.model or self._image_api.model
        fields = {**request.log_fields, "model": model}
        if isinstance(end, Arrival) and end.shown:
            credits = order.credits if order else None
            fields |= {
                "images": end.pictures,
                "credits": credits,
                "dollars": None if credits is None else round(credits / CREDITS_PER_DOLLAR, 4),
                "seconds": round(reservation.age.total_seconds(), 1),
            }
            said = "generation %d delivered: %d of %d images by %s"
            log.info(said, request.id, end.pictures, request.spec.count, model, extra=fields)
            return
        match outcome:
            case NotOurs():
                log.warning("generation %d: another process has taken it over", request.id)
            case Retry(seconds):
                log.warning("generation %d will be tried again in %g s: %s", request.id, seconds, end)
            case Settle(notice=None):
                log.info(
                    "generation %d: another process has answered it; its images are returned", request.id
                )
            case Settle(State.UNDELIVERED):
                said = "generation %d was paid for, and could not be shown anywhere: kept for /gallery"
                log.warning(said, request.id, extra=fields)
            case Settle(notice=failure):
                billed = " and may have been billed" if outcome.spent else ""
                log.warning("generation %d failed%s: %s", request.id, billed, failure, extra=fields)

    async def _record_later(self, reservation: Reservation, reply: PublicReply, outcome: Outcome) -> Outcome:
        """Try until it is recorded: only this process knows what became of it."""
        if (
            isinstance(outcome, Settle) and outcome.state is not State.UNDELIVERED
        ):  # /gallery has not got it yet
            await self._notify(reservation, reply, outcome, recorded=False)
        while True:
            await asyncio.sleep(self._write_again_seconds)
            with suppress(DatabaseUnavailable):
                return await reservation.apply(outcome)

    async def _tell(self, reservation: Reservation, reply: PublicReply, end: End, outcome: Settle) -> None:
        """Tell the member and the moderators of what is on record, so that no other process tells them again."""
        request, order = reservation.request, reservation.order
        if isinstance(end, Arrival) and end.shown:
            missing, message = request.spec.count - end.pictures, end.shown.message
            model, credits = (order.model, order.credits) if order else (reservation.model or "", None)
            self._events.publish(Delivered(request, end.pictures, missing, model, credits, message))
        elif outcome.notice is not None:
            message = await self._notify(reservation, reply, outcome, recorded=True)
            counted = request.spec.count - outcome.refund
            self._events.publish(Failed(request, outcome.notice, counted, outcome.spent > 0, message))

    async def _notify(
        self, reservation: Reservation, reply: PublicReply, outcome: Settle, *, recorded: bool
    ) -> int | None:
        """The message that says to everybody how it ended, where there is one.

        `recorded`: the images that are returned are back by now.
        """
        if outcome.notice is None or outcome.notify_after is not None:
            return None
        end: End = None
        message = None
        try:
            message = await reply.apologise(outcome.notice, returned=recorded and outcome.refund > 0)
        except DeliveryFailed as error:
            end = error
            log.warning(
                "generation %d: the member could not be notified yet: %s", reservation.request.id, error
            )
        if recorded:
            await reservation.apply(reservation.outcome(end))
        return message


def unforeseen(generation: int, error: Exception) -> UnforeseenFailure:
    """What the member is told of it, with the reference under which the log has the whole story."""
    reference = secrets.token_hex(4)
    log.error("unforeseen failure %s in generation %d", reference, generation, exc_info=error)
    return UnforeseenFailure(reference)
