"""How generations end, for whoever wants to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.errors import BotError
from bot.core.generation.model import Request


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
    """No picture was shown; `message` says so to everybody (None: not even that arrived).

    `counted` images stay counted, of pictures that wait in `/gallery`; the others were given back.
    """

    request: Request
    failure: BotError
    counted: int
    may_have_cost: bool
    message: int | None

    @property
    def server(self) -> int:
        return self.request.caller.server


GenerationEvent: TypeAlias = Delivered | Refused | Failed
