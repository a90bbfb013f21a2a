"""How what happened reaches whoever wants to know of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)


class EventSink(Protocol[E_contra]):
    """Where an event is published. It may get lost; nothing else may because of it."""

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
                log.exception("a listener failed on %s", type(event).__name__)
