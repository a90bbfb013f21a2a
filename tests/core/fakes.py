"""Fakes of the core's ports, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.errors import AlreadyAcknowledged, BotError, DatabaseUnavailable, GenerationFailed
from bot.core.fair_limiter import Turn
from bot.core.gallery.search import GallerySearch, Whose
from bot.core.generation.circuit_breaker import CircuitBreaker
from bot.core.generation.errors import Cancelled, DeliveryFailed, InputRefused, InputTrouble, LeaseLost
from bot.core.generation.image_api import Attempts, Capabilities
from bot.core.generation.ledger import LEASE_SECONDS, AbandonedGeneration, AlreadyReserved, Settlement, Step
from bot.core.generation.model import (
    Cost,
    Generation,
    ImageSpec,
    InputImage,
    Order,
    Painting,
    Picture,
    Request,
    Shape,
    Source,
    State,
)
from bot.core.generation.reply import Progress, ReplyState, ReplyStatus, Shown
from bot.core.limits.budgets import UNKNOWN_PRICE, USUAL_PRICE, BudgetReading, Estimate
from bot.core.limits.counters import Pace
from bot.core.limits.errors import FailureLimitReached, LimitReached
from bot.core.limits.meters import BOT_METER, FailedToday, Meter, MeterReading, Ruling
from bot.core.limits.policy import NOTHING_DECIDED, Policy
from bot.core.limits.policy_store import Revision
from bot.core.limits.rules import Terms
from bot.core.moderator_log.queue import LogEvent
from bot.core.moderator_log.reports import Reported, WaitingReport
from bot.core.place import Caller, Place
from bot.imaging.client import Unrecorded
from tests.core.factories import NOON

MESSAGE = 77


def noon() -> datetime:
    return NOON


class FakeLedger:
    """Counts in dictionaries. `slow` holds reservations back, `settling` endings, `claiming` claims; `down` names the
    methods that fail.

    `cut_off`: what is reserved is not told any more.

    Leases run out when `lost` says so; `released` is what was left to others, `unfinished` what others have left, with
    `pictures` by generation and position.
    """

    def __init__(self) -> None:
        self.policy = NOTHING_DECIDED
        self.used: dict[tuple[str, str], int] = {}
        self.states: dict[int, list[State]] = {}
        self.refunds: dict[int, int] = {}
        self.slow: asyncio.Event | None = None
        self.settling: asyncio.Event | None = None
        self.is_settling = False
        self.claiming: asyncio.Event | None = None
        self.down: set[str] = set()
        self.pace_of: dict[int, Pace] = {}
        self.failed: tuple[FailedToday, ...] = ()
        self.steps: list[Step] = []
        self.estimates: list[Estimate] = []
        self.budget_readings: tuple[BudgetReading, ...] = ()
        self.budget_checks = 0
        self.endings: dict[int, Settlement] = {}
        self.messages: dict[int, int | None] = {}
        self.lost: set[int] = set()
        self.cancelled: set[int] = set()
        self.revisions: dict[int, int] = {}
        self.requests: dict[int, Request] = {}
        self.cut_off = False
        self.notified: list[int] = []
        self.released: dict[int, float] = {}
        self.unfinished: list[AbandonedGeneration] = []
        self.renewed: list[frozenset[int]] = []
        self.failed_steps: list[str] = []
        self.polls = 0
        self.leased_elsewhere = False
        self.lease_seconds = LEASE_SECONDS
        self.pictures: dict[tuple[int, int], bytes] = {}
        self._taken: dict[int, list[tuple[str, str]]] = {}
        self._booked: dict[int, int] = {}
        self._credits: dict[int, int] = {}

    async def reserve(
        self,
        request: Request,
        rules: Callable[[Policy], Terms],
        now: datetime,
        estimate: Estimate = UNKNOWN_PRICE,
    ) -> tuple[MeterReading, ...]:
        self.estimates.append(estimate)
        if self.slow is not None:
            await self.slow.wait()
        self._fail_if_down("reserve")
        if self.cut_off:
            await self._reserve(request, rules)
            raise DatabaseUnavailable
        return await self._reserve(request, rules)

    async def _reserve(self, request: Request, rules: Callable[[Policy], Terms]) -> tuple[MeterReading, ...]:
        if request.id in self.states:
            raise AlreadyReserved
        meters = rules(self.policy).meters
        for meter in meters:
            used = self._used(meter)
            if meter.limit is not None and used + request.spec.counted > meter.limit:
                raise LimitReached(meter, used, request.spec.counted, request.spec.weight)
        keys = [(meter.name, meter.window.key) for meter in meters]
        for key in keys:
            self.used[key] = self.used.get(key, 0) + request.spec.counted
        self.requests[request.id] = request
        self._taken[request.id] = keys
        self._booked[request.id] = request.spec.counted
        self.states[request.id] = [State.RESERVED]
        return await self.usage(meters)

    async def advance(self, generation: int, step: Step, now: datetime) -> None:
        self._fail_if_down(step.state)
        if generation in self.cancelled:
            raise Cancelled
        if generation in self.lost:
            raise LeaseLost
        if step.state is State.SUBMITTED and (
            over := next((it for it in self.failed if it.is_limit_reached), None)
        ):
            raise FailureLimitReached(over)
        if (spent := step.spent or 0) > self._booked[generation]:
            bot = next(key for key in self._taken[generation] if key[0] == BOT_METER)
            self.used[bot] += spent - self._booked[generation]
            self._booked[generation] = spent
        if step.order and step.order.credits is not None:
            self._credits[generation] = step.order.credits
        self.steps.append(step)
        self.states[generation].append(step.state)

    async def has_unfinished(self) -> bool:
        self.polls += 1
        return bool(self.unfinished) or self.leased_elsewhere

    async def is_reserved(self, generation: int) -> bool:
        self._fail_if_down("is reserved")
        return generation in self.states

    async def settle(self, generation: int, ending: Settlement, now: datetime) -> Cost | None:
        self._fail_if_down("settle")
        self.is_settling = True
        if self.settling is not None:
            await self.settling.wait()
        if "settle, unforeseen" in self.down:
            raise ZeroDivisionError
        if generation in self.refunds or generation in self.lost or generation not in self.states:
            return None
        self.refunds[generation] = ending.refund
        self.endings[generation] = replace(ending, message=None)
        self.messages[generation] = ending.message
        self.states[generation].append(ending.state)
        taken = self._booked[generation]
        spent = taken if ending.spent is None else ending.spent
        if ending.state is State.REFUNDED:
            spent = 0
        for name, window in self._taken[generation]:
            self.used[name, window] -= taken - spent if name == BOT_METER else ending.refund
        credits = self._credits.get(generation) if ending.credits is None else ending.credits
        return Cost(spent * USUAL_PRICE, estimated=spent > 0) if credits is None else Cost(credits, False)

    async def cancel(self, generation: int, now: datetime) -> Generation | None:
        self._fail_if_down("cancel")
        if self.states.get(generation, [State.PAID])[-1] not in {State.RESERVED, State.ACKNOWLEDGED}:
            return None
        request = self.requests[generation]
        await self.settle(generation, Settlement(State.REFUNDED, request.spec.counted), now)
        self.cancelled.add(generation)
        return Generation(request, State.RESERVED, now)

    async def count_revision(self, generation: int, credits: int) -> None:
        self._fail_if_down("count revision")
        if generation in self.refunds:
            self.revisions.setdefault(generation, credits)

    async def notice_delivered(self, generation: int) -> None:
        self._fail_if_down("notice delivered")
        self.notified.append(generation)

    async def renew(self, generations: Collection[int]) -> frozenset[int]:
        self._fail_if_down("renew")
        self.renewed.append(frozenset(generations))
        return frozenset(generations) - self.lost

    async def release(self, generation: int, seconds: float) -> None:
        self._fail_if_down("release")
        self.released[generation] = seconds

    async def release_all(self) -> None:
        self._fail_if_down("release")
        self.released.update(dict.fromkeys(self.states.keys() - self.refunds.keys(), 0))

    async def claim_expired(self, held: Collection[int], most: int) -> tuple[AbandonedGeneration, ...]:
        self._fail_if_down("claim expired")
        await (self.claiming.wait() if self.claiming else asyncio.sleep(0))
        taken = [left for left in self.unfinished if left.request.id not in held][:most]
        self.unfinished = [left for left in self.unfinished if left not in taken]
        return tuple(taken)

    async def load(self, generation: int, order: Order) -> Order:
        self._fail_if_down("load")
        return replace(order, sources=tuple(self._loaded(generation, source) for source in order.sources))

    def _loaded(self, generation: int, source: Source) -> Source:
        if source.stored is None:
            return source
        return replace(source, content=self.pictures.get((generation, source.stored), b""))

    def leave(self, left: AbandonedGeneration) -> None:
        """As if another process had reserved it, come so far, and died."""
        keys = [(charge.meter, charge.window) for charge in left.charges]
        for key in keys:
            self.used[key] = self.used.get(key, 0) + left.request.spec.counted
        self.requests[left.request.id] = left.request
        self._taken[left.request.id] = keys
        self._booked[left.request.id] = left.request.spec.counted
        self.states[left.request.id] = [left.state]
        if left.order and left.order.credits is not None:
            self._credits[left.request.id] = left.order.credits
        self.unfinished.append(left)

    async def usage(self, meters: Sequence[Meter]) -> tuple[MeterReading, ...]:
        return tuple(MeterReading(meter, self._used(meter)) for meter in meters)

    async def budgets(self, now: datetime) -> tuple[BudgetReading, ...]:
        self.budget_checks += 1
        return self.budget_readings

    async def price(self, now: datetime) -> int:
        return USUAL_PRICE

    async def history(self, meter: str, days: Sequence[str]) -> dict[str, int]:
        return {day: self.used.get((meter, day), 0) for day in days}

    async def failed_today(self, caller: Caller[Place], now: datetime) -> tuple[FailedToday, ...]:
        return self.failed

    async def pace(self, caller: Caller[Place], cooldown: Ruling, now: datetime) -> Pace:
        return self.pace_of.get(caller.member, Pace(0, None))

    def _used(self, meter: Meter) -> int:
        return self.used.get((meter.name, meter.window.key), 0)

    def _fail_if_down(self, step: str) -> None:
        if step in self.down:
            self.failed_steps.append(step)
            raise DatabaseUnavailable


def breaker() -> CircuitBreaker:
    """One whose clock stands still, and that tells nobody."""
    return CircuitBreaker(lambda: 0.0, lambda _outage, _began: None)


class FakePolicies:
    """Every revision of every server, in memory; while it is `down` none can be read."""

    def __init__(self) -> None:
        self.written: dict[int, list[Revision]] = {}
        self.down = False

    async def of(self, server: int) -> Revision:
        if self.down:
            raise DatabaseUnavailable
        return (await self.revisions(server, 1) or [Revision(0, NOTHING_DECIDED, 0, NOON)])[0]

    async def in_force(self, server: int) -> Policy:
        return (await self.of(server)).policy

    async def at(self, server: int, number: int) -> Policy | None:
        if number == 0:
            return NOTHING_DECIDED
        return next((it.policy for it in self.written.get(server, []) if it.number == number), None)

    async def change(
        self,
        server: int,
        edit: Callable[[Policy], Policy],
        by: int,
        now: datetime,
        interaction: int | None = None,
    ) -> tuple[Policy, Policy]:
        current = await self.of(server)
        edited = edit(current.policy)
        if edited != current.policy:
            revision = Revision(current.number + 1, edited, by, now)
            self.written.setdefault(server, []).append(revision)
        return current.policy, edited

    async def revisions(self, server: int, count: int, before: int | None = None) -> list[Revision]:
        older = [it for it in self.written.get(server, []) if before is None or it.number < before]
        return older[::-1][:count]


class FakeImageApi:
    """Paints at once unless told to fail, to wait for `gate`, or to lose pictures. Finds any input to be a JPEG."""

    model = "fake-model"
    edit_inputs = 3

    def __init__(self) -> None:
        self.orders: list[tuple[str, int, str]] = []
        self.has_shapes = frozenset(Shape)
        self.revising = False
        self.order_error: Exception | None = None
        self.fetch_error: Exception | None = None
        self.lost = 0
        self.gate: asyncio.Event | None = None
        self.painting = asyncio.Event()
        self.at_once = 0
        self.most_at_once = 0
        self.costs: dict[str, int] = {}
        self.fetched: list[Order] = []
        self.check_seconds = 0.0
        self.wrong_input: InputTrouble | None = None
        self.specs: list[ImageSpec] = []
        self.copied: list[InputImage] = []

    def capabilities(self, spec: ImageSpec) -> Capabilities:
        return Capabilities(100, self.has_shapes, self.revising)

    def estimate(self, spec: ImageSpec) -> Estimate:
        return Estimate(self.model, len(spec.inputs))

    async def order(
        self, spec: ImageSpec, request_id: str, attempts: Attempts | None = None, turn: Turn | None = None
    ) -> Order:
        attempts = attempts or Unrecorded()
        prompt = await attempts.prompt_for(spec, 100, revises=self.revising)
        await attempts.submitting(self.model, spec.count)
        self.orders.append((prompt, spec.count, request_id))
        self.specs.append(spec)
        self.painting.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
        finally:
            self.at_once -= 1
        if self.order_error:
            if isinstance(self.order_error, GenerationFailed) and not self.order_error.may_have_cost:
                attempts.not_billed(spec.count)
            raise self.order_error
        return Order(
            self.model, tuple(Source(url=f"http://pictures/{n}") for n in range(spec.count)), 147_000
        )

    async def check_inputs(
        self, inputs: Sequence[InputImage], caller: Caller[Place]
    ) -> tuple[InputImage, ...]:
        await asyncio.sleep(self.check_seconds)
        if self.wrong_input:
            raise InputRefused(self.wrong_input)
        return tuple(replace(image, media_type="image/jpeg") for image in inputs)

    async def small_copy(self, image: InputImage) -> Picture | None:
        self.copied.append(image)
        return Picture(b"small", "image/jpeg")

    async def shown(self, url: str) -> Picture:
        return Picture(url.encode(), "image/png")

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        self.fetched.append(order)
        if self.fetch_error:
            raise self.fetch_error
        whole = order.sources[: len(order.sources) - self.lost]
        return tuple(Picture(b"picture", "image/png", "revised") for _ in whole)

    async def logged_cost(self, request_id: str, attempts: int) -> int | None:
        return self.costs.get(request_id)


class FakeReply:
    """Remembers what the member saw, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.error: BotError | None = None
        self.answered_elsewhere = False
        self.returned: bool | None = None
        self.painting: Painting | None = None
        self.readings: Sequence[MeterReading] = ()
        self.acknowledge_error: GenerationFailed | AlreadyAcknowledged | None = None
        self.deliver_error: Exception | None = None
        self.apologise_error: DeliveryFailed | None = None
        self.apologising: asyncio.Event | None = None
        self.shown: Shown | None = Shown(MESSAGE)
        self.delivering: asyncio.Event | None = None
        self.progress: list[Progress] = []
        self.progress_pause = 0.0
        self.showing: asyncio.Event | None = None
        self.there: ReplyStatus | DeliveryFailed = ReplyStatus(ReplyState.THINKING, MESSAGE)
        self.acknowledged: Request | None = None

    async def refuse(self, refusal: BotError) -> bool:
        if self.answered_elsewhere:
            return False
        self.seen.append("refused")
        self.error = refusal
        return True

    async def status(self) -> ReplyStatus:
        if isinstance(self.there, DeliveryFailed):
            raise self.there
        return self.there

    async def acknowledge(self, request: Request) -> int | None:
        if self.acknowledge_error:
            raise self.acknowledge_error
        self.acknowledged = request
        self.seen.append("thinking")
        return MESSAGE

    async def show_progress(self, progress: Progress) -> float:
        self.seen.append("progress")
        self.progress.append(progress)
        if self.showing:
            await self.showing.wait()
        return self.progress_pause

    async def deliver(
        self, prompt: str, painting: Painting, readings: Sequence[MeterReading]
    ) -> Shown | None:
        if self.delivering:
            await self.delivering.wait()
        if self.deliver_error:
            raise self.deliver_error
        self.seen.append("picture")
        self.painting = painting
        self.readings = readings
        return self.shown

    async def apologise(self, failure: BotError, *, returned: bool) -> int | None:
        if self.apologising:
            await self.apologising.wait()
        if self.apologise_error:
            raise self.apologise_error
        self.seen.append("apology")
        self.error = failure
        self.returned = returned
        return MESSAGE


class FakeReportStore:
    """Reports in memory, all of one server; True for those that were dealt with."""

    def __init__(self) -> None:
        self.reports: dict[tuple[int, int], tuple[WaitingReport, bool]] = {}
        self.hanging = False
        self.slow: asyncio.Event | None = None
        self.yielding = False

    async def has(self, message: int, reporter: int) -> bool:
        if self.hanging:
            await asyncio.Event().wait()
        return (message, reporter) in self.reports

    async def add(self, report: Reported, now: datetime) -> bool:
        if self.slow:
            await self.slow.wait()
        if self.yielding:
            await asyncio.sleep(0)
        key = (report.message, report.by.member)
        if key in self.reports:
            return False
        waiting = WaitingReport(
            report.message, report.by.place.channel, report.by.member, report.owner, report.reason, now
        )
        self.reports[key] = (waiting, False)
        return True

    async def count(self, server: int) -> int:
        return len(await self.waiting(server))

    async def waiting(self, server: int) -> Sequence[WaitingReport]:
        return [report for report, handled in self.reports.values() if not handled]

    async def dismiss(self, server: int, message: int, now: datetime) -> int:
        return self._dismiss(lambda report: report.message == message)

    async def dismiss_all(self, server: int, until: datetime, now: datetime) -> int:
        return self._dismiss(lambda report: report.at <= until)

    def _dismiss(self, is_meant: Callable[[WaitingReport], bool]) -> int:
        meant = [key for key, (one, handled) in self.reports.items() if not handled and is_meant(one)]
        for key in meant:
            self.reports[key] = (self.reports[key][0], True)
        return len(meant)


class FakeEvents:
    """Remembers what was published, in order."""

    def __init__(self) -> None:
        self.events: list[LogEvent] = []

    def publish(self, event: LogEvent) -> None:
        self.events.append(event)


class FakeLogChannels:
    """Every channel takes what is written, unless told otherwise."""

    shut_out = False

    def is_writable(self, server: int, revision: int) -> bool:
        return not self.shut_out


class FakePictureIndex:
    """Implements `bot.core.gallery.search.PictureIndex`: `pictures`, the newest first, whoever asks."""

    def __init__(
        self,
        pictures: Sequence[Generation] = (),
        *,
        unindexed: int = 0,
        failure: Exception | None = None,
    ) -> None:
        self.pictures = list(pictures)
        self.caught_up: list[Whose] = []
        self.untils: list[int] = []
        self.shown_at: list[tuple[int, int, int]] = []
        self._unindexed = unindexed
        self._failure = failure

    async def find(
        self, search: GallerySearch, count: int, beside: int | None = None, *, newer: bool = False
    ) -> list[Generation]:
        if newer and beside is not None:
            return [one for one in self.pictures if one.id > beside][-count:]
        return [one for one in self.pictures if beside is None or one.id < beside][:count]

    async def catch_up(self, whose: Whose) -> None:
        self.caught_up.append(whose)

    async def shown(self, generation: Generation, channel: int, message: int) -> None:
        self.shown_at.append((generation.id, channel, message))

    async def index_next(self, until: int, count: int) -> int:
        if self._failure:
            raise self._failure
        self.untils.append(until)
        found = min(count, self._unindexed)
        self._unindexed -= found
        return found
