"""What was counted, as limits need to know it: a port, and the values of its methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.limits.budgets import BudgetReading
from bot.core.limits.meters import FailedToday, Meter, MeterReading, Ruling
from bot.core.place import Caller, Place


@dataclass(frozen=True, slots=True)
class Pace:
    """A member's `running` generations, and when the `last` one that counts for the cooldown began."""

    running: int
    last: datetime | None

    def next_at(self, cooldown: Ruling, now: datetime) -> datetime | None:
        """The end of a cooldown that has not ended."""
        ends_at = self.last and self.last + timedelta(seconds=cooldown.value or 0)
        return ends_at if ends_at and ends_at > now else None


class Counters(Protocol):
    """Reads what is counted; taking and giving back is the ledger's. Raises DatabaseUnavailable."""

    async def usage(self, meters: Sequence[Meter]) -> tuple[MeterReading, ...]:
        """How much of each meter is used, in the order of `meters`."""
        ...

    async def budgets(self, now: datetime) -> tuple[BudgetReading, ...]:
        """Of those of the operator's budgets that have a limit, the day's first."""
        ...

    async def price(self, now: datetime) -> int:
        """Credits of the image API: what the usual picture will probably cost."""
        ...

    async def history(self, meter: str, days: Sequence[str]) -> dict[str, int]:
        """Images used on the meter of that name, by the key of a day; a day without any is 0.

        What was used before a counter was set back to zero is in it.
        """
        ...

    async def failed_today(self, caller: Caller[Place], now: datetime) -> tuple[FailedToday, ...]:
        """What came to nothing today although it may have been paid for: the caller's, and their server's."""
        ...

    async def pace(self, caller: Caller[Place], cooldown: Ruling, now: datetime) -> Pace:
        """Of the caller, in their server; nothing that is older than `cooldown` has to be known."""
        ...
