"""Delivered pictures are found again: by the same words on both engines, and by whoever may see them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from bot.core.gallery.search import GallerySearch, OwnPictures, ServerPictures
from bot.core.gallery.service import PictureGallery
from bot.core.gallery.words import searched_words
from bot.core.generation.errors import LeaseLost
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Generation, ImageSpec, Order, Request, Source, State
from bot.core.place import Caller, Direct, InServer, Place
from bot.core.privacy.service import KEEP_FOR_LIMITS, Retention
from bot.storage.deletion import SqlDeletions
from bot.storage.engine.opening import open_database
from bot.storage.engine.postgres import numbered
from bot.storage.engine.protocol import Database
from bot.storage.gallery import BEYOND_ALL, BY_WORDS, LOOKED_AT, PHRASES, SCOPES, SqlPictureIndex
from bot.storage.generations import SqlGenerations
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.storage.factories import CHANNEL, MEMBER, SERVER, request, rules, selecting

MINE = OwnPictures(MEMBER)
HERE = InServer(SERVER, CHANNEL)
BOB = MEMBER + 1

PROMPTS = (
    "A red Fox in the snow",
    "Un renard roux, façon Émile Zola",
    "foxes & owls — after Łukasz Børgesen",
    "雪の中の赤い狐",
    "ガンダムが空を飛ぶ",
    "여우가 눈 속에",
    "Лисёнок в снегу",
    "straße bei nacht 🦊",
    "sno-cone, 3D render",
)


@pytest.fixture
def index(database: Database) -> SqlPictureIndex:
    return SqlPictureIndex(database)


async def delivered(
    ledger: SqlLedger,
    prompt: str = "a fox",
    *,
    member: int = MEMBER,
    place: Place = HERE,
    model: str = "x-ai/grok-2-image",
    private: bool = False,
    state: State = State.DELIVERED,
    id: int | None = None,
) -> int:
    """The id of a generation whose pictures are shown."""
    asked = Request(id or request().id, Caller(member, place), ImageSpec(prompt, private=private))
    await ledger.reserve(asked, rules(None, bot_daily=None, member=member), NOON)
    await ledger.advance(asked.id, Step(State.PAID, order=Order(model, ())), NOON)
    await ledger.settle(asked.id, Settlement(state, 0), NOON)
    return asked.id


async def found(
    index: SqlPictureIndex, typed: str = "", whose: object = MINE, **options: object
) -> list[str]:
    search = GallerySearch(whose, searched_words(typed), **options)  # type: ignore[arg-type]  # by the callers' names
    return [one.request.spec.prompt for one in await index.find(search, 100)]


async def kept(ledger: SqlLedger, *, private: bool = False) -> Request:
    """What could not be posted, and waits to be shown: a picture of two."""
    asked = replace(request(), spec=ImageSpec("a fox", 2, private=private))
    await ledger.reserve(asked, rules(None), NOON)
    order = Order("m", (Source("http://pictures/1"),))
    await ledger.advance(asked.id, Step(State.PAID, order=order), NOON)
    await ledger.settle(asked.id, Settlement(State.UNDELIVERED, 0, keep_pictures=True), NOON)
    return asked


async def on_record(database: Database, id: int) -> Generation:
    found = await SqlGenerations(database).get(id)
    assert found is not None
    return found


@pytest.mark.parametrize("place", [HERE, Direct(CHANNEL)])
async def test_what_its_member_shows_where_it_was_asked_for_is_private_no_more(
    ledger: SqlLedger, index: SqlPictureIndex, database: Database, place: Place
) -> None:
    asked = await kept(ledger, private=True)
    await PictureGallery(index).shown(await on_record(database, asked.id), place, 77)
    found = await on_record(database, asked.id)
    assert (found.state, found.message, found.sources) == (State.DELIVERED, 77, ())
    assert found.request.spec == replace(asked.spec, private=place != HERE)
    seen = await index.find(GallerySearch(ServerPictures(SERVER)), 10)
    assert [one.id for one in seen] == ([asked.id] if place == HERE else [])


async def test_what_comes_while_the_rest_is_shown_waits_for_its_turn(
    ledger: SqlLedger, index: SqlPictureIndex, database: Database
) -> None:
    asked = await kept(ledger)
    before = await on_record(database, asked.id)
    order = Order("m", (Source("http://pictures/1"), Source("http://pictures/2")))
    with pytest.raises(LeaseLost):
        await ledger.advance(asked.id, Step(State.PAID, order=order, recorded=1), NOON)
    await PictureGallery(index).shown(before, HERE, 77)
    assert [it.url for it in (await on_record(database, asked.id)).sources] == [
        it.url for it in order.sources
    ]


async def test_what_is_deleted_while_it_is_shown_stays_deleted(
    ledger: SqlLedger, index: SqlPictureIndex, database: Database
) -> None:
    asked = await kept(ledger)
    before = await on_record(database, asked.id)
    await SqlDeletions(database).delete(asked.id, NOON, for_good=True)
    await PictureGallery(index).shown(before, HERE, 77)
    found = await on_record(database, asked.id)
    assert (found.state, found.request.spec.prompt) == (State.UNDELIVERED, "")
    assert await index.find(GallerySearch(MINE), 10) == []


FOUND: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("fox", (2, 0)),  # the last word may be the beginning of one
    ("fox snow", (0,)),
    ("SNOW red", (0,)),
    ("fox red", (0,)),
    ("foxes", (2,)),
    ("sno", (8, 0)),
    ("sno fox", ()),  # only the last
    ("emile", (1,)),
    ("Façon émile", (1,)),
    ("łukasz", (2,)),
    ("lukasz borgesen", (2,)),
    ("狐", (3,)),
    ("赤い狐", (3,)),
    ("い狐 雪", (3,)),
    ("赤狐", ()),
    ("ガンダム", (4,)),
    ("カンダム", ()),  # another letter, and no accent
    ("여우", (5,)),
    ("лисенок", (6,)),
    ("STRASSE", (7,)),
    ("🦊", (7,)),
    ("3d", (8,)),
    ("f", ()),  # one letter is no beginning
    ("' \" * & | ! ( ) % _ : fox \\", (2, 0)),
    ("#m80351110224678912", ()),
    ("a b c d e f g h i j k", ()),
)
"""What is typed, and which of the prompts it finds."""


async def test_the_same_words_find_the_same_pictures_on_both_engines(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database
) -> None:
    """Among the newest rows, and by the index, where as many others are newer."""
    for prompt in PROMPTS:
        await delivered(ledger, prompt)
    await index.catch_up(MINE)
    expected = {typed: [PROMPTS[number] for number in matching] for typed, matching in FOUND}
    assert {typed: await found(index, typed) for typed in expected} == expected
    await filled(database, LOOKED_AT)
    old = {typed: [it for it in await found(index, typed) if it != "filled"] for typed in expected}
    assert old == expected


async def filled(database: Database, count: int, words: str = "filled") -> None:
    """So many newer pictures of the same member, with those words."""
    newest = max(int(row[0]) for row in await database.run(selecting("SELECT MAX(id) FROM generation")))
    numbers = (
        f"SELECT generate_series(1, {count}) AS n"
        if database.dialect == "postgresql"
        else f"WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT {count}) "
        "SELECT n FROM counted"
    )
    columns = "id, member, server, channel, prompt, images, state, model, reserved_at, settled_at"
    new = f"{newest} + n, {MEMBER}, {SERVER}, {CHANNEL}, '{words}', 1, 'delivered', 'other', 1, 1"
    rows = f"SELECT {new} FROM ({numbers}) AS numbers"
    await database.run(selecting(f"INSERT INTO generation ({columns}) {rows}"))
    scope = f"' #m{MEMBER} #oother #s{SERVER} #v{SERVER} '"
    new = f"{newest} + n, {MEMBER}, {SERVER}, {scope}, ' {words} '"
    rows = f"SELECT {new} FROM ({numbers}) AS numbers"
    await database.run(selecting(f"INSERT INTO gallery (generation, member, server, scope, words) {rows}"))


@pytest.mark.parametrize("apart", [1, 2**51], ids=["in one span of ids", "in a span each"])
async def test_pages_follow_each_other_from_the_newest_rows_to_those_that_the_index_finds(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database, apart: int
) -> None:
    first = request().id
    old = [await delivered(ledger, f"a fox {n}", id=first + n * apart) for n in range(5)]
    await index.catch_up(MINE)
    await filled(database, LOOKED_AT)
    old.append(await delivered(ledger, "a fox, the newest", id=old[-1] + 10 * LOOKED_AT))
    await index.index_next(BEYOND_ALL, 10 * LOOKED_AT)
    search, seen, before = GallerySearch(MINE, searched_words("fox")), list[int](), None
    while page := await index.find(search, 2, before):
        seen += [one.id for one in page]
        before = page[-1].id
    assert seen == old[::-1]
    back, after = list[list[int]](), seen[-1]
    while page := await index.find(search, 3, after, newer=True):
        back.append([one.id for one in page])
        after = page[0].id
    assert back == [seen[2:5], seen[:2]]


async def test_a_member_finds_their_own_and_moderators_what_their_server_saw(
    index: SqlPictureIndex, ledger: SqlLedger
) -> None:
    elsewhere = InServer(SERVER + 1, CHANNEL)
    await delivered(ledger, "mine here")
    await delivered(ledger, "mine elsewhere", place=elsewhere)
    await delivered(ledger, "mine alone", private=True)
    await delivered(ledger, "mine directly", place=Direct(CHANNEL))
    await delivered(ledger, "bobs", member=BOB)
    await delivered(ledger, "never delivered", state=State.UNDELIVERED)
    for whose in (MINE, ServerPictures(SERVER)):
        await index.catch_up(whose)
    assert await found(index) == ["mine directly", "mine alone", "mine elsewhere", "mine here"]
    assert await found(index, whose=OwnPictures(MEMBER, SERVER)) == ["mine alone", "mine here"]
    assert await found(index, whose=ServerPictures(SERVER)) == ["bobs", "mine here"]
    assert await found(index, "alone", whose=ServerPictures(SERVER)) == []
    assert await found(index, whose=ServerPictures(0)) == []


async def test_pictures_are_found_by_the_model_that_painted_them(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database
) -> None:
    await delivered(ledger, "by grok")
    await delivered(ledger, "by flux", model="flux/dev")
    await index.catch_up(MINE)
    await filled(database, LOOKED_AT)
    assert await found(index, model="flux/dev") == ["by flux"]
    assert await found(index, "by", model="x-ai/grok-2-image") == ["by grok"]
    assert await found(index, model="flux/de") == []


async def test_what_is_older_is_indexed_in_batches_and_each_generation_once(
    index: SqlPictureIndex, ledger: SqlLedger
) -> None:
    ids = [await delivered(ledger, f"fox {number}") for number in range(5)]
    await index.catch_up(MINE)  # comes first, and again to what the batches come to
    assert [await index.index_next(BEYOND_ALL, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(await found(index, "fox")) == 5
    ids.append(await delivered(ledger, "fox, the last"))
    assert await index.index_next(ids[-1], 2) == 0, "not until then"
    assert await index.index_next(ids[-1] + 1, 2) == 1
    assert len(await found(index, "fox")) == 6


async def test_nothing_is_passed_over_that_is_still_being_painted(
    index: SqlPictureIndex, ledger: SqlLedger
) -> None:
    waiting = request()
    await ledger.reserve(waiting, rules(None), NOON)
    await delivered(ledger, "fox, while the other waits")
    assert await index.index_next(BEYOND_ALL, 100) == 0
    await ledger.settle(waiting.id, Settlement(State.DELIVERED, 0), NOON)
    assert await index.index_next(BEYOND_ALL, 100) == 2
    assert len(await found(index, "fox")) == 2


@pytest.mark.parametrize("by", ["the member", "the retention", "the picture"])
async def test_the_words_of_an_erased_prompt_are_found_no_more(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database, by: str
) -> None:
    id = await delivered(ledger, "secretword fox")
    kept = await delivered(ledger, "bobs fox", member=BOB)
    await index.index_next(BEYOND_ALL, 100)
    after = NOON + timedelta(minutes=1)
    if by == "the member":
        await SqlMemberDataStore(database).erase(MEMBER, after)
    elif by == "the retention":
        await SqlRetentionStore(database).sweep(Retention(after, NOON - timedelta(1), NOON), 100)
    else:
        await SqlDeletions(database).delete(id, after, for_good=True)
    assert await found(index, "secretword") == []
    left = [""] if by != "the picture" else []
    assert await found(index) == left, "its picture is there all the same, unless it was deleted"
    words = await database.run(selecting("SELECT scope || words FROM gallery"))
    assert not any("secretword" in row[0] for row in words)
    await intact(database)
    if by == "the member":
        assert await found(index, "fox", whose=OwnPictures(BOB)) == ["bobs fox"]
        later = after + KEEP_FOR_LIMITS + timedelta(minutes=1)
        await SqlMemberDataStore(database).finish_erasures(later)
        shown = ServerPictures(SERVER)
        assert [one.id for one in await index.find(GallerySearch(shown), 10)] == [kept], "nobody's any more"


async def test_deleted_pictures_are_in_no_gallery_and_are_not_indexed_again(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database
) -> None:
    before, after = await delivered(ledger, "deleted before"), await delivered(ledger, "deleted after")
    deletions = SqlDeletions(database)
    await deletions.delete(before, NOON, for_good=False)
    await index.catch_up(MINE)
    assert await found(index) == ["deleted after"]
    await deletions.delete(after, NOON, for_good=False)
    await index.catch_up(MINE)
    await index.index_next(BEYOND_ALL, 100)
    assert await found(index) == []
    await intact(database)


async def test_a_generation_that_is_kept_no_longer_leaves_the_gallery(
    index: SqlPictureIndex, ledger: SqlLedger, database: Database
) -> None:
    await delivered(ledger)
    await index.catch_up(MINE)
    later = NOON + timedelta(days=401)
    await SqlRetentionStore(database).sweep(Retention(later, later, later), 100)
    assert list(await database.run(selecting("SELECT generation FROM gallery"))) == []
    await intact(database)


async def intact(database: Database) -> None:
    """FTS5's own check that its index says what the table says."""
    if database.dialect == "sqlite":
        check = "INSERT INTO gallery_words (gallery_words, rank) VALUES ('integrity-check', 1)"
        await database.run(selecting(check))


async def test_a_prompt_that_is_erased_while_it_is_indexed_leaves_no_words(postgres_url: str) -> None:
    async with open_database(postgres_url) as database:
        id = await delivered(SqlLedger(database), "secretword")
        index, erasing = SqlPictureIndex(database), await asyncpg.connect(postgres_url)
        transaction = erasing.transaction()
        await transaction.start()
        await erasing.execute("UPDATE generation SET prompt = '', spec = NULL WHERE id = $1", id)
        indexing = asyncio.create_task(index.index_next(BEYOND_ALL, 10))
        await asyncio.wait({indexing}, timeout=0.2)
        await transaction.commit()
        await erasing.close()
        assert await indexing == 1
        assert list(await database.run(selecting("SELECT words FROM gallery"))) == [("",)]


QUERY = {
    **dict.fromkeys((*SCOPES, *PHRASES), "%"),
    "owner": MEMBER,
    "start": BEYOND_ALL,
    "count": 10,
    "in_span": f"'#m{MEMBER}#",
}
OWNERS = pytest.mark.parametrize("owner", ["member", "server"])


@OWNERS
@pytest.mark.parametrize("newer", [False, True])
async def test_sqlite_goes_through_the_words_in_order_and_sorts_nothing(
    sqlite_url: str, newer: bool, owner: str
) -> None:
    async with open_database(sqlite_url):
        pass
    with closing(sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))) as connection:
        [statement] = BY_WORDS["sqlite"][owner, newer]
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", {**QUERY, "query": '"fox"'}).fetchall()
    steps = [row[-1] for row in plan]
    assert any(step.startswith("SCAN gallery_words VIRTUAL TABLE INDEX") and "M" in step for step in steps)
    assert not [
        it
        for it in steps
        if it.startswith("SCAN") and not it.startswith(("SCAN gallery_words", "SCAN found"))
    ]
    assert not [it for it in steps if "TEMP B-TREE" in it and steps.index(it) < len(steps) - 1]


@OWNERS
@pytest.mark.parametrize("newer", [False, True])
async def test_postgres_asks_the_index_of_the_words(postgres_url: str, newer: bool, owner: str) -> None:
    async with open_database(postgres_url):
        pass
    connection = await asyncpg.connect(postgres_url)
    try:
        *settings, statement = BY_WORDS["postgresql"][owner, newer]
        async with connection.transaction():
            for setting in settings:
                await connection.execute(setting)
            text, names = numbered(statement)
            values = [{**QUERY, "query": "' & 'fox'"}[name] for name in names]
            plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {text}", *values))
    finally:
        await connection.close()
    nodes = list(_nodes(plan[0]["Plan"]))
    assert "gallery_words" in {node.get("Index Name") for node in nodes}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]


def _nodes(plan: dict[str, object]) -> Sequence[dict[str, object]]:
    parts = plan.get("Plans", ())
    assert isinstance(parts, list | tuple)
    return [plan, *(node for part in parts for node in _nodes(part))]
