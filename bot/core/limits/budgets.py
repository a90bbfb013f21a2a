"""What all images of the bot may cost in a day and in a month, in credits of the image API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.limits.meters import (
    BUDGET_METER,
    Limit,
    Meter,
    MeterReading,
    Period,
    Ruling,
    Scope,
    Windows,
    windows_at,
)

CREDITS_PER_DOLLAR = 2_000_000
"""The image API bills in credits, and the journal keeps them."""
USUAL_PRICE = round(0.07 * CREDITS_PER_DOLLAR)
"""Roughly what a picture costs, where nothing at all is known about its model."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """The most that all images of a day and of a month, in `zone`, may cost."""

    daily: Limit
    monthly: Limit
    zone: ZoneInfo
    running: Windows | None = None  # as the operator's

    def meters(self, now: datetime) -> tuple[Meter, Meter]:
        """Of the running day and of the running month, in locking order."""
        windows = windows_at(now, self.zone, self.running)
        return (
            Meter(BUDGET_METER, Scope.BUDGET, Period.DAY, Ruling(self.daily), windows.day),
            Meter(BUDGET_METER, Scope.BUDGET, Period.MONTH, Ruling(self.monthly), windows.month),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one picture by `model`, made of so many `inputs`, will probably cost, as long as none has been paid for."""

    model: str
    inputs: int
    credits: int = USUAL_PRICE


UNKNOWN_PRICE = Estimate("", 0)


@dataclass(frozen=True, slots=True)
class BudgetReading:
    """How much of a budget is spent, or reserved by what is being painted. `price`: credits of the usual picture."""

    reading: MeterReading
    price: int

    @property
    def images_left(self) -> Limit:
        """So many usual pictures still fit."""
        left = self.reading.left
        return None if left is None else left // max(1, self.price)
