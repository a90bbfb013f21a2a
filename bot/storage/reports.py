"""What members reported to the moderators of a server. In SQL that both engines speak."""

from __future__ import annotations

from datetime import datetime

from bot.core.moderator_log.errors import ReportQueueFull
from bot.core.moderator_log.reports import MOST_OF_ONE, MOST_WAITING, Reported, WaitingReport
from bot.core.privacy.service import ReportRecord
from bot.storage.engine.protocol import (
    Database,
    Params,
    Row,
    Transaction,
    from_millis,
    in_transaction,
    to_millis,
)

HAS = "SELECT 1 FROM report WHERE message = :message AND reporter = :reporter"
# There are never many more than MOST_WAITING.
COUNT = "SELECT COUNT(*) FROM report WHERE server = :server AND handled_at IS NULL"
COUNT_OF_ONE = """
SELECT COUNT(*) FROM report WHERE server = :server AND reporter = :reporter AND handled_at IS NULL
"""
ADD = """
INSERT INTO report (message, reporter, server, channel, owner, reason, reported_at)
VALUES (:message, :reporter, :server, :channel, :owner, :reason, :at)
ON CONFLICT (message, reporter) DO NOTHING RETURNING message
"""
WAITING = """
SELECT message, reporter, channel, owner, reason, reported_at FROM report
WHERE server = :server AND handled_at IS NULL ORDER BY reported_at, message LIMIT :most
"""
DISMISS = """
UPDATE report SET handled_at = :at
WHERE message = :message AND server = :server AND handled_at IS NULL RETURNING message
"""
DISMISS_ALL = """
UPDATE report SET handled_at = :at
WHERE server = :server AND handled_at IS NULL AND reported_at <= :until RETURNING message
"""

MADE_BY = """
SELECT server, message, reason, reported_at FROM report WHERE reporter = :member ORDER BY reported_at LIMIT :most
"""
MADE_ABOUT = """
SELECT server, message, '', reported_at FROM report WHERE owner = :member ORDER BY reported_at LIMIT :most
"""
ERASE_MADE_BY = "DELETE FROM report WHERE reporter = :member"
ERASE_OWNER = "UPDATE report SET owner = NULL WHERE owner = :member"
SWEEP = """
DELETE FROM report WHERE (message, reporter) IN (
    SELECT message, reporter FROM report WHERE reported_at < :before ORDER BY reported_at LIMIT :count
) RETURNING message
"""
MOST_REPORTS_SHOWN = 1000


class SqlReports:
    """Implements `bot.core.moderator_log.reports.ReportStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction()
    def has(self, message: int, reporter: int) -> Transaction[bool]:
        return bool((yield HAS, {"message": message, "reporter": reporter}))

    @in_transaction()
    def add(self, report: Reported, now: datetime) -> Transaction[bool]:
        place = report.by.place
        if (yield from _count(place.server)) >= MOST_WAITING:
            raise ReportQueueFull
        of_one = yield COUNT_OF_ONE, {"server": place.server, "reporter": report.by.member}
        if of_one[0][0] >= MOST_OF_ONE:
            raise ReportQueueFull(of_one=True)
        row: Params = {
            "message": report.message,
            "reporter": report.by.member,
            "server": place.server,
            "channel": place.channel,
            "owner": report.owner,
            "reason": report.reason,
            "at": to_millis(now),
        }
        return bool((yield ADD, row))

    @in_transaction()
    def count(self, server: int) -> Transaction[int]:
        return _count(server)

    @in_transaction()
    def waiting(self, server: int) -> Transaction[list[WaitingReport]]:
        rows = yield WAITING, {"server": server, "most": MOST_WAITING}
        return [
            WaitingReport(message, channel, reporter, owner, reason, from_millis(at))
            for message, reporter, channel, owner, reason, at in rows
        ]

    @in_transaction()
    def dismiss(self, server: int, message: int, now: datetime) -> Transaction[int]:
        return len((yield DISMISS, {"server": server, "message": message, "at": to_millis(now)}))

    @in_transaction()
    def dismiss_all(self, server: int, until: datetime, now: datetime) -> Transaction[int]:
        given = {"server": server, "until": to_millis(until), "at": to_millis(now)}
        return len((yield DISMISS_ALL, given))


def _count(server: int) -> Transaction[int]:
    rows = yield COUNT, {"server": server}
    return int(rows[0][0])


def reports_of(member: int) -> Transaction[tuple[tuple[ReportRecord, ...], tuple[ReportRecord, ...]]]:
    """Those that the member made, and those about their pictures, without who made them and why."""
    made = yield MADE_BY, {"member": member, "most": MOST_REPORTS_SHOWN}
    about = yield MADE_ABOUT, {"member": member, "most": MOST_REPORTS_SHOWN}
    return tuple(map(_record, made)), tuple(map(_record, about))


def _record(row: Row) -> ReportRecord:
    server, message, reason, at = row
    return ReportRecord(int(server), int(message), reason, from_millis(int(at)))


def erase_reports(member: int) -> Transaction[None]:
    """Those that they made; and their id on those about their pictures."""
    yield ERASE_MADE_BY, {"member": member}
    yield ERASE_OWNER, {"member": member}


def sweep_reports(before: datetime, count: int) -> Transaction[int]:
    return len((yield SWEEP, {"before": to_millis(before), "count": count}))
