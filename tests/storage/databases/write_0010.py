"""Wrote `0010.sql`: what commit 00ee069, whose newest migration was 0010, leaves in its database.

Everything in it was written by the ledger, the reservations and the use cases of that commit, so it runs there only, in
a checkout with the requirements installed:

    PYTHONPATH=. python write_0010.py 0010.sql

What differs from run to run (owners and leases, which go by the machine's clock) is made the same at the end. The
database is SQLite's; its statements are those of the migrations, which both engines take.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.changes import mark_of
from bot.core.chronicle import Reported
from bot.core.edits import (
    BlockMember,
    Edit,
    ResetCounter,
    SetChannels,
    SetLog,
    SetMember,
    SetNumbers,
    SetRole,
    SetWords,
    SetZone,
    TopUpMember,
    UnblockMember,
)
from bot.core.ledger import Ending
from bot.core.policy import Block, Bounds, ChannelMode, ChannelRule, LogRule, Operator, Setting
from bot.core.reservation import Reservation
from bot.core.untold import noted, recalled
from bot.core.words import WordList
from bot.storage.clocks import operators_clock
from bot.storage.database import open_database
from bot.storage.notes import SqlNotes
from bot.storage.records import SqlRecords
from bot.ui.confirmation import CONFIRM_ID
from bot.ui.messages import apology

from bot.core import errors
from bot.core.errors import BotError, UnforeseenFailure
from bot.core.generation import Order, Request, Source, State
from bot.core.limits import Caller, terms_for
from bot.core.moderation import Moderation
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from bot.storage.reports import SqlReports
from bot.ui import edit_ids

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVER, CHANNEL, MODERATOR, APPLICATION = 9_000_001, 9_000_002, 9_000_003, 9_000_004
FIRST_ID, FIRST_MEMBER, FIRST_MESSAGE = 1_442_000_000_000_000_000, 9_100_000, 9_200_000
NUMBERS = {
    Setting.DAILY: 10,
    Setting.MONTHLY: 100,
    Setting.SERVER_DAILY: 500,
    Setting.PER_PROMPT: 4,
    Setting.COOLDOWN: 0,
}
OPERATOR = Operator(
    {it: Bounds(NUMBERS.get(it), None if it is Setting.DAILY else NUMBERS.get(it)) for it in Setting},
    1000,
    ZoneInfo("UTC"),
)
FOX = Source("https://pictures.example/fox.png", revised_prompt="a red fox in the snow")
OWL = Source("https://pictures.example/owl.png")
STORED: list[Callable[[], BotError]] = [
    errors.AcknowledgementPending,
    errors.AcknowledgementUnclear,
    errors.AnswerLost,
    errors.ApiUnavailable,
    errors.CreditExhausted,
    errors.DeliveryFailed,
    errors.GenerationTookTooLong,
    errors.Interrupted,
    errors.KeyRejected,
    errors.LedgerUnavailable,
    partial(errors.ModelGone, "grok-2-image"),
    errors.NoPicture,
    errors.NoRoomToRepeat,
    errors.OutcomeUnknown,
    errors.PicturesLost,
    partial(errors.PicturesNotAllowed, "https://elsewhere.example"),
    errors.PicturesOutOfReach,
    errors.PromptRejected,
    errors.PromptTooLongForModel,
    errors.RateLimited,
    errors.RequestRejected,
    errors.TooManyFailed,
    partial(UnforeseenFailure, "abcd1234"),
]


class Database0010:
    """Commands of members who all have their own number, at NOON unless said otherwise."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.now = NOON
        self.count = 0

    def clock(self) -> datetime:
        return self.now

    async def reserve(self, prompt: str, images: int = 1, member: int | None = None) -> Reservation:
        self.count += 1
        caller = Caller(FIRST_MEMBER + self.count if member is None else member, SERVER, (CHANNEL,))
        token = f"token-{self.count}"
        request = Request(FIRST_ID + self.count, caller, prompt, images, APPLICATION, token)
        standings = await self.ledger.reserve(
            request, lambda policy: terms_for(policy, OPERATOR, caller, self.now), self.now
        )
        return Reservation(self.ledger, self.clock, request, standings)

    async def acknowledge(self, prompt: str, images: int = 1, member: int | None = None) -> Reservation:
        reservation = await self.reserve(prompt, images, member)
        await reservation.acknowledged(FIRST_MESSAGE + self.count)
        return reservation

    async def submit(self, prompt: str, images: int = 1, attempts: int = 1) -> Reservation:
        reservation = await self.acknowledge(prompt, images)
        for _ in range(attempts):
            await reservation.submitting("grok-2-image")
        return reservation

    async def pay(self, prompt: str, *sources: Source, images: int | None = None) -> Reservation:
        reservation = await self.submit(prompt, images or len(sources))
        await reservation.paid(Order("grok-2-image", sources, 147_000 * len(sources)))
        return reservation


async def write_generations(database: Database0010) -> None:
    """In every state; of what is not settled, the process is gone."""
    await database.reserve("reserved, never acknowledged")
    await database.reserve("reserved, thinking", 2)
    await database.acknowledge("acknowledged")
    await database.acknowledge("acknowledged, member whose counter was reset", member=FIRST_MEMBER)
    await database.submit("submitted, never arrived", 2)
    await database.submit("submitted, was billed", 2)
    await database.submit("submitted, two attempts, nobody knows", 2, attempts=2)
    await database.submit("submitted, pictures are there", 2)
    await database.pay("paid", FOX, OWL)
    await database.pay("paid, pictures are there", FOX)
    await database.pay("paid, came inside the answer", Source(content=b"picture"))
    async with await database.pay("delivered, one of two was lost", FOX, OWL) as reservation:
        reservation.delivered(1)
    async with await database.pay("kept, member knows", FOX) as reservation:
        reservation.kept(1)
    await reservation.told()
    rejected = await database.submit("unknown, member knows")
    await rejected.leave(errors.PromptRejected())
    await rejected.told()
    refused = await database.submit("refunded, member knows")
    refused.not_billed()
    await refused.leave(errors.RateLimited())
    await refused.told()
    database.now = NOON - timedelta(hours=2)
    await database.acknowledge("acknowledged two hours ago")
    await database.pay("paid two hours ago", FOX)


async def write_notices(database: Database0010) -> None:
    """Settled, and the process is gone before the member was told."""
    database.now = NOON
    async with await database.pay("notice PictureKept", FOX) as reservation:
        reservation.kept(1)
    for make in STORED:
        failure = make()
        name = noted(failure)
        reservation = await database.submit(f"notice {name}")
        if isinstance(failure, errors.PicturesLost):
            await reservation.paid(Order("grok-2-image", (FOX,), 147_000))
            database.now = NOON + timedelta(minutes=11)  # what would be tried again before is given up
        await reservation.leave(failure)
        database.now = NOON
        if (
            reservation.left_behind
        ):  # no process of this version settles it with this notice; another may have
            ending = Ending(State.UNKNOWN, 1, untold=name, spent=1)
            await database.ledger.settle(reservation.request.id, ending, NOON)


async def write_policies(moderation: Moderation) -> str:
    """Every kind of decision, in as many revisions; the custom id of a question that is still open."""
    edits: list[Edit] = [
        SetNumbers({Setting.DAILY: 20, Setting.SERVER_DAILY: 400, Setting.COOLDOWN: 0}),
        SetRole(9_300_001, 30),
        SetMember(FIRST_MEMBER, 15),
        BlockMember(9_300_002, Block(NOON + timedelta(days=2), "spam; 'again'")),
        BlockMember(9_300_003, Block(None)),
        UnblockMember(9_300_003),
        TopUpMember(FIRST_MEMBER, 5),
        ResetCounter(FIRST_MEMBER),
        SetChannels(ChannelRule(ChannelMode.EXCEPT, frozenset({9_300_004}))),
        SetWords(WordList(), WordList.parse("secret*\nwörd")),
        SetLog(LogRule(9_300_005)),
        SetZone(ZoneInfo("Europe/Berlin")),
    ]
    for edit in edits:
        outcome = await moderation.change(SERVER, MODERATOR, edit)
        assert not outcome.needs_confirmation, edit
    asked = SetNumbers({Setting.DAILY: 300})
    outcome = await moderation.change(SERVER, MODERATOR, asked)
    assert outcome.needs_confirmation
    return CONFIRM_ID.format(mark=mark_of(outcome.differences), edit=edit_ids.encode(asked))


async def write_the_rest(database: Database0010, records: SqlRecords, reports: SqlReports) -> None:
    author = Caller(FIRST_MEMBER, SERVER, (CHANNEL,))
    for message in (FIRST_MESSAGE + 1, FIRST_MESSAGE + 2):
        await reports.add(Reported(author, message, FIRST_MEMBER + 12, "it's unkind"), NOON)
    await reports.handle(SERVER, FIRST_MESSAGE + 2, NOON)
    erased = await database.submit("of a member who wants to be erased")
    await records.erase(erased.request.caller.member, NOON)


async def write(path: str) -> str:
    async with open_database(f"sqlite:///{path}") as opened:
        ledger = SqlLedger(opened)
        database = Database0010(ledger)
        notes = SqlNotes(opened)
        await operators_clock(opened, ZoneInfo("UTC"), NOON)
        await notes.put(f"commands of {APPLICATION}", "0123456789abcdef")
        await notes.put("pictures out of reach at", "https://elsewhere.example")
        question = await write_policies(Moderation(SqlPolicies(opened), ledger, OPERATOR, lambda: NOON))
        await write_generations(database)
        await write_notices(database)
        await write_the_rest(database, SqlRecords(opened), SqlReports(opened))
        return question


def sentences(connection: sqlite3.Connection) -> list[str]:
    """What this version says of each pending notice."""
    names = connection.execute("SELECT untold FROM generation WHERE untold IS NOT NULL ORDER BY id")
    return [f"-- notice {name}: {apology(recalled(name), returned=True)}" for (name,) in names]


def dump(path: str, question: str) -> str:
    """Tables, rows and indexes, as both engines take them; beside them, as comments, what people have before them."""
    connection = sqlite3.connect(path)
    millis = round(NOON.timestamp() * 1000)
    connection.execute("UPDATE generation SET owner = 'process-0010', lease_until = ?", (millis + 30_000,))
    lines = [
        "-- Written by write_0010.py, beside this file.",
        f"-- button of an open question: {question}",
        *sentences(connection),
    ]
    schema = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    order = ["schema_migration", "generation", "charge", "meter", "note", "policy", "erasure", "report"]
    tables = {name: sql for kind, name, sql in schema if kind == "table"}
    assert tables.keys() == set(order), tables.keys()
    for name in order:
        lines.append(f"{tables[name]};")
        columns = [column[1] for column in connection.execute(f"PRAGMA table_info({name})")]
        quoted = ", ".join(f"quote({column})" for column in columns)
        rows = connection.execute(f"SELECT {quoted} FROM {name} ORDER BY rowid").fetchall()
        lines.append(f"INSERT INTO {name} ({', '.join(columns)}) VALUES")
        lines.append(",\n".join(f"({', '.join(row)})" for row in rows) + ";")
    lines += [f"{sql};" for kind, _, sql in schema if kind == "index"]
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/0010.db"
        question = asyncio.run(write(path))
        Path(sys.argv[1]).write_text(dump(path, question), encoding="utf-8")


if __name__ == "__main__":
    main()
