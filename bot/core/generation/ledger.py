"""The journal of generations and their meters, as the core needs it: a port, and the values of its methods."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.generation.costs import Price
from bot.core.generation.model import Cost, Generation, Order, PromptRevision, Request, State
from bot.core.limits.budgets import UNKNOWN_PRICE, Estimate
from bot.core.limits.meters import Limit, MeterReading
from bot.core.limits.policy import Policy
from bot.core.limits.rules import Terms

LEASE_SECONDS = 30.0
"""After so long without a heartbeat, a process's lease has expired, and others may claim its generations."""


@dataclass(frozen=True, slots=True)
class Step:
    """The state that a generation is about to enter, with what has become known.

    `order` is what has been bought so far; the first `recorded` of its sources are on record already. `spent`: images
    that the operator may have to pay for, in all attempts; None: unchanged. The bot's own meter and budgets bear them
    all. `priced`: for so many of them the order says what they have cost; `price`: what each of its pictures has.
    `estimate`: of each of the `pictures` that were asked for, where another model is asked than they were reserved for.
    `revision`: what came of asking a chat model to revise the prompt; None: unchanged. Images are as the meters count
    them: a picture can be several.
    """

    state: State
    model: str | None = None
    message: int | None = None
    order: Order | None = None
    recorded: int = 0
    spent: int | None = None
    priced: int | None = None
    price: Price | None = None
    estimate: Estimate | None = None
    pictures: int = 1
    revision: PromptRevision | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A final state, and how many images go back to the meters, as they count them; `credits` where only now known.

    `spent`: images that the operator may have paid for, with those of all attempts; None: all that were booked.
    `pending_notice` is what the member has yet to be told (`bot.core.generation.notices`).
    `keep_pictures`: they may be had later, as those of an UNDELIVERED one always may. `message` shows what came of it,
    where that is known: not the acknowledgement, where a new one had to be posted.
    """

    state: State
    refund: int
    credits: int | None = None
    pending_notice: str | None = None
    keep_pictures: bool = False
    spent: int | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Images that a generation has taken from a meter, in one window; `cap` is the limit that the meter had then."""

    meter: str
    window: str
    cap: Limit
    images: int


@dataclass(frozen=True, slots=True)
class AbandonedGeneration:
    """A generation that its process did not finish, or released to be tried again later, in `state`.

    `model` once it was submitted, `order` once any of it is paid. `attempts`: requests that may have been sent to the
    image API; `spent`: pictures that these may have cost; `revision`: what a chat model made of the prompt that they
    had. It may be settled; then `pending_notice` is what the member has yet to be told of it.
    """

    request: Request
    state: State
    reserved_at: datetime
    message: int | None
    order: Order | None
    charges: tuple[Charge, ...]
    pending_notice: str | None = None
    attempts: int = 0
    model: str | None = None
    spent: int = 0
    revision: PromptRevision | None = None


class AlreadyReserved(Exception):
    """This generation is on record already: another process has it."""

    def __str__(self) -> str:
        return "already reserved"


class Ledger(Protocol):
    """The journal of generations and their meters. Every method is one transaction, or raises DatabaseUnavailable.

    It speaks for one process: what it reserves or claims is that process's until the lease expires, and it changes
    nothing that is another's. Leases run by the database's clock.
    """

    @property
    def lease_seconds(self) -> float:
        """Until a lease expires that is not renewed; every write about a generation renews it."""
        ...

    async def reserve(
        self,
        request: Request,
        rules: Callable[[Policy], Terms],
        now: datetime,
        estimate: Estimate = UNKNOWN_PRICE,
    ) -> tuple[MeterReading, ...]:
        """Put `request.id` on record and take its images from all meters that `rules` find, or from none.

        What they will probably cost is taken from the operator's budgets: by the last price that was paid for such a
        picture, else by `estimate`.

        `rules` are asked about the policy that is in force in that very transaction, so that no change of a moderator
        comes too late; they may be asked more than once, in another thread, and what they raise is raised.
        Returns what the meters read after it, in their order. Raises AlreadyReserved, OnCooldown,
        MaxConcurrencyReached, LimitReached, BudgetReached, and FailureLimitReached where too much came to nothing
        already.
        """
        ...

    async def advance(self, generation: int, step: Step, now: datetime) -> None:
        """Write the state that a generation is about to enter; SUBMITTED once for every attempt.

        ACKNOWLEDGED may be left out: SUBMITTED says the same of the acknowledgement. PAID is written again with each
        part of an order that is bought, and stays while SUBMITTED is written for another part. Pictures that came
        inside an answer are kept with it.

        Raises LeaseLost, as Cancelled where somebody has taken the generation back, NoBudgetForRetry where `step.spent`
        does not fit on the bot's own meter or budgets, and FailureLimitReached where too much came to nothing since it
        was reserved. An order, or a part of one, that comes too late for its generation is kept for the member, and
        counted on the bot's meter.
        """
        ...

    async def is_reserved(self, generation: int) -> bool:
        """Whether any process has reserved it."""
        ...

    async def settle(self, generation: int, ending: Settlement, now: datetime) -> Cost | None:
        """Close a generation and give `ending.refund` images back to the meters they came from.

        The bot's own meter gets back only what was certainly not bought, and the budgets count what it has cost.
        Returns what the pictures have cost. Happens once: None where it was settled before, never reserved, or is
        another's by now. Where there is a `pending_notice` it stays this process's.
        """
        ...

    async def cancel(self, generation: int, now: datetime) -> Generation | None:
        """Settle one of which nothing has been bought, whichever process has it, and give back all of its images.

        As it was on record, or None where it was submitted or settled before: of this and SUBMITTED one happens. From
        here on it is this process's, and its pending notice says `Cancelled`.
        """
        ...

    async def count_revision(self, generation: int, credits: int) -> None:
        """Write down, and count on both budgets, what revising the prompt has cost of one that ended before SUBMITTED.

        Whichever process settled it. Happens once, and not where it is not settled.
        """
        ...

    async def notice_delivered(self, generation: int) -> None:
        """The member knows how it ended, or can't be told: the notice is erased, and the token with it."""
        ...

    async def renew(self, generations: Collection[int]) -> frozenset[int]:
        """The heartbeat: those of `generations` that are still this process's."""
        ...

    async def release(self, generation: int, seconds: float) -> None:
        """Any process may claim it, in so many seconds."""
        ...

    async def release_all(self) -> None:
        """Everything that is this process's, at once."""
        ...

    async def claim_expired(self, held: Collection[int], most: int) -> tuple[AbandonedGeneration, ...]:
        """Up to `most` whose lease has expired, but for those `held`; of several processes one gets each."""
        ...

    async def load(self, generation: int, order: Order) -> Order:
        """What was paid of a claimed generation, with the pictures that the journal keeps of it."""
        ...

    async def has_unfinished(self) -> bool:
        """Whether any generation is in flight, or abandoned."""
        ...
