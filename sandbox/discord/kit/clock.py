"""The look-alike's clock: the machine's, or ahead of it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """`ahead` is in seconds, and only ever grows: ids are sorted by the time at which they were made."""

    ahead: float = 0.0

    def now(self) -> float:
        """In seconds since the Unix epoch."""
        return time.time() + self.ahead
