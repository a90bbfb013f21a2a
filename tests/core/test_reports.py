"""A member tells the moderators of a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.core.chronicle import Reported
from bot.core.not_done import AlreadyReported, NobodyToTell, TooManyReports
from bot.core.policy import LogRule, Policy
from bot.core.reports import MOST_REPORTS, REPORT_SPAN, Reports
from tests.core.fakes import FakeChronicle, FakePolicies
from tests.core.samples import NOON, caller


@dataclass
class Office:
    chronicle: FakeChronicle = field(default_factory=FakeChronicle)
    policies: FakePolicies = field(default_factory=FakePolicies)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.reports = Reports(self.policies, self.chronicle, lambda: self.now)

    async def choose_log(self) -> None:
        await self.policies.change(caller().server, lambda _: Policy(log=LogRule(5)), 1, NOON)

    async def report(self, message: int = 7, member: int = 2) -> None:
        await self.reports.report(Reported(caller(member=member), message, 9, "ugly"))


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.choose_log()
    return office


async def test_a_report_is_noted_with_its_reason(office: Office) -> None:
    await office.report()
    assert office.chronicle.events == [Reported(caller(), 7, 9, "ugly")]


async def test_a_member_reports_a_picture_once_and_another_member_too(office: Office) -> None:
    await office.report()
    with pytest.raises(AlreadyReported):
        await office.report()
    await office.report(message=8)
    await office.report(member=3)
    assert len(office.chronicle.events) == 3


async def test_whoever_reports_one_picture_after_the_other_is_stopped_for_a_while(office: Office) -> None:
    for message in range(MOST_REPORTS):
        await office.report(message)
        office.now += timedelta(minutes=1)
    with pytest.raises(TooManyReports) as stopped:
        await office.report(99)
    assert stopped.value.until == NOON + REPORT_SPAN
    await office.report(99, member=3)
    office.now = NOON + REPORT_SPAN
    await office.report(99)


async def test_without_a_log_the_member_is_told_that_nobody_would_read_it() -> None:
    office = Office()
    with pytest.raises(NobodyToTell) as nobody:
        await office.report()
    assert not nobody.value.chosen
    await office.choose_log()
    await office.report()


async def test_where_the_log_is_shut_the_member_is_told_so_too(office: Office) -> None:
    office.chronicle.shut_out = True
    with pytest.raises(NobodyToTell) as nobody:
        await office.report()
    assert nobody.value.chosen
    assert office.chronicle.events == []
