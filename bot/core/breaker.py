"""The breaker before the image API: while nothing can come of it, nobody is kept waiting and nothing is counted."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.errors import (
    ApiUnavailable,
    CreditExhausted,
    GenerationFailed,
    KeyRejected,
    ModelGone,
    OutcomeUnknown,
    OutOfService,
    PicturesNotAllowed,
    RateLimited,
    Trouble,
)
from bot.core.generation import Order, Picture

if TYPE_CHECKING:
    from bot.core.workshop import Attempts, Painter

WINDOW_SECONDS = 60.0
FEWEST_OUTCOMES = 5
"""One failed order of two says nothing about the API."""
SHARE_OF_FAILURES = 0.5
FIRST_TRIAL_SECONDS = 15.0
LONGEST_TRIAL_SECONDS = 300.0

_AT_ONCE = {
    KeyRejected: Trouble.KEY,
    CreditExhausted: Trouble.CREDIT,
    ModelGone: Trouble.MODEL,
    PicturesNotAllowed: Trouble.PICTURES,
}
# What becomes of an order that is not sent: nothing that can have cost anything.
_NOT_SENT: dict[Trouble, Callable[[], GenerationFailed]] = {
    Trouble.KEY: KeyRejected,
    Trouble.CREDIT: CreditExhausted,
    Trouble.MODEL: lambda: ModelGone("every configured model"),
    Trouble.PICTURES: ApiUnavailable,
    Trouble.DOWN: ApiUnavailable,
}
# A trial order would be paid for, and its pictures would be where those before it are.
_NEVER_TRIED = frozenset({Trouble.PICTURES})
_SIGNS_OF_AN_OUTAGE = (ApiUnavailable, OutcomeUnknown, RateLimited)


@dataclass(slots=True)
class Outage:
    """`since` and `next_trial` on the breaker's clock, in seconds; `detail` is what the API said."""

    trouble: Trouble
    detail: str
    since: float
    next_trial: float
    pause: float = FIRST_TRIAL_SECONDS


class Breaker:
    """Opens at once on what only the operator can mend, and when half of a minute's orders found the API down.

    While it is open one order is tried now and then, for an API that has no way to be asked. `clock` in seconds;
    `changed` is called with the outage that has begun, or ended.
    """

    def __init__(self, clock: Callable[[], float], changed: Callable[[Outage, bool], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._outcomes: deque[tuple[float, bool]] = deque()
        self.outage: Outage | None = None

    def admit(self) -> None:
        """Raises OutOfService."""
        if self.outage and self._clock() < self.outage.next_trial:
            raise OutOfService(self.outage.trouble)

    def begin(self) -> None:
        """An order is about to be sent. Raises what it would come to, while no order is due to be tried."""
        if self.outage is None:
            return
        now = self._clock()
        if now < self.outage.next_trial:
            raise _NOT_SENT[self.outage.trouble]()
        self.outage.pause = min(2 * self.outage.pause, LONGEST_TRIAL_SECONDS)
        self.outage.next_trial = now + self.outage.pause

    def succeeded(self) -> None:
        """The API has answered as it should: with a picture, or with a reason that lies in the prompt."""
        self._remember(failed=False)
        self.close()

    def failed(self, failure: GenerationFailed) -> None:
        trouble = _AT_ONCE.get(type(failure))
        if trouble:
            self._open(trouble, failure)
        elif not isinstance(failure, _SIGNS_OF_AN_OUTAGE):
            self.succeeded()
        else:
            self._remember(failed=True)
            if self._is_down():
                self._open(Trouble.DOWN, failure)

    def close(self) -> None:
        """What was wrong is mended."""
        if outage := self.outage:
            self.outage = None
            self._outcomes.clear()
            self._changed(outage, False)

    def _open(self, trouble: Trouble, failure: GenerationFailed) -> None:
        known = self.outage is not None and trouble in {Trouble.DOWN, self.outage.trouble}
        if not known:  # what only the operator can mend they have to hear of, whatever else is wrong
            now = self._clock()
            first_trial = math.inf if trouble in _NEVER_TRIED else now + FIRST_TRIAL_SECONDS
            self.outage = Outage(trouble, str(failure), now, first_trial)
            self._changed(self.outage, True)

    def _remember(self, *, failed: bool) -> None:
        now = self._clock()
        self._outcomes.append((now, failed))
        while self._outcomes[0][0] < now - WINDOW_SECONDS:
            self._outcomes.popleft()

    def _is_down(self) -> bool:
        failures = sum(failed for _, failed in self._outcomes)
        return len(self._outcomes) >= FEWEST_OUTCOMES and failures >= SHARE_OF_FAILURES * len(self._outcomes)


class GuardedPainter:
    """A `Painter` that tells the breaker what became of each order, and sends none while it is open."""

    def __init__(self, painter: Painter, breaker: Breaker) -> None:
        self._painter = painter
        self._breaker = breaker

    @property
    def model(self) -> str:
        return self._painter.model

    @property
    def prompt_limit(self) -> int:
        return self._painter.prompt_limit

    async def order(self, prompt: str, images: int, request_id: str, attempts: Attempts) -> Order:
        self._breaker.begin()
        try:
            order = await self._painter.order(prompt, images, request_id, attempts)
        except GenerationFailed as failure:
            self._breaker.failed(failure)
            raise
        self._breaker.succeeded()
        return order

    async def fetch(self, order: Order) -> tuple[Picture, ...]:
        try:
            return await self._painter.fetch(order)
        except PicturesNotAllowed as failure:
            self._breaker.failed(failure)
            raise

    async def charged(self, request_id: str, attempts: int) -> int | None:
        return await self._painter.charged(request_id, attempts)
