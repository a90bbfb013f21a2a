"""What the bot has to remember about itself from one start to the next, such as the commands it registered."""

from __future__ import annotations

from bot.storage.engine.protocol import Database, Transaction, in_transaction

GET = "SELECT value FROM note WHERE name = :name"
PUT = """
INSERT INTO note (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class SqlKeyValueStore:
    """Implements `bot.core.key_value_store.KeyValueStore`, in the table `note`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction()
    def get(self, name: str) -> Transaction[str | None]:
        rows = yield GET, {"name": name}
        return str(rows[0][0]) if rows else None

    @in_transaction()
    def put(self, name: str, value: str) -> Transaction[None]:
        yield PUT, {"name": name, "value": value}
