"""What happens in the world: told to the bot's sessions that asked for it, and to whoever looks on."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TypeAlias

from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Changes

Dispatch: TypeAlias = Callable[[str, Json, int | None, int], None]


class Intent(IntEnum):
    """What a session has to ask for, to be told."""

    NONE = 0
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12


class News:
    """The gateway hangs itself in as `dispatch`; `changes` is announced at each event, sent or not."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.dispatch: Dispatch | None = None

    def tell(self, event: str, data: Json, guild_id: int | None, intent: Intent) -> None:
        if self.dispatch is not None:
            self.dispatch(event, data, guild_id, intent)
        self.changes.announce()
