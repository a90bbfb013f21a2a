"""What meters and the journal say of what was used, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.clock import CLOCKS_APART
from bot.core.limits.budgets import UNKNOWN_PRICE, BudgetReading, Budgets, Estimate
from bot.core.limits.counters import Pace
from bot.core.limits.meters import FailedToday, Meter, MeterReading, Ruling, Scope, windows_at
from bot.core.limits.policy import FailureLimits
from bot.core.place import Caller, Place
from bot.storage.budgets import NO_BUDGETS, price_of
from bot.storage.engine.protocol import Database, Transaction, from_millis, in_transaction, to_millis
from bot.storage.generations import DIRECT, server_column

LONGEST_RUN = timedelta(minutes=30)
"""How long a generation can run: it may be taken over in its last minute, and then be given as long again."""

# Asked when the member's own meter is locked, so that two commands at once see each other.
RECENT = """
SELECT
    COALESCE(SUM(CASE WHEN settled_at IS NULL AND reserved_at > :running_since THEN 1 ELSE 0 END), 0),
    MAX(CASE WHEN state <> 'refunded' AND reserved_at <= :latest THEN reserved_at END)
FROM generation
WHERE member = :member AND server = :server AND id <> :id AND reserved_at > :since
"""
# What was given back although it may have been paid for: of an order in several requests not those that cost nothing.
NOT_DELIVERED = """CASE
            WHEN spent >= images THEN refunded WHEN spent + refunded > images THEN spent + refunded - images ELSE 0
        END"""
FAILED = f"""
SELECT
    (
        SELECT COALESCE(SUM({NOT_DELIVERED}), 0) FROM generation
        WHERE member = :member AND reserved_at >= :since AND reserved_at < :until AND refunded > 0 AND spent > 0
    ),
    (
        SELECT COALESCE(SUM({NOT_DELIVERED}), 0) FROM generation
        WHERE server = :server AND reserved_at >= :since AND reserved_at < :until AND refunded > 0 AND spent > 0
    )
"""  # noqa: S608 — the fragment is a constant
USED = "SELECT used FROM meter WHERE name = :name AND window_key = :window"
USED_BETWEEN = """
SELECT window_key, used FROM meter WHERE name = :name AND window_key >= :first AND window_key < :beyond
"""
NO_FAILURE_LIMITS = FailureLimits(None, None, ZoneInfo("UTC"))


class SqlCounters:
    """Implements `bot.core.limits.counters.Counters`."""

    def __init__(
        self,
        database: Database,
        failures: FailureLimits = NO_FAILURE_LIMITS,
        budgets: Budgets = NO_BUDGETS,
        estimate: Callable[[], Estimate] = lambda: UNKNOWN_PRICE,
    ) -> None:
        """`estimate` is that of the usual picture."""
        self.database = database
        self._failures = failures
        self._budgets = budgets
        self._estimate = estimate

    @in_transaction()
    def usage(self, meters: Sequence[Meter]) -> Transaction[tuple[MeterReading, ...]]:
        readings = []
        for meter in meters:
            readings.append(MeterReading(meter, (yield from used_on(meter))))  # noqa: PERF401 — nothing yields inside a comprehension
        return tuple(readings)

    async def budgets(self, now: datetime) -> tuple[BudgetReading, ...]:
        limited = [meter for meter in self._budgets.meters(now) if meter.limit is not None]
        return await self._budget_readings(limited, now) if limited else ()

    @in_transaction()
    def price(self, now: datetime) -> Transaction[int]:
        return price_of(self._estimate(), now)

    @in_transaction()
    def _budget_readings(
        self, limited: Sequence[Meter], now: datetime
    ) -> Transaction[tuple[BudgetReading, ...]]:
        price, readings = (yield from price_of(self._estimate(), now)), []
        for meter in limited:
            used = yield from used_on(meter)
            readings.append(BudgetReading(MeterReading(meter, used), price))
        return tuple(readings)

    @in_transaction()
    def history(self, meter: str, days: Sequence[str]) -> Transaction[dict[str, int]]:
        if not days:
            return {}
        beyond = date.fromisoformat(max(days)) + timedelta(days=1)
        rows = yield USED_BETWEEN, {"name": meter, "first": min(days), "beyond": beyond.isoformat()}
        used = dict.fromkeys(days, 0)
        for window, images in rows:
            # Not so a counter that was set back to zero: the whole day has its images, too.
            if window in used:
                used[window] = int(images)
        return used

    @in_transaction()
    def failed_today(self, caller: Caller[Place], now: datetime) -> Transaction[tuple[FailedToday, ...]]:
        return failed_today(caller.member, server_column(caller.place), self._failures, now)

    @in_transaction()
    def pace(self, caller: Caller[Place], cooldown: Ruling, now: datetime) -> Transaction[Pace]:
        return pace(caller, cooldown, now)


def failed_today(
    member: int, server: int, failures: FailureLimits, now: datetime
) -> Transaction[tuple[FailedToday, ...]]:
    """The member's, and the server's where there is one."""
    today = windows_at(now, failures.zone, failures.running).day
    span = {"since": to_millis(today.starts_at), "until": to_millis(today.ends_at)}
    rows = yield FAILED, {"member": member, "server": None if server == DIRECT else server, **span}
    of_member, of_server = rows[0]
    members = FailedToday(Scope.MEMBER, int(of_member), failures.member, today.ends_at)
    if server == DIRECT:
        return (members,)
    return members, FailedToday(Scope.SERVER, int(of_server), failures.server, today.ends_at)


def pace(caller: Caller[Place], cooldown: Ruling, now: datetime, other_than: int = 0) -> Transaction[Pace]:
    """`other_than` is a generation that is not looked at."""
    looked_at = max(timedelta(seconds=cooldown.value or 0), LONGEST_RUN)
    rows = yield (
        RECENT,
        {
            "id": other_than,
            "member": caller.member,
            "server": server_column(caller.place),
            "running_since": to_millis(now - LONGEST_RUN),
            "since": to_millis(now - looked_at),
            "latest": to_millis(now + CLOCKS_APART),
        },
    )
    running, last = rows[0]
    return Pace(int(running), None if last is None else from_millis(last))


def used_on(meter: Meter) -> Transaction[int]:
    rows = yield USED, {"name": meter.name, "window": meter.window.key}
    return int(rows[0][0]) if rows else 0
