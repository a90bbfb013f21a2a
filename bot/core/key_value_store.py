"""Small values that outlive the process: a port."""

from __future__ import annotations

from typing import Protocol


class KeyValueStore(Protocol):
    """What the bot has to remember about itself. Raises DatabaseUnavailable."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str) -> None: ...
