"""From a reservation to its end: acknowledge, buy, download, deliver, settle; whichever process has begun it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace

from bot.core.errors import BotError, DatabaseUnavailable, UnforeseenFailure
from bot.core.fair_limiter import START, FairLimiter, Turn
from bot.core.generation.circuit_breaker import CircuitBreaker
from bot.core.generation.errors import (
    Cancelled,
    DeliveryFailed,
    GenerationTimedOut,
    LeaseLost,
    PictureOriginNotAllowed,
)
from bot.core.generation.events import Delivered, EventSink, Failed, GenerationEvent
from bot.core.generation.image_api import ImageApi
from bot.core.generation.model import (
    ImageSpec,
    Order,
    Painting,
    Picture,
    Request,
    State,
)
from bot.core.generation.outcome import (
    DeliveryResult,
    End,
    NotOurs,
    Outcome,
    Retry,
    Settle,
)
from bot.core.generation.progress import ProgressReports, Watch
from bot.core.generation.reply import PublicReply
from bot.core.generation.reservation import Reservation
from bot.core.generation.revision import Revisions, Wording
from bot.core.limits.budgets import CREDITS_PER_DOLLAR

log = logging.getLogger(__name__)


class GenerationPipeline:
    """Takes reservations to delivered pictures; where that fails, gives the images back and tells the member.

    `concurrency` in orders at the image API; `give_up` and `write_again` in seconds, as in `Deadlines`.
    """

    def __init__(
        self,
        image_api: ImageApi,
        revisions: Revisions,
        breaker: CircuitBreaker,
        events: EventSink[GenerationEvent],
        concurrency: int,
        give_up: float,
        write_again: float,
        progress: ProgressReports,
    ) -> None:
        self._image_api = image_api
        self.revisions = revisions
        self._breaker = breaker
        self._events = events
        self.concurrency = concurrency
        self._limiter = FairLimiter(concurrency, START, name="the image API")
        self._give_up = give_up
        self._write_again_seconds = write_again
        self._progress = progress
        self._watches: dict[int, Watch] = {}

    async def run(
        self,
        reservation: Reservation,
        reply: PublicReply,
        acknowledge: Callable[[], Awaitable[int | None]] | None = None,
    ) -> None:
        """A new generation, from `acknowledge` on; without it, one that was acknowledged, and not submitted.

        Never raises but when cancelled, like the others here.
        """
        caller = reservation.request.caller
        turn = Turn(self._limiter, caller.tenant, caller.member)
        watch = self._watches[reservation.request.id] = Watch(reservation, reply, turn)
        try:
            await self._complete(
                reservation, reply, self._paint(reservation, reply, acknowledge, watch), watch
            )
            if reservation.wording and reservation.submitted_at is None:
                await self._count_revision(reservation, reservation.wording)
        finally:
            if reservation.wording:
                reservation.wording.close()
            del self._watches[reservation.request.id]

    async def abandon(self, generation: int) -> bool:
        """One that was cancelled: where it waits in line here, it leaves, and no progress is on its way any more.

        False where it is not here: the process that has it may show its progress until it finds out.
        """
        watch = self._watches.get(generation)
        if watch is None:
            return False
        watch.turn.leave(Cancelled())
        self._progress.stop(watch)
        await watch.ended()
        return True

    async def deliver(self, reservation: Reservation, reply: PublicReply, order: Order) -> None:
        """One that was paid for, as a whole or in part, and not seen to arrive: the pictures of `order`."""
        await self._complete(reservation, reply, self._deliver(reservation, reply, order))

    async def settle(
        self, reservation: Reservation, reply: PublicReply, end: DeliveryResult | BotError
    ) -> None:
        """One that needs no more work: its pictures are there already, or none can come any more."""

        async def ended() -> DeliveryResult:
            if isinstance(end, BotError):
                raise end
            return end

        await self._complete(reservation, reply, ended())

    async def _paint(
        self,
        reservation: Reservation,
        reply: PublicReply,
        acknowledge: Callable[[], Awaitable[int | None]] | None,
        watch: Watch,
    ) -> DeliveryResult:
        """Acknowledge, where that is still to be done, buy in turn, and deliver."""
        request, turn = reservation.request, watch.turn
        reservation.estimate_of = lambda model: self._image_api.estimate(replace(request.spec, model=model))
        if acknowledge is not None:
            reservation.message = await acknowledge()
        self._progress.begin(watch)
        wording = reservation.wording
        if wording:
            model = self._image_api.capabilities(request.spec)
            wording.begin(model.longest_prompt, revises=model.revises)
        if self._limiter.is_full:  # else the next thing that is written says that it was acknowledged
            await reservation.acknowledged()
        try:
            await turn.acquire()
            other_models = request.spec.needs_other_models
            with self._breaker.calling_for(request.caller, other_models=other_models):
                order = await self._image_api.order(request.spec, str(request.id), reservation, turn)
        except Exception as failure:
            if reservation.order is None or isinstance(failure, LeaseLost):
                raise
            order = reservation.order  # a part: it is paid for, whatever became of the others
            ours = None if isinstance(failure, BotError) else failure
            log.warning("generation %d: painted in part: %s", request.id, failure, exc_info=ours)
        turn.release()
        watch.painted(self._progress.pace.between)
        await reservation.bought(order)
        try:
            return await self._deliver(reservation, reply, order, watch)
        except PictureOriginNotAllowed as failure:  # the next ones would be there, too
            self._breaker.failed(failure)
            raise

    async def _deliver(
        self, reservation: Reservation, reply: PublicReply, order: Order, watch: Watch | None = None
    ) -> DeliveryResult:
        """Download what was bought, and put it in the place of the acknowledgement."""
        request = reservation.request
        pictures, original = await self._fetch(order, request.spec)
        missing = request.spec.count - len(pictures)
        painting = Painting(pictures, order.model, missing, original, reservation.revision)
        readings = reservation.readings
        if given_back := painting.missing * request.spec.weight:
            readings = [replace(it, used=it.used - given_back) for it in readings]
        try:
            await reservation.confirm_lease()
        except DatabaseUnavailable:
            log.warning("generation %d: delivered without asking the database whose it is", request.id)
        if watch is not None:
            self._progress.stop(watch)
        shown = await reply.deliver(request.spec.prompt, painting, readings)
        return DeliveryResult(len(pictures), shown)

    async def _fetch(self, order: Order, spec: ImageSpec) -> tuple[tuple[Picture, ...], Picture | None]:
        """What was bought; with a small copy of what it was made of, where that is a picture."""
        if not spec.inputs:
            return (await self._image_api.fetch(order))[: spec.count], None
        copying = asyncio.ensure_future(self._image_api.small_copy(spec.inputs[0]))
        try:
            return (await self._image_api.fetch(order))[: spec.count], await copying
        finally:
            copying.cancel()

    async def _complete(
        self,
        reservation: Reservation,
        reply: PublicReply,
        work: Coroutine[None, None, DeliveryResult],
        watch: Watch | None = None,
    ) -> None:
        """Do the work, write down its outcome, and tell the log, the member and the moderators."""
        generation = reservation.request.id
        end = await self._end_of(work, generation)
        if isinstance(end, DeliveryResult) and end.shown and end.shown.message:
            reservation.message = end.shown.message
        if watch is not None:
            self._progress.stop(watch)
            if isinstance(end, asyncio.CancelledError):  # whoever goes on with it may deliver at once
                await watch.ended()
        outcome, recorded = reservation.outcome(end), False
        try:
            outcome, recorded = await self._record(reservation, end, outcome), True
        except DatabaseUnavailable as error:
            log.warning(
                "generation %d: its outcome (%s) could not be recorded yet: %s",
                generation,
                _came_to(outcome),
                error,
            )
        finally:  # not before: whoever waits for a turn is counted after what has failed
            if watch is not None:
                watch.turn.release()
        if isinstance(end, asyncio.CancelledError):
            raise end
        self._log_end(reservation, end, outcome)
        if not recorded:
            outcome = await self._record_later(reservation, reply, end, outcome)
        if isinstance(outcome, Settle):
            # Only once it is on record: until then another process might tell the member something else.
            message = None
            try:
                message = await self._notify(reservation, reply, outcome, recorded=True)
            finally:  # also when this process is stopped meanwhile: the one that notifies the member publishes nothing
                self._publish(reservation, end, outcome, message)

    async def _count_revision(self, reservation: Reservation, wording: Wording) -> None:
        """Of one that has ended before it was submitted, with which it would have been written down.

        Whoever orders and cancels again and again would else spend the operator's money without a limit.
        """
        generation, credits = reservation.request.id, await wording.credits()
        while credits:
            try:
                await reservation.ledger.count_revision(generation, credits)
                return
            except DatabaseUnavailable as error:
                what = "what revising its prompt has cost is not counted yet"
                log.warning("generation %d: %s: %s", generation, what, error)
            await asyncio.sleep(self._write_again_seconds)

    async def _end_of(self, work: Coroutine[None, None, DeliveryResult], generation: int) -> End:
        """How the work ended, as a value: what it returned or raised, a cancellation included."""
        try:
            async with asyncio.timeout(self._give_up):
                return await work
        except TimeoutError:
            return GenerationTimedOut()
        except (BotError, asyncio.CancelledError) as error:
            return error
        except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
            return unforeseen(generation, error)

    async def _record(self, reservation: Reservation, end: End, outcome: Outcome) -> Outcome:
        """Apply it. A stop waits until that is done, and what was written is published all the same."""
        writing = asyncio.ensure_future(reservation.apply(outcome))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait({writing})
            if not writing.exception() and isinstance(written := writing.result(), Settle):
                self._publish(reservation, end, written)
            raise

    def _log_end(self, reservation: Reservation, end: End, outcome: Outcome) -> None:
        request, order = reservation.request, reservation.order
        id, model = request.id, order.model if order else reservation.model or self._image_api.model
        fields = {**log_fields(request), "model": model}
        if cost := reservation.cost:
            dollars = round(cost.credits / CREDITS_PER_DOLLAR, 4)
            fields |= {"credits": cost.credits, "dollars": dollars, "estimated": cost.estimated}
        if revision := reservation.revision:
            fields |= {"revised": revision.prompt is not None, "revision_credits": revision.credits}
        if isinstance(end, DeliveryResult) and end.shown:
            fields["images"] = end.pictures
            fields["seconds"] = round(reservation.age.total_seconds(), 1)
            delivered = f"{end.pictures} of {request.spec.count} images by {model}"
            log.info("generation %d delivered: %s", id, delivered, extra=fields)
            return
        match outcome:
            case NotOurs() if isinstance(end, Cancelled):
                log.debug("generation %d is not painted: it was cancelled", id)
            case NotOurs():
                log.warning("generation %d: another process has taken it over", id)
            case Retry(seconds):
                log.warning("generation %d will be tried again in %g s: %s", id, seconds, end)
            case Settle(notice=None):
                log.info("generation %d: another process has answered it; its images are returned", id)
            case Settle(State.UNDELIVERED):
                kept = "was paid for, and could not be shown anywhere: kept for /gallery"
                log.warning("generation %d %s", id, kept, extra=fields)
            case Settle(notice=failure):
                billed = " and may have been billed" if outcome.spent else ""
                log.warning("generation %d failed%s: %s", id, billed, failure, extra=fields)

    async def _record_later(
        self, reservation: Reservation, reply: PublicReply, end: End, outcome: Outcome
    ) -> Outcome:
        """Try until it is recorded: only this process knows what became of it. The member need not wait for that."""
        # What is undelivered is not in /gallery yet.
        if isinstance(outcome, Settle) and outcome.state is not State.UNDELIVERED:
            await self._notify(reservation, reply, outcome, recorded=False)
        while True:
            await asyncio.sleep(self._write_again_seconds)
            with suppress(DatabaseUnavailable):
                return await self._record(reservation, end, outcome)

    def _publish(
        self, reservation: Reservation, end: End, outcome: Settle, message: int | None = None
    ) -> None:
        """`message` is the one by which everybody sees that it failed."""
        request, order = reservation.request, reservation.order
        if isinstance(end, DeliveryResult) and end.shown:
            missing = request.spec.count - end.pictures
            model, cost = order.model if order else reservation.model or "", reservation.cost
            posted = None if request.spec.private else end.shown.message
            self._events.publish(Delivered(request, end.pictures, missing, model, cost, posted))
        elif outcome.notice is not None:
            counted = request.spec.count - outcome.refund
            self._events.publish(Failed(request, outcome.notice, counted, outcome.spent > 0, message))

    async def _notify(
        self, reservation: Reservation, reply: PublicReply, outcome: Settle, *, recorded: bool
    ) -> int | None:
        """Tell the member how it ended, where that is to be done now; the message that everybody sees, if there is one.

        Once the outcome is `recorded`, the sentence also says that images are returned, and the notice is erased.
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
    """What the member is told: a reference, under which the log has the error and its traceback."""
    reference = secrets.token_hex(4)
    log.error("unforeseen failure %s in generation %d", reference, generation, exc_info=error)
    return UnforeseenFailure(reference)


def _came_to(outcome: Outcome) -> str:
    match outcome:
        case Settle(state):
            return state.value
        case NotOurs():
            return "another process's"
        case _:
            return "to be tried again"


def log_fields(request: Request) -> dict[str, object]:
    """The fields of each line of the log that says how a generation ended."""
    return {
        "generation": request.id,
        "server": request.caller.place.server or "direct",
        "channel": request.caller.place.channel,
        "member": request.caller.member,
        "images": request.spec.count,
    }
