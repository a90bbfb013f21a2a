"""The circuit breaker: while the image API can't paint anyway, orders are refused at once, and no image is counted."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.core.errors import GenerationFailed
from bot.core.generation.errors import (
    ApiUnavailable,
    CreditExhausted,
    ImageApiTrouble,
    KeyRejected,
    ModelRetired,
    OutcomeUnknown,
    OutOfService,
    PictureOriginNotAllowed,
    RateLimited,
)
from bot.core.place import Caller, Place
from bot.core.retries import Backoff

WINDOW_SECONDS = 60.0
FEWEST_RESULTS = 5
"""One failed order of two says nothing about the API."""
FEWEST_MEMBERS = 3
FEWEST_SERVERS = 2
"""Of those where somebody ordered within SEEN_SECONDS, if there are so many: whatever one member does, or their
friends in one server, is no outage for the others.
"""
SEEN_SECONDS = 24 * 3600.0
SHARE_OF_FAILURES = 0.5
FIRST_TRIAL_SECONDS = 15.0
LONGEST_TRIAL_SECONDS = 300.0

_OPENS_AT_ONCE = {
    KeyRejected: ImageApiTrouble.KEY,
    CreditExhausted: ImageApiTrouble.CREDIT,
    ModelRetired: ImageApiTrouble.MODEL,
    PictureOriginNotAllowed: ImageApiTrouble.PICTURES,
}
# What becomes of an order that is not sent: nothing that can have cost anything.
_NOT_SENT: dict[ImageApiTrouble, Callable[[], GenerationFailed]] = {
    ImageApiTrouble.KEY: KeyRejected,
    ImageApiTrouble.CREDIT: CreditExhausted,
    ImageApiTrouble.MODEL: lambda: ModelRetired("every configured model"),
    ImageApiTrouble.PICTURES: ApiUnavailable,
    ImageApiTrouble.DOWN: ApiUnavailable,
}
# A trial order would be paid for, and its pictures would be at the same origin, where the bot may not fetch them.
_NEVER_TRIED = frozenset({ImageApiTrouble.PICTURES})
# Over as soon as an order fails for another reason, such as its prompt. The other troubles end with a picture only.
_ENDED_BY_ANY_ANSWER = frozenset({ImageApiTrouble.KEY, ImageApiTrouble.CREDIT, ImageApiTrouble.MODEL})
_SIGNS_OF_AN_OUTAGE = (ApiUnavailable, OutcomeUnknown, RateLimited)


@dataclass(slots=True)
class _Trials:
    """The next one is due at `next_at`; each that is made puts it off for longer."""

    backoff: Backoff
    next_at: float = 0.0

    def put_off(self, now: float) -> None:
        self.next_at = now + self.backoff.pause()


def _further_trials() -> _Trials:
    """Of a server, or a member: the first pause was everybody's."""
    return _Trials(Backoff(2 * FIRST_TRIAL_SECONDS, LONGEST_TRIAL_SECONDS))


@dataclass(slots=True)
class Outage:
    """`since` on the breaker's clock, in seconds; `detail` is what the API said. `origin` is where the pictures are,
    where the bot may not fetch them.

    One order is tried now and then, ever more rarely; but whoever makes trial after trial keeps only themselves
    waiting for longer, and the members of one server only that server.
    """

    trouble: ImageApiTrouble
    detail: str
    since: float
    everybody: _Trials
    origin: str | None = None
    servers: dict[int, _Trials] = field(default_factory=dict)
    members: dict[int, _Trials] = field(default_factory=dict)

    def is_due(self, caller: Caller[Place], now: float) -> bool:
        """Whether an order of the caller's may be tried."""
        trials = (self.everybody, self.servers.get(caller.tenant), self.members.get(caller.member))
        return all(it is None or it.next_at <= now for it in trials)

    def tried(self, caller: Caller[Place], now: float) -> None:
        """Put off the member's next trial; after their first one, the server's; after its first, everybody's."""
        if caller.tenant not in self.servers:
            self.everybody.put_off(now)
        if caller.member not in self.members:
            self.servers.setdefault(caller.tenant, _further_trials()).put_off(now)
        self.members.setdefault(caller.member, _further_trials()).put_off(now)


@dataclass(frozen=True, slots=True)
class _Result:
    at: float
    caller: Caller[Place]
    failed: bool


class CircuitBreaker:
    """Opens at once on what only the operator can put right, and when several members' orders find the API down.

    `clock` in seconds. `changed` is called with an outage, and whether it has begun (else it has ended). `suspected` is
    called when many orders failed, but those of so few people that their prompts may be the reason: whoever can ask the
    API itself should do so, and `confirm` the outage.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        changed: Callable[[Outage, bool], None],
        suspected: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._suspected = suspected
        self._results: deque[_Result] = deque()
        self._servers_seen: dict[int, float] = {}
        self.outage: Outage | None = None

    def admit(self, caller: Caller[Place], *, other_models: bool = False) -> None:
        """`other_models`: the order is for others than those that may all have gone. Raises OutOfService."""
        outage = self._outage_of(other_models)
        if outage and not outage.is_due(caller, self._clock()):
            raise OutOfService(outage.trouble)

    @contextmanager
    def calling_for(self, caller: Caller[Place], *, other_models: bool = False) -> Iterator[None]:
        """Wraps an order of the caller's at the image API, and learns from how it ends.

        While there is an outage and no order of theirs is due to be tried, it raises what the order would have raised.
        `other_models` as for `admit`.
        """
        begun = self._clock()
        if outage := self._outage_of(other_models):
            if not outage.is_due(caller, begun):
                raise _NOT_SENT[outage.trouble]()
            outage.tried(caller, begun)
        try:
            yield
        except GenerationFailed as failure:
            self.failed(failure, caller, begun, other_models=other_models)
            raise
        self._remember(caller, failed=False)
        if self._outage_of(other_models):
            self._answered(begun)

    def _outage_of(self, other_models: bool) -> Outage | None:
        """The outage, where it is one of the models that the order is for."""
        if other_models and self.outage and self.outage.trouble is ImageApiTrouble.MODEL:
            return None
        return self.outage

    def failed(
        self,
        failure: GenerationFailed,
        caller: Caller[Place] | None = None,
        begun: float = 0.0,
        *,
        other_models: bool = False,
    ) -> None:
        """`caller`: whose order it was, where it was one."""
        if trouble := _OPENS_AT_ONCE.get(type(failure)):
            self._open(
                trouble,
                str(failure),
                failure.origin if isinstance(failure, PictureOriginNotAllowed) else None,
            )
        elif isinstance(failure, _SIGNS_OF_AN_OUTAGE):
            if caller is not None:
                self._remember(caller, failed=True)
            if self.outage is None and len(self._results) >= FEWEST_RESULTS:
                if self._affects_many():
                    self._open(ImageApiTrouble.DOWN, str(failure))
                elif self._is_suspicious():
                    self._suspected()
        elif (outage := self._outage_of(other_models)) and outage.trouble in _ENDED_BY_ANY_ANSWER:
            self._answered(begun)

    def confirm(self) -> None:
        """The API can't be reached, as those few said."""
        if self._is_suspicious():
            self._open(ImageApiTrouble.DOWN, "it can't be reached")

    def close(self) -> None:
        """The outage is over."""
        if outage := self.outage:
            self.outage = None
            self._results.clear()
            self._changed(outage, False)

    def _answered(self, begun: float) -> None:
        """An order that was in flight before the outage says nothing about its end."""
        if self.outage and begun > self.outage.since:
            self.close()

    def _open(self, trouble: ImageApiTrouble, detail: str, origin: str | None = None) -> None:
        present = self.outage.trouble if self.outage else None
        known = present in _NEVER_TRIED or (
            present is not None and trouble in {ImageApiTrouble.DOWN, present}
        )
        if not known:  # what only the operator can put right they have to hear of, whatever else is wrong
            now = self._clock()
            backoff = Backoff(FIRST_TRIAL_SECONDS, LONGEST_TRIAL_SECONDS)
            first_trial = math.inf if trouble in _NEVER_TRIED else now + backoff.pause()
            self.outage = Outage(trouble, detail, now, _Trials(backoff, first_trial), origin)
            self._changed(self.outage, True)

    def _remember(self, caller: Caller[Place], *, failed: bool) -> None:
        now = self._clock()
        self._servers_seen[caller.tenant] = now
        self._results.append(_Result(now, caller, failed))
        while self._results[0].at < now - WINDOW_SECONDS:
            self._results.popleft()

    def _is_suspicious(self) -> bool:
        enough = len(self._results) >= FEWEST_RESULTS
        return enough and _at_least_half([it.failed for it in self._results])

    def _affects_many(self) -> bool:
        """Each member counts once, by what became of their last order, and each server once, by its members'."""
        members = {it.caller.member: it for it in self._results}
        servers: dict[int, list[bool]] = {}
        for it in members.values():
            servers.setdefault(it.caller.tenant, []).append(it.failed)
        failing_servers = [_at_least_half(failed) for failed in servers.values()]
        failing_members = [it.failed for it in members.values()]
        now = self._clock()
        self._servers_seen = {
            server: at for server, at in self._servers_seen.items() if at > now - SEEN_SECONDS
        }
        return (
            sum(failing_members) >= FEWEST_MEMBERS
            and sum(failing_servers) >= min(FEWEST_SERVERS, len(self._servers_seen))
            and _at_least_half(failing_members)
            and _at_least_half(failing_servers)
        )


def _at_least_half(failed: Sequence[bool]) -> bool:
    return sum(failed) >= SHARE_OF_FAILURES * len(failed)
