"""A member tells the moderators of a picture, and they find it waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.core.errors import DatabaseBusy
from bot.core.limits.policy import LogRule, Policy
from bot.core.moderator_log.errors import AlreadyReported, ReportingTooFast
from bot.core.moderator_log.events import Reported
from bot.core.moderator_log.reports import MOST_REPORTS, REPORT_SPAN, Reports, Waiting
from tests.core.factories import NOON, caller
from tests.core.fakes import FakeEvents, FakeLogChannels, FakePolicies, FakeReportStore

SERVER = caller().server


@dataclass
class Office:
    store: FakeReportStore = field(default_factory=FakeReportStore)
    published: FakeEvents = field(default_factory=FakeEvents)
    log_channels: FakeLogChannels = field(default_factory=FakeLogChannels)
    policies: FakePolicies = field(default_factory=FakePolicies)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.reports = Reports(self.store, self.policies, self.published, self.log_channels, lambda: self.now)

    async def choose_log(self) -> None:
        await self.policies.change(SERVER, lambda _: Policy(log=LogRule(5)), 1, NOON)

    async def report(self, message: int = 7, member: int = 2) -> bool:
        return await self.reports.report(Reported(caller(member=member), message, 9, "ugly"))


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_report_waits_for_the_moderators_and_goes_into_their_log(office: Office) -> None:
    await office.choose_log()
    assert await office.report()
    assert office.published.events == [Reported(caller(), 7, 9, "ugly")]
    assert await office.reports.waiting(SERVER) == [Waiting(7, 4, 2, 9, "ugly", NOON)]


@pytest.mark.parametrize("shut", [False, True])
async def test_without_a_log_that_can_be_read_a_report_waits_all_the_same(office: Office, shut: bool) -> None:
    if shut:
        await office.choose_log()
        office.log_channels.shut_out = True
    assert not await office.report()
    assert await office.reports.count(SERVER) == 1


async def test_a_member_reports_a_picture_once_and_another_member_too(office: Office) -> None:
    await office.report()
    with pytest.raises(AlreadyReported):
        await office.report()
    with pytest.raises(AlreadyReported):
        await office.reports.admit(SERVER, 2, 7)
    await office.reports.admit(SERVER, 3, 7)
    await office.report(message=8)
    await office.report(member=3)
    assert len(office.published.events) == 3


async def test_what_was_dealt_with_can_not_be_reported_again_by_the_same_member(office: Office) -> None:
    await office.report()
    await office.report(member=3)
    assert await office.reports.dismiss(SERVER, 7) == 2
    assert await office.reports.dismiss(SERVER, 7) == 0
    assert await office.reports.count(SERVER) == 0
    with pytest.raises(AlreadyReported):
        await office.report()


async def test_only_what_was_seen_is_dismissed_with_everything(office: Office) -> None:
    await office.report(7)
    office.now += timedelta(seconds=1)
    await office.report(8)
    assert await office.reports.dismiss_all(SERVER, NOON) == 1
    assert [one.message for one in await office.reports.waiting(SERVER)] == [8]


async def test_whoever_reports_one_picture_after_the_other_is_stopped_for_a_while(office: Office) -> None:
    for message in range(MOST_REPORTS):
        await office.report(message)
        office.now += timedelta(minutes=1)
    for stopped_by in (office.report(99), office.reports.admit(SERVER, 2, 99)):
        with pytest.raises(ReportingTooFast) as stopped:
            await stopped_by
        assert stopped.value.until == NOON + REPORT_SPAN
    await office.report(99, member=3)
    office.now = NOON + REPORT_SPAN
    await office.report(99)


async def test_a_database_that_does_not_answer_is_waited_for_as_long_as_discord_waits(office: Office) -> None:
    office.store.hanging = True
    with pytest.raises(DatabaseBusy):
        await office.report()
    assert office.published.events == []
