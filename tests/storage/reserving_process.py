"""What each of the processes does that reserve at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from multiprocessing.synchronize import Barrier
from zoneinfo import ZoneInfo

from bot.core.generation.costs import Price
from bot.core.generation.ledger import AlreadyReserved, Settlement, Step
from bot.core.generation.model import Order, Source, State
from bot.core.limits.budgets import Budgets, Estimate
from bot.core.limits.errors import BudgetReached, LimitReached
from bot.storage.engine.opening import open_database
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import request, rules

_all_ready: list[Barrier] = []


def begin(all_ready: Barrier) -> None:
    _all_ready.append(all_ready)


def reserve(url: str, tries: int, first_id: int, limit: int) -> Counter[str]:
    """Open the database, wait until all others have, and try that often."""
    return asyncio.run(_reserve(url, tries, first_id, limit))


DAILY_BUDGET, REAL_PRICE = 2_000_000, 140_000
"""$1.00, and $0.07 for each picture."""
MODEL = "x-ai/grok-2-image"


def buy(url: str, tries: int, first_id: int, estimated: int) -> Counter[str]:
    """The same, and each that is granted is bought, or fails for nothing; a picture is expected to cost `estimated`."""
    return asyncio.run(_buy(url, tries, first_id, estimated))


async def _buy(url: str, tries: int, first_id: int, estimated: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    async with open_database(url) as database:
        ledger = SqlLedger(database, budgets=Budgets(DAILY_BUDGET, None, ZoneInfo("UTC")))
        await asyncio.to_thread(_all_ready[0].wait)
        for id in range(first_id, first_id + tries):
            try:
                estimate = Estimate(MODEL, 0, estimated)
                await ledger.reserve(request(1, id=id), rules(None, None, None), NOON, estimate)
            except BudgetReached as refusal:
                outcomes[type(refusal).__name__] += 1
                await asyncio.sleep(0.01)  # what others have reserved may come back
                continue
            await ledger.advance(id, Step(State.SUBMITTED), NOON)
            if id % 3 == 0:
                await ledger.settle(id, Settlement(State.REFUNDED, 1, spent=0), NOON)
                outcomes["failed"] += 1
                continue
            order = Order(MODEL, (Source("http://pictures/1"),), REAL_PRICE)
            step = Step(State.PAID, order=order, priced=1, price=Price(MODEL, 0, REAL_PRICE))
            await ledger.advance(id, step, NOON)
            await ledger.settle(id, Settlement(State.DELIVERED, 0), NOON)
            outcomes["bought"] += 1
    return outcomes


async def _reserve(url: str, tries: int, first_id: int, limit: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    async with open_database(url) as database:
        ledger = SqlLedger(database)
        await asyncio.to_thread(_all_ready[0].wait)
        for id in range(first_id, first_id + tries):
            try:
                await ledger.reserve(request(1, id=id), rules(limit, None, limit), NOON)
                outcomes["granted"] += 1
            except (AlreadyReserved, LimitReached) as refusal:
                outcomes[type(refusal).__name__] += 1
    return outcomes
