"""Reports on both engines: kept once, counted, dealt with, shown and let go of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.moderator_log.errors import ReportQueueFull
from bot.core.moderator_log.reports import MOST_OF_ONE, MOST_WAITING, Reported, WaitingReport
from bot.core.place import Caller, InServer
from bot.core.privacy.service import KEEP_REPORTS, ReportRecord, Retention
from bot.storage.engine.protocol import Database
from bot.storage.privacy import SqlMemberDataStore
from bot.storage.reports import SqlReports
from bot.storage.retention import SqlRetentionStore
from tests.core.factories import NOON
from tests.storage.factories import CHANNEL, MEMBER, SERVER

OWNER, MINUTE = 90, timedelta(minutes=1)


@pytest.fixture
def reports(database: Database) -> SqlReports:
    return SqlReports(database)


def reported(message: int = 7, by: int = MEMBER, server: int = SERVER, owner: int | None = OWNER) -> Reported:
    return Reported(Caller(by, InServer(server, CHANNEL)), message, owner, "ugly 🦊")


async def test_a_report_is_kept_once_and_waits_in_its_server(reports: SqlReports) -> None:
    assert await reports.add(reported(), NOON)
    assert not await reports.add(reported(), NOON + MINUTE)
    assert await reports.add(reported(by=81, owner=None), NOON + MINUTE)
    assert await reports.add(reported(message=8, server=5), NOON)
    assert await reports.has(7, MEMBER)
    assert not await reports.has(8, MEMBER + 1)
    assert await reports.count(SERVER) == 2
    assert await reports.waiting(SERVER) == [
        WaitingReport(7, CHANNEL, MEMBER, OWNER, "ugly 🦊", NOON),
        WaitingReport(7, CHANNEL, 81, None, "ugly 🦊", NOON + MINUTE),
    ]


async def test_what_was_dealt_with_waits_no_more_and_is_not_taken_again(reports: SqlReports) -> None:
    await reports.add(reported(), NOON)
    await reports.add(reported(message=8), NOON + MINUTE)
    assert await reports.dismiss(5, 7, NOON) == 0
    assert await reports.dismiss(SERVER, 7, NOON) == 1
    assert await reports.count(SERVER) == 1
    assert not await reports.add(reported(), NOON)
    assert await reports.dismiss_all(SERVER, NOON, NOON) == 0
    assert await reports.dismiss_all(SERVER, NOON + MINUTE, NOON) == 1
    assert await reports.waiting(SERVER) == []


async def test_a_crowd_does_not_fill_the_database(reports: SqlReports) -> None:
    for message in range(MOST_WAITING):
        await reports.add(reported(message, by=message // MOST_OF_ONE), NOON)
    with pytest.raises(ReportQueueFull) as refused:
        await reports.add(reported(MOST_WAITING), NOON)
    assert not refused.value.of_one
    assert await reports.add(reported(MOST_WAITING, server=5), NOON)


async def test_nobody_alone_fills_the_list_for_everybody(reports: SqlReports) -> None:
    for message in range(MOST_OF_ONE):
        await reports.add(reported(message), NOON)
    with pytest.raises(ReportQueueFull) as refused:
        await reports.add(reported(MOST_OF_ONE), NOON)
    assert refused.value.of_one
    assert await reports.add(reported(MOST_OF_ONE, by=MEMBER + 1), NOON)
    await reports.dismiss(SERVER, 0, NOON)
    assert await reports.add(reported(MOST_OF_ONE), NOON)


async def test_the_data_of_a_member_has_what_a_member_reported_and_that_they_were_but_not_by_whom(
    reports: SqlReports, database: Database
) -> None:
    await reports.add(reported(), NOON)
    records = SqlMemberDataStore(database)
    mine, owners = await records.about(MEMBER), await records.about(OWNER)
    assert (mine.reports, mine.reported) == ((ReportRecord(SERVER, 7, "ugly 🦊", NOON),), ())
    assert (owners.reports, owners.reported) == ((), (ReportRecord(SERVER, 7, "", NOON),))


async def test_erasing_takes_a_members_reports_and_their_id_on_those_about_them(
    reports: SqlReports, database: Database
) -> None:
    await reports.add(reported(), NOON)
    await reports.add(reported(by=81), NOON)
    records = SqlMemberDataStore(database)
    await records.erase(MEMBER, NOON)
    await records.erase(OWNER, NOON)
    assert await reports.waiting(SERVER) == [WaitingReport(7, CHANNEL, 81, None, "ugly 🦊", NOON)]


async def test_reports_are_kept_for_a_month_whether_somebody_dealt_with_them_or_not(
    reports: SqlReports, database: Database
) -> None:
    await reports.add(reported(1), NOON)
    await reports.add(reported(2), NOON)
    await reports.add(reported(3), NOON + MINUTE)
    await reports.dismiss(SERVER, 1, NOON)
    before = NOON + MINUTE
    assert timedelta(days=30) == KEEP_REPORTS
    assert (
        await SqlRetentionStore(database).sweep(
            Retention(NOON - 9 * KEEP_REPORTS, NOON - 9 * KEEP_REPORTS, before), 9
        )
        == 2
    )
    assert [one.message for one in await reports.waiting(SERVER)] == [3]
