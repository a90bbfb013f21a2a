"""What the operator is alerted to, by the monitors of the image API and of the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.generation.errors import ImageApiTrouble


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
class DatabaseLost:
    """Nobody can be served; `detail` is the database engine's error."""

    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseBack:
    seconds: float


Alert: TypeAlias = OutageBegan | OutageEnded | BalanceLow | DatabaseLost | DatabaseBack
