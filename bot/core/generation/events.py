"""The events that a generation ends with, and where they are published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from bot.core.errors import BotError
from bot.core.generation.model import Request

E_contra = TypeVar("E_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Delivered:
    """`images` are on `message` (None: in a direct message to the member); `missing` more were paid and lost.

    `credits` as in `Order`.
    """

    request: Request
    images: int
    missing: int
    model: str
    credits: int | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    request: Request
    refusal: BotError


@dataclass(frozen=True, slots=True)
class Failed:
    """No picture was shown. `message` says so to everybody; None: the member was told privately, or not at all yet.

    `counted` images stay counted: their pictures wait in `/gallery`. The others were given back.
    """

    request: Request
    failure: BotError
    counted: int
    may_have_cost: bool
    message: int | None


GenerationEvent: TypeAlias = Delivered | Refused | Failed


class EventSink(Protocol[E_contra]):
    """Where an event is published. An event may get lost, but publishing it must not make anything else fail."""

    def publish(self, event: E_contra) -> None:
        """Never raises and never waits."""
        ...
