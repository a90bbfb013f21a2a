"""The use case behind `/limits export`: what a server's members used in a period, generation by generation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.generation.generations import Generations, OfServer, Page
from bot.core.generation.model import Generation
from bot.core.limits.meters import ONE_DAY, start_of
from bot.core.limits.policy import Operator
from bot.core.limits.policy_store import PolicyStore
from bot.core.privacy.service import KEEP_RECORDS
from bot.core.statistics.errors import InvalidDate, PeriodReversed, PeriodTooLong

GENERATIONS_PER_PAGE = 1000
_AGO = {"today": timedelta(), "yesterday": ONE_DAY}


@dataclass(frozen=True, slots=True)
class DateRange:
    """Whole days by the server's clock, both ends included."""

    first: date
    last: date
    zone: ZoneInfo


class UsageExport:
    """Whoever calls it has checked the moderator's right."""

    def __init__(
        self, generations: Generations, policies: PolicyStore, operator: Operator, clock: Clock
    ) -> None:
        self._generations = generations
        self._policies = policies
        self._operator = operator
        self._clock = clock

    async def period(self, server: int, first: str | None, last: str | None) -> DateRange:
        """From ISO dates, `today` or `yesterday`; without them from the first of this month to today.

        Raises InvalidDate, PeriodReversed, PeriodTooLong.
        """
        zone = (await self._policies.of(server)).policy.zone or self._operator.zone
        today = self._clock().astimezone(zone).date()
        end = _day(last, today) or today
        period = DateRange(_day(first, today) or end.replace(day=1), end, zone)
        if period.first > period.last:
            raise PeriodReversed(period.first, period.last)
        if period.last - period.first >= KEEP_RECORDS:
            raise PeriodTooLong(KEEP_RECORDS // timedelta(days=1))
        return period

    async def generations(self, server: int, period: DateRange) -> AsyncIterator[Sequence[Generation]]:
        """Oldest first, a page each."""
        since, until = start_of(period.first, period.zone), start_of(period.last + ONE_DAY, period.zone)
        which = OfServer(server, since, until)
        last: Generation | None = None
        while page := await self._generations.find(which, Page(GENERATIONS_PER_PAGE, last)):
            yield page
            last = page[-1]


def _day(text: str | None, today: date) -> date | None:
    if text is None:
        return None
    if (ago := _AGO.get(text.strip().casefold())) is not None:
        return today - ago
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidDate(text) from None
    if not 2015 <= day.year <= 9000:  # Discord itself is no older, and arithmetic with dates has an end
        raise InvalidDate(text)
    return day
