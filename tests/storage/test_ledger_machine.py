"""The ledger against a model in plain Python, through whatever order of events hypothesis comes up with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    invariant,
    multiple,
    rule,
)

from bot.core.generation.costs import cost_of, share_of
from bot.core.generation.errors import LeaseLost, NoBudgetForRetry
from bot.core.generation.ledger import AlreadyReserved, Settlement, Step
from bot.core.generation.model import Order, Request, Source, State
from bot.core.limits.budgets import Budgets, Estimate
from bot.core.limits.errors import BudgetReached, LimitReached
from bot.core.limits.meters import BOT_METER, BUDGET_METER, Meter
from bot.core.limits.policy import Policy
from bot.core.limits.rules import Terms, meters_for
from bot.core.moderation.edits import SetZone, apply
from bot.storage.engine.protocol import Rows, Transaction
from bot.storage.generations import decode_sources
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON, operator
from tests.storage.factories import SERVER, caller, request, rules
from tests.storage.machines import DatabaseMachine, run_machine, sqlite_files

Key = tuple[str, str]

LIMITS = (6, 9, 12)
MEMBERS = (1, 2, 3)
PROCESSES = (0, 1)
BUDGETS = Budgets(40, 60, ZoneInfo("UTC"))
ZONES = tuple(map(ZoneInfo, ("UTC", "Pacific/Kiritimati", "Etc/GMT+12")))

TAKEN = """
SELECT meter, charge.window_key, SUM(
    CASE WHEN meter = 'bot' AND settled_at IS NOT NULL THEN spent ELSE charge.images - refunded END
)
FROM charge JOIN generation ON generation.id = charge.generation GROUP BY meter, charge.window_key
"""
COSTS = """
SELECT budget_day, SUM(cost) FROM generation GROUP BY budget_day
UNION ALL SELECT budget_month, SUM(cost) FROM generation GROUP BY budget_month
"""
METERS = "SELECT name, window_key, used FROM meter"
STATES = "SELECT id, state, refunded, attempts FROM generation"
SOURCES = "SELECT id, sources, late_sources FROM generation"
PICTURES = "SELECT generation, position, content FROM picture"
UNSETTLED = """
SELECT generation, meter, window_key FROM charge WHERE generation IN (
    SELECT id FROM generation WHERE settled_at IS NULL
) ORDER BY generation, position
"""


def _select(statement: str) -> Callable[[], Transaction[Rows]]:
    def steps() -> Transaction[Rows]:
        return (yield statement, {})

    return steps


def number_of(source: Source) -> int:
    """Of a picture, by its address or its content."""
    return int(source.content) if source.content is not None else int((source.url or "").rpartition("/")[2])


class LedgerMachine(DatabaseMachine):
    reserved = Bundle[Request]("reserved")

    def __init__(self) -> None:
        super().__init__()
        # Two processes whose leases have always run out: each may take over the other's at any time.
        self.ledgers = [SqlLedger(self.database, budgets=BUDGETS, lease_seconds=-1) for _ in PROCESSES]
        self.owners: dict[int, int] = {}
        self.now = NOON
        self.policy = Policy()
        self.used: Counter[Key] = Counter()
        self.taken: dict[int, list[Key]] = {}
        self.states: dict[int, tuple[str, int]] = {}
        self.attempts: Counter[int] = Counter()
        self.late: Counter[Key] = Counter()  # what was paid after all, whatever the limit
        self.booked: dict[int, tuple[Key, int]] = {}
        self.numbers = count(1)  # of pictures
        self.buyers: dict[int, int] = {}
        self.claimed_back: set[int] = set()
        self.bought: defaultdict[int, list[Source]] = defaultdict(list)
        self.sources: defaultdict[int, list[int]] = defaultdict(list)
        self.late_sources: defaultdict[int, list[int]] = defaultdict(list)
        self.estimates: dict[int, int] = {}  # of all images of a generation
        self.costs: dict[int, int] = {}  # as each counts on both budgets
        self.answers: defaultdict[int, list[int | None]] = defaultdict(
            list
        )  # what each part is said to have cost
        self.told: dict[int, tuple[int, int]] = {}  # what is on record of that, and for how many parts
        self.windows: dict[int, list[Key]] = {}
        self.spent: dict[int, int] = {}
        self.overspent: Counter[Key] = Counter()  # what turned out to be more than was expected

    def count_cost(self, id: int, cost: int, *, foreseen: bool = False) -> None:
        more = cost - self.costs[id]
        for key in self.windows[id]:
            self.used[key] += more
            self.overspent[key] += 0 if foreseen else max(0, more)
        self.costs[id] = cost

    def count_what_it_has_cost(self, made: Request) -> None:
        credits, priced = self.told.get(made.id, (None, 0))
        cost = cost_of(made.spec.count, self.estimates[made.id], self.spent[made.id], credits, priced)
        self.count_cost(made.id, cost.credits)

    def full_budget(self, keys: list[Key], more: int) -> Key | None:
        caps = zip(keys, (BUDGETS.daily, BUDGETS.monthly), strict=True)
        return next((key for key, cap in caps if self.used[key] + more > (cap or 0)), None)

    def meters(self, member: int) -> tuple[Meter, ...]:
        return meters_for(self.policy, operator(*LIMITS), caller(member), self.now)

    def asked_by(self, member: int) -> Callable[[Policy], Terms]:
        return rules(*LIMITS, member=member, now=self.now)

    @rule(
        target=reserved,
        by=st.sampled_from(PROCESSES),
        member=st.sampled_from(MEMBERS),
        images=st.integers(1, 7),
        price=st.integers(1, 6),
    )
    def reserve(self, by: int, member: int, images: int, price: int) -> Request | MultipleResults[Request]:
        wanted, on = request(images, member=member), self.meters(member)
        estimate = Estimate("m", 0, price)
        keys = [(meter.name, meter.window.key) for meter in on]
        full = [
            m
            for m, key in zip(on, keys, strict=True)
            if m.limit is not None and self.used[key] + images > m.limit
        ]
        if full:
            with pytest.raises(LimitReached) as caught:
                self.wait(self.ledgers[by].reserve(wanted, self.asked_by(member), self.now))
            assert caught.value.meter == full[0]
            assert caught.value.used == self.used[full[0].name, full[0].window.key]
            return multiple()
        reserving = self.ledgers[by].reserve(wanted, self.asked_by(member), self.now, estimate)
        windows = [(it.name, it.window.key) for it in BUDGETS.meters(self.now)]
        if reached := self.full_budget(windows, images * price):
            with pytest.raises(BudgetReached) as over:
                self.wait(reserving)
            assert (over.value.meter.name, over.value.meter.window.key) == reached
            assert (over.value.used, over.value.asked) == (self.used[reached], images * price)
            return multiple()
        readings = self.wait(reserving)
        self.used.update(dict.fromkeys(keys, images))
        self.windows[wanted.id], self.costs[wanted.id] = windows, 0
        self.estimates[wanted.id] = images * price
        self.count_cost(wanted.id, images * price, foreseen=True)
        assert [reading.used for reading in readings] == [self.used[key] for key in keys]
        self.taken[wanted.id] = keys
        self.states[wanted.id] = ("reserved", 0)
        self.owners[wanted.id] = self.buyers[wanted.id] = by
        self.booked[wanted.id] = (next(key for key in keys if key[0] == BOT_METER), images)
        return wanted

    @rule(made=reserved, by=st.sampled_from(PROCESSES))
    def reserve_again(self, made: Request, by: int) -> None:
        with pytest.raises(AlreadyReserved):
            self.wait(self.ledgers[by].reserve(made, self.asked_by(made.caller.member), self.now))

    @rule(
        made=reserved,
        by=st.sampled_from(PROCESSES),
        state=st.sampled_from([State.ACKNOWLEDGED, State.SUBMITTED, State.PAID]),
    )
    def advance(self, made: Request, by: int, state: State) -> None:
        if state is State.ACKNOWLEDGED and self.sources[made.id]:
            return  # no process goes back behind what was bought
        advancing = self.ledgers[by].advance(made.id, Step(state), self.now)
        if made.id in self.taken and self.owners[made.id] == by:
            self.wait(advancing)
            if state is not State.SUBMITTED or self.states[made.id][0] != State.PAID:
                self.states[made.id] = (state.value, 0)
            self.attempts[made.id] += state is State.SUBMITTED
        else:
            with pytest.raises(LeaseLost):
                self.wait(advancing)

    @rule(made=reserved, by=st.sampled_from(PROCESSES), at_risk=st.integers(0, 3))
    def submit(self, made: Request, by: int, at_risk: int) -> None:
        """One more attempt, after `at_risk` that may have been billed."""
        booked = (at_risk + 1) * made.spec.count
        submitting = self.ledgers[by].advance(made.id, Step(State.SUBMITTED, spent=booked), self.now)
        if made.id not in self.taken or self.owners[made.id] != by:
            with pytest.raises(LeaseLost):
                self.wait(submitting)
            return
        key, before = self.booked[made.id]
        more = max(0, booked - before)
        wanted = share_of(self.estimates[made.id], booked, made.spec.count)
        dearer = max(0, wanted - self.costs[made.id])
        if (more and self.used[key] + more > LIMITS[2]) or (
            dearer and self.full_budget(self.windows[made.id], dearer)
        ):
            with pytest.raises(NoBudgetForRetry):
                self.wait(submitting)
            return
        self.wait(submitting)
        self.used[key] += more
        self.booked[made.id] = (key, before + more)
        if self.states[made.id][0] != State.PAID:
            self.states[made.id] = ("submitted", 0)
        self.attempts[made.id] += 1
        self.count_cost(made.id, self.costs[made.id] + dearer, foreseen=True)

    @rule(made=reserved, inside=st.booleans(), credits=st.none() | st.integers(0, 9))
    def buy_a_part(self, made: Request, inside: bool, credits: int | None) -> None:
        """The process that reserved it gets one more picture, whoever has the generation by now."""
        if made.id in self.claimed_back:
            return  # nobody buys what they have claimed
        bought = self.bought[made.id]
        number = next(self.numbers)
        bought.append(Source(None, b"%d" % number) if inside else Source(f"http://pictures/{number}"))
        (key, booked), recorded = self.booked[made.id], len(bought) - 1
        self.answers[made.id].append(credits)
        said = [it for it in self.answers[made.id] if it is not None]
        order = Order("m", tuple(bought), sum(said) if said else None)
        step = Step(State.PAID, order=order, recorded=recorded, spent=booked, priced=len(said))
        by = self.buyers[made.id]
        buying = self.ledgers[by].advance(made.id, step, self.now)
        if made.id in self.taken and self.owners[made.id] == by:
            self.wait(buying)
            self.states[made.id] = ("paid", 0)
            self.sources[made.id].append(number)
            if said:
                self.told[made.id] = sum(said), len(said)
            return
        with pytest.raises(LeaseLost):
            self.wait(buying)
        state, refund = self.states[made.id]
        if state == State.REFUNDED:
            self.states[made.id] = (State.UNKNOWN.value, refund)
            self.used[key] += booked
            self.late[key] += booked
            self.spent[made.id] = booked
            self.sources[made.id].append(number)
        elif state == State.PAID and recorded and self.sources[made.id]:
            self.late_sources[made.id].append(number)
        elif (state in {"submitted", "unknown"} and not self.sources[made.id]) or (
            recorded and state in {"submitted", "paid", "delivered", "kept", "unknown"}
        ):
            self.sources[made.id].append(number)
        else:
            return
        if said:
            self.told[made.id] = sum(said), len(said)
        if made.id not in self.taken:
            self.count_what_it_has_cost(made)

    @rule(by=st.sampled_from(PROCESSES), held=st.lists(reserved, max_size=2))
    def claim_expired(self, by: int, held: list[Request]) -> None:
        ids = {made.id for made in held}
        found = self.wait(self.ledgers[by].claim_expired(ids, 100))
        assert {left.request.id for left in found} == set(self.taken) - ids
        for left in found:
            id = left.request.id
            self.owners[id] = by
            self.sources[id] += self.late_sources.pop(id, [])
            if self.states[id][0] == "submitted" and self.sources[id]:
                self.states[id] = ("paid", 0)
            assert left.state == self.states[id][0]
            if left.state is State.PAID:
                assert left.order
                order = self.wait(self.ledgers[by].load(id, left.order))
                assert [number_of(it) for it in order.sources] == self.sources[id]
            if by == self.buyers[id]:
                self.claimed_back.add(id)

    @rule(
        made=reserved,
        by=st.sampled_from(PROCESSES),
        state=st.sampled_from([State.DELIVERED, State.REFUNDED, State.UNDELIVERED, State.UNKNOWN]),
        kept=st.integers(0, 7),
        free=st.integers(0, 3),
    )
    def settle(self, made: Request, by: int, state: State, kept: int, free: int) -> None:
        """`free` of its attempts were certainly not billed."""
        refund = made.spec.count if state is State.REFUNDED else max(0, made.spec.count - kept)
        key, booked = self.booked[made.id]
        spent = 0 if state is State.REFUNDED else max(made.spec.count, booked - free * made.spec.count)
        if state is State.DELIVERED and not refund:  # the last attempt was paid, with all before it
            spent = booked
        ending = Settlement(state, refund, spent=spent)
        if after_all := self.states[made.id][0] == "submitted" and bool(self.sources[made.id]):
            spent = booked
        settled = self.wait(self.ledgers[by].settle(made.id, ending, self.now))
        assert bool(settled) == (made.id in self.taken and self.owners[made.id] == by)
        if settled:
            if not after_all and state is not State.UNDELIVERED:
                self.sources[made.id].clear()
            self.sources[made.id] += self.late_sources.pop(made.id, [])
            if after_all and state is State.REFUNDED:
                state = State.UNKNOWN
            keys = [key for key in self.taken.pop(made.id) if key[0] != BOT_METER]
            self.used.subtract(dict.fromkeys(keys, refund))
            self.used[key] -= booked - spent
            self.states[made.id] = (state.value, refund)
            self.spent[made.id] = spent
            self.count_what_it_has_cost(made)

    @rule(made=reserved, by=st.sampled_from(PROCESSES))
    def cancel(self, made: Request, by: int) -> None:
        """By any process, whichever has it."""
        cancelled = self.wait(self.ledgers[by].cancel(made.id, self.now))
        unpaid = self.states[made.id][0] in {"reserved", "acknowledged"}
        assert bool(cancelled) == (unpaid and not self.attempts[made.id])
        if cancelled:
            keys = self.taken.pop(made.id)
            self.used.subtract(dict.fromkeys(keys, made.spec.count))
            self.states[made.id] = (State.REFUNDED.value, made.spec.count)
            self.spent[made.id] = 0
            self.count_what_it_has_cost(made)
            self.wait(self.ledgers[by].notice_delivered(made.id))

    @rule(hours=st.sampled_from([1, 13, 24, 72]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(zone=st.sampled_from(ZONES))
    def the_day_begins_elsewhere(self, zone: ZoneInfo) -> None:
        self.now += timedelta(minutes=5)  # no faster than one moderator may
        edited = apply(SetZone(zone), self.policy, operator(*LIMITS), self.now)
        self.wait(self.policies.change(SERVER, lambda _: edited, 1, self.now))
        self.policy = edited

    @invariant()
    def the_meters_are_the_models(self) -> None:
        rows = self.wait(self.database.run(_select(METERS)))
        assert {(name, window): used for name, window, used in rows} == dict(self.used)
        assert all(used >= 0 for used in self.used.values())
        assert all(
            used - self.late[key] <= max(LIMITS)
            for key, used in self.used.items()
            if len(key[1]) == len("2026-11-23") and key[0] != BUDGET_METER
        )
        assert all(
            used - self.overspent[key] <= 60 for key, used in self.used.items() if key[0] == BUDGET_METER
        )

    @invariant()
    def what_can_be_given_back_is_the_models(self) -> None:
        charges: dict[int, list[Key]] = {id: [] for id in self.taken}
        for id, meter, window in self.wait(self.database.run(_select(UNSETTLED))):
            charges[id].append((meter, window))
        assert charges == self.taken

    @invariant()
    def the_charges_add_up_to_the_meters(self) -> None:
        rows = self.wait(self.database.run(_select(TAKEN)))
        taken = {(meter, window): int(images) for meter, window, images in rows}
        costs = self.wait(self.database.run(_select(COSTS)))
        assert taken | {(BUDGET_METER, window): int(cost) for window, cost in costs} == dict(self.used)

    @invariant()
    def the_states_are_the_models(self) -> None:
        rows = self.wait(self.database.run(_select(STATES)))
        assert {id: (state, refunded) for id, state, refunded, _ in rows} == self.states
        assert {id: attempts for id, *_, attempts in rows if attempts} == +self.attempts

    @invariant()
    def the_pictures_are_the_models(self) -> None:
        kept = {
            (id, position): content
            for id, position, content in self.wait(self.database.run(_select(PICTURES)))
        }
        for id, *texts in self.wait(self.database.run(_select(SOURCES))):
            for text, expected in zip(texts, (self.sources, self.late_sources), strict=True):
                found = [
                    it if it.stored is None else replace(it, content=bytes(kept.pop((id, it.stored))))
                    for it in decode_sources(text)
                ]
                assert [number_of(it) for it in found] == expected.get(id, [])
        assert kept == {}


def test_sqlite_keeps_the_books_like_the_model(tmp_path: Path) -> None:
    run_machine(LedgerMachine, sqlite_files(tmp_path), settings(max_examples=40, stateful_step_count=30))


def test_postgres_keeps_the_books_like_the_model(fresh_schema: Callable[[], str]) -> None:
    run_machine(LedgerMachine, fresh_schema, settings(max_examples=20, stateful_step_count=30))
