"""The ledger's transactions, in SQL that both engines speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import AlreadyClaimed
from bot.core.generation.errors import NoBudgetForRetry
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import Request, State
from bot.core.limits.errors import FailureLimitReached, LimitReached, MaxConcurrencyReached, OnCooldown
from bot.core.limits.meters import BOT_METER, Meter, Standing
from bot.core.limits.policy import FailureLimits, Policy
from bot.core.limits.rules import Terms
from bot.storage import spec_document
from bot.storage.counters import failed_today, pace, used_on
from bot.storage.engine.protocol import Params, Transaction, Value, to_millis
from bot.storage.policies import PolicyReader
from bot.storage.sources import encode

# And with it the number of the server's policy that is in force.
CLAIM = """
INSERT INTO generation
    (id, member, server, channel, locale, server_locale, prompt, images, spec, state, reserved_at, application, token,
    owner, lease_until)
VALUES (
    :id, :member, :server, :channel, :locale, :server_locale, '', :images, :spec, 'reserved', :at, :application, :token,
    :owner,
    epoch_millis() + :lease
)
ON CONFLICT (id) DO NOTHING
RETURNING (SELECT MAX(revision) FROM policy WHERE policy.server = generation.server)
"""
CLAIMED = "SELECT 1 FROM generation WHERE id = :id"
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
    acknowledged_at = CASE
        WHEN acknowledged_at IS NULL AND :state IN ('acknowledged', 'submitted') THEN :at ELSE acknowledged_at
    END,
    submitted_at = CASE WHEN :state = 'submitted' THEN :at ELSE submitted_at END,
    attempts = attempts + CASE WHEN :state = 'submitted' THEN 1 ELSE 0 END,
    paid_at = CASE WHEN :state = 'paid' THEN :at ELSE paid_at END,
    model = COALESCE(:model, model),
    credits = COALESCE(:credits, credits),
    message = COALESCE(:message, message),
    sources = COALESCE(:sources, sources),
    lease_until = epoch_millis() + :lease
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING member, server
"""
# Another attempt has to fit on the bot's own meter, in the window that the first one was taken from.
BOOKED = "SELECT images, window_key, cap FROM charge WHERE generation = :id AND meter = :meter"
BOOK_METER = """
UPDATE meter SET used = used + :more
WHERE name = :meter AND window_key = :window AND (CAST(:cap AS BIGINT) IS NULL OR used + :more <= :cap)
RETURNING used
"""
BOOK_CHARGE = "UPDATE charge SET images = :images WHERE generation = :id AND meter = :meter"
# An answer that came after all, to a process whose lease had expired: it was paid, so it is kept for the member. While
# the generation is not settled yet, SETTLE leaves it there.
KEEP_LATE = """
UPDATE generation SET sources = :sources, model = :model, credits = COALESCE(:credits, credits)
WHERE id = :id AND (state = 'unknown' OR (state = 'submitted' AND settled_at IS NULL)) AND sources IS NULL
"""
# One that was taken for free was not: it is on nobody's meter yet.
PAID_AFTER_ALL = """
UPDATE generation SET
    state = 'unknown', spent = images, sources = :sources, model = :model, credits = COALESCE(:credits, credits)
WHERE id = :id AND state = 'refunded'
RETURNING images
"""
COUNT_LATE = """
INSERT INTO meter (name, window_key, used)
SELECT meter, window_key, CAST(:images AS BIGINT) FROM charge WHERE generation = :id AND meter = :meter
ON CONFLICT (name, window_key) DO UPDATE SET used = meter.used + excluded.used
"""
SETTLE = """
UPDATE generation SET
    state = CASE WHEN sources IS NOT NULL AND state = 'submitted' THEN :late ELSE :state END,
    refunded = :refund, settled_at = :at, credits = COALESCE(:credits, credits),
    spent = COALESCE(
        CASE WHEN sources IS NOT NULL AND state = 'submitted' THEN NULL ELSE CAST(:spent AS INTEGER) END,
        (SELECT charge.images FROM charge WHERE charge.generation = generation.id AND charge.meter = :bot),
        images
    ),
    untold = :untold, lease_until = epoch_millis() + :lease,
    token = CASE WHEN CAST(:untold AS TEXT) IS NOT NULL THEN token END,
    sources = CASE WHEN CAST(:keep AS INTEGER) = 1 OR state = 'submitted' THEN sources END
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING spent
"""
NOTICE_DELIVERED = """
UPDATE generation SET token = NULL, untold = NULL WHERE id = :id AND owner = :owner AND untold IS NOT NULL
"""
# An upsert like TAKE, because an UPDATE would lock the meters in any order. What may have been paid stays on the meter
# of what the operator is ready to pay.
GIVE_BACK = """
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


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that works on generations; `lease` in milliseconds without a heartbeat."""

    name: str
    lease: int


def reserve(
    request: Request,
    rules: Callable[[Policy], Terms],
    policies: PolicyReader,
    now: datetime,
    owner: Owner,
    failures: FailureLimits,
) -> Transaction[tuple[Standing, ...]]:
    claimed = yield CLAIM, _claim(request, now) | {"owner": owner.name, "lease": owner.lease}
    if not claimed:
        raise AlreadyClaimed
    terms = rules((yield from policies.read(request.caller.server, claimed[0][0])))
    standings = yield from _take(request, terms.meters)
    yield from _keep_pace(request, terms, now)
    yield from _check_failure_limits(request.caller.member, request.caller.server, failures, now)
    return standings


def _take(request: Request, meters: Sequence[Meter]) -> Transaction[tuple[Standing, ...]]:
    yield CHARGE, [_charge(request, position, meter) for position, meter in enumerate(meters)]
    rows = yield TAKE, {"generation": request.id}
    taken = {(name, window): int(used) for name, window, used in rows}
    for meter in meters:
        if (meter.name, meter.window.key) not in taken:
            raise LimitReached(meter, (yield from used_on(meter)), request.images)
    return tuple(Standing(meter, taken[meter.name, meter.window.key]) for meter in meters)


def _keep_pace(request: Request, terms: Terms, now: datetime) -> Transaction[None]:
    """What a member may do how fast. The journal itself is asked, so there is nothing that could be left over."""
    cooldown, at_once = timedelta(seconds=terms.cooldown.value or 0), terms.at_once.value
    if not cooldown and at_once is None:
        return
    found = yield from pace(request.caller, terms.cooldown, now, other_than=request.id)
    if at_once is not None and found.running >= at_once:
        raise MaxConcurrencyReached(found.running, terms.at_once)
    if found.last is not None and found.last + cooldown > now:
        raise OnCooldown(found.last + cooldown, terms.cooldown)


def _check_failure_limits(
    member: int, server: int, failures: FailureLimits, now: datetime
) -> Transaction[None]:
    if failures.member is None and failures.server is None:
        return
    for failed in (yield from failed_today(member, server, failures, now)):
        if failed.is_over:
            raise FailureLimitReached(failed)


def advance(
    generation: int, step: Step, now: datetime, owner: Owner, failures: FailureLimits
) -> Transaction[bool]:
    """Whether the generation is still this owner's."""
    order = step.order
    about: dict[str, Value] = {
        "id": generation,
        "model": order.model if order else step.model,
        "credits": _countable(order.credits) if order else None,
        "sources": encode(order.sources) if order else None,
    }
    moving = {"state": step.state.value, "at": to_millis(now), "message": step.message}
    whose = yield ADVANCE, {**about, **moving, "owner": owner.name, "lease": owner.lease}
    if whose:
        if step.state is State.SUBMITTED:
            member, server = whose[0]
            yield from _check_failure_limits(member, server, failures, now)
        if step.booked:
            yield from _book(generation, step.booked)
        return True
    if order:
        yield from _keep_late(generation, about)
    return False


def _book(generation: int, images: int) -> Transaction[None]:
    rows = yield BOOKED, {"id": generation, "meter": BOT_METER}
    if not rows or rows[0][0] >= images:
        return
    booked, window, cap = rows[0]
    more = {"more": images - booked, "meter": BOT_METER, "window": window, "cap": cap}
    if not (yield BOOK_METER, more):
        raise NoBudgetForRetry(f"{images - booked} more images are over the bot's limit of {cap}")
    yield BOOK_CHARGE, {"images": images, "id": generation, "meter": BOT_METER}


def _keep_late(generation: int, about: dict[str, Value]) -> Transaction[None]:
    yield KEEP_LATE, about
    if images := (yield PAID_AFTER_ALL, about):
        yield COUNT_LATE, {"id": generation, "images": images[0][0], "meter": BOT_METER}


def settle(generation: int, ending: Settlement, now: datetime, owner: Owner) -> Transaction[bool]:
    gives_back = ending.refund or ending.state is not State.DELIVERED
    closing: Params = {
        "id": generation,
        "state": ending.state.value,
        "at": to_millis(now),
        "refund": ending.refund,
        "late": (State.UNKNOWN if ending.state is State.REFUNDED else ending.state).value,
        "spent": 0 if ending.state is State.REFUNDED else ending.spent if gives_back else None,
        "bot": BOT_METER,
        "credits": _countable(ending.credits),
        "untold": ending.pending_notice,
        "keep": int(ending.state is State.KEPT or ending.keep_pictures),
        "owner": owner.name,
        "lease": owner.lease,
    }
    settled = yield SETTLE, closing
    if not settled:
        return False
    if gives_back:
        back = {"generation": generation, "refund": ending.refund, "spent": settled[0][0], "bot": BOT_METER}
        yield GIVE_BACK, back
    return True


def is_claimed(generation: int) -> Transaction[bool]:
    return bool((yield CLAIMED, {"id": generation}))


def notice_delivered(generation: int, owner: Owner) -> Transaction[None]:
    yield NOTICE_DELIVERED, {"id": generation, "owner": owner.name}


def _countable(credits: int | None) -> int | None:
    """What an image API says, where a BIGINT holds it: a paid picture must not fail for its bill."""
    return None if credits is None or not -(2**63) <= credits < 2**63 else credits


def _claim(request: Request, now: datetime) -> dict[str, Value]:
    return {
        "id": request.id,
        "member": request.caller.member,
        "server": request.caller.server,
        "channel": request.caller.channel,
        "locale": request.caller.locale,
        "server_locale": request.caller.server_locale,
        "images": request.images,
        "spec": spec_document.encode(request.spec),
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
