"""Snowflakes: Discord's ids, unique and sortable by the time of their creation."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

DISCORD_EPOCH_MS = 1_420_070_400_000
_LOW_BITS = 22


class Snowflakes:
    """Creates unique ids, also within one millisecond."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now, self._serial = now, count()

    def make(self) -> int:
        milliseconds = int(self.now() * 1000) - DISCORD_EPOCH_MS
        return milliseconds << _LOW_BITS | next(self._serial) % (1 << _LOW_BITS)


def created_at(snowflake: int) -> float:
    """When a snowflake was made, in seconds since the Unix epoch."""
    return ((snowflake >> _LOW_BITS) + DISCORD_EPOCH_MS) / 1000
