"""What the bot has to remember about itself from one start to the next, such as the commands it registered."""

from __future__ import annotations

from functools import partial

from bot.storage.engine.protocol import Database, one_statement

GET = "SELECT value FROM note WHERE name = :name"
PUT = """
INSERT INTO note (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class SqlKeyValueStore:
    """Implements `bot.core.key_value_store.KeyValueStore`, in the table `note`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        rows = await self._database.run(partial(one_statement, GET, {"name": name}))
        return str(rows[0][0]) if rows else None

    async def put(self, name: str, value: str) -> None:
        await self._database.run(partial(one_statement, PUT, {"name": name, "value": value}))
