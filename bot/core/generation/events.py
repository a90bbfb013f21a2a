"""What happened, for the moderators of a server to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.core.errors import BotError
from bot.core.generation.model import Request
from bot.core.limits.rules import Caller


@dataclass(frozen=True, slots=True)
class Delivered:
    """`images` are on `message` (None: before the member alone); `missing` more were paid and lost.

    `credits` as in `Order`.
    """

    request: Request
    images: int
    missing: int
    model: str
    credits: int | None
    message: int | None

    @property
    def server(self) -> int:
        return self.request.caller.server


@dataclass(frozen=True, slots=True)
class Refused:
    request: Request
    refusal: BotError

    @property
    def server(self) -> int:
        return self.request.caller.server


@dataclass(frozen=True, slots=True)
class Failed:
    """`message` says so to everybody; None where not even that arrived. `returned`: the images were given back."""

    request: Request
    failure: BotError
    returned: bool
    may_have_cost: bool
    message: int | None

    @property
    def server(self) -> int:
        return self.request.caller.server


@dataclass(frozen=True, slots=True)
class Reported:
    """`by` does not like the picture on `message`, which `owner` asked for (None: Discord does not say)."""

    by: Caller
    message: int
    owner: int | None
    reason: str

    @property
    def server(self) -> int:
        return self.by.server


Event: TypeAlias = Delivered | Refused | Failed | Reported


class EventSink(Protocol):
    """Whoever passes events on to the moderators. An event may get lost; a generation may not because of it."""

    def note(self, event: Event) -> None:
        """Never raises and never waits."""
        ...

    def reaches(self, server: int, revision: int) -> bool:
        """False where the channel that was chosen in that revision of the policy has refused what was written."""
        ...
