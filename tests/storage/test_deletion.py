"""What is left of deleted pictures, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.generation.errors import LeaseLost
from bot.core.generation.generations import Page, Undelivered
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Generation, Order, PromptRevision, Source, State
from bot.core.privacy.service import Retention
from bot.storage.deletion import SqlDeletions
from bot.storage.engine.protocol import Database
from bot.storage.generations import LONGEST_MODEL_PROMPT, SqlGenerations
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.storage.factories import MEMBER, SERVER, painted, request, rules, selecting

LATER = NOON + timedelta(days=1)


async def read(database: Database, id: int) -> Generation:
    found = await SqlGenerations(database).get(id)
    assert found is not None
    return found


async def undelivered(ledger: SqlLedger) -> int:
    """The id of a generation whose picture came inside the answer, and is kept."""
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.advance(made.id, Step(State.PAID, order=Order("flux", (Source(content=b"a fox"),))), NOON)
    await ledger.settle(made.id, Settlement(State.UNDELIVERED, 0), NOON)
    return made.id


async def test_a_deleted_picture_stays_deleted_since_the_first_time_and_its_prompt_stays(
    ledger: SqlLedger, database: Database
) -> None:
    deletions = SqlDeletions(database)
    one, other = await painted(ledger), await painted(ledger)
    before = await read(database, one)
    assert before.deleted_at is None
    await deletions.delete(one, NOON, for_good=False)
    await deletions.delete(one, LATER, for_good=False)
    found = await read(database, one)
    assert found.deleted_at == NOON
    assert found.request == before.request
    assert (await read(database, other)).deleted_at is None


async def test_what_is_kept_of_a_deleted_picture_is_dropped(ledger: SqlLedger, database: Database) -> None:
    generations, kept = SqlGenerations(database), await undelivered(ledger)
    assert [it.id for it in await generations.find(Undelivered(MEMBER, SERVER), Page(10))] == [kept]
    await SqlDeletions(database).delete(kept, NOON, for_good=False)
    assert await generations.find(Undelivered(MEMBER, SERVER), Page(10)) == []
    assert await database.run(selecting("SELECT 1 FROM picture")) == []


async def test_deleting_for_good_erases_all_words_and_counts_as_before(
    ledger: SqlLedger, database: Database
) -> None:
    id = await painted(ledger, images=2, revision=PromptRevision("a red fox", 204))
    await SqlDeletions(database).delete(id, NOON, for_good=True)
    found = await read(database, id)
    assert (found.request.spec.prompt, found.revision) == ("", PromptRevision(None, 204))
    assert (found.request.caller.member, found.request.spec.count) == (MEMBER, 2)
    assert (found.state, found.deleted_at) == (State.DELIVERED, NOON)


async def described(ledger: SqlLedger, said: str = "A red fox, the model says") -> int:
    """The id of a generation whose image model said what it made of the prompt."""
    made = request()
    await ledger.reserve(made, rules(), NOON)
    order = Order("grok", (Source("http://pictures/1", revised_prompt=said), Source("http://pictures/2")))
    await ledger.advance(made.id, Step(State.PAID, order=order), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 0), NOON)
    return made.id


async def test_what_the_image_model_made_of_a_prompt_is_kept_as_long_as_the_prompt(
    ledger: SqlLedger, database: Database
) -> None:
    deleted, erased, swept = [await described(ledger) for _ in range(3)]
    assert (await read(database, deleted)).model_prompt == "A red fox, the model says"
    await SqlDeletions(database).delete(deleted, NOON, for_good=False)
    assert (await read(database, deleted)).model_prompt is not None
    await SqlDeletions(database).delete(deleted, NOON, for_good=True)
    assert [(await read(database, id)).model_prompt is None for id in (deleted, erased)] == [True, False]
    retention = Retention(LATER, NOON - timedelta(days=400), NOON - timedelta(days=30))
    await SqlRetentionStore(database).sweep(retention, 100)
    assert (await read(database, swept)).model_prompt is None
    another = await described(ledger)
    await SqlMemberDataStore(database).erase(MEMBER, LATER)
    assert (await read(database, another)).model_prompt is None


async def test_no_more_is_kept_of_what_an_image_model_says_than_a_member_can_write(
    ledger: SqlLedger, database: Database
) -> None:
    found = await read(database, await described(ledger, "x\0\ud83e" * 10_000))
    assert len(found.model_prompt or "") <= LONGEST_MODEL_PROMPT


@pytest.mark.parametrize("for_good", [True, False])
async def test_of_what_was_deleted_for_good_nothing_is_kept_that_comes_late(
    ledger: SqlLedger, database: Database, for_good: bool
) -> None:
    made, first, second = request(2), Source(content=b"a fox"), Source(content=b"another fox")
    await ledger.reserve(made, rules(), NOON)
    await ledger.advance(made.id, Step(State.PAID, order=Order("flux", (first,))), NOON)
    await ledger.settle(made.id, Settlement(State.DELIVERED, 1, spent=1), NOON)
    await SqlDeletions(database).delete(made.id, NOON, for_good=for_good)
    late = Step(State.PAID, order=Order("flux", (first, second), credits=600), recorded=1)
    with pytest.raises(LeaseLost):
        await ledger.advance(made.id, late, NOON)
    found = await read(database, made.id)
    assert found.credits == 600
    assert len(found.sources) == (0 if for_good else 1)
    assert len(await database.run(selecting("SELECT 1 FROM picture"))) == len(found.sources)


async def test_what_is_not_settled_is_not_deleted(ledger: SqlLedger, database: Database) -> None:
    id = await painted(ledger, settled=False)
    await SqlDeletions(database).delete(id, NOON, for_good=True)
    found = await read(database, id)
    assert (found.deleted_at, bool(found.request.spec.prompt)) == (None, True)
