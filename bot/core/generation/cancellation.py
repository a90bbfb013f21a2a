"""The use case behind *Cancel*: an order is taken back while nothing has been bought for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.core.clock import Clock
from bot.core.errors import BotError
from bot.core.generation.deletion import require_say
from bot.core.generation.errors import Cancelled, NothingToCancel, TooLateToCancel
from bot.core.generation.generations import Generations
from bot.core.generation.in_flight import InFlightGenerations
from bot.core.generation.ledger import AbandonedGeneration, Ledger
from bot.core.generation.model import Generation, State
from bot.core.generation.outcome import Retry, Unexamined
from bot.core.generation.pipeline import GenerationPipeline, log_fields
from bot.core.generation.reply import Replies
from bot.core.generation.reservation import Reservation

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = 2 / 3
"""Of a lease: another process that has the order may show its progress for half of one, and put it over the notice."""


class Cancellations:
    """Cancels generations, whichever process has them: the ledger decides whether it is too late."""

    def __init__(
        self,
        ledger: Ledger,
        generations: Generations,
        replies: Replies,
        pipeline: GenerationPipeline,
        in_flight: InFlightGenerations,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._generations = generations
        self._replies = replies
        self._pipeline = pipeline
        self._in_flight = in_flight
        self._clock = clock

    async def cancel(
        self, generation: int, member: int, moderates: Callable[[], Awaitable[bool]]
    ) -> Generation:
        """Give all images of a generation back, and tell whoever asked for it; as it was on record before.

        `moderates` is asked of anybody else. Raises NotYourPicture, TooLateToCancel, NothingToCancel,
        DatabaseUnavailable.
        """
        found = await self._generations.get(generation)
        if found is None:
            raise NothingToCancel
        asked_by = found.request.caller.member
        require_say(asked_by, member, moderates=member != asked_by and await moderates())
        cancelled = await self._ledger.cancel(generation, self._clock())
        if cancelled is None:
            found = await self._generations.get(generation)
            raise TooLateToCancel if found and found.settled_at is None else NothingToCancel
        by = "its member" if member == asked_by else f"moderator {member}"
        fields = log_fields(cancelled.request)
        log.info("generation %d cancelled by %s; its images are returned", generation, by, extra=fields)
        # A task of its own, which a stop waits for: from here on the member has to be told.
        await asyncio.wait({self._in_flight.start(generation, self._notify(cancelled))})
        return cancelled

    async def _notify(self, cancelled: Generation) -> None:
        """What is left of it is the notice. If this fails, whichever process claims it tells the member."""
        request = cancelled.request
        reservation = Reservation(
            self._ledger, self._clock, request, cancelled.reserved_at, state=State.REFUNDED
        )
        end: Unexamined | BotError | None = None
        was_here = False
        try:
            was_here = await self._pipeline.abandon(request.id)
            reply = self._replies.to(
                AbandonedGeneration(
                    request, State.REFUNDED, cancelled.reserved_at, cancelled.message, order=None, charges=()
                )
            )
            await reply.apologise(Cancelled(), returned=True)
        except BotError as error:
            end = error
            log.warning("generation %d: the member could not be notified yet: %s", request.id, error)
        except Exception as error:
            end = Unexamined(error)
            log.exception("generation %d: the member could not be notified yet", request.id)
        again = Retry(self._ledger.lease_seconds * LOOK_AGAIN_AFTER)
        await reservation.apply(reservation.outcome(end) if end or was_here else again)
