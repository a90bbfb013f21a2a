"""Counts of images with a limit and a window, and how much of them is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.limits.policy import Limit
from bot.core.limits.windows import Window

BOT_METER = "bot"
"""The name of the meter that counts every image of the bot: what the operator is ready to pay."""
RESET_MARK = "~"
"""In the key of a day whose counter was set back to zero: what is counted there is counted on the whole day, too."""


class Scope(StrEnum):
    """Whose images a meter counts. In the order in which meters are locked: the most shared one last."""

    MEMBER = "member"
    SERVER = "server"
    BOT = "bot"


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"


class Origin(StrEnum):
    """Who decided a number, in the order in which they are asked."""

    MEMBER = "member"  # the moderators, for this member
    ROLE = "role"  # the moderators, for one of the member's roles
    SERVER = "server"  # the moderators, for everybody in the server
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A number and where it comes from.

    `added` is today's top-up, contained in `value`; `capped`: without the operator's ceiling it would be more.
    """

    value: Limit
    origin: Origin = Origin.OPERATOR
    role: int | None = None
    added: int = 0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A count of images with a limit and a window. `name` and `window.key` identify it in storage.

    `whole`: beside the counter that was set back to zero, of all the day.
    """

    name: str
    scope: Scope
    period: Period
    ruling: Ruling
    window: Window
    whole: bool = False

    @property
    def limit(self) -> Limit:
        return self.ruling.value


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a meter is used, in images."""

    meter: Meter
    used: int

    @property
    def left(self) -> Limit:
        return None if self.meter.limit is None else max(0, self.meter.limit - self.used)


@dataclass(frozen=True, slots=True)
class FailedToday:
    """Images of the operator's day that were given back although they may have been paid for, and the most of them.

    Of a member in all servers, or of a server. The day ends at `until`.
    """

    scope: Scope
    used: int
    limit: Limit
    until: datetime

    @property
    def is_limit_reached(self) -> bool:
        return self.limit is not None and self.used >= self.limit


def member_today(standings: Iterable[Standing]) -> Standing:
    """The member's counter of the day as people see it: the first, where one was set back to zero beside it."""
    return next(it for it in standings if it.meter.scope is Scope.MEMBER and it.meter.period is Period.DAY)
