"""A search for blocked words takes nothing from the database, and is made for the list that is in force."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

from bot.core.errors import DatabaseUnavailable
from bot.core.generation.service import ImagineService
from bot.core.limits.policy import Policy
from bot.core.limits.rules import Terms
from bot.core.place import Caller, InServer
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList
from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Database, Transaction
from bot.storage.ledger import SqlLedger
from bot.storage.policies import SqlPolicies
from tests.core.factories import operator
from tests.core.fakes import FakeEvents, FakeImageApi, FakeReply, breaker, noon
from tests.patience import PATIENCE
from tests.storage.factories import CHANNEL, MEMBER, SERVER, request, rules


class HeldSearch(WordSearch):
    """A search that lasts until it is let go."""

    def __init__(self) -> None:
        super().__init__(seconds=10)
        self.begun, self.finish = asyncio.Event(), asyncio.Event()

    async def first_in(self, prompt: str, words: WordList, server: int, member: int) -> str | None:
        if words.patterns:
            self.begun.set()
            await self.finish.wait()
        return await super().first_in(prompt, words, server, member)


def imagine_service(ledger: SqlLedger, search: WordSearch) -> ImagineService:
    made = ImagineService(ledger, FakeImageApi(), operator(), noon, breaker(), FakeEvents(), concurrency=8)
    made.search = search
    return made


async def block(database: Database, *words: str) -> None:
    listed = WordList(words)
    await SqlPolicies(database).change(SERVER, lambda it: replace(it, words=listed), by=1, now=noon())


async def test_words_whose_commit_fails_were_never_in_force(sqlite_url: str) -> None:
    def hold() -> Transaction[None]:
        begun.set()
        finish.wait(PATIENCE)
        yield "SELECT 1", {}

    def fail_changes_at_their_commit() -> Transaction[None]:
        missing = "BIGINT REFERENCES generation (id) DEFERRABLE INITIALLY DEFERRED"
        yield f"CREATE TABLE promise (generation {missing})", {}
        yield "CREATE TRIGGER broken AFTER INSERT ON policy BEGIN INSERT INTO promise VALUES (-1); END", {}

    def let_changes_through() -> Transaction[None]:
        yield "DROP TRIGGER broken", {}

    begun, finish = threading.Event(), threading.Event()
    async with open_database(sqlite_url) as database:
        ledger, policies = SqlLedger(database), SqlPolicies(database)
        later = noon() + timedelta(seconds=1)
        await database.run(fail_changes_at_their_commit)
        holding = asyncio.create_task(database.run(hold))
        await asyncio.to_thread(begun.wait, PATIENCE)
        together = (
            policies.change(SERVER, lambda it: replace(it, words=WordList(("wolf",))), 1, noon()),
            ledger.reserve(request(), rules(), noon()),
        )
        asked = asyncio.gather(*together, return_exceptions=True)
        await asyncio.sleep(0)
        finish.set()
        await holding
        refused, reserved = await asked
        assert isinstance(refused, DatabaseUnavailable)
        assert not isinstance(reserved, BaseException), "another commit than that of the words"
        await database.run(let_changes_through)
        await policies.change(SERVER, lambda it: replace(it, words=WordList(("fox",))), 1, later)
        read: list[WordList] = []

        def noting(policy: Policy) -> Terms:
            read.append(policy.words)
            return rules()(policy)

        await ledger.reserve(request(), noting, later)
    assert read == [WordList(("fox",))]


async def test_while_a_prompt_is_searched_other_commands_are_reserved(
    ledger: SqlLedger, database: Database
) -> None:
    await block(database, "wolf")
    search, slow = HeldSearch(), FakeReply()
    running = asyncio.create_task(imagine_service(ledger, search).imagine(request(), slow))
    await search.begun.wait()
    elsewhere, other = request(), FakeReply()
    elsewhere = replace(elsewhere, caller=Caller(MEMBER, InServer(SERVER + 1, CHANNEL)))
    await imagine_service(ledger, HeldSearch()).imagine(elsewhere, other)
    assert other.error is None
    assert not running.done()
    search.finish.set()
    await running
    assert slow.error is None


async def test_a_word_that_is_blocked_during_a_search_is_looked_for_too(
    ledger: SqlLedger, database: Database
) -> None:
    await block(database, "wolf")
    search, reply = HeldSearch(), FakeReply()
    running = asyncio.create_task(imagine_service(ledger, search).imagine(request(), reply))
    await search.begun.wait()
    await block(database, "wolf", "fox")
    search.finish.set()
    await running
    assert isinstance(reply.error, ForbiddenWord)
    assert reply.error.pattern == "fox"
