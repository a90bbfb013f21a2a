"""How often one `/imagine` writes to the database, and for which transactions others have to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from bot.core.generation.service import ImagineService
from bot.storage.engine.protocol import Database, RunOptions, T, Transaction
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from tests.core.factories import operator
from tests.core.fakes import FakeEvents, FakeImageApi, FakeReply, breaker, noon
from tests.storage.factories import MEMBER, RelayingDatabase, request


class CountingDatabase(RelayingDatabase):
    """Notes which transactions have to be on the disk before anything else happens.

    And those that only read, and may take long.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.synchronous = list[bool]()
        self.reading = list[bool]()

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        self.synchronous.append(options.get("synchronous", True))
        self.reading.append(options.get("reading", False))
        return await super().run(transaction, **options)


async def test_a_picture_that_waits_for_nothing_takes_four_transactions(database: Database) -> None:
    counting, reply = CountingDatabase(database), FakeReply()
    service = ImagineService(
        SqlLedger(counting), FakeImageApi(), operator(), noon, breaker(), FakeEvents(), concurrency=8
    )
    await service.imagine(request(), reply)
    assert reply.seen == ["thinking", "picture"]
    assert len(counting.synchronous) == 4


async def test_only_the_reservation_for_which_nothing_is_bought_may_be_lost_with_the_machines_power(
    database: Database,
) -> None:
    noting = CountingDatabase(database)
    service = ImagineService(
        SqlLedger(noting), FakeImageApi(), operator(), noon, breaker(), FakeEvents(), concurrency=8
    )
    await service.imagine(request(), FakeReply())
    assert noting.synchronous == [False, True, True, True]


async def test_nobody_who_writes_waits_for_what_reads_all_that_is_kept_of_a_member(
    database: Database,
) -> None:
    noting = CountingDatabase(database)
    await SqlMemberDataStore(noting).about(MEMBER)
    assert noting.reading
    assert all(noting.reading)
