"""From a reservation to its end: acknowledge, buy, download, deliver, settle; begun here, or by another process."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TypeAlias

from bot.core.errors import BotError, DatabaseUnavailable, UnforeseenFailure
from bot.core.events import EventSink
from bot.core.fair_limiter import START, FairLimiter
from bot.core.generation.errors import DeliveryFailed, GenerationTimedOut
from bot.core.generation.events import Delivered, Failed, GenerationEvent
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

Work: TypeAlias = Callable[[AsyncExitStack], Coroutine[None, None, Arrival]]
"""What brings the pictures to the member; its place among the orders is left with what it is given."""


class GenerationPipeline:
    """Turns reservations into delivered pictures, and every other end into returned images and a notice."""

    def __init__(
        self,
        image_api: ImageApi,
        events: EventSink[GenerationEvent],
        concurrency: int,
        give_up: float = GIVE_UP_SECONDS,
        write_again: float = WRITE_AGAIN_SECONDS,
    ) -> None:
        self._image_api = image_api
        self._events = events
        self.concurrency = concurrency
        self._limiter = FairLimiter(concurrency, START, name="the image API")
        self._give_up = give_up
        self._write_again_seconds = write_again

    async def run(self, reservation: Reservation, reply: Reply) -> None:
        """A new generation, from the acknowledgement on. Never raises but when cancelled, like the others here."""

        async def work(place: AsyncExitStack) -> Arrival:
            reservation.message = await reply.acknowledge()
            order = await self._buy(reservation, place)
            return await self._deliver(reservation, reply, order)

        await self._complete(reservation, reply, work)

    async def resume(self, reservation: Reservation, reply: PublicReply) -> None:
        """One that was acknowledged, and not submitted."""

        async def work(place: AsyncExitStack) -> Arrival:
            order = await self._buy(reservation, place)
            return await self._deliver(reservation, reply, order)

        await self._complete(reservation, reply, work)

    async def deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> None:
        """One that was paid for, and not seen to arrive."""
        reservation.order = order
        await self._complete(reservation, reply, lambda _: self._deliver(reservation, reply, order))

    async def abandon(self, reservation: Reservation, reply: PublicReply, failure: BotError) -> None:
        """One of which nothing can come any more."""

        async def work(_: AsyncExitStack) -> Arrival:
            raise failure

        await self._complete(reservation, reply, work)

    async def _buy(self, reservation: Reservation, place: AsyncExitStack) -> Order:
        request = reservation.request
        if self._limiter.is_full:  # else the next thing that is written says that it was acknowledged
            await reservation.acknowledged()
        turn = self._limiter.turn(request.caller.server, request.caller.member)
        reservation.turn = await place.enter_async_context(turn)
        order = await self._image_api.order(request.spec, str(request.id), reservation)
        await place.aclose()
        await reservation.paid(order)
        return order

    async def _deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> Arrival:
        request = reservation.request
        pictures = (await self._image_api.fetch(order))[: request.images]
        painting = Painting(pictures, order.model, missing=request.images - len(pictures))
        standings = [replace(it, used=it.used - painting.missing) for it in reservation.standings]
        await reservation.confirm_lease()
        shown = await reply.deliver(request.prompt, painting, standings)
        return Arrival(len(pictures), shown)

    async def _complete(self, reservation: Reservation, reply: PublicReply, work: Work) -> None:
        """Do the work, write down how it ended, and tell the member and the moderators."""
        async with AsyncExitStack() as place:
            try:
                async with asyncio.timeout(self._give_up):
                    end: End = await work(place)
            except TimeoutError:
                end = GenerationTimedOut()
            except (BotError, asyncio.CancelledError) as error:
                end = error
            except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
                end = unforeseen(reservation.request.id, error)
            outcome = reservation.outcome(end)
            # Before its place is free: whoever waits for it is counted after what has failed.
            try:
                written = await reservation.apply(outcome)
            except DatabaseUnavailable as error:
                written = None
                came_to = outcome.state.value if isinstance(outcome, Settle) else "to be tried again"
                log.warning(
                    "generation %d: its outcome (%s) could not be recorded yet: %s",
                    reservation.request.id,
                    came_to,
                    error,
                )
        if isinstance(end, asyncio.CancelledError):
            raise end
        await self._report(reservation, reply, end, written or outcome, recorded=written is not None)
        if written is None:
            written = await self._write_again(reservation, outcome)
            if isinstance(written, Settle):
                await self._notify(reservation, reply, written, recorded=True)

    async def _report(
        self, reservation: Reservation, reply: PublicReply, end: End, outcome: Outcome, *, recorded: bool
    ) -> None:
        """Tell the log, the member and the moderators; `recorded`: the images that are returned are back by now."""
        request, order = reservation.request, reservation.order
        fields = {**request.log_fields, "model": order.model if order else self._image_api.model}
        if isinstance(end, Arrival) and end.shown.anywhere and order:
            seconds = round(reservation.age.total_seconds(), 1)
            dollars = None if order.credits is None else round(order.credits / CREDITS_PER_DOLLAR, 4)
            fields |= {
                "images": end.pictures,
                "credits": order.credits,
                "dollars": dollars,
                "seconds": seconds,
            }
            said = "generation %d delivered: %d of %d images by %s"
            log.info(said, request.id, end.pictures, request.images, order.model, extra=fields)
            missing = request.images - end.pictures
            message = end.shown.message
            self._events.publish(
                Delivered(request, end.pictures, missing, order.model, order.credits, message)
            )
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
            case Settle(State.KEPT):
                said = "generation %d was paid for, and could not be shown anywhere: kept for /gallery"
                log.warning(said, request.id, extra=fields)
                if recorded:
                    await self._notify(reservation, reply, outcome, recorded=True)
            case Settle(notice=BotError() as failure):
                billed = " and may have been billed" if outcome.spent else ""
                log.warning("generation %d failed%s: %s", request.id, billed, failure, extra=fields)
                message = await self._notify(reservation, reply, outcome, recorded=recorded)
                returned = recorded and outcome.refund > 0
                self._events.publish(Failed(request, failure, returned, outcome.spent > 0, message))

    async def _notify(
        self, reservation: Reservation, reply: PublicReply, outcome: Settle, *, recorded: bool
    ) -> int | None:
        """The message that says to everybody how it ended, where there is one."""
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

    async def _write_again(self, reservation: Reservation, outcome: Outcome) -> Outcome:
        """Until it is written: only this process knows what became of it."""
        while True:
            await asyncio.sleep(self._write_again_seconds)
            with suppress(DatabaseUnavailable):
                return await reservation.apply(outcome)


def unforeseen(generation: int, error: Exception) -> UnforeseenFailure:
    """What the member is told of it, with the reference under which the log has the whole story."""
    reference = secrets.token_hex(4)
    log.error("unforeseen failure %s in generation %d", reference, generation, exc_info=error)
    return UnforeseenFailure(reference)
