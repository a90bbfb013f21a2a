"""The use case behind `/imagine`: check and reserve, then run the pipeline; or refuse, privately."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NoReturn

from bot.core.clock import RESERVE_SECONDS, Clock
from bot.core.errors import BotError, DatabaseBusy, DatabaseUnavailable, Refusal
from bot.core.generation.circuit_breaker import CircuitBreaker
from bot.core.generation.errors import EditsOff, InputRefused, InputTrouble, ShapeNotOffered, ShuttingDown
from bot.core.generation.events import EventSink, GenerationEvent, Refused
from bot.core.generation.image_api import ImageApi
from bot.core.generation.in_flight import InFlightGenerations
from bot.core.generation.ledger import AlreadyReserved, Ledger
from bot.core.generation.model import ImageSpec, Request, Shape, Wishes
from bot.core.generation.outcome import Settle
from bot.core.generation.pipeline import GenerationPipeline, log_fields, unforeseen
from bot.core.generation.progress import NO_DURATIONS, PACE, Durations, Pace, ProgressReports, UsualTimes
from bot.core.generation.reply import Reply
from bot.core.generation.reservation import Reservation
from bot.core.generation.revision import ChatModel, Revisions, WhenToRevise
from bot.core.limits.errors import ForbiddenWithStyle, InvalidImageCount, PromptTooLongForStyle
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.policy import MOST_PER_PROMPT, NOTHING_DECIDED, Operator, Policy, offer_of
from bot.core.limits.rules import Terms, check_served, terms_for
from bot.core.word_filter.errors import ForbiddenWord, PromptCheckBusy
from bot.core.word_filter.prompt_text import check_prompt, visible_text
from bot.core.word_filter.search import SEARCH_SECONDS, WordSearch
from bot.core.word_filter.word_list import WordList

log = logging.getLogger(__name__)

MOST_PREPARATIONS = 5
"""Of one request: each time that the moderators have changed meanwhile what it was prepared for, it is done again."""
POLICIES_KEPT = 1000
"""Of as many servers as the cache of policies, which they are shared with."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each thing may take, in seconds."""

    reserve: float = RESERVE_SECONDS
    reserve_edit: float = 2.2
    """Where the pictures to be changed are looked at before: for both."""
    search: float = SEARCH_SECONDS
    """For blocked words in a prompt."""
    give_up: float = 14 * 60.0
    """For a generation. Discord takes answers for 15 minutes; the last one is for saying that nothing came of it."""
    write_again: float = 2.0
    """Until an outcome that could not be written is written again."""
    reserve_elsewhere: float = 1.0
    """For another process to reserve what this one, which is stopping, does not begin any more; then it asks the ledger
    for as long.
    """


DEADLINES = Deadlines()


class _PreparedForAnother(Exception):
    """Rolls the reservation back: this policy is in force, and the request was prepared for another."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy


def prepared(asked: ImageSpec, offer: Offer, wishes: Wishes, longest: int) -> ImageSpec:
    """As it is painted: with the text of its style; private, and behind a spoiler, where that is required.

    What is asked for and not offered stays as it is: `Terms.check` refuses it. Of the `wishes` it is left away, as is a
    style that makes it longer than the `longest` that can be painted, in characters.
    """
    style = offer.style(asked.style.name) or asked.style if asked.style else None
    if style is None and wishes.style and (wished := offer.style(wishes.style)):
        style = wished if len(wished.applied_to(asked.prompt)) <= longest else None
    private = asked.private or offer.private is Requirement.REQUIRED
    spoiler = asked.spoiler or offer.spoiler is Requirement.REQUIRED
    spoiler = spoiler or (wishes.spoiler and offer.spoiler is Requirement.OPTIONAL)
    if (style, private, spoiler) == (asked.style, asked.private, asked.spoiler):
        return asked
    return replace(asked, style=style, private=private, spoiler=spoiler)


@dataclass(slots=True)
class _Rules:
    """What the transaction that reserves asks about the policy: `terms` are those that it was told last, and used.

    `request` is what was prepared of the `asked` one; `found`: the entry of the `searched` words that its prompt
    contains; `longest` is what can be painted, in characters.
    """

    operator: Operator
    asked: ImageSpec
    request: Request
    searched: WordList
    found: str | None
    longest: int
    now: datetime
    policy: Policy = NOTHING_DECIDED
    terms: Terms | None = None

    def __call__(self, policy: Policy) -> Terms:
        """Raises a Refusal, and _PreparedForAnother."""
        spec, self.policy = self.request.spec, policy
        terms = terms_for(policy, self.operator, self.request.caller, self.now)
        as_offered = prepared(self.asked, terms.offer, self.request.wishes, self.longest)
        if terms.obstacle is None and (terms.words != self.searched or as_offered != spec):
            raise _PreparedForAnother(policy)
        style = spec.style.name if spec.style else None
        terms.check(
            self.found, spec.count, spec.model, style=style, private=spec.private, spoiler=spec.spoiler
        )
        if style and (too_many := len(spec.painted) - self.longest) > 0:
            length = len(spec.prompt)
            raise PromptTooLongForStyle(style, length, max(0, length - too_many))
        self.terms = terms
        return terms


class ImagineService:
    """Carries out `/imagine`, or refuses it."""

    def __init__(  # noqa: PLR0913 — one for each thing that it takes to paint
        self,
        ledger: Ledger,
        image_api: ImageApi,
        operator: Operator,
        clock: Clock,
        breaker: CircuitBreaker,
        events: EventSink[GenerationEvent],
        *,
        concurrency: int,
        deadlines: Deadlines = DEADLINES,
        chat: ChatModel | None = None,
        revise: WhenToRevise = WhenToRevise.AUTO,
        durations: Durations = NO_DURATIONS,
        pace: Pace = PACE,
    ) -> None:
        self._ledger = ledger
        self._image_api = image_api
        self._operator = operator
        self._breaker = breaker
        self._clock = clock
        self._events = events
        self._deadlines = deadlines
        self.search = WordSearch(deadlines.search)
        revisions = Revisions(chat, revise, self.search, concurrency=concurrency)
        self.in_flight = InFlightGenerations(ledger)
        self.pipeline = GenerationPipeline(
            image_api,
            revisions,
            breaker,
            events,
            concurrency,
            deadlines.give_up,
            deadlines.write_again,
            ProgressReports(UsualTimes(durations), self.in_flight.is_leased, pace),
        )
        self._last_policies: OrderedDict[int, Policy] = OrderedDict()

    def shapes_for(self, spec: ImageSpec) -> frozenset[Shape]:
        """Those to choose from, of the model that would paint it."""
        return self._image_api.capabilities(spec).shapes

    async def imagine(self, request: Request, reply: Reply) -> None:
        """Carry out one `/imagine` to its end. Never raises but when it is cancelled."""
        if self.in_flight.closing:
            # It is refused, or left to others: the end of the grace must not cut that off.
            await self._imagine(request, reply)
        else:
            await asyncio.wait({self.in_flight.start(request.id, self._imagine(request, reply))})

    async def _imagine(self, request: Request, reply: Reply) -> None:
        typed = request.spec.prompt
        if (visible := visible_text(typed)) != typed:
            request = replace(request, spec=replace(request.spec, prompt=visible))
        failure: BotError
        try:
            reservation = await self._reserve(request, typed)
        except AlreadyReserved:
            log.info("generation %d: another process carries it out", request.id)
            return
        except Refusal as refusal:
            failure = refusal
            level = logging.WARNING if refusal.is_fault else logging.INFO
            log.log(level, "generation %d refused: %s", request.id, refusal, extra=log_fields(request))
        except Exception as error:  # noqa: BLE001 — a mistake of ours must not leave a member in silence
            failure = unforeseen(request.id, error)
        else:
            acknowledge = partial(reply.acknowledge, reservation.request)
            await self.pipeline.run(reservation, reply, acknowledge)
            return
        if await reply.refuse(failure):
            self._events.publish(Refused(request, failure))

    async def _reserve(self, request: Request, typed: str) -> Reservation:
        """Check the request and take its images from every meter, in time for the first answer. Raises a Refusal."""
        if self.in_flight.closing:
            await self._leave_to_others(request)
        check_served(self._operator, request.caller.place)
        if not 1 <= request.spec.count <= MOST_PER_PROMPT:
            raise InvalidImageCount
        self._breaker.admit(request.caller, other_models=request.spec.needs_other_models)
        model = self._image_api.capabilities(request.spec)
        check_prompt(request.spec.prompt, model.longest_prompt)
        if request.spec.shape and not model.shapes:
            raise ShapeNotOffered
        seconds = self._deadlines.reserve - request.waited
        if request.spec.inputs:
            request, seconds = await self._checked_inputs(request)
        reserving = asyncio.create_task(self._prepare_and_reserve(request, typed, model.longest_prompt))
        try:
            await asyncio.wait({reserving}, timeout=seconds)
        except asyncio.CancelledError:
            self.in_flight.clean_up(self._return_images(reserving, request))
            raise
        if not reserving.done():  # too late: it may be written all the same
            self.in_flight.clean_up(self._return_images(reserving, request))
            raise DatabaseBusy
        # Whether a COMMIT that was cut off took effect is not known, either.
        if isinstance(reserving.exception(), DatabaseUnavailable):
            self.in_flight.clean_up(self._return_images(reserving, request))
        return reserving.result()

    async def _checked_inputs(self, request: Request) -> tuple[Request, float]:
        """With the types of the pictures that are to be changed, and the seconds that are left for reserving.

        Raises EditsOff, InputRefused.
        """
        inputs, most = request.spec.inputs, self._image_api.edit_inputs
        if not most:
            raise EditsOff
        if len(inputs) > most:
            raise InputRefused(InputTrouble.TOO_MANY, most=most)
        clock = asyncio.get_running_loop().time
        until = clock() + self._deadlines.reserve_edit - request.waited
        checked = await self._image_api.check_inputs(inputs, request.caller)
        seconds = min(until - clock(), self._deadlines.reserve)
        return replace(request, spec=replace(request.spec, inputs=checked)), seconds

    async def _leave_to_others(self, request: Request) -> NoReturn:
        """During a deploy the next process has heard of it too, and may be ready: only one may answer."""
        seconds = self._deadlines.reserve_elsewhere
        await asyncio.sleep(seconds)
        try:
            async with asyncio.timeout(seconds):
                reserved = await self._ledger.is_reserved(request.id)
        except (DatabaseUnavailable, TimeoutError) as error:
            raise ShuttingDown from error
        raise AlreadyReserved if reserved else ShuttingDown

    async def _prepare_and_reserve(self, request: Request, typed: str, longest: int) -> Reservation:
        """Prepare the request for the policy that was in force last time, and search its prompt for blocked words; then
        reserve in a transaction, which checks that this is the policy in force.

        If the transaction itself searched, everybody who waits for the database would wait for that, too.
        """
        caller, asked = request.caller, request.spec
        policy = self._last_policies.get(caller.tenant, NOTHING_DECIDED)
        estimate = self._image_api.estimate(asked)
        for _ in range(MOST_PREPARATIONS):
            spec = prepared(asked, offer_of(policy, self._operator), request.wishes, longest)
            searched = spec.style.applied_to(typed) if spec.style else typed
            found = await self.search.first_in(searched, policy.words, caller.tenant, caller.member)
            now = self._clock()
            ready = request if spec is asked else replace(request, spec=spec)
            rules = _Rules(self._operator, asked, ready, policy.words, found, longest, now)
            try:
                readings = await self._ledger.reserve(ready, rules, now, estimate)
            except _PreparedForAnother as error:
                policy = error.policy
                self._remember(caller.tenant, policy)
                continue
            except ForbiddenWord as forbidden:
                if spec.style and not await self._is_forbidden(typed, policy.words, request):
                    raise ForbiddenWithStyle(forbidden.pattern, spec.style.name) from None
                raise
            self._remember(caller.tenant, rules.policy)
            allowed = rules.terms is not None and rules.terms.revise
            wording = self.pipeline.revisions.wording_of(ready, policy.words, allowed=allowed)
            return Reservation(
                self._ledger,
                self._clock,
                ready,
                now,
                readings,
                wording=wording,
                estimated=estimate.model,
            )
        raise PromptCheckBusy

    async def _is_forbidden(self, typed: str, words: WordList, request: Request) -> bool:
        """Whether the member's own words contain a blocked one."""
        caller = request.caller
        return await self.search.first_in(typed, words, caller.tenant, caller.member) is not None

    def _remember(self, tenant: int, policy: Policy) -> None:
        """It is most probably the one in force next time, which only the database knows. Where nothing was decided,
        as wherever there are no moderators, there is nothing to remember.
        """
        if policy is NOTHING_DECIDED:
            self._last_policies.pop(tenant, None)
            return
        self._last_policies[tenant] = policy
        self._last_policies.move_to_end(tenant)
        if len(self._last_policies) > POLICIES_KEPT:
            self._last_policies.popitem(last=False)

    async def _return_images(self, reserving: asyncio.Task[Reservation], request: Request) -> None:
        """Give back what `reserving` still takes after the member was refused; if this fails, the lease expires."""
        try:
            await reserving
        except DatabaseUnavailable:
            # A COMMIT that was cut off may still be on its way.
            await asyncio.sleep(self._deadlines.reserve_elsewhere)
        except (BotError, AlreadyReserved) as error:
            log.info("a reservation came too late, and was refused: %s", error)
            return
        reservation = Reservation(self._ledger, self._clock, request, self._clock())
        nobody_waits = reservation.outcome(None)
        try:
            if isinstance(await reservation.apply(nobody_waits), Settle):
                log.warning(
                    "generation %d: reserved after it had been refused; its images are returned", request.id
                )
        except DatabaseUnavailable:
            return
