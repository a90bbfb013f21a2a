"""What each of the processes does that reserve at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from multiprocessing.synchronize import Barrier

from bot.core.generation.ledger import AlreadyReserved
from bot.core.limits.errors import LimitReached
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
