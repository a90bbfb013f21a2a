"""Which servers the bot has greeted, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.storage.engine.protocol import Database, Transaction, in_transaction, to_millis

AFTER = "SELECT server FROM greeted WHERE server > :after ORDER BY server LIMIT :count"
ADD = """
INSERT INTO greeted (server, greeted_at) VALUES (:server, :at) ON CONFLICT (server) DO NOTHING RETURNING server
"""
DROP = "DELETE FROM greeted WHERE server = :server"
READ_AT_ONCE = 1000


class SqlGreetedServers:
    """Implements `bot.interactions.join_hints.GreetedServers`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def all(self) -> set[int]:
        found, page = set[int](), [0]
        while page:
            page = await self._after(page[-1])
            found.update(page)
        return found

    @in_transaction(reading=True)
    def _after(self, server: int) -> Transaction[list[int]]:
        rows = yield AFTER, {"after": server, "count": READ_AT_ONCE}
        return [int(row[0]) for row in rows]

    @in_transaction()
    def add(self, server: int, now: datetime) -> Transaction[bool]:
        return bool((yield ADD, {"server": server, "at": to_millis(now)}))

    @in_transaction()
    def drop(self, servers: Collection[int]) -> Transaction[None]:
        yield DROP, [{"server": server} for server in servers]
