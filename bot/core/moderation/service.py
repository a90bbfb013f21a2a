"""The use case behind `/limits`: moderators view a server's policy and change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.clock import Clock
from bot.core.limits.budgets import USUAL_PRICE, BudgetReading
from bot.core.limits.counters import Counters
from bot.core.limits.errors import ServerNotAllowed
from bot.core.limits.meters import FailedToday, MeterReading, Ruling, member_today
from bot.core.limits.policy import NOTHING_DECIDED, Operator, Policy, Setting
from bot.core.limits.policy_store import PolicyStore, Revision
from bot.core.limits.rules import (
    Terms,
    meters_for,
    rulings,
    server_meters,
    terms_for,
    windows_of,
    zone_holds_from,
)
from bot.core.moderation.diff import Difference, DrasticChange, by_hand, differences, drastic, fingerprint
from bot.core.moderation.edits import Edit, ResetAll, ResetCounter, apply
from bot.core.place import Caller, InServer, ServerCaller


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What edits changed; or would change, if `needs_confirmation`: then nothing was written.

    `overtaken`: they were confirmed, but by now they would change something else than what was shown.
    `drastic_changes` need the confirmation; `price`: credits that the usual picture will probably cost. `used`: images
    that a member's counter showed before it was reset.
    """

    differences: tuple[Difference, ...]
    needs_confirmation: bool = False
    overtaken: bool = False
    drastic_changes: tuple[DrasticChange, ...] = ()
    used: int | None = None
    price: int = USUAL_PRICE


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    revision: Revision
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A server's whole policy; `readings` are the server's own, of the running day and month.

    `zone_from`: when the time zone takes effect, where it does not yet.
    `ephemeral_host`: the platform whose disk, and with it the database, is erased at each restart.
    """

    revision: Revision
    operator: Operator
    readings: tuple[MeterReading, ...]
    ephemeral_host: str | None = None
    zone_from: datetime | None = None

    @property
    def policy(self) -> Policy:
        return self.revision.policy


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a member has the limit that they have. `daily` is everything decided about it; the first counts.

    `failed`: what came to nothing today although it may have been paid for. `next_at`: the end of a cooldown that has
    not ended. `budgets`: those of the operator's that have a limit.
    """

    policy: Policy
    terms: Terms
    daily: tuple[Ruling, ...]
    readings: tuple[MeterReading, ...]
    failed: tuple[FailedToday, ...] = ()
    next_at: datetime | None = None
    budgets: tuple[BudgetReading, ...] = ()


class _Unconfirmed(Exception):
    """Rolls the transaction back: these edits have to be confirmed first."""

    def __init__(self, result: ChangeResult) -> None:
        self.result = result


class Moderation:
    """Whoever calls it has checked the moderator's right. Raises ServerNotAllowed."""

    def __init__(
        self,
        policies: PolicyStore,
        counters: Counters,
        operator: Operator,
        clock: Clock,
        *,
        ephemeral_host: str | None = None,
    ) -> None:
        self._policies = policies
        self._counters = counters
        self.operator = operator
        self._clock = clock
        self._ephemeral_host = ephemeral_host

    async def panel(self, server: int) -> Panel:
        self._check_served(server)
        revision = await self._policies.of(server)
        policy, now = revision.policy, self._clock()
        windows = windows_of(policy, self.operator, now)
        readings = await self._counters.usage(server_meters(policy, self.operator, server, windows))
        return Panel(
            revision,
            self.operator,
            readings,
            self._ephemeral_host,
            zone_holds_from(policy, self.operator, now),
        )

    async def at(self, server: int, number: int) -> Policy | None:
        """The policy as of that revision; None where that revision is kept no longer."""
        return await self._policies.at(server, number)

    async def change(
        self,
        server: int,
        by: int,
        *edits: Edit,
        agreed_fingerprint: str | None = None,
        interaction: int | None = None,
    ) -> ChangeResult:
        """Write one revision with all of the edits, or none. Drastic changes and ResetAll need a confirmation.

        `agreed_fingerprint` is that of the differences that the moderator was shown and has confirmed. Raises
        SettingOutOfBounds, PolicyListFull, WordListTooLong, TooManyPolicyChanges, PolicyTooLarge; AlreadyAcknowledged
        where another process has made the change that this `interaction` asks for.
        """
        self._check_served(server)
        now = self._clock()

        def apply_edits(policy: Policy) -> Policy:
            edited = policy
            for edit in edits:
                edited = apply(edit, edited, self.operator, now)
            found = by_hand(differences(policy, edited), now)
            changes = drastic(policy, edited, self.operator)
            if agreed_fingerprint is not None:
                is_confirmed = fingerprint(found) == agreed_fingerprint
            else:
                is_confirmed = not changes and ResetAll() not in edits
            if found and not is_confirmed:
                overtaken = agreed_fingerprint is not None
                raise _Unconfirmed(
                    ChangeResult(found, needs_confirmation=True, overtaken=overtaken, drastic_changes=changes)
                )
            return edited

        used = await self._used_before_reset(server, edits, now)
        try:
            before, after = await self._policies.change(server, apply_edits, by, now, interaction)
        except _Unconfirmed as unconfirmed:
            return replace(unconfirmed.result, price=await self._counters.price(now))
        return ChangeResult(by_hand(differences(before, after), now), used=used)

    async def _used_before_reset(self, server: int, edits: Iterable[Edit], now: datetime) -> int | None:
        """Images on the counter that the edits reset; None where they reset none."""
        reset = next((edit for edit in edits if isinstance(edit, ResetCounter)), None)
        if reset is None:
            return None
        caller = Caller(reset.member, InServer(server, server))
        meters = meters_for((await self._policies.of(server)).policy, self.operator, caller, now)
        return member_today(await self._counters.usage(meters[:1])).used

    async def explain(self, caller: ServerCaller) -> Explanation:
        self._check_served(caller.place.server)
        now = self._clock()
        policy = (await self._policies.of(caller.place.server)).policy
        terms = terms_for(policy, self.operator, caller, now)
        pace = await self._counters.pace(caller, terms.cooldown, now)
        return Explanation(
            policy,
            terms,
            tuple(rulings(policy, self.operator, Setting.DAILY, caller)),
            await self._counters.usage(terms.meters),
            await self._counters.failed_today(caller, now),
            pace.next_at(terms.cooldown, now),
            await self._counters.budgets(now),
        )

    async def history(self, server: int, count: int, before: int | None = None) -> tuple[HistoryEntry, ...]:
        """The newest changes first."""
        self._check_served(server)
        revisions = await self._policies.revisions(server, count + 1, before)
        # Nothing was decided before the first that there ever was.
        policies_before = [*(earlier.policy for earlier in revisions[1:]), NOTHING_DECIDED]
        return tuple(
            HistoryEntry(revision, by_hand(differences(before_it, revision.policy), revision.at))
            for revision, before_it in zip(revisions[:count], policies_before, strict=False)
        )

    def _check_served(self, server: int) -> None:
        if not self.operator.serves(server):
            raise ServerNotAllowed
