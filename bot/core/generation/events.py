"""The events that a generation ends with, and how they reach those who listen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from bot.core.errors import BotError
from bot.core.generation.model import Cost, Request

log = logging.getLogger(__name__)

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Delivered:
    """`images` are on `message` (None: in a direct message to the member); `missing` more were not painted, or
    lost.

    `cost` of the pictures, where it is on record.
    """

    request: Request
    images: int
    missing: int
    model: str
    cost: Cost | None
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


class Listeners(Generic[E]):
    """An `EventSink` that calls each listener with each event, in their order; none of them may wait.

    What a listener raises is logged, and the others hear of the event all the same.
    """

    def __init__(self, *listeners: Callable[[E], None]) -> None:
        self._listeners = listeners

    def publish(self, event: E) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("an event was not handled: %s", type(event).__name__)
