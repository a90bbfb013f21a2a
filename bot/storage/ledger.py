"""The core's ledger on a database: each method is one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import LEASE_SECONDS, AbandonedGeneration, Settlement, Step
from bot.core.generation.model import FINAL_STATES, Request
from bot.core.limits.meters import Standing
from bot.core.limits.policy import FailureLimits, Policy
from bot.core.limits.rules import Terms
from bot.storage import journal, leases
from bot.storage.counters import NO_FAILURE_LIMITS
from bot.storage.engine.protocol import Database
from bot.storage.policies import PolicyReader


class SqlLedger:
    """Implements `bot.core.generation.ledger.Ledger` for one process, by the random name that it works under."""

    def __init__(
        self,
        database: Database,
        failures: FailureLimits = NO_FAILURE_LIMITS,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database = database
        self._failures = failures
        self._policies = PolicyReader()
        self.lease_seconds = lease_seconds
        self._owner = journal.Owner(secrets.token_hex(8), round(1000 * lease_seconds))

    async def reserve(
        self, request: Request, rules: Callable[[Policy], Terms], now: datetime
    ) -> tuple[Standing, ...]:
        reserving = partial(journal.reserve, request, rules, self._policies, now, self._owner, self._failures)
        return await self._database.run(reserving)

    async def advance(self, generation: int, step: Step, now: datetime) -> None:
        if step.state in FINAL_STATES:
            raise ValueError(f"{step.state.value} is final: settle it")
        advancing = partial(journal.advance, generation, step, now, self._owner, self._failures)
        if not await self._database.run(advancing):
            raise LeaseLost

    async def is_claimed(self, generation: int) -> bool:
        return await self._database.run(partial(journal.is_claimed, generation))

    async def settle(self, generation: int, ending: Settlement, now: datetime) -> bool:
        if ending.state not in FINAL_STATES:
            raise ValueError(f"{ending.state.value} is not final")
        return await self._database.run(partial(journal.settle, generation, ending, now, self._owner))

    async def notice_delivered(self, generation: int) -> None:
        await self._database.run(partial(journal.notice_delivered, generation, self._owner))

    async def renew(self, generations: Collection[int]) -> frozenset[int]:
        owner = self._owner
        return await self._database.run(partial(leases.renew, owner.name, generations, owner.lease))

    async def release(self, generation: int, seconds: float) -> None:
        after = round(1000 * seconds)
        await self._database.run(partial(leases.release, self._owner.name, generation, after))

    async def release_all(self) -> None:
        await self._database.run(partial(leases.release_all, self._owner.name))

    async def claim_expired(self, held: Collection[int], most: int) -> tuple[AbandonedGeneration, ...]:
        owner = self._owner
        return await self._database.run(partial(leases.claim_expired, owner.name, held, most, owner.lease))

    async def has_unfinished(self) -> bool:
        return await self._database.run(leases.has_unfinished)
