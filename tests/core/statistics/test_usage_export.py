"""Periods by the server's clock, and every generation in them once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.errors import Refusal
from bot.core.generation.model import Generation, ImageSpec, Request, State
from bot.core.limits.policy import Policy
from bot.core.place import Caller, InServer
from bot.core.statistics import usage_export
from bot.core.statistics.errors import InvalidDate, PeriodReversed, PeriodTooLong
from bot.core.statistics.usage_export import UsageExport
from tests.core.factories import NOON, operator
from tests.core.fakes import FakePolicies, noon
from tests.core.services import FakeGenerations

SERVER = 3
FOX = Generation(
    Request(1, Caller(2, InServer(SERVER, 4)), ImageSpec("a fox", 1)),
    State.DELIVERED,
    NOON,
    NOON,
    0,
    "grok",
    147_000,
)


class ExportSetup:
    def __init__(self) -> None:
        self.on_record, self.policies = FakeGenerations(), FakePolicies()
        self.usage_export = UsageExport(self.on_record, self.policies, operator(), noon)

    async def days(self, first: str | None, last: str | None) -> tuple[date, date]:
        period = await self.usage_export.period(SERVER, first, last)
        return period.first, period.last


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, (date(2026, 11, 1), date(2026, 11, 23))),
        ("2026-10-05", None, (date(2026, 10, 5), date(2026, 11, 23))),
        (None, "2026-09-10", (date(2026, 9, 1), date(2026, 9, 10))),
        ("yesterday", "Today", (date(2026, 11, 22), date(2026, 11, 23))),
        (None, "yesterday", (date(2026, 11, 1), date(2026, 11, 22))),
        (" 2026-02-28 ", "2026-03-01", (date(2026, 2, 28), date(2026, 3, 1))),
    ],
)
async def test_a_period_goes_to_today_and_begins_with_its_month(
    first: str | None, last: str | None, days: tuple[date, date]
) -> None:
    assert await ExportSetup().days(first, last) == days


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        ("tomorrow", None, InvalidDate),
        ("2026-02-30", None, InvalidDate),
        ("9999-12-31", "9999-12-31", InvalidDate),
        ("2026-11-02", "2026-11-01", PeriodReversed),
        ("2025-10-01", "2026-11-23", PeriodTooLong),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(
    first: str, last: str | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await ExportSetup().days(first, last)


async def test_days_begin_when_the_server_says() -> None:
    setup = ExportSetup()
    tokyo = Policy(zone=ZoneInfo("Asia/Tokyo"))
    await setup.policies.change(SERVER, lambda _: tokyo, by=1, now=NOON)
    midnight, second = datetime(2026, 11, 22, 15, tzinfo=UTC), timedelta(seconds=1)
    tomorrow = midnight + timedelta(days=1)
    moments = (midnight - second, midnight, tomorrow - second, tomorrow)
    setup.on_record.generations = [
        replace(FOX, request=replace(FOX.request, id=number), reserved_at=moment)
        for number, moment in enumerate(moments)
    ]
    period = await setup.usage_export.period(SERVER, "2026-11-23", "2026-11-23")
    found = [row.id async for page in setup.usage_export.generations(SERVER, period) for row in page]
    assert found == [1, 2]


async def test_every_generation_of_the_period_comes_once() -> None:
    setup = ExportSetup()
    setup.on_record.generations = [
        replace(FOX, request=replace(FOX.request, id=number), reserved_at=NOON + timedelta(seconds=number))
        for number in range(2 * usage_export.GENERATIONS_PER_PAGE + 5)
    ]
    setup.on_record.generations.append(
        replace(FOX, request=replace(FOX.request, caller=Caller(2, InServer(9, 4))))
    )
    period = await setup.usage_export.period(SERVER, None, None)
    found = [row.id async for page in setup.usage_export.generations(SERVER, period) for row in page]
    assert found == list(range(2 * usage_export.GENERATIONS_PER_PAGE + 5))
