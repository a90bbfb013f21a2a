"""Requests, rules and meters to put on record, and what is on record then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count
from typing import Unpack

import pytest

from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import ImageSpec, Order, PromptRevision, Request, Source, State
from bot.core.limits.meters import Limit, Meter
from bot.core.limits.policy import NOTHING_DECIDED, Operator, Policy
from bot.core.limits.rules import Terms, meters_for, terms_for
from bot.core.place import Caller, InServer, ServerCaller
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, Row, Rows, RunOptions, T, Transaction
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON, operator

MEMBER, SERVER, CHANNEL = 80351110224678912, 197038439483310086, 41771983423143937

GENERATION = """
SELECT state, model, credits, refunded, reserved_at, acknowledged_at, submitted_at, paid_at, settled_at
FROM generation WHERE id = :id
"""

_ids = count(1_200_000_000_000_000_000)


def caller(member: int = MEMBER) -> ServerCaller:
    return Caller(member, InServer(SERVER, CHANNEL))


def request(images: int = 1, *, id: int | None = None, member: int = MEMBER) -> Request:
    return Request(
        next(_ids) if id is None else id, caller(member), ImageSpec("a fox 🦊 in the snow", images)
    )


def rules(
    daily: Limit = 10,
    server_daily: Limit = None,
    bot_daily: Limit = 200,
    *,
    member: int = MEMBER,
    now: datetime = NOON,
) -> Callable[[Policy], Terms]:
    """What the service asks of a policy, without the prompt."""
    return rules_of(operator(daily, server_daily, bot_daily), member=member, now=now)


def rules_of(decided: Operator, *, member: int = MEMBER, now: datetime = NOON) -> Callable[[Policy], Terms]:
    return lambda policy: terms_for(policy, decided, caller(member), now)


def meters(
    daily: Limit = 10,
    server_daily: Limit = None,
    bot_daily: Limit = 200,
    *,
    member: int = MEMBER,
    now: datetime = NOON,
) -> tuple[Meter, ...]:
    return meters_for(NOTHING_DECIDED, operator(daily, server_daily, bot_daily), caller(member), now)


def _read(id: int) -> Transaction[Row | None]:
    rows = yield GENERATION, {"id": id}
    return tuple(rows[0]) if rows else None


async def row_of(database: Database, id: int) -> Row | None:
    return await database.run(partial(_read, id))


async def used(counters: SqlCounters) -> list[int]:
    return [reading.used for reading in await counters.usage(meters())]


async def painted(
    ledger: SqlLedger,
    at: datetime = NOON,
    *,
    member: int = MEMBER,
    settled: bool = True,
    images: int = 1,
    revision: PromptRevision | None = None,
) -> int:
    """The id of a generation that was delivered, or still runs."""
    made = request(images, member=member)
    await ledger.reserve(made, rules(None, member=member, now=at), at)
    if revision is not None:
        await ledger.advance(made.id, Step(State.SUBMITTED, model="grok", revision=revision), at)
    if settled:
        await ledger.advance(made.id, Step(State.PAID, order=Order("grok", (), 147_000)), at)
        await ledger.settle(made.id, Settlement(State.DELIVERED, 0), at)
    return made.id


async def settled_unanswered(ledger: SqlLedger, state: State) -> int:
    """The id of a generation that was submitted and settled as `state`, before the image API answered."""
    made = await painted(ledger, settled=False)
    await ledger.advance(made, Step(State.SUBMITTED), NOON)
    await ledger.settle(made, Settlement(state, 1), NOON)
    return made


async def answer_late(ledger: SqlLedger, generation: int) -> None:
    """The image API answers a settled generation with a picture, which is kept."""
    order = Order("grok", (Source("http://pictures/1", revised_prompt="a fox, revised"),))
    with pytest.raises(LeaseLost):
        await ledger.advance(generation, Step(State.PAID, order=order), NOON)


class RelayingDatabase:
    """Is `database`, for tests whose own kind of it overrides `run`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.tables = database.tables
        self.tables_without_all_rights = database.tables_without_all_rights

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        return await self._database.run(transaction, **options)

    async def close(self) -> None:
        await self._database.close()


def selecting(statement: str) -> Callable[[], Transaction[Rows]]:
    def transaction() -> Transaction[Rows]:
        return (yield statement, {})

    return transaction
