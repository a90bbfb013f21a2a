"""One order as several requests, where a model makes fewer pictures at once than were asked for: side by side, each
announced before it is sent, each answer reported before the others are waited for any longer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from bot.core.errors import BotError
from bot.core.fair_limiter import Turn
from bot.core.generation.errors import ApiUnavailable, LeaseLost, ModelRetired, OutcomeUnknown, RateLimited
from bot.core.generation.image_api import Attempts
from bot.core.generation.model import ImageSpec, Order
from bot.imaging.models import Model

log = logging.getLogger(__name__)

_SAYS_NOTHING_OF_THE_OTHERS = (ApiUnavailable, OutcomeUnknown)
_SHARE_FOR_AN_ANSWER = 0.1
"""Of the time that an order has: 12 s by default, of which grok-imagine-image takes 9. What were sent later would be
paid for, and most likely not be waited for.
"""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Of one order with all its requests, on the loop's clock: nothing is sent after `send_by`, and no answer waited
    for after `answer_by`.
    """

    send_by: float
    answer_by: float

    @classmethod
    def within(cls, seconds: float) -> Deadline:
        now = asyncio.get_running_loop().time()
        return cls(now + (1 - _SHARE_FOR_AN_ANSWER) * seconds, now + seconds)

    @property
    def is_too_late_to_send(self) -> bool:
        return asyncio.get_running_loop().time() >= self.send_by


@dataclass(slots=True)
class Purchase:
    """What has been bought for one order so far, and what has failed; by however many requests, to whichever models."""

    attempts: Attempts
    request_id: str
    failures: list[BotError] = field(default_factory=list)
    passed_over: BotError | None = None
    """Why a model that is served was not asked."""
    _orders: list[tuple[Order, int]] = field(default_factory=list)
    _deadline: Deadline | None = None

    def begin(self, seconds: float) -> Deadline:
        """The order's deadline, so many `seconds` from the first call on."""
        self._deadline = self._deadline or Deadline.within(seconds)
        return self._deadline

    @property
    def order(self) -> Order | None:
        """All of it as one, in the order in which it came; None where nothing has been bought.

        It has the name of the model that painted first, and the cost of those parts that say it.
        """
        if not self._orders:
            return None
        sources = tuple(source for order, _ in self._orders for source in order.sources)
        whole = Order(self._orders[0][0].model, sources)
        priced = [(order.credits, images) for order, images in self._orders if order.credits is not None]
        if not priced:
            return whole
        credits, images = map(sum, zip(*priced, strict=True))
        return replace(whole, credits=credits, priced=images)

    def outcome(self, none_left: BotError) -> Order:
        """What was bought, if anything was; of the rest, whatever became of it. Else raises the first failure, why no
        model was asked, or `none_left` where none is served; but LeaseLost in any case.
        """
        if lost := next((one for one in self.failures if isinstance(one, LeaseLost)), None):
            raise lost
        bought = self.order
        if bought is None:
            raise self.failures[0] if self.failures else self.passed_over or none_left
        for failure in self.failures:
            log.warning("order %s: one of its requests failed: %s", self.request_id, failure)
        return bought

    async def add(self, order: Order, images: int, *, is_a_part: bool) -> None:
        """The answer to a request for so many `images`. A part is reported: its process may end while the others are
        waited for. Raises LeaseLost.
        """
        self._orders.append((order, images))
        if is_a_part and (so_far := self.order) is not None:
            await self.attempts.bought(so_far)


@dataclass(slots=True)
class Run:
    """The requests for one order to one model. `waiting`: how many images each asks for that has not been sent yet.

    `ended_by`: why none is sent any more.
    """

    model: Model
    spec: ImageSpec
    deadline: Deadline
    waiting: deque[int]
    ended_by: BotError | None = None
    is_one_of_several: bool = False
    has_sold: bool = False

    @classmethod
    def of(cls, model: Model, spec: ImageSpec, images: int, deadline: Deadline) -> Run:
        """As few requests as there can be for so many `images`."""
        most = model.family.count_for(editing=bool(spec.inputs)).most
        waiting = deque([*[most] * (images // most), *([images % most] if images % most else [])])
        several = len(waiting) > 1 or images < spec.count
        return cls(model, spec, deadline, waiting, is_one_of_several=several)

    @property
    def retired(self) -> bool:
        return isinstance(self.ended_by, ModelRetired)

    async def wait_to_send(self, turn: Turn) -> None:
        """Raises what has ended all of it meanwhile, and RateLimited where its turn did not come in time."""
        try:
            await turn.wait_to_send(self.deadline.send_by)
        except TimeoutError:
            raise RateLimited("its turn did not come in time") from None
        if self.ended_by is not None:
            raise self.ended_by
        if self.deadline.is_too_late_to_send:
            raise RateLimited("there was no time left to send it")

    async def buy_all(
        self, turn: Turn, buy: Callable[[Run, int, Purchase, Turn], Awaitable[Order]], purchase: Purchase
    ) -> None:
        """Send each request by `buy`, in as many slots as there are for them.

        What failed is in the purchase. Where the model has gone, what it did not sell is still `waiting`.
        """

        async def work(turn: Turn) -> None:
            while self.waiting and self.ended_by is None:
                images = self.waiting.popleft()
                try:
                    order = await buy(self, images, purchase, turn)
                    turn.succeeded()
                    self.has_sold = True
                    await purchase.add(order, images, is_a_part=self.is_one_of_several)
                except ModelRetired as gone:
                    self._end(gone)
                    self.waiting.append(images)
                except BotError as failure:
                    purchase.failures.append(failure)
                    if not isinstance(failure, _SAYS_NOTHING_OF_THE_OTHERS):
                        self._end(failure)

        await in_slots(turn, len(self.waiting), work)

    def _end(self, reason: BotError) -> None:
        """The first reason counts, but for a model that has gone: a prompt that was refused is not tried elsewhere."""
        if self.ended_by is None or self.retired:
            self.ended_by = reason


async def in_slots(turn: Turn, most: int, work: Callable[[Turn], Awaitable[None]]) -> None:
    """`work` in the slot that `turn` holds, and beside it in up to `most` - 1 more, as they become free.

    Once it has ended in one, it begins in no other; where it runs by then, it is waited for. Raises what it raises.
    """
    if most <= 1:
        await work(turn)
        return
    running = set[asyncio.Task[None] | None]()

    async def in_another() -> None:
        async with Turn(turn.limiter, turn.server, turn.member) as another:
            running.add(asyncio.current_task())
            await work(another)

    others = [asyncio.create_task(in_another()) for _ in range(most - 1)]
    ended = list[BaseException | None]()
    try:
        try:
            await work(turn)
        except Exception as mistake:  # noqa: BLE001 — raised below, once what the others have paid for is there
            ended.append(mistake)
        for other in others:
            if other not in running:
                other.cancel()
        ended += await asyncio.gather(*others, return_exceptions=True)
    finally:
        for other in others:
            other.cancel()
    for error in ended:
        if isinstance(error, Exception):
            raise error
