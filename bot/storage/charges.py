"""What a generation takes from meters, and what goes back to them: its charges, one for each meter."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.generation.errors import NoBudgetForRetry
from bot.core.generation.ledger import Charge
from bot.core.generation.model import Request
from bot.core.limits.errors import LimitReached
from bot.core.limits.meters import BOT_METER, Meter, MeterReading
from bot.storage.counters import used_on
from bot.storage.engine.protocol import Params, Transaction

INSERT_CHARGE = """
INSERT INTO charge (generation, position, meter, window_key, images, cap)
VALUES (:generation, :position, :meter, :window, :images, :cap)
"""
# Takes the charges that fit, and returns their meters. In one statement and in the order of `position`, so that two
# processes can't deadlock; the most shared meter comes last, and is locked for no longer than a commit takes.
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
# For a further attempt: its images have to fit on the bot's own meter, in the window that the first one was taken from.
BOOKED = "SELECT images, window_key, cap FROM charge WHERE generation = :id AND meter = :meter"
BOOK_METER = """
UPDATE meter SET used = used + :more
WHERE name = :meter AND window_key = :window AND (CAST(:cap AS BIGINT) IS NULL OR used + :more <= :cap)
RETURNING used
"""
BOOK_CHARGE = "UPDATE charge SET images = :images WHERE generation = :id AND meter = :meter"
COUNT_LATE = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, CAST(:images AS BIGINT) FROM charge WHERE generation = :id AND meter = :meter
ON CONFLICT (name, window_key) DO UPDATE SET used = meter.used + excluded.used
"""
# An upsert like TAKE, because an UPDATE would lock the meters in any order. The bot's own meter counts what the
# operator pays: what may have been paid stays on it.
REFUND = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, 0 FROM charge
WHERE generation = :generation AND CASE WHEN meter = :bot THEN images - :spent ELSE :refund END > 0
ORDER BY position
ON CONFLICT (name, window_key) DO UPDATE SET used = (
    SELECT CASE WHEN meter.used > back.images THEN meter.used - back.images ELSE 0 END
    FROM (
        SELECT CASE WHEN charge.meter = :bot THEN charge.images - :spent ELSE :refund END AS images FROM charge
        WHERE charge.generation = :generation
        AND charge.meter = meter.name AND charge.window_key = meter.window_key
    ) AS back
)
"""
CHARGES = "SELECT meter, window_key, cap, images FROM charge WHERE generation = :generation ORDER BY position"


def take_from_meters(request: Request, meters: Sequence[Meter]) -> Transaction[tuple[MeterReading, ...]]:
    """What they read after it. Raises LimitReached; then the transaction has to be rolled back."""
    images = request.spec.counted
    charge = {"generation": request.id, "images": images}
    charges: list[Params] = [
        {**charge, "position": n, "meter": meter.name, "window": meter.window.key, "cap": meter.limit}
        for n, meter in enumerate(meters)
    ]
    yield INSERT_CHARGE, charges
    taken = {(name, key): int(used) for name, key, used in (yield TAKE, {"generation": request.id})}
    for meter in meters:
        if (meter.name, meter.window.key) not in taken:
            raise LimitReached(meter, (yield from used_on(meter)), images, request.spec.weight)
    return tuple(MeterReading(meter, taken[meter.name, meter.window.key]) for meter in meters)


def book_on_bot_meter(generation: int, images: int) -> Transaction[None]:
    """Raise what the generation has taken from the bot's own meter to `images`. Raises NoBudgetForRetry."""
    rows = yield BOOKED, {"id": generation, "meter": BOT_METER}
    if not rows or rows[0][0] >= images:
        return
    booked, window, cap = rows[0]
    more = {"more": images - booked, "meter": BOT_METER, "window": window, "cap": cap}
    if not (yield BOOK_METER, more):
        raise NoBudgetForRetry(f"{images - booked} more images are over the bot's limit of {cap}")
    yield BOOK_CHARGE, {"images": images, "id": generation, "meter": BOT_METER}


def count_late(generation: int, images: int) -> Transaction[None]:
    """On the bot's own meter alone: of one that was settled as refunded, and turns out to have been paid for."""
    yield COUNT_LATE, {"id": generation, "images": images, "meter": BOT_METER}


def give_back(generation: int, refund: int, spent: int) -> Transaction[None]:
    """`refund` images to each of its meters; on the bot's own `spent` of them stay."""
    yield REFUND, {"generation": generation, "refund": refund, "spent": spent, "bot": BOT_METER}


def charges_of(generation: int) -> Transaction[tuple[Charge, ...]]:
    rows = yield CHARGES, {"generation": generation}
    return tuple(Charge(*row) for row in rows)
