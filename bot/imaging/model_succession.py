"""Which model is in service: the operator's first choice until it is retired, then the fallback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

log = logging.getLogger(__name__)

FIRST_PAUSE = 600.0
LONGEST_PAUSE = 86_400.0
"""Seconds until a model that has gone is asked for again. It costs nothing, and the API may have been mistaken."""


@dataclass(slots=True)
class _Absence:
    pause: float
    ends: float


class ModelSuccession:
    """Keeps, in this process, which models are not served; logs a change of model once. `clock` in seconds."""

    def __init__(self, model: str, fallback: str | None, clock: Callable[[], float] = monotonic) -> None:
        self.current = model
        self._models = tuple(dict.fromkeys(name for name in (model, fallback) if name))
        self._absences: dict[str, _Absence] = {}
        self._clock = clock

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models to try for one order, in this order: those that have gone come last, for a while."""
        now = self._clock()
        gone = [model for model, absence in self._absences.items() if absence.ends > now]
        return (*(model for model in self._models if model not in gone), *gone)

    def gone(self, model: str) -> None:
        """`model` is no longer served. Each time that it turns out so again, it is asked for more rarely."""
        now, before = self._clock(), self._absences.get(model)
        if before is None or before.ends <= now:
            pause = FIRST_PAUSE if before is None else min(2 * before.pause, LONGEST_PAUSE)
            self._absences[model] = _Absence(pause, now + pause)

    def settle_on(self, model: str) -> None:
        """`model` is served, and paints from now on."""
        self._absences.pop(model, None)
        if model != self.current:
            log.warning("%s isn't served any more, or again: %s paints from now on", self.current, model)
            self.current = model
