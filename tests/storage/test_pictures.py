"""Pictures that came inside an answer, and orders that were answered in parts: what is on record of them, and until
when; on both engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Unpack

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.errors import LeaseLost
from bot.core.generation.generations import Page, Undelivered
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Order, Request, Source, State
from bot.core.generation.outcome import NotOurs
from bot.core.generation.reservation import Reservation
from bot.core.generation.undelivered import MOST_PICTURES_SHOWN
from bot.core.privacy.service import Retention
from bot.storage.engine.protocol import Database, Params, Row, Rows, RunOptions, Statement, T, Transaction
from bot.storage.generations import MOST_BYTES_KEPT, SqlGenerations, contents_kept
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.core.fakes import noon
from tests.storage.factories import MEMBER, SERVER, RelayingDatabase, request, rules

FIRST, SECOND, THIRD = (
    Source(content=name.encode(), revised_prompt=name) for name in ("one", "two", "three")
)
LINKED = Source("http://pictures/1", revised_prompt="a fox, revised")


def order(*sources: Source) -> Order:
    return Order("flux", sources, 147_000)


@pytest.fixture
def dead(database: Database) -> SqlLedger:
    """A process that never gives a sign of life."""
    return SqlLedger(database, lease_seconds=-1)


@pytest.fixture
def next_one(database: Database) -> SqlLedger:
    return SqlLedger(database)


async def submitted(ledger: SqlLedger, images: int = 3, spent: int = 3, member: int = MEMBER) -> int:
    made: Request = request(images, member=member)
    await ledger.reserve(made, rules(100, member=member), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, model="flux", spent=spent), NOON)
    return made.id


async def bought(
    ledger: SqlLedger, generation: int, *sources: Source, recorded: int = 0, spent: int = 3
) -> None:
    step = Step(State.PAID, order=order(*sources), recorded=recorded, spent=spent)
    await ledger.advance(generation, step, NOON)


async def bought_too_late(
    ledger: SqlLedger, generation: int, *sources: Source, recorded: int = 0, spent: int = 3
) -> None:
    with pytest.raises(LeaseLost):
        await bought(ledger, generation, *sources, recorded=recorded, spent=spent)


async def taken_over(ledger: SqlLedger, generation: int) -> tuple[State, list[bytes | str | None]]:
    """In which state, and what a process that claims it has to deliver."""
    [left] = await ledger.claim_expired((), 10)
    assert left.request.id == generation
    if left.order is None:
        return left.state, []
    assert [it.content for it in left.order.sources] == [None] * len(left.order.sources)
    return left.state, shown((await ledger.load(generation, left.order)).sources)


def shown(sources: Sequence[Source]) -> list[bytes | str | None]:
    return [it.content if it.content is not None else it.url for it in sources]


async def gallery(database: Database) -> list[bytes | str | None]:
    generations = SqlGenerations(database)
    found = await generations.find(Undelivered(MEMBER, SERVER), Page(10))
    assert all(it.content is None for one in found for it in one.sources)
    return shown([await generations.load(one.id, it) for one in found for it in one.sources])


def selecting(statement: str, parameters: Params | None = None) -> Callable[[], Transaction[Rows]]:
    def steps() -> Transaction[Rows]:
        return (yield statement, parameters or {})

    return steps


async def positions(database: Database) -> list[int]:
    rows = await database.run(selecting("SELECT position FROM picture ORDER BY generation, position"))
    return [int(row[0]) for row in rows]


async def spending(database: Database, generation: int) -> Row:
    statement = "SELECT state, refunded, spent FROM generation WHERE id = :id"
    return tuple((await database.run(selecting(statement, {"id": generation})))[0])


async def test_a_process_that_takes_over_has_the_pictures_that_came_inside_the_answer(
    dead: SqlLedger, next_one: SqlLedger
) -> None:
    made = await submitted(dead)
    await bought(dead, made, FIRST, LINKED, SECOND)
    assert await taken_over(next_one, made) == (State.PAID, [b"one", "http://pictures/1", b"two"])


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        (Settlement(State.DELIVERED, 0), []),
        (Settlement(State.UNKNOWN, 3), []),
        (Settlement(State.REFUNDED, 3), []),
        (Settlement(State.UNKNOWN, 3, keep_pictures=True), [b"one", b"two"]),
        (Settlement(State.UNDELIVERED, 0), [b"one", b"two"]),
    ],
)
async def test_a_picture_is_erased_once_it_is_delivered_or_lost_and_kept_where_it_may_be_had_later(
    ledger: SqlLedger, database: Database, ending: Settlement, kept: list[bytes]
) -> None:
    made = await submitted(ledger)
    await bought(ledger, made, FIRST, SECOND)
    await ledger.settle(made, ending, NOON)
    assert await gallery(database) == kept
    assert await positions(database) == list(range(len(kept)))


def test_no_more_bytes_of_a_generation_are_kept_than_one_answer_may_have() -> None:
    half = bytes(MOST_BYTES_KEPT // 2)
    assert list(contents_kept([Source(content=it) for it in (half, half + b"1", b"1", half[1:])])) == [
        0,
        2,
        3,
    ]


async def test_a_picture_that_can_not_be_read_leaves_no_gap_that_somebody_waits_for(
    ledger: SqlLedger, database: Database
) -> None:
    made = await submitted(ledger)
    await bought(ledger, made, Source(content=b""), SECOND)
    await ledger.settle(made, Settlement(State.UNDELIVERED, 2), NOON)
    assert await gallery(database) == [b"two"]


async def test_the_first_part_of_an_order_stays_paid_while_another_part_is_submitted(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await submitted(dead, spent=1)
    await bought(dead, made, FIRST)
    await dead.advance(made, Step(State.SUBMITTED, model="flux", spent=2), NOON)
    assert await taken_over(next_one, made) == (State.PAID, [b"one"])
    assert (await spending(database, made))[2] == 2


class FailingDatabase(RelayingDatabase):
    """Can't be reached while it is `down`."""

    down = False

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        if self.down:
            raise DatabaseUnavailable
        return await super().run(transaction, **options)


@pytest.mark.parametrize("settled_first", [False, True])
async def test_what_was_bought_while_the_database_was_down_is_kept_where_another_process_has_it_by_then(
    database: Database, next_one: SqlLedger, *, settled_first: bool
) -> None:
    failing = FailingDatabase(database)
    process = SqlLedger(failing, lease_seconds=-1)
    made = request(2)
    await process.reserve(made, rules(100), NOON)
    reservation = Reservation(process, noon, made, NOON)
    await reservation.submitting("flux", 2)
    failing.down = True
    await reservation.bought(order(FIRST, LINKED))
    failing.down = False
    assert await taken_over(next_one, made.id) == (State.SUBMITTED, [])
    ended = partial(next_one.settle, made.id, Settlement(State.UNKNOWN, 2, spent=2), NOON)
    if settled_first:
        await ended()
    assert isinstance(await reservation.apply(reservation.outcome(LeaseLost())), NotOurs)
    if not settled_first:
        await ended()
    assert await gallery(database) == [b"one", "http://pictures/1"]


class NotingDatabase(RelayingDatabase):
    """Notes the pictures that are sent to it, and which tables each transaction changed, in order."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.sent: list[object] = []
        self.changed: list[list[str]] = []

    def _note(self, statement: Statement) -> None:
        text, parameters = statement
        if isinstance(parameters, Mapping) and "content" in parameters:
            self.sent.append(parameters["content"])
        if found := re.match(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", text):
            self.changed[-1].append(found[1])

    async def run(self, transaction: Callable[[], Transaction[T]], **options: Unpack[RunOptions]) -> T:
        def noting() -> Transaction[T]:
            self.changed.append([])
            steps = transaction()
            try:
                statement = next(steps)
                while True:
                    self._note(statement)
                    statement = steps.send((yield statement))
            except StopIteration as end:
                result: T = end.value
                return result

        return await super().run(noting, **options)


async def test_nobody_waits_for_a_meter_while_pictures_are_written_or_erased(database: Database) -> None:
    noting = NotingDatabase(database)
    ledger = SqlLedger(noting)
    kept, late = await submitted(ledger), await submitted(ledger)
    await bought(ledger, kept, FIRST)
    await ledger.settle(kept, Settlement(State.UNDELIVERED, 2, spent=1), NOON)
    await ledger.settle(late, Settlement(State.REFUNDED, 3, spent=0), NOON)
    await bought_too_late(ledger, late, FIRST)
    both = [it for it in noting.changed if "picture" in it and "meter" in it]
    assert len(both) == 2
    assert all("picture" not in it[it.index("meter") :] for it in both)


async def test_each_part_of_an_order_is_written_once(database: Database, next_one: SqlLedger) -> None:
    noting = NotingDatabase(database)
    process = SqlLedger(noting, lease_seconds=-1)
    made = await submitted(process)
    await bought(process, made, FIRST)
    await bought(process, made, FIRST, SECOND, recorded=1)
    assert noting.sent == [b"one", b"two"]
    assert await taken_over(next_one, made) == (State.PAID, [b"one", b"two"])


async def test_what_was_committed_without_a_word_may_be_written_again(
    dead: SqlLedger, next_one: SqlLedger
) -> None:
    made = await submitted(dead)
    for _ in range(2):
        await bought(dead, made, FIRST, SECOND)
    assert await taken_over(next_one, made) == (State.PAID, [b"one", b"two"])


async def test_nothing_of_an_order_is_left_for_the_gallery_where_another_part_was_submitted_in_vain(
    ledger: SqlLedger, database: Database
) -> None:
    made = await submitted(ledger)
    await bought(ledger, made, FIRST)
    await ledger.advance(made, Step(State.SUBMITTED, model="flux", spent=3), NOON)
    await ledger.settle(made, Settlement(State.DELIVERED, 2, spent=1), NOON)
    assert await gallery(database) == []
    assert await spending(database, made) == ("delivered", 2, 1)


async def test_a_process_that_takes_over_knows_how_many_images_may_have_been_paid_for(
    dead: SqlLedger, next_one: SqlLedger
) -> None:
    await submitted(dead, images=3, spent=1)
    [left] = await next_one.claim_expired((), 10)
    assert left.spent == 1


async def test_of_a_version_that_did_not_write_it_down_all_that_was_booked_may_have_been_paid_for(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    await submitted(dead, images=2, spent=4)
    await database.run(selecting("UPDATE generation SET spent = 0"))
    [left] = await next_one.claim_expired((), 10)
    assert left.spent == 4


async def test_a_part_that_comes_while_another_process_delivers_the_first_is_kept_for_the_gallery(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await submitted(dead)
    await bought(dead, made, FIRST)
    assert await taken_over(next_one, made) == (State.PAID, [b"one"])
    await bought_too_late(dead, made, FIRST, SECOND, recorded=1)
    await bought_too_late(dead, made, FIRST, SECOND, LINKED, recorded=2)
    await next_one.settle(made, Settlement(State.DELIVERED, 2, spent=3), NOON)
    assert await gallery(database) == [b"two", "http://pictures/1"]
    assert await positions(database) == [1]
    assert await spending(database, made) == ("delivered", 2, 3)


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        (Settlement(State.DELIVERED, 2, spent=3), [b"two"]),
        (Settlement(State.UNDELIVERED, 2, spent=3), [b"one", b"two"]),
        (Settlement(State.UNKNOWN, 3, spent=3), [b"two"]),
    ],
)
async def test_a_part_that_comes_after_the_first_was_settled_is_kept_for_the_gallery(
    dead: SqlLedger, next_one: SqlLedger, database: Database, ending: Settlement, kept: list[bytes]
) -> None:
    made = await submitted(dead)
    await bought(dead, made, FIRST)
    await next_one.claim_expired((), 10)
    await next_one.settle(made, ending, NOON)
    for _ in range(2):  # it is not known whether the first time was committed
        await bought_too_late(dead, made, FIRST, SECOND, recorded=1)
    assert await gallery(database) == kept
    assert await spending(database, made) == (ending.state, ending.refund, 3)


async def test_a_part_that_came_late_is_delivered_by_whoever_claims_it_next(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await submitted(dead)
    await bought(dead, made, FIRST)
    impatient = SqlLedger(database, lease_seconds=-1)
    await impatient.claim_expired((), 10)
    for _ in range(2):
        await bought_too_late(dead, made, FIRST, SECOND, recorded=1)
    assert await taken_over(next_one, made) == (State.PAID, [b"one", b"two"])
    await next_one.settle(made, Settlement(State.DELIVERED, 1, spent=3), NOON)
    assert await gallery(database) == []
    assert await positions(database) == []


async def test_an_answer_that_came_after_another_process_had_claimed_it_is_delivered_by_the_next(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await submitted(dead)
    impatient = SqlLedger(database, lease_seconds=-1)
    assert await taken_over(impatient, made) == (State.SUBMITTED, [])
    await bought_too_late(dead, made, FIRST)
    await bought_too_late(dead, made, FIRST, SECOND, recorded=1)
    assert await taken_over(next_one, made) == (State.PAID, [b"one", b"two"])


async def test_the_parts_of_an_order_that_was_given_up_are_kept_and_counted_once(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await submitted(dead, spent=2)
    await next_one.claim_expired((), 10)
    await next_one.settle(made, Settlement(State.REFUNDED, 3), NOON)
    await bought_too_late(dead, made, FIRST, spent=2)
    await bought_too_late(dead, made, FIRST, SECOND, recorded=1, spent=2)
    assert await gallery(database) == [b"one", b"two"]
    assert await spending(database, made) == ("unknown", 3, 2)
    used = await database.run(selecting("SELECT used FROM meter WHERE name = 'bot'"))
    assert [int(row[0]) for row in used] == [2]


async def test_of_a_members_pictures_no_more_are_kept_than_the_gallery_comes_to(
    ledger: SqlLedger, database: Database
) -> None:
    for _ in range(MOST_PICTURES_SHOWN + 2):
        made = await submitted(ledger, images=1, spent=1)
        await bought(ledger, made, FIRST, spent=1)
        await ledger.settle(made, Settlement(State.UNDELIVERED, 0), NOON)
    others = await submitted(ledger, images=1, spent=1, member=MEMBER + 1)
    await bought(ledger, others, SECOND, spent=1)
    await ledger.settle(others, Settlement(State.UNDELIVERED, 0), NOON)
    assert await gallery(database) == [b"one"] * MOST_PICTURES_SHOWN
    assert len(await positions(database)) == MOST_PICTURES_SHOWN + 1


async def test_the_member_and_the_retention_erase_what_is_kept(ledger: SqlLedger, database: Database) -> None:
    for erase in (
        partial(SqlMemberDataStore(database).erase, MEMBER, NOON + timedelta(days=1)),
        partial(
            SqlRetentionStore(database).sweep,
            Retention(NOON + timedelta(days=1), NOON - timedelta(days=1), NOON - timedelta(days=1)),
            10,
        ),
    ):
        made = await submitted(ledger)
        await bought(ledger, made, FIRST)
        await ledger.settle(made, Settlement(State.UNDELIVERED, 0), NOON)
        assert await positions(database) == [0]
        await erase()
        assert await positions(database) == []
        assert await gallery(database) == []
