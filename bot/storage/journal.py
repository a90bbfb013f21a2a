"""The ledger's transactions, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.errors import (
    AlreadyClaimed,
    CoolingDown,
    LimitReached,
    TooManyAtOnce,
)
from bot.core.generation import Request, State
from bot.core.ledger import Ending, Pace, Step
from bot.core.limits import BOT_METER, Caller, Meter, Ruling, Standing, Terms
from bot.core.policy import Policy
from bot.storage.policies import PolicyReader
from bot.storage.sources import encode
from bot.storage.times import from_millis, to_millis
from bot.storage.transaction import Params, Steps, Value

LONGEST_RUN = timedelta(minutes=15)
"""Discord takes no answer after that, so whatever is older and not settled does not run any more."""

# And with it the number of the server's policy that is in force.
CLAIM = """
INSERT INTO generation
    (id, member, server, channel, prompt, images, state, reserved_at, application, token, owner, lease_until)
VALUES (
    :id, :member, :server, :channel, :prompt, :images, 'reserved', :at, :application, :token, :owner,
    epoch_millis() + :lease
)
ON CONFLICT (id) DO NOTHING
RETURNING (SELECT MAX(revision) FROM policy WHERE policy.server = generation.server)
"""
CLAIMED = "SELECT 1 FROM generation WHERE id = :id"
# Asked when the member's own meter is locked, so that two commands at once see each other.
RECENT = """
SELECT
    COALESCE(SUM(CASE WHEN settled_at IS NULL AND reserved_at > :running_since THEN 1 ELSE 0 END), 0),
    MAX(CASE WHEN state NOT IN ('refunded', 'unknown') THEN reserved_at END)
FROM generation
WHERE member = :member AND server = :server AND id <> :id AND reserved_at > :since
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
    credits = COALESCE(:credits, credits),
    message = COALESCE(:message, message),
    sources = COALESCE(:sources, sources),
    lease_until = epoch_millis() + :lease
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING id
"""
# An answer that came after all, to whoever had been given up for dead: it was paid, so it is kept for the member.
KEEP_LATE = """
UPDATE generation SET sources = :sources, model = :model, credits = COALESCE(:credits, credits)
WHERE id = :id AND state = 'unknown' AND sources IS NULL
"""
SETTLE = """
UPDATE generation SET
    state = :state, refunded = :refund, settled_at = :at, credits = COALESCE(:credits, credits),
    untold = :untold, lease_until = epoch_millis() + :lease,
    token = CASE WHEN CAST(:untold AS TEXT) IS NOT NULL THEN token END,
    sources = CASE WHEN CAST(:keep AS INTEGER) = 1 THEN sources END
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING id
"""
TOLD = "UPDATE generation SET token = NULL, untold = NULL WHERE id = :id AND owner = :owner AND untold IS NOT NULL"
# An upsert like TAKE, because an UPDATE would lock the meters in any order.
GIVE_BACK = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, 0 FROM charge
WHERE generation = :generation AND meter <> :kept ORDER BY position
ON CONFLICT (name, window_key) DO UPDATE
SET used = CASE WHEN meter.used > :refund THEN meter.used - :refund ELSE 0 END
"""
USED = "SELECT used FROM meter WHERE name = :name AND window_key = :window"
USED_BETWEEN = """
SELECT window_key, used FROM meter WHERE name = :name AND window_key >= :first AND window_key < :beyond
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that works on generations; `lease` in milliseconds without a sign of life."""

    name: str
    lease: int


def reserve(
    request: Request,
    rules: Callable[[Policy], Terms],
    policies: PolicyReader,
    now: datetime,
    owner: Owner,
) -> Steps[tuple[Standing, ...]]:
    claimed = yield CLAIM, _claim(request, now) | {"owner": owner.name, "lease": owner.lease}
    if not claimed:
        raise AlreadyClaimed
    terms = rules((yield from policies.read(request.caller.server, claimed[0][0])))
    standings = yield from _take(request, terms.meters)
    yield from _keep_pace(request, terms, now)
    return standings


def _take(request: Request, meters: Sequence[Meter]) -> Steps[tuple[Standing, ...]]:
    yield CHARGE, [_charge(request, position, meter) for position, meter in enumerate(meters)]
    rows = yield TAKE, {"generation": request.id}
    taken = {(name, window): int(used) for name, window, used in rows}
    for meter in meters:
        if (meter.name, meter.window.key) not in taken:
            raise LimitReached(meter, (yield from used_on(meter)), request.images)
    return tuple(Standing(meter, taken[meter.name, meter.window.key]) for meter in meters)


def _keep_pace(request: Request, terms: Terms, now: datetime) -> Steps[None]:
    """What a member may do how fast. The journal itself is asked, so there is nothing that could be left over."""
    cooldown, at_once = timedelta(seconds=terms.cooldown.value or 0), terms.at_once.value
    if not cooldown and at_once is None:
        return
    found = yield from pace(request.caller, terms.cooldown, now, other_than=request.id)
    if at_once is not None and found.running >= at_once:
        raise TooManyAtOnce(found.running, terms.at_once)
    if found.last is not None and found.last + cooldown > now:
        raise CoolingDown(found.last + cooldown, terms.cooldown)


def pace(caller: Caller, cooldown: Ruling, now: datetime, other_than: int = 0) -> Steps[Pace]:
    """`other_than` is a generation that is not looked at."""
    looked_at = max(timedelta(seconds=cooldown.value or 0), LONGEST_RUN)
    rows = yield (
        RECENT,
        {
            "id": other_than,
            "member": caller.member,
            "server": caller.server,
            "running_since": to_millis(now - LONGEST_RUN),
            "since": to_millis(now - looked_at),
        },
    )
    running, last = rows[0]
    return Pace(int(running), None if last is None else from_millis(last))


def advance(generation: int, step: Step, now: datetime, owner: Owner) -> Steps[bool]:
    """Whether the generation is still this owner's."""
    order = step.order
    about = {
        "id": generation,
        "model": order.model if order else step.model,
        "credits": _countable(order.credits) if order else None,
        "sources": encode(order.sources) if order else None,
    }
    moving = {"state": step.state.value, "at": to_millis(now), "message": step.message}
    if (yield ADVANCE, {**about, **moving, "owner": owner.name, "lease": owner.lease}):
        return True
    if order:
        yield KEEP_LATE, about
    return False


def settle(generation: int, ending: Ending, now: datetime, owner: Owner) -> Steps[bool]:
    closing: Params = {
        "id": generation,
        "state": ending.state.value,
        "at": to_millis(now),
        "refund": ending.refund,
        "credits": _countable(ending.credits),
        "untold": ending.untold,
        "keep": int(ending.state is State.KEPT or ending.out_of_reach),
        "owner": owner.name,
        "lease": owner.lease,
    }
    if not (yield SETTLE, closing):
        return False
    if ending.refund:
        # What may have been paid stays on the meter of what the operator is ready to pay.
        kept = "" if ending.state is State.REFUNDED else BOT_METER
        yield GIVE_BACK, {"generation": generation, "refund": ending.refund, "kept": kept}
    return True


def is_claimed(generation: int) -> Steps[bool]:
    return bool((yield CLAIMED, {"id": generation}))


def told(generation: int, owner: Owner) -> Steps[None]:
    yield TOLD, {"id": generation, "owner": owner.name}


def usage(meters: Sequence[Meter]) -> Steps[tuple[Standing, ...]]:
    standings = []
    for meter in meters:
        standings.append(Standing(meter, (yield from used_on(meter))))  # noqa: PERF401 — nothing yields inside a comprehension
    return tuple(standings)


def used_on(meter: Meter) -> Steps[int]:
    rows = yield USED, {"name": meter.name, "window": meter.window.key}
    return int(rows[0][0]) if rows else 0


def history(meter: str, days: Sequence[str]) -> Steps[dict[str, int]]:
    if not days:
        return {}
    # A day that was begun afresh has a suffix to its key, and sorts before the next day's.
    beyond = date.fromisoformat(max(days)) + timedelta(days=1)
    rows = yield USED_BETWEEN, {"name": meter, "first": min(days), "beyond": beyond.isoformat()}
    used = dict.fromkeys(days, 0)
    for window, images in rows:
        day = window.partition("#")[0]
        if day in used:
            used[day] += int(images)
    return used


def _countable(credits: int | None) -> int | None:
    """What an image API says, where a BIGINT holds it: a paid picture must not fail for its bill."""
    return None if credits is None or not -(2**63) <= credits < 2**63 else credits


def _claim(request: Request, now: datetime) -> dict[str, Value]:
    return {
        "id": request.id,
        "member": request.caller.member,
        "server": request.caller.server,
        "channel": request.caller.channel,
        "prompt": request.prompt,
        "images": request.images,
        "application": request.application,
        "token": request.token,
        "at": to_millis(now),
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
