"""What generations count on the operator's budgets, and what pictures have cost, in SQL that both engines speak.

`cost` of a generation is what it counts on both budgets, that of its day and that of its month: by the estimate until
it is settled, then what it has cost. It is only ever changed together with the two meters, by the difference, so that
whatever comes late, or twice, counts once; and every transaction locks the generation before the meters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from bot.core.generation.costs import Price, cost_of, share_of
from bot.core.generation.errors import NoBudgetForRetry
from bot.core.generation.model import Cost
from bot.core.limits.budgets import USUAL_PRICE, BudgetReading, Budgets, Estimate
from bot.core.limits.meters import BUDGET_METER, Meter
from bot.storage.engine.protocol import (
    Database,
    Params,
    Transaction,
    Value,
    from_millis,
    in_transaction,
    to_millis,
)

COST_COLUMNS = """id, reserved_at, images, estimate, cost, budget_day, budget_month, spent, credits, priced,
    revision_credits"""
"""What `CostRecord.of` reads."""

MISSED_AT_ONCE = 50
"""Generations in one transaction: members must not wait for it."""
NO_BUDGETS = Budgets(None, None, ZoneInfo("UTC"))
UNLIMITED = 2**62
TAKE = """
INSERT INTO meter (name, window_key, used)
SELECT :meter, window_key, CAST(:credits AS BIGINT) FROM (
    SELECT 1 AS position, CAST(:day AS TEXT) AS window_key, CAST(:daily AS BIGINT) AS cap
    UNION ALL SELECT 2, CAST(:month AS TEXT), CAST(:monthly AS BIGINT)
) AS budget
WHERE :credits <= cap
ORDER BY position
ON CONFLICT (name, window_key) DO UPDATE SET used = meter.used + excluded.used
WHERE meter.used + excluded.used <= CASE WHEN meter.window_key = :day THEN :daily ELSE :monthly END
RETURNING window_key
"""
# Both, whatever the limits: it has been spent.
COUNT = """
INSERT INTO meter (name, window_key, used)
VALUES (:meter, :window, CASE WHEN CAST(:more AS BIGINT) > 0 THEN :more ELSE 0 END)
ON CONFLICT (name, window_key) DO UPDATE SET
    used = CASE WHEN meter.used + :more > 0 THEN meter.used + :more ELSE 0 END
"""
WRITE = """
UPDATE generation SET
    estimate = :estimate, cost = :cost, cost_estimated = :estimated, budget_day = :day, budget_month = :month
WHERE id = :id
"""
PRICE_HOLDS = timedelta(days=1)
"""How long the next picture is expected to cost as much. A price that was named by mistake, and is more than a budget,
would else refuse every picture that could correct it, for good.
"""
PRICE_RENEWED = timedelta(hours=1)
"""After so long, the same price is written down again."""
KNOWN_PRICE = "SELECT credits FROM price WHERE model = :model AND inputs = :inputs AND paid_at > :paid_after"
LEARN = """
INSERT INTO price (model, inputs, credits, paid_at) VALUES (:model, :inputs, :credits, :at)
ON CONFLICT (model, inputs) DO UPDATE SET credits = excluded.credits, paid_at = excluded.paid_at
"""
# What was settled before the month began is on no budget that still counts. Of two copies that find the same row, the
# second waits for the first, then asks again, and leaves it.
MISSED = f"""
UPDATE generation SET cost_estimated = 1
WHERE id IN (
    SELECT id FROM generation WHERE settled_at >= :since AND cost_estimated IS NULL ORDER BY settled_at LIMIT :most
)
AND cost_estimated IS NULL
RETURNING {COST_COLUMNS}
"""  # noqa: S608 — the columns are a constant
ALERT = """
INSERT INTO note (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE note.value < excluded.value
RETURNING name
"""
ALERTED = "budget alert {} {}"
"""The name under which the window and the limit of the last alert are kept, for a period and a percentage."""


@dataclass(frozen=True, slots=True)
class CostRecord:
    """What one generation was expected to cost, and has cost, as it is on record; None is what is not known yet.

    `windows`: the keys of the day and of the month that it counts in; None where it is on no budget yet. `revision`:
    what revising the prompt has cost, which no estimate has in it.
    """

    id: int
    reserved_at: datetime
    images: int
    estimate: int
    counted: int
    windows: tuple[str, str] | None
    spent: int
    credits: int | None
    priced: int
    revision: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """`row` has COST_COLUMNS. What is NULL is of a copy of the version before, which knew of one answer only."""
        id, reserved_at, images, estimate, counted, day, month, spent, credits, priced, revision = row
        return cls(
            id,
            from_millis(reserved_at),
            images,
            images * USUAL_PRICE if estimate is None else estimate,
            counted or 0,
            (day, month) if day else None,
            spent,
            credits,
            images if priced is None else priced,
            revision or 0,
        )

    @property
    def cost(self) -> Cost:
        """Of its pictures alone, now that it is settled."""
        return cost_of(self.images, self.estimate, self.spent, self.credits, self.priced)


def take_from_budgets(windows: tuple[str, str], budgets: Budgets, credits: int) -> Transaction[str | None]:
    """Count `credits` on both budgets. None, or the key of the first window that has not got as much left.

    Then the transaction has to be rolled back.
    """
    day, month = windows
    daily, monthly = (UNLIMITED if cap is None else cap for cap in (budgets.daily, budgets.monthly))
    caps: dict[str, Value] = {"daily": daily, "monthly": monthly}
    rows = yield TAKE, {"meter": BUDGET_METER, "credits": credits, "day": day, "month": month, **caps}
    taken = {row[0] for row in rows}
    return next((key for key in windows if key not in taken), None)


def book_on_budgets(
    record: CostRecord,
    booked: int,
    budgets: Budgets,
    now: datetime,
    estimate: Estimate | None = None,
    pictures: int = 1,
) -> Transaction[None]:
    """Before a request: so many images of all attempts may be paid for then. Raises NoBudgetForRetry.

    `estimate`: of another model than they were reserved for, which may be dearer; `pictures` are all that were asked
    for. What a copy of the version before has reserved is on no budget until then.
    """
    if estimate:
        dearest = max(record.estimate, pictures * (yield from price_of(estimate, now)))
        record = replace(record, estimate=dearest)
    wanted = share_of(record.estimate, max(booked, record.images), record.images)
    if record.windows and wanted <= record.counted:
        return
    windows = budget_windows(record, budgets)
    if (yield from take_from_budgets(windows, budgets, wanted - record.counted)):
        raise NoBudgetForRetry("more images are over the bot's budget")
    yield WRITE, {**_written(record, Cost(wanted, estimated=True), windows), "estimated": None}


def record_costs(records: Iterable[CostRecord], budgets: Budgets) -> Transaction[None]:
    """Of generations that are settled, whose rows this transaction has locked: what they have cost, on both budgets."""
    more: dict[str, int] = {}
    written: list[Params] = []
    for one in records:
        cost, windows = one.cost, budget_windows(one, budgets)
        total = replace(cost, credits=cost.credits + one.revision)
        written.append(_written(one, total, windows))
        for key in windows:
            more[key] = more.get(key, 0) + total.credits - one.counted
    yield WRITE, written
    # Days before months, as when they were taken.
    changed = sorted((key for key in more if more[key]), key=lambda key: (-len(key), key))
    if changed:
        yield COUNT, [{"meter": BUDGET_METER, "window": key, "more": more[key]} for key in changed]


def budget_windows(record: CostRecord, budgets: Budgets) -> tuple[str, str]:
    """The windows that it was taken from, or that it would have been taken from when it was reserved."""
    if record.windows:
        return record.windows
    running = budgets.running
    if running and record.reserved_at < running.day.starts_at:  # of a day before the zone was changed
        budgets = replace(budgets, running=None)
    return window_keys(budgets.meters(record.reserved_at))


def window_keys(meters: tuple[Meter, Meter]) -> tuple[str, str]:
    day, month = meters
    return day.window.key, month.window.key


def price_of(estimate: Estimate, now: datetime) -> Transaction[int]:
    """What one picture will probably cost: as much as the last one did, else what is estimated."""
    paid_after = to_millis(now - PRICE_HOLDS)
    known = yield KNOWN_PRICE, {"model": estimate.model, "inputs": estimate.inputs, "paid_after": paid_after}
    return int(known[0][0]) if known else estimate.credits


def learn_price(price: Price, now: datetime) -> Transaction[None]:
    """What the next pictures of this kind are expected to cost."""
    about: Params = {"model": price.model, "inputs": price.inputs}
    known = yield KNOWN_PRICE, {**about, "paid_after": to_millis(now - PRICE_RENEWED)}
    if not known or known[0][0] != price.credits:
        yield LEARN, {**about, "credits": price.credits, "at": to_millis(now)}


def _written(record: CostRecord, cost: Cost, windows: tuple[str, str]) -> dict[str, Value]:
    day, month = windows
    return {
        "id": record.id,
        "estimate": record.estimate,
        "cost": cost.credits,
        "estimated": int(cost.estimated),
        "day": day,
        "month": month,
    }


class SqlBudgetStore:
    """Implements `bot.core.health.budget_monitor.BudgetStore`."""

    def __init__(self, database: Database, budgets: Budgets) -> None:
        self.database = database
        self._budgets = budgets
        self.is_limited = budgets.daily is not None or budgets.monthly is not None

    @in_transaction()
    def count_missed(self, now: datetime) -> Transaction[int]:
        _, month = self._budgets.meters(now)
        rows = yield MISSED, {"since": to_millis(month.window.starts_at), "most": MISSED_AT_ONCE}
        yield from record_costs(map(CostRecord.of, rows), self._budgets)
        return len(rows)

    @in_transaction()
    def is_first_alert(self, budget: BudgetReading, percent: int) -> Transaction[bool]:
        meter = budget.reading.meter
        # Later windows and raised limits are greater: of a copy whose clock is slow, nothing is told twice.
        value = f"{meter.window.key} {meter.limit or 0:020}"
        return bool((yield ALERT, {"name": ALERTED.format(meter.period, percent), "value": value}))
