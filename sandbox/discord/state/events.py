"""Gateway events about guilds, channels, roles, members and messages."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TypeAlias

from sandbox.discord.kit.errors import Json
from sandbox.discord.kit.notifier import Notifier

Listener: TypeAlias = Callable[[str, Json, int | None, int], None]
"""Takes the event's name, its data, the guild's id and the intent that it needs."""


class Intent(IntEnum):
    """What a session has to have identified with, to be sent an event."""

    NONE = 0
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12


class GatewayEvents:
    """The gateway is the `listener`; `changes` is notified at each event, whether or not it was sent to anyone."""

    def __init__(self) -> None:
        self.changes = Notifier()
        self.listener: Listener | None = None

    def dispatch(self, event: str, data: Json, guild_id: int | None, intent: Intent) -> None:
        if self.listener is not None:
            self.listener(event, data, guild_id, intent)
        self.changes.notify()
