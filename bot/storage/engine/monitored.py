"""A database whose failures somebody hears of, whoever ran into them."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.errors import DatabaseUnavailable
from bot.storage.engine.protocol import Database, Steps, T


class MonitoredDatabase:
    """Is `database`, and calls `failed` for each transaction that its engine could not carry out."""

    def __init__(self, database: Database, failed: Callable[[], None]) -> None:
        self._database = database
        self._failed = failed
        self.tables = database.tables
        self.tables_without_all_rights = database.tables_without_all_rights

    async def run(
        self, transaction: Callable[[], Steps[T]], *, exclusive: bool = False, reading: bool = False
    ) -> T:
        try:
            return await self._database.run(transaction, exclusive=exclusive, reading=reading)
        except DatabaseUnavailable:
            self._failed()
            raise

    async def close(self) -> None:
        await self._database.close()
