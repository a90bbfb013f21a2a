"""A server is greeted once, whichever process sees it first, and again once the bot had left it; on both engines."""

from __future__ import annotations

import pytest

from bot.storage import greeted_servers
from bot.storage.engine.protocol import Database
from bot.storage.greeted_servers import SqlGreetedServers
from tests.core.factories import NOON


@pytest.fixture
def greeted(database: Database) -> SqlGreetedServers:
    return SqlGreetedServers(database)


async def test_only_the_first_that_adds_a_server_greets_it(greeted: SqlGreetedServers) -> None:
    assert [await greeted.add(3, NOON) for _ in range(2)] == [True, False]
    assert await greeted.add(4, NOON)
    assert await greeted.all() == {3, 4}


async def test_a_server_that_the_bot_has_left_is_new_again(greeted: SqlGreetedServers) -> None:
    for server in (3, 4):
        await greeted.add(server, NOON)
    await greeted.drop({3, 9})
    assert await greeted.all() == {4}
    assert await greeted.add(3, NOON)


async def test_all_are_read_however_many_there_are(greeted: SqlGreetedServers) -> None:
    many = set(range(1, greeted_servers.READ_AT_ONCE + 2))
    for server in many:
        await greeted.add(server, NOON)
    assert await greeted.all() == many
