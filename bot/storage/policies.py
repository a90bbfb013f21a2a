"""What each server decided, every version of it; the newest ones that were read stay at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.core.errors import LedgerUnavailable
from bot.core.moderation import Renaming, Revision, as_they_are
from bot.core.policy import NOTHING_DECIDED, Policy
from bot.storage.documents import decode, encode
from bot.storage.times import from_millis, to_millis
from bot.storage.transaction import Database, Params, Steps

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
# Whoever gives images back just now holds one of these rows, and is waited for; whoever comes later waits, and finds
# what was taken by its new name.
HOLD = "UPDATE generation SET lease_until = lease_until WHERE server = :server AND settled_at IS NULL"
# The running window takes the place of one that had its new name before and is over ("#": a day begun afresh). Which
# rows are locked first is left to the engine: one of two that lock crosswise is begun again.
CLEAR_METERS = """
DELETE FROM meter
WHERE (name = :whole OR name LIKE :members) AND (window_key = :new OR window_key LIKE :new_afresh)
"""
CLEAR_CHARGES = """
DELETE FROM charge
WHERE (meter = :whole OR meter LIKE :members) AND (window_key = :new OR window_key LIKE :new_afresh)
AND generation IN (SELECT id FROM generation WHERE server = :server AND settled_at IS NULL)
"""
MOVE_METERS = """
UPDATE meter SET window_key = CAST(:new AS TEXT) || SUBSTR(window_key, :after)
WHERE (name = :whole OR name LIKE :members) AND (window_key = :old OR window_key LIKE :old_afresh)
"""
MOVE_CHARGES = """
UPDATE charge SET window_key = CAST(:new AS TEXT) || SUBSTR(window_key, :after)
WHERE (meter = :whole OR meter LIKE :members) AND (window_key = :old OR window_key LIKE :old_afresh)
AND generation IN (SELECT id FROM generation WHERE server = :server AND settled_at IS NULL)
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
        windows: Renaming = as_they_are,
    ) -> tuple[Policy, Policy]:
        for _ in range(ATTEMPTS):
            changed = await self._database.run(partial(_change, server, edit, by, now, windows))
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
    server: int, edit: Callable[[Policy], Policy], by: int, now: datetime, windows: Renaming
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
    if names := windows(current.policy, edited):
        yield from _move(server, names)
    return current.policy, edited


def _move(server: int, names: Mapping[str, str]) -> Steps[None]:
    moved = [_moved(server, old, new) for old, new in names.items()]
    yield HOLD, {"server": server}
    for statement in (CLEAR_METERS, CLEAR_CHARGES, MOVE_METERS, MOVE_CHARGES):
        yield statement, moved


def _moved(server: int, old: str, new: str) -> Params:
    return {
        "server": server,
        "whole": f"server/{server}",
        "members": f"member/{server}/%",
        "old": old,
        "old_afresh": f"{old}#%",
        "new": new,
        "new_afresh": f"{new}#%",
        "after": len(old) + 1,
    }


def _revisions(server: int, count: int, before: int) -> Steps[list[Revision]]:
    rows = yield OLDER, {"server": server, "before": before, "count": count}
    return [_revision(*row) for row in rows]


def _revision(number: int, document: str, by: int, at: int) -> Revision:
    return Revision(int(number), decode(document), int(by), from_millis(int(at)))
