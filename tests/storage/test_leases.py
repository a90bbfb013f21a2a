"""Who works on what, on both engines: each generation is one process's, and the next one's when that is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import asyncpg
import pytest

from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import LEASE_SECONDS, AlreadyReserved, Settlement, Step
from bot.core.generation.model import Order, Request, Source, State
from bot.storage.counters import SqlCounters
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Row, Transaction
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.patience import PATIENCE
from tests.storage.factories import meters, request, rules

ORDER = Order("grok-2-image", (Source("http://pictures/1", revised_prompt="a fox, revised"),), 147_000)
KEPT_OF = "SELECT token, sources, credits, message, state FROM generation WHERE id = :id"

WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE generation%'"


@pytest.fixture
def dead(database: Database) -> SqlLedger:
    """A process that never gives a sign of life."""
    return SqlLedger(database, lease_seconds=-1)


@pytest.fixture
def next_one(database: Database) -> SqlLedger:
    return SqlLedger(database)


async def reserved(ledger: SqlLedger, images: int = 1) -> Request:
    made = replace(request(images), application=42, token="secret-token")
    await ledger.reserve(made, rules(), NOON)
    return made


async def row_of(database: Database, id: int) -> Row:
    def steps() -> Transaction[Row]:
        rows = yield KEPT_OF, {"id": id}
        return tuple(rows[0])

    return await database.run(steps)


async def used(counters: SqlCounters) -> list[int]:
    return [reading.used for reading in await counters.usage(meters())]


async def test_what_a_living_process_works_on_is_taken_over_by_nobody(
    ledger: SqlLedger, next_one: SqlLedger
) -> None:
    await reserved(ledger)
    assert await next_one.claim_expired((), 10) == ()


async def test_of_several_takers_one_gets_each(dead: SqlLedger, database: Database) -> None:
    left = {(await reserved(dead)).id for _ in range(9)}
    takers = [SqlLedger(database) for _ in range(4)]
    found = await asyncio.gather(*(taker.claim_expired((), 2) for taker in takers for _ in range(2)))
    found.append(await takers[0].claim_expired((), 10))
    assert sorted(it.request.id for batch in found for it in batch) == sorted(left)


async def test_of_two_takers_that_wait_for_the_same_row_the_second_leaves_it(postgres_url: str) -> None:
    async with (
        connected(postgres_url) as holder,
        connected(
            postgres_url
        ) as onlooker,  # inside a transaction the server shows the same moment again and again
        open_database(postgres_url) as one,
        open_database(postgres_url) as other,
    ):
        await reserved(SqlLedger(one, lease_seconds=-1))
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM generation FOR UPDATE")
            taking = asyncio.gather(*(SqlLedger(it).claim_expired((), 10) for it in (one, other)))
            async with asyncio.timeout(PATIENCE):
                while await onlooker.fetchval(WAITING) < 2:  # noqa: ASYNC110 — the server announces nothing
                    await asyncio.sleep(0.01)
        assert sorted(map(len, await taking)) == [0, 1]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_what_is_taken_over_is_all_that_it_takes_to_finish_it(
    dead: SqlLedger, next_one: SqlLedger
) -> None:
    made = await reserved(dead, 2)
    await dead.advance(made.id, Step(State.ACKNOWLEDGED, message=77), NOON)
    await dead.advance(made.id, Step(State.SUBMITTED, model="grok-2-image"), NOON)
    await dead.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    [left] = await next_one.claim_expired((), 10)
    assert left.request == made
    assert (left.state, left.message, left.order, left.reserved_at) == (State.PAID, 77, ORDER, NOON)
    assert [(it.meter, it.window) for it in left.charges] == [(m.name, m.window.key) for m in meters()]
    assert [it.cap for it in left.charges] == [10, None, None, None, 200]


async def test_a_copy_of_the_version_before_leaves_what_it_would_take_for_delivered_or_show_to_everybody(
    ledger: SqlLedger, database: Database
) -> None:
    made = await reserved(ledger, images=2)

    def as_the_version_before_reads_it() -> Transaction[object]:
        [[spec]] = yield "SELECT spec FROM generation WHERE id = :id", {"id": made.id}
        return json.loads(str(spec))["count"]

    with pytest.raises(KeyError):  # which it logs, and goes on with the next
        await database.run(as_the_version_before_reads_it)


async def test_whoever_was_taken_for_dead_neither_pays_nor_settles(
    dead: SqlLedger, next_one: SqlLedger, counters: SqlCounters
) -> None:
    made = await reserved(dead)
    await next_one.claim_expired((), 10)
    with pytest.raises(LeaseLost):
        await dead.advance(made.id, Step(State.SUBMITTED), NOON)
    assert await dead.renew([made.id]) == frozenset()
    await dead.release(made.id, 0)
    assert not await dead.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    assert await used(counters) == [1] * 5
    assert await next_one.settle(made.id, Settlement(State.REFUNDED, 1), NOON)


@pytest.mark.parametrize("settled_as", [State.UNKNOWN, State.REFUNDED, None])
async def test_a_paid_answer_that_came_after_it_was_given_up_is_kept_and_counted(
    dead: SqlLedger, next_one: SqlLedger, counters: SqlCounters, database: Database, settled_as: State | None
) -> None:
    """Whether the next process has settled it by then, as what, or is about to."""
    made = await reserved(dead)
    await dead.advance(made.id, Step(State.SUBMITTED), NOON)
    [left] = await next_one.claim_expired((), 10)
    assert left.attempts == 1
    if settled_as:
        await next_one.settle(made.id, Settlement(settled_as, 1), NOON)
    with pytest.raises(LeaseLost):
        await dead.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    if not settled_as:
        await next_one.settle(made.id, Settlement(State.REFUNDED, 1, spent=0), NOON)
    _, sources, credits, _, state = await row_of(database, made.id)
    assert (sources, credits, state) == ('[["http://pictures/1", "a fox, revised"]]', 147_000, "unknown")
    assert await used(counters) == [0, 0, 0, 0, 1]


async def test_an_answer_that_comes_late_twice_is_counted_once(
    dead: SqlLedger, next_one: SqlLedger, counters: SqlCounters, database: Database
) -> None:
    made = await reserved(dead)
    await dead.advance(made.id, Step(State.SUBMITTED), NOON)
    await next_one.claim_expired((), 10)
    await next_one.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    for _ in range(2):
        with pytest.raises(LeaseLost):
            await dead.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    assert await used(counters) == [0, 0, 0, 0, 1]


async def test_what_was_shown_does_not_come_back_as_a_late_answer(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await reserved(dead)
    await next_one.claim_expired((), 10)
    await next_one.settle(made.id, Settlement(State.DELIVERED, 0), NOON)
    with pytest.raises(LeaseLost):
        await dead.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    assert (await row_of(database, made.id))[1] is None


@pytest.mark.parametrize("hours", [1, 24 * 365])
async def test_a_lease_that_a_clock_wrote_which_ran_ahead_has_run_out(
    ledger: SqlLedger, next_one: SqlLedger, database: Database, hours: int
) -> None:
    made = await reserved(ledger)

    def ahead() -> Transaction[None]:
        yield "UPDATE generation SET lease_until = epoch_millis() + :ahead", {"ahead": hours * 3_600_000}

    await database.run(ahead)
    assert [left.request for left in await next_one.claim_expired((), 10)] == [made]
    assert await next_one.renew([made.id]) == {made.id}
    assert await ledger.claim_expired((), 10) == ()


async def test_a_sign_of_life_renews_the_lease(database: Database, next_one: SqlLedger) -> None:
    def most_of_a_lease_passes() -> Transaction[None]:
        passed = round(1000 * LEASE_SECONDS * 2 / 3)
        yield "UPDATE generation SET lease_until = lease_until - :passed", {"passed": passed}

    process = SqlLedger(database)
    made, other = await reserved(process), await reserved(process)
    for _ in range(4):
        await database.run(most_of_a_lease_passes)
        assert await process.renew([made.id]) == {made.id}
    assert [left.request for left in await next_one.claim_expired((), 10)] == [other]


@pytest.mark.parametrize("everything", [True, False])
async def test_what_is_let_go_of_is_free_at_once(
    ledger: SqlLedger, next_one: SqlLedger, everything: bool
) -> None:
    made = await reserved(ledger)
    await (ledger.release_all() if everything else ledger.release(made.id, -1))
    assert [left.request for left in await next_one.claim_expired((), 10)] == [made]


async def test_what_is_to_be_tried_later_is_free_later(ledger: SqlLedger, next_one: SqlLedger) -> None:
    made = await reserved(ledger)
    await ledger.release(made.id, 60)
    assert await next_one.claim_expired((), 10) == ()


@pytest.mark.parametrize("damage", ["state = 'of a later version'", "state = 'paid', sources = '[[1'"])
async def test_one_that_cannot_be_read_keeps_no_other_waiting(
    dead: SqlLedger, next_one: SqlLedger, database: Database, damage: str
) -> None:
    broken, whole = await reserved(dead), await reserved(dead)

    def spoil() -> Transaction[None]:
        yield f"UPDATE generation SET {damage} WHERE id = :id", {"id": broken.id}

    await database.run(spoil)
    assert [left.request for left in await next_one.claim_expired((), 10)] == [whole]


async def test_what_a_process_holds_it_does_not_take_from_itself(dead: SqlLedger) -> None:
    held, left = await reserved(dead), await reserved(dead)
    found = await dead.claim_expired([held.id], 10)
    assert [it.request for it in found] == [left]


async def test_an_interaction_is_reserved_by_one_of_two_processes(
    ledger: SqlLedger, next_one: SqlLedger
) -> None:
    made = await reserved(ledger)
    with pytest.raises(AlreadyReserved):
        await next_one.reserve(made, rules(), NOON)


@pytest.mark.parametrize(
    ("state", "kept"), [(State.DELIVERED, False), (State.UNKNOWN, False), (State.UNDELIVERED, True)]
)
async def test_settling_erases_the_token_and_where_pictures_were_that_have_arrived(
    ledger: SqlLedger, database: Database, state: State, kept: bool
) -> None:
    made = await reserved(ledger)
    assert (await row_of(database, made.id))[0] == "secret-token"
    await ledger.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    await ledger.settle(made.id, Settlement(state, 0, credits=5), NOON)
    token, sources, credits, *_ = await row_of(database, made.id)
    assert (token, sources is not None, credits) == (None, kept, 5)


async def test_what_the_member_has_yet_to_be_told_is_taken_over_like_anything_unfinished(
    dead: SqlLedger, next_one: SqlLedger, database: Database
) -> None:
    made = await reserved(dead)
    await dead.settle(made.id, Settlement(State.UNKNOWN, 1, pending_notice="prompt_rejected"), NOON)
    [left] = await next_one.claim_expired((), 10)
    assert (left.request, left.state, left.pending_notice) == (made, State.UNKNOWN, "prompt_rejected")
    assert await next_one.renew([made.id]) == {made.id}
    await dead.notice_delivered(made.id)
    assert (await row_of(database, made.id))[0] == "secret-token"
    await next_one.notice_delivered(made.id)
    assert (await row_of(database, made.id))[0] is None
    await next_one.release_all()
    assert await dead.claim_expired((), 10) == ()


async def test_pictures_that_are_out_of_reach_keep_their_addresses(
    ledger: SqlLedger, database: Database
) -> None:
    made = await reserved(ledger)
    await ledger.advance(made.id, Step(State.PAID, order=ORDER), NOON)
    await ledger.settle(made.id, Settlement(State.UNKNOWN, 1, keep_pictures=True), NOON)
    assert (await row_of(database, made.id))[1] is not None


def test_no_token_is_in_what_a_request_looks_like() -> None:
    assert "secret" not in repr(replace(request(), token="secret-token"))


async def test_the_time_of_leases_is_the_databases_own(database: Database) -> None:
    """In the same unit on both engines, as near to this machine's as two readings are."""
    loop, now = asyncio.get_running_loop(), partial(database.run, _now)
    begun = loop.time()
    first = await now()
    await asyncio.sleep(0.05)
    passed = await now() - first
    assert 40 <= passed <= 1000 * (loop.time() - begun) + 10
    assert first > 1_700_000_000_000


def _now() -> Transaction[int]:
    rows = yield "SELECT epoch_millis()", {}
    return int(rows[0][0])


async def test_whether_anything_is_unfinished_is_known_of_all_processes(
    ledger: SqlLedger, next_one: SqlLedger
) -> None:
    assert not await next_one.has_unfinished()
    made = await reserved(ledger)
    assert await next_one.has_unfinished()
    await ledger.settle(made.id, Settlement(State.REFUNDED, 1, pending_notice="interrupted"), NOON)
    assert await next_one.has_unfinished()
    await ledger.notice_delivered(made.id)
    assert not await next_one.has_unfinished()
