"""The ledger's transactions, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.core.errors import AlreadyClaimed, LimitReached
from bot.core.generation import Request, State
from bot.core.limits import Meter, Standing
from bot.storage.transaction import Params, Steps

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CLAIM = """
INSERT INTO generation (id, member, server, channel, prompt, images, state, reserved_at)
VALUES (:id, :member, :server, :channel, :prompt, :images, 'reserved', :at)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""
CHARGE = """
INSERT INTO charge (generation, position, meter, window_key, images, cap)
VALUES (:generation, :position, :meter, :window, :images, :cap)
"""
# The charges that fit, in one statement and in their order, so that two processes never lock crosswise;
# the most shared meter comes last and is held for no longer than the commit takes.
TAKE = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, images FROM charge
WHERE generation = :generation AND (cap IS NULL OR images <= cap)
ORDER BY position
ON CONFLICT (name, window_key) DO UPDATE SET used = meter.used + excluded.used
WHERE EXISTS (
    SELECT 1 FROM charge
    WHERE charge.generation = :generation AND charge.meter = meter.name AND charge.window_key = meter.window_key
    AND (charge.cap IS NULL OR meter.used + excluded.used <= charge.cap)
)
RETURNING name, window_key, used
"""
ADVANCE = """
UPDATE generation SET
    state = :state,
    acknowledged_at = CASE WHEN :state = 'acknowledged' THEN :at ELSE acknowledged_at END,
    submitted_at = CASE WHEN :state = 'submitted' THEN :at ELSE submitted_at END,
    paid_at = CASE WHEN :state = 'paid' THEN :at ELSE paid_at END,
    model = COALESCE(:model, model),
    credits = COALESCE(:credits, credits)
WHERE id = :id AND settled_at IS NULL
"""
SETTLE = """
UPDATE generation SET state = :state, refunded = :refund, settled_at = :at
WHERE id = :id AND settled_at IS NULL
RETURNING id
"""
# An upsert like TAKE, because an UPDATE would lock the meters in any order.
GIVE_BACK = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, 0 FROM charge WHERE generation = :generation ORDER BY position
ON CONFLICT (name, window_key) DO UPDATE
SET used = CASE WHEN meter.used > :refund THEN meter.used - :refund ELSE 0 END
"""
USED = "SELECT used FROM meter WHERE name = :name AND window_key = :window"
USED_BETWEEN = """
SELECT window_key, used FROM meter WHERE name = :name AND window_key BETWEEN :first AND :last
"""


def reserve(request: Request, meters: Sequence[Meter], now: datetime) -> Steps[tuple[Standing, ...]]:
    if not (yield CLAIM, _claim(request, now)):
        raise AlreadyClaimed
    yield CHARGE, [_charge(request, position, meter) for position, meter in enumerate(meters)]
    rows = yield TAKE, {"generation": request.id}
    taken = {(name, window): int(used) for name, window, used in rows}
    for meter in meters:
        if (meter.name, meter.window.key) not in taken:
            raise LimitReached(meter, (yield from used_on(meter)), request.images)
    return tuple(Standing(meter, taken[meter.name, meter.window.key]) for meter in meters)


def advance(
    generation: int, state: State, now: datetime, model: str | None, credits: int | None
) -> Steps[None]:
    yield (
        ADVANCE,
        {"id": generation, "state": state.value, "at": _millis(now), "model": model, "credits": credits},
    )


def settle(generation: int, state: State, now: datetime, refund: int) -> Steps[bool]:
    closing: Params = {"id": generation, "state": state.value, "at": _millis(now), "refund": refund}
    if not (yield SETTLE, closing):
        return False
    if refund:
        yield GIVE_BACK, {"generation": generation, "refund": refund}
    return True


def usage(meters: Sequence[Meter]) -> Steps[tuple[Standing, ...]]:
    standings = []
    for meter in meters:
        standings.append(Standing(meter, (yield from used_on(meter))))  # noqa: PERF401 — nothing yields inside a comprehension
    return tuple(standings)


def used_on(meter: Meter) -> Steps[int]:
    rows = yield USED, {"name": meter.name, "window": meter.window.key}
    return int(rows[0][0]) if rows else 0


def history(meter: str, windows: Sequence[str]) -> Steps[dict[str, int]]:
    if not windows:
        return {}
    rows = yield USED_BETWEEN, {"name": meter, "first": min(windows), "last": max(windows)}
    used = {window: int(images) for window, images in rows}
    return {window: used.get(window, 0) for window in windows}


def _claim(request: Request, now: datetime) -> Params:
    return {
        "id": request.id,
        "member": request.member,
        "server": request.server,
        "channel": request.channel,
        "prompt": request.prompt,
        "images": request.images,
        "at": _millis(now),
    }


def _charge(request: Request, position: int, meter: Meter) -> Params:
    return {
        "generation": request.id,
        "position": position,
        "meter": meter.name,
        "window": meter.window.key,
        "images": request.images,
        "cap": meter.limit,
    }


def _millis(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)
