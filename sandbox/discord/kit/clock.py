"""The look-alike's clock: the machine's, or ahead of it, or stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Clock:
    """`ahead` is in seconds, and only ever grows: ids are sorted by the time at which they were made."""

    ahead: float = 0.0
    _machine: float | None = field(default=None, init=False)

    def now(self) -> float:
        """In seconds since the Unix epoch."""
        return (time.time() if self._machine is None else self._machine) + self.ahead

    def stop(self) -> None:
        """From now on only a change of `ahead` moves it: nothing grows old while a busy machine is slow."""
        self._machine = time.time()
