"""The core's ledger on a database: each method is one transaction, of SQL that both engines speak.

`counters.py` has the statements that only read.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.generation.errors import Cancelled, LeaseLost
from bot.core.generation.ledger import (
    LEASE_SECONDS,
    AbandonedGeneration,
    AlreadyReserved,
    Settlement,
    Step,
)
from bot.core.generation.model import FINAL_STATES, Cost, Generation, Order, PromptRevision, Request, State
from bot.core.generation.notices import notice_of
from bot.core.limits.budgets import UNKNOWN_PRICE, Budgets, Estimate
from bot.core.limits.errors import (
    BudgetReached,
    FailureLimitReached,
    MaxConcurrencyReached,
    OnCooldown,
)
from bot.core.limits.meters import BOT_METER, Meter, MeterReading
from bot.core.limits.policy import FailureLimits, Policy
from bot.core.limits.rules import Terms
from bot.storage.budgets import (
    COST_COLUMNS,
    NO_BUDGETS,
    PRICE_HOLDS,
    CostRecord,
    book_on_budgets,
    learn_price,
    record_costs,
    take_from_budgets,
    window_keys,
)
from bot.storage.charges import book_on_bot_meter, charges_of, count_late, give_back, take_from_meters
from bot.storage.counters import NO_FAILURE_LIMITS, failed_today, pace, used_on
from bot.storage.engine.protocol import Database, Params, Row, Transaction, Value, in_transaction, to_millis
from bot.storage.generations import (
    COLUMNS,
    bigint_or_none,
    columns_with_late,
    contents_kept,
    decode_sources,
    drop_pictures,
    encode_sources,
    generation_of,
    insert_pictures,
    joined,
    loaded,
    model_prompt_of,
    revision_columns,
    row_of,
    server_column,
)
from bot.storage.policies import PolicyReader

log = logging.getLogger(__name__)

LONGEST_LEASE = 120_000
"""Milliseconds, twice the longest that anything is released for: a lease that ends later was written by a clock that
ran ahead, and has expired.
"""

# Returns the number of the server's policy that is in force. `spec` has the prompt and the count as well: the
# columns have what is looked for, and what was written before there was a spec.
INSERT_GENERATION = """
INSERT INTO generation
    (id, member, server, channel, locale, server_locale, prompt, images, spec, state, reserved_at, application, token,
    owner, lease_until, budget_day, budget_month, estimate, cost, idea_by)
SELECT
    :id, :member, :server, :channel, :locale, :server_locale, :prompt, :images, :spec, 'reserved', :at, :application,
    :token, :owner,
    epoch_millis() + :lease,
    :day, :month, :pictures * credits, :pictures * credits, :idea_by
FROM (
    SELECT COALESCE(
        (
            SELECT price.credits FROM price
            WHERE price.model = :model AND price.inputs = :inputs AND price.paid_at > :paid_after
        ),
        CAST(:credits AS BIGINT)
    ) AS credits
) AS quoted
WHERE TRUE
ON CONFLICT (id) DO NOTHING
RETURNING
    (SELECT MAX(revision) FROM policy WHERE policy.server = generation.server),
    (SELECT changed_at FROM policy WHERE policy.server = generation.server ORDER BY revision DESC LIMIT 1),
    estimate
"""
EXISTS = "SELECT 1 FROM generation WHERE id = :id"
# What is paid stays so while another part of its order is submitted.
ADVANCE = f"""
UPDATE generation SET
    state = CASE WHEN state = 'paid' AND :state = 'submitted' THEN state ELSE :state END,
    acknowledged_at = CASE
        WHEN acknowledged_at IS NULL AND :state IN ('acknowledged', 'submitted') THEN :at ELSE acknowledged_at
    END,
    submitted_at = CASE WHEN :state = 'submitted' THEN :at ELSE submitted_at END,
    attempts = attempts + CASE WHEN :state = 'submitted' THEN 1 ELSE 0 END,
    paid_at = CASE WHEN :state = 'paid' THEN :at ELSE paid_at END,
    model = COALESCE(:model, model),
    credits = COALESCE(:credits, credits),
    priced = COALESCE(:priced, priced),
    message = COALESCE(:message, message),
    sources = COALESCE(:sources, sources),
    spent = COALESCE(:spent, spent),
    revised_prompt = COALESCE(:revised_prompt, revised_prompt),
    model_prompt = COALESCE(:model_prompt, model_prompt),
    revision_credits = COALESCE(:revision_credits, revision_credits),
    lease_until = epoch_millis() + :lease
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING member, server, {COST_COLUMNS}
"""  # noqa: S608 — the columns are a constant
# For an answer that came to a process whose lease had expired: it was paid, so its sources are kept for the member.
LOCK = """
UPDATE generation SET id = id WHERE id = :id
RETURNING state, settled_at, sources, late_sources, deleted_at, prompt
"""
# The images of one that was settled as refunded are on no meter any more: COUNT_LATE counts them on the bot's.
KEEP_LATE = f"""
UPDATE generation SET
    state = CASE WHEN state = 'refunded' THEN 'unknown' ELSE state END,
    spent = CASE WHEN state = 'refunded' THEN COALESCE(:spent, images) ELSE spent END,
    sources = :sources, late_sources = :late_sources, model = :model,
    credits = COALESCE(:credits, credits), priced = COALESCE(:priced, priced)
WHERE id = :id
RETURNING spent, {COST_COLUMNS}
"""  # noqa: S608
# `state` is still that of before on the right-hand sides. A submitted row with sources is one of KEEP_LATE: it was paid
# after all, so it becomes :late, all that was booked is spent, and its sources stay; so do those of `late_sources`, in
# any case. `untold` is the pending notice.
SETTLE = f"""
UPDATE generation SET
    state = CASE WHEN sources IS NOT NULL AND state = 'submitted' THEN :late ELSE :state END,
    refunded = :refund, settled_at = :at, credits = COALESCE(:credits, credits),
    spent = COALESCE(
        CASE WHEN sources IS NOT NULL AND state = 'submitted' THEN NULL ELSE CAST(:spent AS INTEGER) END,
        (SELECT charge.images FROM charge WHERE charge.generation = generation.id AND charge.meter = :bot),
        images
    ),
    untold = :pending_notice, lease_until = epoch_millis() + :lease,
    token = CASE WHEN CAST(:pending_notice AS TEXT) IS NOT NULL THEN token END,
    sources = CASE WHEN CAST(:keep AS INTEGER) = 1 OR state = 'submitted' THEN sources END,
    message = COALESCE(CAST(:message AS BIGINT), message)
WHERE id = :id AND owner = :owner AND settled_at IS NULL
RETURNING
    spent, sources, late_sources,
    EXISTS (SELECT 1 FROM picture WHERE picture.generation = generation.id),
    {COST_COLUMNS}
"""  # noqa: S608
# Whose it is by now does not matter: a row that is SUBMITTED first is not found, and one that was found is settled in
# the same transaction, so that nothing is submitted afterwards.
CANCEL = f"""
UPDATE generation SET cancelled_at = :at, owner = :owner
WHERE id = :id AND state IN ('reserved', 'acknowledged') AND attempts = 0 AND settled_at IS NULL
RETURNING {COLUMNS}
"""  # noqa: S608
COUNT_REVISION = f"""
UPDATE generation SET revision_credits = :revision_credits
WHERE id = :id AND settled_at IS NOT NULL AND revision_credits IS NULL
RETURNING {COST_COLUMNS}
"""  # noqa: S608
WAS_CANCELLED = "SELECT 1 FROM generation WHERE id = :id AND cancelled_at IS NOT NULL"
PUT_SOURCES = "UPDATE generation SET sources = :sources, late_sources = NULL WHERE id = :id"
NOTICE_DELIVERED = """
UPDATE generation SET token = NULL, untold = NULL WHERE id = :id AND owner = :owner AND untold IS NOT NULL
"""
# A generation is unfinished until it is settled and no notice (`untold`) is pending. Ids come as ",1,2,3,": the engines
# take lists as parameters in different ways, or not at all.
RENEW = """
UPDATE generation SET lease_until = epoch_millis() + :lease
WHERE owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL) AND :ids LIKE '%,' || CAST(id AS TEXT) || ',%'
RETURNING id
"""
RELEASE = """
UPDATE generation SET lease_until = epoch_millis() + :after
WHERE id = :id AND owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL)
"""
RELEASE_ALL = """
UPDATE generation SET lease_until = 0 WHERE owner = :owner AND (settled_at IS NULL OR untold IS NOT NULL)
"""
# The conditions stand there twice: of two processes that find the same row, the second one waits for the first, then
# asks again, and leaves it. A submitted row with sources is one of KEEP_LATE: it was paid after all.
CLAIM_EXPIRED = f"""
UPDATE generation SET
    owner = :owner, lease_until = epoch_millis() + :lease,
    state = CASE WHEN sources IS NOT NULL AND state = 'submitted' THEN 'paid' ELSE state END
WHERE id IN (
    SELECT id FROM generation
    WHERE (settled_at IS NULL OR untold IS NOT NULL)
    AND (lease_until < epoch_millis() OR lease_until > epoch_millis() + :longest)
    AND :held NOT LIKE '%,' || CAST(id AS TEXT) || ',%'
    ORDER BY lease_until LIMIT :most
)
AND (settled_at IS NULL OR untold IS NOT NULL)
AND (lease_until < epoch_millis() OR lease_until > epoch_millis() + :longest)
RETURNING {COLUMNS}, spent, late_sources
"""  # noqa: S608 — the columns are a constant
UNFINISHED = "SELECT 1 FROM generation WHERE settled_at IS NULL OR untold IS NOT NULL LIMIT 1"


class SqlLedger:
    """Implements `bot.core.generation.ledger.Ledger` for one process, which owns rows by a random name."""

    def __init__(
        self,
        database: Database,
        failures: FailureLimits = NO_FAILURE_LIMITS,
        budgets: Budgets = NO_BUDGETS,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.database = database
        self._failures = failures
        self._budgets = budgets
        self._policies = PolicyReader()
        self.lease_seconds = lease_seconds
        self._owner = secrets.token_hex(8)
        self._lease = round(1000 * lease_seconds)

    @in_transaction(synchronous=False)
    def reserve(
        self,
        request: Request,
        rules: Callable[[Policy], Terms],
        now: datetime,
        estimate: Estimate = UNKNOWN_PRICE,
    ) -> Transaction[tuple[MeterReading, ...]]:
        member, server = request.caller.member, server_column(request.caller.place)
        budgets = self._budgets.meters(now)
        revision, changed_at, credits = yield from self._insert(request, estimate, budgets, now)
        terms = rules((yield from self._policies.read(server, revision, changed_at)))
        readings = yield from take_from_meters(request, terms.meters)
        if terms.cooldown.value or terms.at_once.value is not None:
            yield from _check_pace(request, terms, now)
        yield from self._check_failure_limits(member, server, now)
        if full := (yield from take_from_budgets(window_keys(budgets), self._budgets, credits)):
            budget = next(it for it in budgets if it.window.key == full)
            raise BudgetReached(budget, (yield from used_on(budget)), credits, request.spec.count)
        return readings

    def _insert(
        self, request: Request, estimate: Estimate, budgets: tuple[Meter, Meter], now: datetime
    ) -> Transaction[Row]:
        """Which revision of the policy is in force, since when, and what all pictures will probably cost, in credits.

        Raises AlreadyReserved.
        """
        day, month = window_keys(budgets)
        row = {**row_of(request), "at": to_millis(now), "owner": self._owner, "lease": self._lease}
        row |= {"model": estimate.model, "inputs": estimate.inputs, "credits": estimate.credits}
        row |= {"pictures": request.spec.count, "paid_after": to_millis(now - PRICE_HOLDS)}
        inserted = yield INSERT_GENERATION, {**row, "day": day, "month": month}
        if not inserted:
            raise AlreadyReserved
        return inserted[0]

    async def advance(self, generation: int, step: Step, now: datetime) -> None:
        if step.state in FINAL_STATES:
            raise ValueError(f"{step.state.value} is final: settle it")
        # Raised when it is committed: an order that came too late has been kept by then.
        if lost := await self._advance(generation, step, now):
            raise lost

    @in_transaction()
    def _advance(self, generation: int, step: Step, now: datetime) -> Transaction[LeaseLost | None]:
        """Why the generation is this process's no more; None as long as it is."""
        order = step.order
        contents = contents_kept(order.sources) if order else {}
        credits = bigint_or_none(order.credits) if order else None
        about: dict[str, Value] = {
            "id": generation,
            "model": order.model if order else step.model,
            "credits": credits,
            "priced": step.priced if credits is not None else None,
            "sources": encode_sources(order.sources, contents) if order else None,
            "spent": step.spent,
        }
        moving: dict[str, Value] = {"state": step.state.value, "at": to_millis(now), "message": step.message}
        moving |= revision_columns(step.revision)
        moving["model_prompt"] = model_prompt_of(order) if order else None
        advanced = yield ADVANCE, {**about, **moving, "owner": self._owner, "lease": self._lease}
        if not advanced:
            if order:
                late = encode_sources(order.sources, contents, step.recorded)
                yield from self._keep_late(generation, about, late, contents, step.recorded)
            return Cancelled() if (yield WAS_CANCELLED, {"id": generation}) else LeaseLost()
        yield from insert_pictures(generation, contents, step.recorded)
        if step.state is State.SUBMITTED:
            member, server, *row = advanced[0]
            yield from self._check_failure_limits(member, server, now)
            record, spent = CostRecord.of(row), step.spent or 0
            if spent > record.images:  # more than was reserved: those of attempts that may have been billed
                yield from book_on_bot_meter(generation, spent)
            yield from book_on_budgets(record, spent, self._budgets, now, step.estimate, step.pictures)
        if step.price:
            yield from learn_price(step.price, now)
        return None

    def _keep_late(
        self,
        generation: int,
        about: Mapping[str, Value],
        late: str | None,
        contents: Mapping[int, bytes],
        recorded: int,
    ) -> Transaction[None]:
        """Keep sources, or those that follow `recorded` others, of a generation that is another process's by now."""
        if not (rows := (yield LOCK, {"id": generation})):
            return
        state, settled_at, sources, late_sources, deleted_at, prompt = rows[0]
        columns = columns_with_late(State(state), sources, late_sources, late, recorded)
        if columns is None:
            return
        # Deleted for good: nobody is to see any of it, and it only counts. (Asked in RETURNING for `deleted_at IS NOT
        # NULL`, SQLite 3.40 says that NULL is not.)
        if deleted_at is not None and not prompt:
            columns, contents = {"sources": None, "late_sources": None}, {}
        [[spent, *row]] = yield KEEP_LATE, {**about, **columns}
        yield from insert_pictures(generation, contents, recorded)
        if state == State.REFUNDED:
            yield from count_late(generation, spent)
        if settled_at is not None:
            yield from record_costs([CostRecord.of(row)], self._budgets)

    def _check_failure_limits(self, member: int, server: int, now: datetime) -> Transaction[None]:
        """Raises FailureLimitReached."""
        for failed in (yield from failed_today(member, server, self._failures, now)):
            if failed.is_limit_reached:
                raise FailureLimitReached(failed)

    @in_transaction()
    def is_reserved(self, generation: int) -> Transaction[bool]:
        return bool((yield EXISTS, {"id": generation}))

    @in_transaction()
    def cancel(self, generation: int, now: datetime) -> Transaction[Generation | None]:
        whose: Params = {"id": generation, "at": to_millis(now), "owner": self._owner}
        if not (rows := (yield CANCEL, whose)):
            return None
        cancelled = generation_of(tuple(rows[0]))
        images = cancelled.request.spec.counted
        ending = Settlement(State.REFUNDED, images, pending_notice=notice_of(Cancelled()))
        yield from self._settle(generation, ending, now)
        return cancelled

    @in_transaction()
    def settle(self, generation: int, ending: Settlement, now: datetime) -> Transaction[Cost | None]:
        return self._settle(generation, ending, now)

    def _settle(self, generation: int, ending: Settlement, now: datetime) -> Transaction[Cost | None]:
        if ending.state not in FINAL_STATES:
            raise ValueError(f"{ending.state.value} is not final")
        # Where all was delivered, nothing goes back, and all that was booked is spent (None); where nothing was bought,
        # everything goes back. Between them the bot's own meter keeps `spent`, and the others give `refund` back.
        gives_back = ending.refund > 0 or ending.state is not State.DELIVERED
        spent = ending.spent if gives_back else None
        if ending.state is State.REFUNDED:
            spent = 0
        closing: Params = {
            "id": generation,
            "state": ending.state.value,
            "at": to_millis(now),
            "refund": ending.refund,
            "late": (State.UNKNOWN if ending.state is State.REFUNDED else ending.state).value,
            "spent": spent,
            "bot": BOT_METER,
            "credits": bigint_or_none(ending.credits),
            "pending_notice": ending.pending_notice,
            "keep": int(ending.state is State.UNDELIVERED or ending.keep_pictures),
            "message": ending.message,
            "owner": self._owner,
            "lease": self._lease,
        }
        settled = yield SETTLE, closing
        if not settled:
            return None
        total, sources, late, has_pictures, *row = settled[0]
        if late:
            sources = joined(sources, late)
            yield PUT_SOURCES, {"id": generation, "sources": sources}
        if has_pictures:
            yield from drop_pictures(generation, sources)
        if gives_back:
            yield from give_back(generation, ending.refund, total)
        record = CostRecord.of(row)
        if ending.credits is not None:  # with all attempts: the image API's log says so
            record = replace(record, priced=record.spent)
        yield from record_costs([record], self._budgets)
        return record.cost

    @in_transaction()
    def count_revision(self, generation: int, credits: int) -> Transaction[None]:
        revision_credits = revision_columns(PromptRevision(None, credits))["revision_credits"]
        if revision_credits is not None:
            rows = yield COUNT_REVISION, {"id": generation, "revision_credits": revision_credits}
            yield from record_costs(map(CostRecord.of, rows), self._budgets)

    @in_transaction()
    def notice_delivered(self, generation: int) -> Transaction[None]:
        yield NOTICE_DELIVERED, {"id": generation, "owner": self._owner}

    @in_transaction()
    def renew(self, generations: Collection[int]) -> Transaction[frozenset[int]]:
        rows = yield RENEW, {"owner": self._owner, "ids": _listed(generations), "lease": self._lease}
        return frozenset(int(row[0]) for row in rows)

    @in_transaction()
    def release(self, generation: int, seconds: float) -> Transaction[None]:
        yield RELEASE, {"id": generation, "owner": self._owner, "after": round(1000 * seconds)}

    @in_transaction()
    def release_all(self) -> Transaction[None]:
        yield RELEASE_ALL, {"owner": self._owner}

    @in_transaction()
    def claim_expired(self, held: Collection[int], most: int) -> Transaction[tuple[AbandonedGeneration, ...]]:
        longest = max(2 * self._lease, LONGEST_LEASE)
        whose: Params = {"owner": self._owner, "lease": self._lease, "longest": longest}
        rows = yield CLAIM_EXPIRED, {**whose, "held": _listed(held), "most": most}
        claimed = []
        for *row, spent, late in rows:
            charges = yield from charges_of(row[0])
            # A version that did not write down what was spent before the end had booked as much.
            booked = next((it.images for it in charges if it.meter == BOT_METER), 0)
            try:
                found = generation_of(tuple(row))
                found = replace(found, sources=(*found.sources, *decode_sources(late)))
            except (ValueError, TypeError, KeyError):  # it must not keep all the others waiting
                log.exception("generation %d: what is on record of it can't be read", row[0])
                continue
            if late:  # delivered with the rest
                yield PUT_SOURCES, {"id": found.id, "sources": encode_sources(found.sources)}
            abandoned = AbandonedGeneration(
                found.request,
                found.state,
                found.reserved_at,
                found.message,
                order=found.order if found.state is State.PAID else None,
                charges=charges,
                pending_notice=found.pending_notice,
                attempts=found.attempts,
                model=found.model,
                spent=(spent or booked or found.request.spec.counted) // found.request.spec.weight,
                revision=found.revision,
            )
            claimed.append(abandoned)
        return tuple(claimed)

    @in_transaction(reading=True)
    def load(self, generation: int, order: Order) -> Transaction[Order]:
        sources = []
        for source in order.sources:
            sources.append((yield from loaded(generation, source)))  # noqa: PERF401 — nothing yields inside a comprehension
        return replace(order, sources=tuple(sources))

    @in_transaction()
    def has_unfinished(self) -> Transaction[bool]:
        return bool((yield UNFINISHED, {}))


def _check_pace(request: Request, terms: Terms, now: datetime) -> Transaction[None]:
    """Raises MaxConcurrencyReached, OnCooldown.

    Both are read from the journal of generations: a counter of its own could be left wrong by a crash.
    """
    cooldown, at_once = timedelta(seconds=terms.cooldown.value or 0), terms.at_once.value
    found = yield from pace(request.caller, terms.cooldown, now, other_than=request.id)
    if at_once is not None and found.running >= at_once:
        raise MaxConcurrencyReached(found.running, terms.at_once)
    if found.last is not None and found.last + cooldown > now:
        raise OnCooldown(found.last + cooldown, terms.cooldown)


def _listed(ids: Collection[int]) -> str:
    """Several ids as one parameter: `,1,2,3,`."""
    return f",{','.join(map(str, ids))},"
