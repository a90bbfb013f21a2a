"""What happened, for the moderators of a server to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.generation.events import GenerationEvent
from bot.core.place import ServerCaller


@dataclass(frozen=True, slots=True)
class Reported:
    """`by` does not like the picture on `message`, which `owner` asked for (None: unknown)."""

    by: ServerCaller
    message: int
    owner: int | None
    reason: str

    @property
    def server(self) -> int:
        return self.by.place.server


LogEvent: TypeAlias = GenerationEvent | Reported
