"""A process of its own that tries to reserve: `python -m tests.storage.reserving_process URL TRIES FIRST_ID LIMIT`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from bot.core.generation.ledger import AlreadyReserved
from bot.core.limits.errors import LimitReached
from bot.storage.engine.database import open_database
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import request, rules


async def reserve(url: str, tries: int, first_id: int, limit: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    async with open_database(url) as database:
        ledger = SqlLedger(database)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        for id in range(first_id, first_id + tries):
            try:
                await ledger.reserve(request(1, id=id), rules(limit, None, limit), NOON)
                outcomes["granted"] += 1
            except (AlreadyReserved, LimitReached) as refusal:
                outcomes[type(refusal).__name__] += 1
    return outcomes


if __name__ == "__main__":
    url, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(reserve(url, *map(int, numbers)))))
