"""Whoever runs into a database that fails, somebody hears of it."""

from __future__ import annotations

import pytest

from bot.core.errors import DatabaseUnavailable
from bot.storage.engine.protocol import Database, MonitoredDatabase, Transaction
from bot.storage.key_value_store import SqlKeyValueStore


async def test_what_the_engine_cannot_do_is_heard_of_and_what_it_is_not_asked_to_do_is_not(
    database: Database,
) -> None:
    heard: list[str] = []
    watched = MonitoredDatabase(database, lambda: heard.append("failed"))
    await SqlKeyValueStore(watched).put("a", "b")
    assert await SqlKeyValueStore(watched).get("a") == "b"
    with pytest.raises(ZeroDivisionError):
        await watched.run(_mistaken)
    assert heard == []
    with pytest.raises(DatabaseUnavailable):
        await watched.run(_impossible)
    assert heard == ["failed"]


def _mistaken() -> Transaction[None]:
    yield "SELECT 1", {}
    raise ZeroDivisionError


def _impossible() -> Transaction[None]:
    yield "SELECT nothing FROM nowhere", {}
