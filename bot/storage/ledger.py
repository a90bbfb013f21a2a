"""The core's ledger on a database: each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from bot.core.generation import FINAL_STATES, Request, State
from bot.core.limits import Caller, Meter, Ruling, Standing, Terms
from bot.core.policy import Policy
from bot.core.reservation import Pace
from bot.storage import journal
from bot.storage.policies import PolicyReader
from bot.storage.transaction import Database


class SqlLedger:
    """Implements `bot.core.reservation.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._policies = PolicyReader()

    async def reserve(
        self, request: Request, rules: Callable[[Policy], Terms], now: datetime
    ) -> tuple[Standing, ...]:
        return await self._database.run(partial(journal.reserve, request, rules, self._policies, now))

    async def advance(
        self,
        generation: int,
        state: State,
        now: datetime,
        *,
        model: str | None = None,
        credits: int | None = None,
    ) -> None:
        if state in FINAL_STATES:
            raise ValueError(f"{state.value} is final: settle it")
        await self._database.run(partial(journal.advance, generation, state, now, model, credits))

    async def settle(self, generation: int, state: State, now: datetime, *, refund: int) -> bool:
        if state not in FINAL_STATES:
            raise ValueError(f"{state.value} is not final")
        return await self._database.run(partial(journal.settle, generation, state, now, refund))

    async def usage(self, meters: Sequence[Meter]) -> tuple[Standing, ...]:
        return await self._database.run(partial(journal.usage, meters))

    async def history(self, meter: str, days: Sequence[str]) -> dict[str, int]:
        return await self._database.run(partial(journal.history, meter, days))

    async def pace(self, caller: Caller, cooldown: Ruling, now: datetime) -> Pace:
        return await self._database.run(partial(journal.pace, caller, cooldown, now))
