"""From a reservation to its end: acknowledge, paint, deliver, settle; begun here, or by a process that is gone."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.core.errors import AlreadyClaimed, BotError, GenerationFailed, UnforeseenFailure
from bot.core.events import EventSink
from bot.core.fair_limiter import START, FairLimiter, Turn
from bot.core.generation.errors import AcknowledgementPending, DeliveryFailed, GenerationTimedOut, LeaseLost
from bot.core.generation.events import Delivered, Failed, GenerationEvent
from bot.core.generation.model import CREDITS_PER_DOLLAR, Order, Painting, Picture, Request
from bot.core.generation.reservation import RETRY_SECONDS, WRITE_AGAIN_SECONDS, Reservation
from bot.core.limits.meters import Standing
from bot.core.place import ServerCaller

log = logging.getLogger(__name__)

GIVE_UP_SECONDS = 14 * 60.0
"""Discord takes answers for 15 minutes; the last of them is kept for saying that nothing came of it."""


class Attempts(Protocol):
    """The requests of one order, each of which may cost: written down before it leaves, in the name of `caller`.

    It is None for an order that belongs to no generation.
    """

    @property
    def caller(self) -> ServerCaller | None: ...

    @property
    def turn(self) -> Turn:
        """The place at the image API that the order holds; it says when a request may be sent."""
        ...

    async def submitting(self, model: str) -> None:
        """Right before a request leaves, whichever it is of this order.

        Raises LeaseLost where another process has the generation by now, NoBudgetForRetry where an earlier request may
        have cost and another one does not fit on the bot's own limit, and FailureLimitReached.
        """
        ...

    def not_billed(self) -> None:
        """The request that was announced last has certainly cost nothing."""
        ...


class Painter(Protocol):
    """The image API."""

    @property
    def model(self) -> str:
        """The model in service."""
        ...

    @property
    def prompt_limit(self) -> int:
        """Characters that the model in service takes."""
        ...

    async def order(self, prompt: str, images: int, request_id: str, attempts: Attempts) -> Order:
        """Buy `images` pictures, 1..10. Raises GenerationFailed, and what `attempts` raise.

        Every request of the order is announced to `attempts` right before it leaves.
        """
        ...

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        """The pictures of a paid order that could be fetched whole, at least one. Raises PicturesLost."""
        ...

    async def charged(self, request_id: str, attempts: int) -> int | None:
        """What the order of that id has cost with all of its `attempts`, in credits. Never raises.

        None where the API does not say, or does not know of every attempt yet.
        """
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """Where pictures are now: on `message` in the channel, or before the member alone, or (neither) nowhere."""

    message: int | None = None
    privately: bool = False


class PublicReply(Protocol):
    """What stands in the channel for one command, whichever process began it."""

    async def deliver(self, prompt: str, painting: Painting, standings: Sequence[Standing]) -> Shown:
        """Put the pictures in the place of the acknowledgement, or where else the member finds them.

        Raises DeliveryFailed where it should be tried again later.
        """
        ...

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        """Tell the member how it ended, privately where that can be; `returned`: the images were given back.

        The id of the message where everybody sees it, else None. Raises DeliveryFailed where it should be tried
        again later.
        """
        ...


class Reply(PublicReply, Protocol):
    """The answer to one command that has just been given."""

    async def refuse(self, refusal: BotError) -> None:
        """Answer privately that nothing will be painted, and why. Never raises."""
        ...

    async def acknowledge(self) -> int | None:
        """Show everybody that the bot is at it: the id of that message, where Discord says it.

        Raises AlreadyClaimed, DeliveryFailed.
        """
        ...


class GenerationPipeline:
    """Turns reservations into delivered pictures, and every other ending into given-back images and a sentence."""

    def __init__(
        self,
        painter: Painter,
        events: EventSink[GenerationEvent],
        concurrency: int,
        give_up: float = GIVE_UP_SECONDS,
        write_again: float = WRITE_AGAIN_SECONDS,
    ) -> None:
        self._painter = painter
        self._events = events
        self.concurrency = concurrency
        self._limiter = FairLimiter(concurrency, START, name="the image API")
        self._give_up = give_up
        self._write_again = write_again

    async def run(self, reservation: Reservation, reply: Reply) -> None:
        """From the beginning. Never raises but when it is cancelled, like all the others."""
        await self._end(reservation, reply, self._begin(reservation, reply))

    async def resume(self, reservation: Reservation, reply: PublicReply) -> None:
        """With what was acknowledged, and not submitted."""
        await self._end(reservation, reply, self._paint(reservation, reply))

    async def deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> None:
        """What was paid, and not seen to arrive."""
        await self._end(reservation, reply, self._deliver(reservation, reply, order))

    async def abandon(self, reservation: Reservation, reply: PublicReply, failure: BotError) -> None:
        """Give back what nothing can come of any more, and say so."""
        await self._end(reservation, reply, _fail(failure))

    async def _end(
        self, reservation: Reservation, reply: PublicReply, work: Coroutine[None, None, None]
    ) -> None:
        generation = reservation.request.id
        try:
            async with reservation:
                await self._in_time(generation, work)
        except AlreadyClaimed:
            log.info("generation %d: another process has answered it; given back", generation)
        except LeaseLost:
            log.warning("generation %d: another process has taken it over", generation)
        except BotError as failure:
            await self._own_up(reservation, reply, failure)
        except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
            await self._own_up(reservation, reply, unforeseen(generation, error))
        # The only one who knows what became of it stays until that is written.
        await reservation.write_again(self._write_again)
        if reservation.pending_notice:
            await self._tell(reservation, reply, reservation.pending_notice)

    async def _in_time(self, generation: int, work: Coroutine[None, None, None]) -> None:
        """Whatever goes wrong is an error of the domain."""
        try:
            async with asyncio.timeout(self._give_up):
                await work
        except TimeoutError as error:
            raise GenerationTimedOut from error
        except BotError:
            raise
        except Exception as error:
            raise unforeseen(generation, error) from error

    async def _own_up(self, reservation: Reservation, reply: PublicReply, failure: BotError) -> None:
        request = reservation.request
        if reservation.left_behind:
            log.warning("generation %d: tried again later: %s", request.id, failure)
            return
        if reservation.is_over:
            # The picture may be there: no sentence takes its place without a look.
            log.warning("generation %d: delivered or kept, and then %s", request.id, failure)
            await reservation.tell_later()
            return
        billed = ", and may have been billed" if reservation.may_have_cost else ""
        log.warning(
            "generation %d failed%s: %s",
            request.id,
            billed,
            failure,
            extra={**request.log_fields, "model": self._painter.model},
        )
        message = await self._tell(reservation, reply, failure)
        self._events.publish(
            Failed(request, failure, reservation.returned, reservation.may_have_cost, message)
        )

    async def _tell(self, reservation: Reservation, reply: PublicReply, failure: BotError) -> int | None:
        """The message that says so to everybody, where there is one."""
        try:
            message = await reply.apologise(failure, returned=reservation.returned)
        except DeliveryFailed as error:
            log.warning("generation %d: nobody could be told yet: %s", reservation.request.id, error)
            await reservation.tell_later(
                error.seconds if isinstance(error, AcknowledgementPending) else RETRY_SECONDS
            )
            return None
        await reservation.told()
        return message

    async def _begin(self, reservation: Reservation, reply: Reply) -> None:
        message = await reply.acknowledge()
        await reservation.acknowledged(message)
        await self._paint(reservation, reply)

    async def _paint(self, reservation: Reservation, reply: PublicReply) -> None:
        request = reservation.request
        async with self._limiter.turn(request.caller.server, request.caller.member) as reservation.turn:
            try:
                order = await self._painter.order(
                    request.prompt, request.images, str(request.id), reservation
                )
            except GenerationFailed as failure:
                await reservation.leave(failure)  # before the next in line is asked whether it may go
                raise
        await reservation.paid(order)
        await self._deliver(reservation, reply, order)

    async def _deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> None:
        request = reservation.request
        pictures = (await self._painter.fetch(order))[: request.images]
        painting = Painting(pictures, order.model, missing=request.images - len(pictures))
        standings = [replace(it, used=it.used - painting.missing) for it in reservation.standings]
        await reservation.delivering()
        shown = await reply.deliver(request.prompt, painting, standings)
        if shown.message is None and not shown.privately:
            reservation.kept(len(pictures))
            log.warning(
                "generation %d: paid, and kept, for there is no place left to show it",
                request.id,
                extra={**request.log_fields, "model": order.model},
            )
            return
        reservation.delivered(len(pictures))
        _log_delivery(request, order, painting, reservation.seconds)
        self._events.publish(
            Delivered(request, len(pictures), painting.missing, order.model, order.credits, shown.message)
        )


async def _fail(failure: BotError) -> None:
    raise failure


def _log_delivery(request: Request, order: Order, painting: Painting, seconds: float) -> None:
    """`seconds` since the command was given."""
    log.info(
        "generation %d delivered: %d of %d images by %s",
        request.id,
        len(painting.pictures),
        request.images,
        order.model,
        extra={
            **request.log_fields,
            "images": len(painting.pictures),
            "model": order.model,
            "credits": order.credits,
            "dollars": None if order.credits is None else round(order.credits / CREDITS_PER_DOLLAR, 4),
            "seconds": round(seconds, 1),
        },
    )


def unforeseen(generation: int, error: Exception) -> UnforeseenFailure:
    """What the member is told of it, with the reference under which the log has the whole story."""
    reference = secrets.token_hex(4)
    log.error("unforeseen failure %s in generation %d", reference, generation, exc_info=error)
    return UnforeseenFailure(reference)
