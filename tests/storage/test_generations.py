"""Generations on record are read by their id and by filters, on both engines."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.generation.earlier_prompts import BEGINNING, EarlierPrompt
from bot.core.generation.generations import OfMember, OfServer, Page, Undelivered
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import (
    ImageSpec,
    InputImage,
    Order,
    PromptRevision,
    Shape,
    Source,
    State,
)
from bot.core.limits.policy import NOTHING_DECIDED, Policy
from bot.core.limits.rules import Terms
from bot.core.limits.styles import Style
from bot.core.place import Caller, Direct
from bot.storage.engine.protocol import Database, Transaction
from bot.storage.generations import SqlGenerations, decode_spec
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import (
    MEMBER,
    SERVER,
    caller,
    painted,
    request,
    rules,
)

DAY = timedelta(days=1)


async def test_a_servers_usage_comes_page_by_page_and_from_that_server_alone(
    database: Database, ledger: SqlLedger
) -> None:
    generations = SqlGenerations(database)
    ids = [await painted(ledger, NOON + minutes * timedelta(minutes=1)) for minutes in (0, 0, 1, 2)]
    await painted(ledger, NOON + DAY)
    pages, last = list[list[int]](), None
    while page := await generations.find(OfServer(SERVER, NOON, NOON + DAY), Page(2, last)):
        pages.append([it.id for it in page])
        last = page[-1]
    assert pages == [ids[:2], ids[2:]]
    assert await generations.find(OfServer(SERVER + 1, NOON, NOON + DAY), Page(2)) == []


@pytest.mark.parametrize(
    "revision",
    [
        None,
        PromptRevision("a red fox 🦊", 204),
        PromptRevision("a fox"),
        PromptRevision(None, 204),
        PromptRevision(None),
    ],
)
async def test_what_a_chat_model_made_of_a_prompt_is_on_record_with_the_first_step_that_may_cost(
    ledger: SqlLedger, database: Database, revision: PromptRevision | None
) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok", revision=revision), NOON)
    await ledger.advance(made.id, Step(State.PAID, order=Order("grok", (Source("u"),))), NOON)
    found = await SqlGenerations(database).get(made.id)
    assert found is not None
    assert found.revision == revision
    await ledger.release(made.id, -1)
    [claimed] = await SqlLedger(database).claim_expired((), 10)
    assert claimed.revision == revision


async def test_half_a_character_in_a_revised_prompt_is_stored_as_a_whole_one(
    ledger: SqlLedger, database: Database
) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    odd = PromptRevision("a fox \ud83e\0", 2**70)
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok", revision=odd), NOON)
    found = await SqlGenerations(database).get(made.id)
    assert found is not None
    assert found.revision is not None
    assert (found.revision.prompt or "").startswith("a fox ")
    assert found.revision.credits is None


async def test_all_that_was_asked_for_is_read_back(ledger: SqlLedger, database: Database) -> None:
    asked: dict[str, Any] = {
        "prompt": "a cat",
        "count": 3,
        "shape": Shape.WIDE,
        "inputs": (InputImage("https://cdn.example/cat.png?ex=1", "image/png", 640, 480),),
        "model": "maker/other",
        "weight": 2,
        "revise": False,
        "style": Style("Noir", "film noir of", "in black and white"),
        "private": True,
        "spoiler": True,
    }
    assert asked.keys() == {one.name for one in fields(ImageSpec)}, "a value for each, not its default"
    made = replace(request(), spec=ImageSpec(**asked), idea_by=77, named=True)
    await ledger.reserve(made, rules(), NOON)
    found = await SqlGenerations(database).get(made.id)
    assert found is not None
    assert found.request == made


async def test_a_spec_with_an_option_that_only_another_version_knows_is_read(
    ledger: SqlLedger, database: Database
) -> None:
    id = await painted(ledger, images=2)

    def name_options() -> Transaction[None]:
        spec = '{"prompt": "a fox", "count": 2, "shape": "round", "guidance": 3}'
        yield "UPDATE generation SET spec = :spec", {"spec": spec}

    await database.run(name_options)
    found = await SqlGenerations(database).get(id)
    assert found is not None
    assert found.request.spec == ImageSpec("a fox", 2)


async def test_a_generation_is_found_by_its_id_and_by_every_filter(
    ledger: SqlLedger, database: Database
) -> None:
    generations, ids = SqlGenerations(database), list[int]()
    order = Order("grok", (Source("https://images.example/1.png"),), 147_000)
    for minutes in range(3):
        made, at = request(), NOON + timedelta(minutes=minutes)
        await ledger.reserve(made, rules(None, now=at), at)
        await ledger.advance(made.id, Step(State.PAID, order=order), at)
        await ledger.settle(made.id, Settlement(State.UNDELIVERED if minutes else State.DELIVERED, 0), at)
        ids.append(made.id)
    found = await generations.get(ids[2])
    assert found is not None
    assert (found.request.caller, found.state, found.order) == (caller(), State.UNDELIVERED, order)
    assert await generations.get(1) is None
    kept = Undelivered(MEMBER, SERVER)
    [newest] = await generations.find(kept, Page(1))
    assert [newest.id, *(it.id for it in await generations.find(kept, Page(9, newest)))] == ids[:0:-1]
    assert [it.id for it in await generations.find(OfMember(MEMBER), Page(9))] == ids


@pytest.mark.parametrize(
    "place", [Direct(5), Direct(5, with_bot=False), Direct(5, with_bot=False, server=SERVER)]
)
async def test_what_was_asked_for_in_a_direct_place_is_in_no_server(
    ledger: SqlLedger, database: Database, place: Direct
) -> None:
    made = replace(request(), caller=Caller(MEMBER, place))

    def asked(policy: Policy) -> Terms:
        assert policy == NOTHING_DECIDED
        return rules()(policy)

    await ledger.reserve(made, asked, NOON)
    generations = SqlGenerations(database)
    found = await generations.get(made.id)
    assert found is not None
    assert found.request.caller == made.caller
    await ledger.advance(made.id, Step(State.SUBMITTED, model="grok"), NOON)
    await ledger.advance(made.id, Step(State.PAID, order=Order("grok", (Source("u"),))), NOON)
    await ledger.settle(made.id, Settlement(State.UNDELIVERED, 0), NOON)
    assert [it.id for it in await generations.find(Undelivered(MEMBER, None), Page(9))] == [made.id]
    assert await generations.find(Undelivered(MEMBER, SERVER), Page(9)) == []


async def test_of_a_long_prompt_as_much_is_read_as_is_looked_through(
    database: Database, ledger: SqlLedger
) -> None:
    made = replace(request(), spec=ImageSpec("é" * 4000))
    await ledger.reserve(made, rules(), NOON)
    [found] = await SqlGenerations(database).latest_prompts(MEMBER, 3)
    assert found.text == "é" * BEGINNING


async def test_a_members_latest_prompts_are_read_without_those_that_were_erased(
    database: Database, ledger: SqlLedger
) -> None:
    generations = SqlGenerations(database)
    quoting = 'a sign that reads "inputs": [[]]'
    texts = ("the oldest", quoting, "make it blue", "")
    made = [replace(request(), spec=ImageSpec(text)) for text in texts]
    picture = InputImage("http://pictures/1", "image/png")
    made[2] = replace(made[2], spec=replace(made[2].spec, inputs=(picture,)))
    for one in made:
        await ledger.reserve(one, rules(), NOON)
    await painted(ledger, member=7)
    assert await generations.latest_prompts(MEMBER, 3) == [
        EarlierPrompt(made[2].id, "make it blue", is_edit=True),
        EarlierPrompt(made[1].id, quoting),
    ]
    assert await generations.latest_prompts(8, 3) == []


def test_what_the_version_before_was_asked_for_is_read_as_well() -> None:
    assert decode_spec('{"prompt": "a fox", "count": 2}') == (ImageSpec("a fox", 2), False, None)
