"""Which model is in service: the operator's first choice until it is retired, then the fallback."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class Succession:
    """Remembers, for this process, that a model has gone; says so once."""

    def __init__(self, model: str, fallback: str | None) -> None:
        self.current = model
        self._fallback = fallback if fallback != model else None

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models to try for one order, in this order."""
        if self._fallback is None or self.current == self._fallback:
            return (self.current,)
        return (self.current, self._fallback)

    def settle_on(self, model: str) -> None:
        """`model` is served where the one before it was not."""
        if model != self.current:
            log.warning("%s is no longer served: %s paints from now on", self.current, model)
            self.current = model
