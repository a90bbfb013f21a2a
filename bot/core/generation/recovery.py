"""The use case after a death: what a process left unfinished is painted, delivered, or given back; once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import NoReturn, Protocol

from bot.core.clock import CLOCKS_APART, Clock
from bot.core.errors import BotError
from bot.core.generation.errors import AcknowledgementPending, DeliveryFailed, Interrupted
from bot.core.generation.in_flight import InFlightGenerations
from bot.core.generation.ledger import AbandonedGeneration, Ending, Ledger
from bot.core.generation.model import Order, State, created_at
from bot.core.generation.notices import failure_of
from bot.core.generation.pipeline import GenerationPipeline, Painter, PublicReply
from bot.core.generation.reservation import DELIVERED_UNTIL, RETRY_SECONDS, Reservation
from bot.core.limits.meters import Standing
from bot.core.limits.usage import UsageService

log = logging.getLogger(__name__)

RENEW_SECONDS = 10.0
"""A third of a lease: two signs of life may get lost."""
LOOK_SECONDS = 3.0
MOST_AT_A_LOOK = 10
PAINTED_UNTIL = timedelta(minutes=14)
"""Discord takes answers for 15 minutes; whatever would be begun later could not be shown."""
TOLD_UNTIL = timedelta(hours=2)
"""How long a sentence is brought to a Discord that does not take it: for longer than a picture, that ends in one."""
UNFORESEEN_SECONDS = 60.0


class ReplyState(Enum):
    """What stands in the place of an answer."""

    NOTHING = "nothing: it was never acknowledged, or it is gone"
    THINKING = "the acknowledgement"
    WORDS = "a sentence"
    PICTURES = "the pictures"


@dataclass(frozen=True, slots=True)
class ReplyStatus:
    """`pictures` are how many are there."""

    sight: ReplyState
    message: int | None = None
    pictures: int = 0


class AbandonedReply(PublicReply, Protocol):
    """The answer that a process left unfinished."""

    async def look(self) -> ReplyStatus:
        """Raises DeliveryFailed where Discord does not say."""
        ...


class Replies(Protocol):
    """The way to answers that others began."""

    async def ready(self) -> None:
        """Wait until Discord can be spoken to."""
        ...

    def to(self, left: AbandonedGeneration) -> AbandonedReply: ...


class Recovery:
    """Keeps this process's leases, and looks for those that have run out; rarely while nothing is unfinished."""

    def __init__(
        self,
        ledger: Ledger,
        painter: Painter,
        usage: UsageService,
        clock: Clock,
        replies: Replies,
        pipeline: GenerationPipeline,
        in_flight: InFlightGenerations,
    ) -> None:
        self._ledger = ledger
        self._painter = painter
        self._usage = usage
        self._clock = clock
        self._replies = replies
        self._pipeline = pipeline
        self._in_flight = in_flight
        self._finishing: set[asyncio.Task[None]] = set()

    async def run(self, pause: float = LOOK_SECONDS) -> None:
        """Until it is cancelled; `pause`: seconds between two looks."""
        await asyncio.gather(
            _again_and_again(self._in_flight.renew, partial(asyncio.sleep, RENEW_SECONDS)),
            _again_and_again(
                partial(self._look_while_there_is_more, pause),
                partial(self._in_flight.idle_polling.rest, pause),
            ),
        )

    async def _look_while_there_is_more(self, pause: float) -> None:
        while await self._look_when_ready():
            await self._until_there_is_room(pause)
        idle_polling = self._in_flight.idle_polling
        if idle_polling.is_long and (self._in_flight.generations or await self._ledger.has_unfinished()):
            idle_polling.end()

    async def _look_when_ready(self) -> bool:
        await self._replies.ready()
        return await self.look()

    async def _until_there_is_room(self, pause: float) -> None:
        """What is more than this process can carry is left to others, but for a batch after each pause: a paid picture
        must not wait for those that are yet to be painted.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                while len(self._finishing) >= self._pipeline.concurrency:
                    await asyncio.wait(self._finishing, return_when=asyncio.FIRST_COMPLETED)

    async def look(self) -> bool:
        """Take over a batch of what others have left, and begin to finish it; whether there may be more.

        Raises DatabaseUnavailable.
        """
        if self._in_flight.closing:
            return False
        found = await self._ledger.claim_expired(self._in_flight.generations, MOST_AT_A_LOOK)
        for left in found:
            log.warning("generation %d: taken over, %s", left.request.id, left.state.value)
            task = self._in_flight.start(left.request.id, self._finish(left))
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)
        return len(found) == MOST_AT_A_LOOK

    async def _finish(self, left: AbandonedGeneration) -> None:
        try:
            await self._finish_as_it_stands(left, self._replies.to(left))
        except AcknowledgementPending as pending:
            await self._try_again(left, pending.seconds)
        except BotError as failure:  # neither the ledger nor Discord says how it stands
            log.warning("generation %d: tried again later: %s", left.request.id, failure)
            await self._try_again(left, RETRY_SECONDS)
        except Exception:
            log.exception("generation %d could not be finished", left.request.id)
            await self._put_aside(left)

    async def _put_aside(self, left: AbandonedGeneration) -> None:
        """What fails in a way that nobody foresaw is tried again, and after hours of that closed as it stands."""
        if self._age(left) < TOLD_UNTIL:
            await self._try_again(left, UNFORESEEN_SECONDS)
            return
        bought = left.state in {State.SUBMITTED, State.PAID}
        ending = Ending(State.UNKNOWN if bought else State.REFUNDED, left.request.images, out_of_reach=bought)
        try:
            await self._ledger.settle(left.request.id, ending, self._clock())
            await self._ledger.told(left.request.id)
            log.error("generation %d: given up, and given back where it was not yet", left.request.id)
        except Exception:
            log.exception("generation %d could not be given up", left.request.id)
            await self._try_again(left, UNFORESEEN_SECONDS)

    def _age(self, left: AbandonedGeneration) -> timedelta:
        """By Discord's clock, if ours ran ahead when it was reserved."""
        now = self._clock()
        return now - (
            left.reserved_at if left.reserved_at <= now + CLOCKS_APART else created_at(left.request.id)
        )

    async def _finish_as_it_stands(self, left: AbandonedGeneration, reply: AbandonedReply) -> None:
        if left.pending_notice is not None:
            await self._finish_untold(left, left.pending_notice, reply)
            return
        match left.state:
            case State.PAID:
                await self._finish_paid(left, reply)
            case State.SUBMITTED:
                await self._finish_submitted(left, reply)
            case _:
                await self._finish_unpaid(left, reply)

    async def _finish_unpaid(self, left: AbandonedGeneration, reply: AbandonedReply) -> None:
        """Nothing was bought: there is time to begin, or there is none."""
        if self._age(left) > PAINTED_UNTIL:
            await self._pipeline.abandon(self._reservation(left), reply, Interrupted())
            return
        found = await reply.look()
        if found.sight is ReplyState.THINKING:
            reservation = self._reservation(left, await self._standings(left))
            await reservation.acknowledged(found.message)
            await self._pipeline.resume(reservation, reply)
            return
        # Discord has told the member that nobody answered, or a refusal has: nobody waits any more.
        async with self._reservation(left):
            log.warning("generation %d: given back, nobody waits for it", left.request.id)

    async def _finish_submitted(self, left: AbandonedGeneration, reply: AbandonedReply) -> None:
        """Never bought again: it may have been paid, and chance may paint another picture."""
        if await self._has_arrived(left, reply):  # while the ledger could not be told that it was paid
            return
        reservation = self._reservation(left)
        reservation.credits = await self._painter.charged(str(left.request.id), left.attempts)
        if reservation.credits == 0:
            reservation.cost_nothing()
        await self._pipeline.abandon(reservation, reply, Interrupted())

    async def _finish_paid(self, left: AbandonedGeneration, reply: AbandonedReply) -> None:
        if await self._has_arrived(left, reply):
            return
        reservation = self._reservation(left, await self._standings(left))
        await self._pipeline.deliver(reservation, reply, left.order or Order("", ()))

    async def _finish_untold(self, left: AbandonedGeneration, note: str, reply: AbandonedReply) -> None:
        """It is settled, and whoever did that may not have come to say so."""
        try:
            if (await reply.look()).sight is not ReplyState.PICTURES:
                await reply.apologise(failure_of(note), returned=True)
        except DeliveryFailed:
            if self._age(left) < TOLD_UNTIL:
                raise
            log.warning("generation %d: nobody could be told how it ended", left.request.id)
        await self._ledger.told(left.request.id)

    async def _has_arrived(self, left: AbandonedGeneration, reply: AbandonedReply) -> bool:
        """Whether the pictures are there; then there is nothing to do but to settle it."""
        try:
            found = await reply.look()
        except DeliveryFailed:
            if self._age(left) < DELIVERED_UNTIL:
                raise
            return False  # for the last time it is brought without a look
        if found.sight is not ReplyState.PICTURES:
            return False
        async with self._reservation(left) as reservation:
            reservation.delivered(min(found.pictures, left.request.images))
        return True

    def _reservation(self, left: AbandonedGeneration, standings: tuple[Standing, ...] = ()) -> Reservation:
        begun = self._clock() - self._age(left)
        return Reservation(self._ledger, self._clock, left.request, standings, left.state, begun, left.booked)

    async def _standings(self, left: AbandonedGeneration) -> tuple[Standing, ...]:
        """With the limits that held when it was reserved: the roles that decided them are not on record."""
        caps = {(charge.meter, charge.window): charge.cap for charge in left.charges}
        return await self._usage.standings_at(left.reserved_at, left.request.caller, caps)

    async def _try_again(self, left: AbandonedGeneration, seconds: float) -> None:
        try:
            await self._ledger.release(left.request.id, seconds)
        except BotError as error:
            log.warning("generation %d: left behind until its lease runs out: %s", left.request.id, error)


async def _again_and_again(
    work: Callable[[], Awaitable[None]], rest: Callable[[], Awaitable[None]]
) -> NoReturn:
    failing = False
    while True:
        try:
            await work()
            failing = False
        except BotError as error:
            if not failing:
                log.warning("what others have left can't be looked for: %s", error)
            failing = True
        except Exception:  # a mistake of ours must not leave everybody else waiting
            log.exception("unforeseen failure in the recovery")
        await rest()
