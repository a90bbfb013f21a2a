"""What the operator is alerted to, by the monitors of the image API, of the budgets and of the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.generation.errors import ImageApiTrouble
from bot.core.limits.meters import Period


@dataclass(frozen=True, slots=True)
class OutageBegan:
    trouble: ImageApiTrouble
    detail: str


@dataclass(frozen=True, slots=True)
class OutageEnded:
    trouble: ImageApiTrouble
    seconds: float


@dataclass(frozen=True, slots=True)
class BalanceLow:
    """`amount` is left, in the API's own currency; below `threshold`."""

    amount: float
    currency: str
    threshold: float


@dataclass(frozen=True, slots=True)
class BudgetLow:
    """Of the budget of a day or of a month, `used` credits are spent, or reserved by what is being painted."""

    period: Period
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class BudgetUsedUp:
    """It has no room for another picture: `/imagine` is refused until its day or month is over."""

    period: Period
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class DatabaseLost:
    """Nobody can be served; `detail` is the database engine's error."""

    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseBack:
    seconds: float


Alert: TypeAlias = (
    OutageBegan | OutageEnded | BalanceLow | BudgetLow | BudgetUsedUp | DatabaseLost | DatabaseBack
)
