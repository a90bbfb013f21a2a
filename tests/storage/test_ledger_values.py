"""What comes from outside may be no value that a database takes: it fails alone, or not at all; on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.ledger import Step
from bot.core.generation.model import ImageSpec, Order, Source, State
from bot.core.place import Caller, InServer
from bot.storage.engine.protocol import Database, MonitoredDatabase, StatementRejected, storable
from bot.storage.ledger import SqlLedger
from bot.storage.privacy import SqlMemberDataStore
from tests.core.factories import NOON
from tests.storage.factories import MEMBER, request, row_of, rules


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a fox", "a fox"),
        ("🦊", "🦊"),
        ("a\0b", "a\ufffdb"),
        ("a\ud83eb", "a\ufffdb"),
        ("\ud83e\udd8a", "🦊"),
    ],
)
async def test_text_that_no_database_takes_is_mended(
    database: Database, ledger: SqlLedger, text: str, kept: str
) -> None:
    made = request()
    made = replace(made, spec=replace(made.spec, prompt=text))
    await ledger.reserve(made, rules(), NOON)
    [found] = (await SqlMemberDataStore(database).about(MEMBER)).generations
    assert found.request.spec.prompt == kept == storable(text)


async def test_a_number_that_no_database_takes_fails_alone_and_is_no_outage(database: Database) -> None:
    heard: list[None] = []
    ledger = SqlLedger(MonitoredDatabase(database, lambda: heard.append(None)))
    impossible = replace(request(), caller=Caller(2**63, InServer(1, 1)))
    reservations = (ledger.reserve(made, rules(), NOON) for made in (impossible, request()))
    broken, fine = await asyncio.gather(*reservations, return_exceptions=True)
    assert isinstance(broken, StatementRejected)
    assert not isinstance(broken, DatabaseUnavailable)
    assert not isinstance(fine, BaseException)
    assert heard == []


async def test_what_breaks_a_rule_of_the_schema_quotes_nothing_of_it(ledger: SqlLedger) -> None:
    with pytest.raises(StatementRejected) as caught:
        await ledger.reserve(replace(request(), spec=ImageSpec("a secret", -5)), rules(), NOON)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("credits", [2**63, -(2**70)])
async def test_a_bill_beyond_all_numbers_does_not_keep_a_paid_picture_from_its_member(
    database: Database, ledger: SqlLedger, credits: int
) -> None:
    made = request()
    await ledger.reserve(made, rules(), NOON)
    order = Order("grok\0\ud800", (Source("https://host/\ud800.png"),), credits)
    await ledger.advance(made.id, Step(State.PAID, order=order), NOON)
    row = await row_of(database, made.id)
    assert row is not None
    assert row[:3] == ("paid", "grok\ufffd\ufffd", None)
