"""The use case behind `/imagine`: reserve, acknowledge, paint, deliver, settle."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.core.breaker import Breaker
from bot.core.chronicle import Chronicle, Delivered, Failed, Refused
from bot.core.errors import (
    AlreadyClaimed,
    BotError,
    GenerationTookTooLong,
    Interrupted,
    LedgerBusy,
    LedgerUnavailable,
    Refusal,
    Restarting,
    UnforeseenFailure,
)
from bot.core.generation import Order, Painting, Picture, Request
from bot.core.limits import Standing, Terms, terms_for
from bot.core.policy import Operator, Policy
from bot.core.prompts import clean_prompt
from bot.core.reservation import RESERVE_SECONDS, Clock, Ledger, Reservation
from bot.core.turns import Turns

log = logging.getLogger(__name__)

GIVE_UP_SECONDS = 14 * 60.0
"""Discord takes answers for 15 minutes; the last of them is kept for saying that nothing came of it."""

GRACE_SECONDS = 20.0
"""Hosts kill a process 30 s after they asked it to stop; running generations get this much of it."""

CLEAR_UP_SECONDS = 8.0
"""And this much for giving back what did not finish, and for saying so."""


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

    async def order(self, prompt: str, images: int, request_id: str) -> Order:
        """Buy `images` pictures, 1..10. Raises GenerationFailed."""
        ...

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        """The pictures of a paid order that could be fetched whole, at least one. Raises PicturesLost."""
        ...


class Reply(Protocol):
    """The answer to one command, as the member sees it. Only `acknowledge` and `deliver` raise."""

    async def refuse(self, refusal: BotError) -> None:
        """Answer privately that nothing will be painted, and why."""
        ...

    async def acknowledge(self) -> None:
        """Show everybody that the bot is at it. Raises AlreadyClaimed, DeliveryFailed."""
        ...

    async def deliver(self, prompt: str, painting: Painting, standings: Sequence[Standing]) -> int:
        """Put the pictures in the place of the acknowledgement: the id of the message. Raises DeliveryFailed."""
        ...

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        """Put a sentence in the place of the acknowledgement; `returned`: the images were given back.

        The id of the message, or None where it could not be shown.
        """
        ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: for reserving, and for a generation from its beginning to its end."""

    reserve: float = RESERVE_SECONDS
    give_up: float = GIVE_UP_SECONDS


DEADLINES = Deadlines()


class Studio:
    """Turns requests into delivered pictures, and every other ending into given-back images and a sentence."""

    def __init__(
        self,
        ledger: Ledger,
        painter: Painter,
        operator: Operator,
        clock: Clock,
        breaker: Breaker,
        chronicle: Chronicle,
        *,
        concurrency: int,
        deadlines: Deadlines = DEADLINES,
    ) -> None:
        self._ledger = ledger
        self._painter = painter
        self._operator = operator
        self._breaker = breaker
        self._clock = clock
        self._chronicle = chronicle
        self._deadlines = deadlines
        self._turns = Turns(concurrency)
        self._running: set[asyncio.Task[None]] = set()
        self._giving_back: set[asyncio.Task[None]] = set()
        self._closing = False

    async def imagine(self, request: Request, reply: Reply) -> None:
        """Carry out one `/imagine` to its end. Never raises but when it is cancelled."""
        # A task of its own, so that `close` finds it and nothing else of the caller's is cancelled with it.
        task = asyncio.create_task(self._imagine(request, reply), name=f"generation {request.id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.wait({task})

    async def close(self, grace: float = GRACE_SECONDS) -> None:
        """Take no new work, let what runs finish within `grace` seconds, and give back the rest."""
        self._closing = True
        late: set[asyncio.Task[None]] = set()
        if self._running:
            log.info("stopping: %d generations are still running", len(self._running))
            _, late = await asyncio.wait(set(self._running), timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.sleep(0)  # whoever is cancelled while reserving leaves something to give back
        ending = late | self._giving_back
        if ending:
            await asyncio.wait(ending, timeout=CLEAR_UP_SECONDS)

    async def _imagine(self, request: Request, reply: Reply) -> None:
        try:
            reservation = await self._reserve(request)
        except AlreadyClaimed:
            log.info("generation %d: another process has it", request.id)
        except Refusal as refusal:
            level = logging.WARNING if isinstance(refusal, (LedgerBusy, LedgerUnavailable)) else logging.INFO
            log.log(level, "generation %d refused: %s", request.id, refusal)
            await self._refuse(request, reply, refusal)
        except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
            await self._refuse(request, reply, _unforeseen(request.id, error))
        else:
            await self._carry_out(reservation, reply)

    async def _refuse(self, request: Request, reply: Reply, refusal: BotError) -> None:
        await reply.refuse(refusal)
        self._chronicle.note(Refused(request, refusal))

    async def _reserve(self, request: Request) -> Reservation:
        if self._closing:
            raise Restarting
        self._breaker.admit()
        prompt = clean_prompt(request.prompt, self._painter.prompt_limit)
        request = replace(request, prompt=prompt)
        reserving = asyncio.create_task(self._take(request))
        try:
            await asyncio.wait({reserving}, timeout=self._deadlines.reserve)
        finally:
            if not reserving.done():  # too late, or cancelled: it may be written all the same
                self._give_back_when_done(reserving)
        if not reserving.done():
            raise LedgerBusy
        return reserving.result()

    async def _take(self, request: Request) -> Reservation:
        now = self._clock()

        def rules(policy: Policy) -> Terms:
            terms = terms_for(policy, self._operator, request.caller, now)
            terms.admit(request.prompt, request.images)
            return terms

        standings = await self._ledger.reserve(request, rules, now)
        return Reservation(self._ledger, self._clock, request, standings)

    def _give_back_when_done(self, reserving: asyncio.Task[Reservation]) -> None:
        async def give_back() -> None:
            try:
                async with await reserving:
                    pass
                log.warning("a reservation came too late and was given back")
            except BotError as error:
                log.info("a reservation came too late, and was refused: %s", error)

        # Never cancelled: what the ledger has taken by then nobody else would return.
        task = asyncio.create_task(give_back())
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)

    async def _carry_out(self, reservation: Reservation, reply: Reply) -> None:
        generation = reservation.request.id
        try:
            async with reservation, asyncio.timeout(self._deadlines.give_up):
                await self._paint(reservation, reply)
        except AlreadyClaimed:
            log.info("generation %d: another process has answered it; given back", generation)
        except asyncio.CancelledError:
            await asyncio.shield(self._own_up(reservation, reply, Interrupted()))
            raise
        except TimeoutError:
            await self._own_up(reservation, reply, GenerationTookTooLong())
        except BotError as failure:
            await self._own_up(reservation, reply, failure)
        except Exception as error:  # noqa: BLE001 — the same, after the images were given back
            await self._own_up(reservation, reply, _unforeseen(generation, error))

    async def _own_up(self, reservation: Reservation, reply: Reply, failure: BotError) -> None:
        if reservation.images_delivered:  # the picture is there: no sentence may take its place
            log.error("generation %d: delivered, and then %s", reservation.request.id, failure)
            return
        billed = ", and may have been billed" if reservation.may_have_cost else ""
        log.warning("generation %d failed%s: %s", reservation.request.id, billed, failure)
        message = await reply.apologise(failure, returned=reservation.returned)
        self._chronicle.note(
            Failed(reservation.request, failure, reservation.returned, reservation.may_have_cost, message)
        )

    async def _paint(self, reservation: Reservation, reply: Reply) -> None:
        request = reservation.request
        await reply.acknowledge()
        await reservation.acknowledged()
        async with self._turns.take(request.caller.server):
            await reservation.submitting(self._painter.model)
            order = await self._painter.order(request.prompt, request.images, str(request.id))
        await reservation.paid(order)
        pictures = (await self._painter.fetch(order))[: request.images]
        painting = Painting(pictures, order.model, missing=request.images - len(pictures))
        standings = [replace(it, used=it.used - painting.missing) for it in reservation.standings]
        message = await reply.deliver(request.prompt, painting, standings)
        reservation.delivered(len(pictures))
        _log_delivery(request, order, painting)
        self._chronicle.note(
            Delivered(request, len(pictures), painting.missing, order.model, order.credits, message)
        )


def _log_delivery(request: Request, order: Order, painting: Painting) -> None:
    log.info(
        "generation %d delivered: %d of %d images by %s",
        request.id,
        len(painting.pictures),
        request.images,
        order.model,
        extra={
            "generation": request.id,
            "server": request.caller.server,
            "member": request.caller.member,
            "model": order.model,
            "images": len(painting.pictures),
            "credits": order.credits,
        },
    )


def _unforeseen(generation: int, error: Exception) -> UnforeseenFailure:
    reference = secrets.token_hex(4)
    log.error("unforeseen failure %s in generation %d", reference, generation, exc_info=error)
    return UnforeseenFailure(reference)
