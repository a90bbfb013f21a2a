"""What each server decided, every version of it; the newest ones that were read stay at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.core.errors import LedgerUnavailable
from bot.core.moderation import Revision
from bot.core.policy import NOTHING_DECIDED, Policy
from bot.storage.documents import decode, encode
from bot.storage.times import from_millis, to_millis
from bot.storage.transaction import Database, Steps

ATTEMPTS = 10
AT_HAND = 1000
"""Servers; a policy is a few hundred bytes as a rule."""

NEWEST = """
SELECT revision, document, changed_by, changed_at FROM policy WHERE server = :server ORDER BY revision DESC LIMIT 1
"""
ONE = "SELECT document FROM policy WHERE server = :server AND revision = :revision"
# The first of two that change at once wins the number; the other begins again with what the first one wrote.
WRITE = """
INSERT INTO policy (server, revision, document, changed_by, changed_at)
VALUES (:server, :revision, :document, :by, :at)
ON CONFLICT (server, revision) DO NOTHING
RETURNING revision
"""
OLDER = """
SELECT revision, document, changed_by, changed_at FROM policy
WHERE server = :server AND revision < :before ORDER BY revision DESC LIMIT :count
"""
BEYOND_ALL = 2**62
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class PolicyReader:
    """Policies by server and revision, for every transaction that has to know one."""

    def __init__(self) -> None:
        self._at_hand: OrderedDict[int, tuple[int, Policy]] = OrderedDict()

    def read(self, server: int, revision: int | None) -> Steps[Policy]:
        """The policy of that revision, or where nothing was decided yet that of revision None."""
        if revision is None:
            return NOTHING_DECIDED
        known = self._at_hand.get(server)
        if known and known[0] == revision:
            return known[1]
        rows = yield ONE, {"server": server, "revision": revision}
        policy = decode(rows[0][0])
        self._keep(server, revision, policy)
        return policy

    def _keep(self, server: int, revision: int, policy: Policy) -> None:
        # One assignment: this may be SQLite's thread or the event loop.
        self._at_hand[server] = (revision, policy)
        while len(self._at_hand) > AT_HAND:
            self._at_hand.popitem(last=False)


class SqlPolicies:
    """Implements `bot.core.moderation.Policies`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, server: int) -> Revision:
        return await self._database.run(partial(_newest, server))

    async def at(self, server: int, number: int) -> Policy | None:
        if number == 0:
            return NOTHING_DECIDED
        return await self._database.run(partial(_at, server, number))

    async def change(
        self,
        server: int,
        edit: Callable[[Policy], Policy],
        by: int,
        now: datetime,
    ) -> tuple[Policy, Policy]:
        for _ in range(ATTEMPTS):
            changed = await self._database.run(partial(_change, server, edit, by, now))
            if changed is not None:
                return changed
        raise LedgerUnavailable(f"the policy of server {server} is being changed over and over")

    async def revisions(self, server: int, count: int, before: int | None = None) -> Sequence[Revision]:
        return await self._database.run(partial(_revisions, server, count, before or BEYOND_ALL))


def _newest(server: int) -> Steps[Revision]:
    rows = yield NEWEST, {"server": server}
    return _revision(*rows[0]) if rows else Revision(0, NOTHING_DECIDED, 0, NEVER)


def _at(server: int, number: int) -> Steps[Policy | None]:
    rows = yield ONE, {"server": server, "revision": number}
    return decode(rows[0][0]) if rows else None


def _change(
    server: int, edit: Callable[[Policy], Policy], by: int, now: datetime
) -> Steps[tuple[Policy, Policy] | None]:
    current = yield from _newest(server)
    edited = edit(current.policy)
    if edited == current.policy:
        return current.policy, current.policy
    written = yield (
        WRITE,
        {
            "server": server,
            "revision": current.number + 1,
            "document": encode(edited),
            "by": by,
            "at": to_millis(now),
        },
    )
    if not written:
        return None
    return current.policy, edited


def _revisions(server: int, count: int, before: int) -> Steps[list[Revision]]:
    rows = yield OLDER, {"server": server, "before": before, "count": count}
    return [_revision(*row) for row in rows]


def _revision(number: int, document: str, by: int, at: int) -> Revision:
    return Revision(int(number), decode(document), int(by), from_millis(int(at)))
