"""A member tells the moderators of a picture, and they find it waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.core.clock import RESERVE_SECONDS
from bot.core.errors import DatabaseBusy, DatabaseUnavailable
from bot.core.limits.policy import LogRule, Policy
from bot.core.moderator_log.errors import AlreadyReported, ReportingTooFast
from bot.core.moderator_log.reports import MOST_REPORTS, REPORT_SPAN, Reported, Reports, WaitingReport
from tests.core.factories import NOON, caller
from tests.core.fakes import FakeEvents, FakeLogChannels, FakePolicies, FakeReportStore

SERVER = caller().place.server


@dataclass
class ReportsSetup:
    store: FakeReportStore = field(default_factory=FakeReportStore)
    published: FakeEvents = field(default_factory=FakeEvents)
    log_channels: FakeLogChannels = field(default_factory=FakeLogChannels)
    policies: FakePolicies = field(default_factory=FakePolicies)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.seconds = 0.0
        self.reports = Reports(
            self.store,
            self.policies,
            self.published,
            self.log_channels,
            lambda: self.now,
            monotonic=lambda: self.seconds,
        )

    def wait(self, time: timedelta) -> None:
        self.now += time
        self.seconds += time.total_seconds()

    async def choose_log(self) -> None:
        await self.policies.change(SERVER, lambda _: Policy(log=LogRule(5)), 1, NOON)

    async def report(self, message: int = 7, member: int = 2) -> bool:
        return await self.reports.report(Reported(caller(member=member), message, 9, "ugly"))


@pytest.fixture
def setup() -> ReportsSetup:
    return ReportsSetup()


async def test_a_report_waits_for_the_moderators_and_goes_into_their_log(setup: ReportsSetup) -> None:
    await setup.choose_log()
    assert await setup.report()
    assert setup.published.events == [Reported(caller(), 7, 9, "ugly")]
    assert await setup.reports.waiting(SERVER) == [WaitingReport(7, 4, 2, 9, "ugly", NOON)]


@pytest.mark.parametrize("shut", [False, True])
async def test_without_a_log_that_can_be_read_a_report_waits_all_the_same(
    setup: ReportsSetup, shut: bool
) -> None:
    if shut:
        await setup.choose_log()
        setup.log_channels.shut_out = True
    assert not await setup.report()
    assert await setup.reports.count(SERVER) == 1


async def test_a_member_reports_a_picture_once_and_another_member_too(setup: ReportsSetup) -> None:
    await setup.report()
    with pytest.raises(AlreadyReported):
        await setup.report()
    with pytest.raises(AlreadyReported):
        await setup.reports.check(SERVER, 2, 7)
    await setup.reports.check(SERVER, 3, 7)
    await setup.report(message=8)
    await setup.report(member=3)
    assert len(setup.published.events) == 3


async def test_what_was_dealt_with_can_not_be_reported_again_by_the_same_member(setup: ReportsSetup) -> None:
    await setup.report()
    await setup.report(member=3)
    assert await setup.reports.dismiss(SERVER, 7) == 2
    assert await setup.reports.dismiss(SERVER, 7) == 0
    assert await setup.reports.count(SERVER) == 0
    with pytest.raises(AlreadyReported):
        await setup.report()


async def test_only_what_was_seen_is_dismissed_with_everything(setup: ReportsSetup) -> None:
    await setup.report(7)
    setup.now += timedelta(seconds=1)
    await setup.report(8)
    assert await setup.reports.dismiss_all(SERVER, NOON) == 1
    assert [one.message for one in await setup.reports.waiting(SERVER)] == [8]


async def test_whoever_reports_one_picture_after_the_other_is_stopped_for_a_while(
    setup: ReportsSetup,
) -> None:
    for message in range(MOST_REPORTS):
        await setup.report(message)
        setup.wait(timedelta(minutes=1))
    for stopped_by in (setup.report(99), setup.reports.check(SERVER, 2, 99)):
        with pytest.raises(ReportingTooFast) as stopped:
            await stopped_by
        assert stopped.value.until == NOON + REPORT_SPAN
    await setup.report(99, member=3)
    setup.now -= timedelta(hours=3)  # somebody sets the host's clock back
    setup.wait(REPORT_SPAN - timedelta(minutes=MOST_REPORTS))
    await setup.report(99)


async def test_whoever_reports_many_pictures_at_once_is_stopped_all_the_same(setup: ReportsSetup) -> None:
    setup.store.yielding = True
    reports = (setup.report(message) for message in range(4 * MOST_REPORTS))
    ends = await asyncio.gather(*reports, return_exceptions=True)
    assert len([one for one in ends if isinstance(one, ReportingTooFast)]) == 3 * MOST_REPORTS
    assert await setup.reports.count(SERVER) == MOST_REPORTS


async def test_a_report_that_was_not_taken_is_not_one_of_so_many(setup: ReportsSetup) -> None:
    await setup.report()
    for _ in range(MOST_REPORTS):
        with pytest.raises(AlreadyReported):
            await setup.report()
    await setup.report(8)


async def test_a_report_of_which_the_member_hears_that_it_failed_is_not_stored(setup: ReportsSetup) -> None:
    setup.policies.down = True
    with pytest.raises(DatabaseUnavailable):
        await setup.report()
    assert await setup.reports.count(SERVER) == 0
    setup.policies.down = False
    await setup.report()
    assert len(setup.published.events) == 1


async def test_a_database_that_does_not_answer_is_waited_for_as_long_as_discord_waits(
    setup: ReportsSetup,
) -> None:
    setup.store.hanging = True
    with pytest.raises(DatabaseBusy):
        await setup.reports.check(SERVER, 2, 7)


async def test_a_report_that_is_stored_late_goes_into_the_log_all_the_same(setup: ReportsSetup) -> None:
    setup.store.slow = asyncio.Event()
    reporting = asyncio.create_task(setup.report())
    await asyncio.sleep(RESERVE_SECONDS + 0.1)
    setup.store.slow.set()
    await reporting
    assert len(setup.published.events) == await setup.reports.count(SERVER) == 1
