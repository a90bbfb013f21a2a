"""The operator's ceilings hold in every span of time, whatever moderators, operators and clocks do in any order."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from bot.core.generation.ledger import Settlement
from bot.core.generation.model import Request, State
from bot.core.limits.errors import LimitReached
from bot.core.limits.meters import Scope
from bot.core.limits.policy import UNDECIDED, Bounds, Policy, Setting
from bot.core.limits.rules import meters_for, terms_for
from bot.core.moderation.edits import (
    Edit,
    ResetAll,
    ResetCounter,
    SetMember,
    SetNumbers,
    SetRole,
    SetZone,
    TopUpMember,
    apply,
)
from bot.core.moderation.errors import SettingOutOfBounds, TooManyPolicyChanges
from bot.core.place import Caller, InServer
from bot.storage.counters import SqlCounters
from bot.storage.ledger import SqlLedger
from bot.storage.operator_clock import operators_clock
from bot.storage.policies import SqlPolicies
from tests.core.factories import operator
from tests.storage.factories import SERVER, request
from tests.storage.machines import DatabaseMachine, run_machine, sqlite_files

EXAMPLES = int(os.environ.get("CEILING_EXAMPLES", "0"))
"""Set it to try more, each time others."""
MEMBERS, ROLE = (1, 2), 71
ZONES = tuple(map(ZoneInfo, ("UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kolkata")))
MIDNIGHTS = (None, *ZONES)
START = datetime(2026, 11, 27, 20, tzinfo=ZoneInfo("UTC"))  # so that a month ends, too
DAY, MONTH = timedelta(hours=23), timedelta(days=28) - timedelta(hours=26)
SPANS = (timedelta(hours=1), DAY, timedelta(days=3))
CEILINGS = {Setting.MONTHLY: 40, Setting.SERVER_DAILY: 14, Setting.SERVER_MONTHLY: 60}
PLAIN = operator(5, bot_daily=18, ceiling=8)
ALIKE = {setting: Bounds(most, most) for setting, most in CEILINGS.items()}
OPERATOR = replace(PLAIN, bounds={**PLAIN.bounds, **ALIKE})


def where_it_is_23(now: datetime) -> ZoneInfo:
    east = 23 - now.hour if now.hour >= 9 else -1 - now.hour
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "UTC")


LIMITS = st.sampled_from([UNDECIDED, 0, 1, 5, 8])


@dataclass
class Taken:
    request: Request
    at: datetime
    images: int


class CeilingMachine(DatabaseMachine):
    taken = Bundle[Taken]("taken")

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.counters = SqlLedger(self.database), SqlCounters(self.database)
        self.policies = SqlPolicies(self.database)
        self.operator, self.now, self.behind = OPERATOR, START, timedelta()
        self.all_taken: list[Taken] = []

    @property
    def clock(self) -> datetime:
        """As the bot sees it."""
        return self.now - self.behind

    @initialize(zone=st.sampled_from(ZONES))
    def the_bot_starts(self, zone: ZoneInfo) -> None:
        self.start(zone)

    @rule(zone=st.sampled_from(ZONES))
    def the_bot_starts_with_a_zone(self, zone: ZoneInfo) -> None:
        self.start(zone)

    def start(self, zone: ZoneInfo) -> None:
        running = self.wait(operators_clock(self.database, zone, self.clock))
        self.operator = replace(self.operator, zone=zone, running=running)

    def change(self, edit: Edit) -> None:
        with suppress(SettingOutOfBounds, TooManyPolicyChanges):
            edited = partial(apply, edit, operator=self.operator, now=self.clock)
            self.wait(self.policies.change(SERVER, edited, 1, self.clock))

    @rule(zone=st.sampled_from(MIDNIGHTS))
    def the_server_takes_a_zone(self, zone: ZoneInfo | None) -> None:
        self.change(SetZone(zone))

    @rule(member=st.sampled_from(MEMBERS), times=st.integers(1, 6), operators=st.booleans())
    def midnight_is_always_a_few_minutes_away(self, member: int, times: int, operators: bool) -> None:
        for _ in range(times):
            zone = where_it_is_23(self.clock)
            self.change(SetZone(None if operators else zone))
            self.start(zone if operators else self.operator.zone)
            self.use_up(member)
            self.now += timedelta(hours=1)
            self.use_up(member)

    @rule(member=st.sampled_from(MEMBERS), times=st.integers(1, 6))
    def a_counter_is_reset_and_used_up(self, member: int, times: int) -> None:
        for _ in range(times):
            self.change(ResetCounter(member))
            self.use_up(member)

    @rule(member=st.sampled_from(MEMBERS), images=st.integers(1, 8))
    def a_member_is_topped_up(self, member: int, images: int) -> None:
        self.change(TopUpMember(member, images))

    @rule(
        member=st.sampled_from(MEMBERS), limit=LIMITS, of=st.sampled_from(["member", "role", "server", "all"])
    )
    def a_limit_is_changed(self, member: int, limit: int, of: str) -> None:
        edits: dict[str, Edit] = {
            "member": SetMember(member, limit),
            "role": SetRole(ROLE, limit),
            "server": SetNumbers({Setting.DAILY: limit}),
            "all": ResetAll(),
        }
        self.change(edits[of])

    @rule(minutes=st.sampled_from([1, 59, 5 * 60, 11 * 60, 24 * 60, 3 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(hours=st.sampled_from([0, 1, 3]))
    def the_clock_is_put_back_or_forward_again(self, hours: int) -> None:
        self.behind = timedelta(hours=hours)

    @rule(target=taken, member=st.sampled_from(MEMBERS), images=st.integers(1, 4))
    def images_are_asked_for(self, member: int, images: int) -> Taken | MultipleResults[Taken]:
        return self.take(member, images) or multiple()

    @rule(one=consumes(taken))
    def they_are_given_back(self, one: Taken) -> None:
        settled = self.ledger.settle(one.request.id, Settlement(State.REFUNDED, one.images), self.clock)
        assert self.wait(settled)
        one.images = 0

    def use_up(self, member: int) -> None:
        for images in (4, 1):
            while self.take(member, images):
                pass

    def take(self, member: int, images: int) -> Taken | None:
        """Refused only where one of the limits that the member is shown says so."""
        caller = Caller(member, InServer(SERVER, 4, roles=frozenset({ROLE})))
        wanted, operator_now, clock = replace(request(images), caller=caller), self.operator, self.clock
        policy: Policy = self.wait(self.policies.of(SERVER)).policy
        readings = self.wait(self.counters.usage(meters_for(policy, operator_now, caller, clock)))
        fits = all(it.left is None or it.left >= images for it in readings)
        reserving = self.ledger.reserve(wanted, lambda it: terms_for(it, operator_now, caller, clock), clock)
        try:
            self.wait(reserving)
        except LimitReached:
            assert not fits
            return None
        assert fits
        self.all_taken.append(Taken(wanted, clock, images))
        return self.all_taken[-1]

    @invariant()
    def the_ceilings_hold_in_every_span(self) -> None:
        for member in MEMBERS:
            mine = [one for one in self.all_taken if one.request.caller.member == member]
            self.hold(mine, 8, DAY, Scope.MEMBER)
            self.hold(mine, CEILINGS[Setting.MONTHLY], MONTH, Scope.MEMBER)
        self.hold(self.all_taken, CEILINGS[Setting.SERVER_DAILY], DAY, Scope.SERVER)
        self.hold(self.all_taken, CEILINGS[Setting.SERVER_MONTHLY], MONTH, Scope.SERVER)
        self.hold(self.all_taken, 18, DAY, Scope.BOT)

    def hold(self, taken: list[Taken], ceiling: int, shortest: timedelta, whose: Scope) -> None:
        """In a span there are no more windows than can begin in it, and the one that it begins in."""
        for span in SPANS:
            most = ceiling * (ceil(span / shortest) + 1)
            for first in taken:
                within = sum(one.images for one in taken if first.at <= one.at < first.at + span)
                assert within <= most, (whose, span, first.at)


def try_ceilings(fresh_url: Callable[[], str], examples: int) -> None:
    tried = settings(max_examples=EXAMPLES or examples, stateful_step_count=12, derandomize=not EXAMPLES)
    run_machine(CeilingMachine, fresh_url, tried)


def test_the_ceilings_hold_on_sqlite(tmp_path: Path) -> None:
    try_ceilings(sqlite_files(tmp_path), examples=20)


def test_the_ceilings_hold_on_postgres(fresh_schema: Callable[[], str]) -> None:
    try_ceilings(fresh_schema, examples=10)
