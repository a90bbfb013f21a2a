"""What each server decided, every version of it; the policies that were read last are cached.

The newest is written as a whole, each earlier one as its difference from the one after it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.core.errors import AlreadyAcknowledged, DatabaseUnavailable
from bot.core.limits.policy import MOST_BYTES, MOST_CHANGES, NOTHING_DECIDED, SHARE_OF_ONE_MODERATOR, Policy
from bot.core.limits.policy_store import Revision
from bot.core.moderation.errors import PolicyTooLarge, TooManyPolicyChanges
from bot.core.privacy.service import MOST_REVISIONS
from bot.storage.engine.protocol import Database, Transaction, from_millis, in_transaction, to_millis
from bot.storage.key_value_store import GET, PUT
from bot.storage.policy_document import Document, decode, encode, read, undoing, undone

ATTEMPTS = 10
"""Of one change, where another change came first each time."""
CACHED_SERVERS = 1000
"""Their policies; one is a few hundred bytes as a rule."""

NEWEST = """
SELECT revision, document, changed_by, changed_at FROM policy WHERE server = :server ORDER BY revision DESC LIMIT 1
"""
NUMBER = "SELECT revision, changed_at FROM policy WHERE server = :server ORDER BY revision DESC LIMIT 1"
# From the nearest one that is whole: the newest, or one from before there were differences.
SINCE = """
SELECT revision, document FROM policy WHERE server = :server AND revision >= :revision AND revision <= (
    SELECT MIN(revision) FROM policy
    WHERE server = :server AND revision >= :revision AND document NOT LIKE '{"undo"%'
) ORDER BY revision DESC
"""
# The first of two that change at once wins the number; the other begins again with what the first one wrote.
WRITE = """
INSERT INTO policy (server, revision, document, changed_by, changed_at)
VALUES (:server, :revision, :document, :by, :at)
ON CONFLICT (server, revision) DO NOTHING
RETURNING revision
"""
SHORTEN = "UPDATE policy SET document = :document WHERE server = :server AND revision = :revision"
FORGET = "DELETE FROM policy WHERE server = :server AND revision <= :revision"
WHEN = "SELECT changed_at FROM policy WHERE server = :server AND revision = :revision"
WHEN_BY_ONE = """
SELECT changed_at FROM policy
WHERE server = :server AND changed_by = :by AND changed_at > :since AND changed_at <= :at
ORDER BY changed_at DESC LIMIT 1 OFFSET :skip
"""
# The page, and what is newer, up to the nearest one that is whole.
OLDER = """
SELECT revision, document, changed_by, changed_at FROM policy
WHERE server = :server AND revision >= (
    SELECT COALESCE(MIN(revision), :before) FROM (
        SELECT revision FROM policy WHERE server = :server AND revision < :before ORDER BY revision DESC LIMIT :count
    ) page
) AND revision <= (
    SELECT COALESCE(MIN(revision), :before) FROM policy
    WHERE server = :server AND revision >= :before - 1 AND document NOT LIKE '{"undo"%'
) ORDER BY revision DESC
"""
CHANGED_BY = "interactions that changed {}"
"""Under which those that changed a server's policy last are kept: a stored format."""
MOST_INTERACTIONS = 30
"""Of one server: as many as change its policy in a minute, and all copies receive one within seconds."""
MOST_BEHIND = 100
"""How many revisions old a form may be, to be compared with what it was filled with."""
BEYOND_ALL = 2**62
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class PolicyReader:
    """Policies by server and revision, for every transaction that has to know one."""

    def __init__(self) -> None:
        self._cached: OrderedDict[int, tuple[int, int, Policy]] = OrderedDict()

    def read(self, server: int, revision: int | None, changed_at: int | None) -> Transaction[Policy]:
        """The policy of that revision, or where nothing was decided yet that of revision None.

        By the number alone it is not known: where a commit fails, what was read before it was a revision that there
        never was, and the next change has the same number.
        """
        if revision is None or changed_at is None:
            return NOTHING_DECIDED
        known = self._cached.get(server)
        if known and known[:2] == (revision, changed_at):
            return known[2]
        rows = yield SINCE, {"server": server, "revision": revision}  # another may have come in between
        policy = read(_whole([row[1] for row in rows])[-1])
        # One assignment: this may be SQLite's thread or the event loop.
        self._cached[server] = (revision, changed_at, policy)
        while len(self._cached) > CACHED_SERVERS:
            self._cached.popitem(last=False)
        return policy


class SqlPolicies:
    """Implements `bot.core.limits.policy_store.PolicyStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._reader = PolicyReader()

    @in_transaction()
    def of(self, server: int) -> Transaction[Revision]:
        revision, _ = yield from _newest(server)
        return revision

    @in_transaction(reading=True)
    def in_force(self, server: int) -> Transaction[Policy]:
        rows = yield NUMBER, {"server": server}
        number, changed_at = rows[0] if rows else (None, None)
        return (yield from self._reader.read(server, number, changed_at))

    @in_transaction()
    def at(self, server: int, number: int) -> Transaction[Policy | None]:
        if number == 0:
            return NOTHING_DECIDED
        rows = yield SINCE, {"server": server, "revision": number}
        if not rows or int(rows[-1][0]) != number or len(rows) > MOST_BEHIND:
            return None
        return read(_whole([row[1] for row in rows])[-1])

    async def change(
        self,
        server: int,
        edit: Callable[[Policy], Policy],
        by: int,
        now: datetime,
        interaction: int | None = None,
    ) -> tuple[Policy, Policy]:
        for _ in range(ATTEMPTS):
            changed = await self._change(server, edit, by, now, interaction)
            if changed is not None:
                return changed
        raise DatabaseUnavailable(f"the policy of server {server} is being changed over and over")

    @in_transaction()
    def _change(
        self,
        server: int,
        edit: Callable[[Policy], Policy],
        by: int,
        now: datetime,
        interaction: int | None,
    ) -> Transaction[tuple[Policy, Policy] | None]:
        """None where another change came first."""
        current, stored = yield from _newest(server)
        # Only now: of a copy that changed it in between, either this is read as well, or its revision is in the way.
        noted = yield GET, {"name": CHANGED_BY.format(server)}
        earlier: list[int] = json.loads(noted[0][0]) if noted else []
        if interaction is not None and interaction in earlier:
            raise AlreadyAcknowledged
        edited = edit(current.policy)
        if edited == current.policy:
            return current.policy, current.policy
        document = encode(edited)
        size = _bytes_of(document)
        if size > MOST_BYTES and size > _bytes_of(stored):
            raise PolicyTooLarge
        yield from _check_pace(server, current.number, by, now)
        about = {"server": server, "revision": current.number + 1}
        if not (yield WRITE, {**about, "document": document, "by": by, "at": to_millis(now)}):
            return None
        if interaction is not None:
            latest = json.dumps([*earlier, interaction][-MOST_INTERACTIONS:])
            yield PUT, {"name": CHANGED_BY.format(server), "value": latest}
        if stored:  # else nothing was decided before
            older = {"server": server, "revision": current.number}
            yield SHORTEN, {**older, "document": undoing(document, stored)}
            yield FORGET, {"server": server, "revision": current.number + 1 - MOST_REVISIONS}
        return current.policy, edited

    @in_transaction()
    def revisions(self, server: int, count: int, before: int | None = None) -> Transaction[list[Revision]]:
        before = before or BEYOND_ALL
        rows = yield OLDER, {"server": server, "before": before, "count": count}
        documents = _whole([row[1] for row in rows])
        return [
            Revision(int(number), read(document), int(by), from_millis(int(at)))
            for (number, _, by, at), document in zip(rows, documents, strict=True)
            if int(number) < before
        ]


def _newest(server: int) -> Transaction[tuple[Revision, str]]:
    """The revision in force and its document, as it is stored; revision 0 and "" where nothing was decided yet."""
    rows = yield NEWEST, {"server": server}
    if not rows:
        return Revision(0, NOTHING_DECIDED, 0, NEVER), ""
    number, document, by, at = rows[0]
    return Revision(int(number), decode(document), int(by), from_millis(int(at))), document


def _bytes_of(document: str) -> int:
    return len(document.encode(errors="replace"))


def _check_pace(server: int, newest: int, by: int, now: datetime) -> Transaction[None]:
    """Raises TooManyPolicyChanges where everybody together, or this moderator alone, has made too many.

    Changes that lie in the future, because a clock was put back, do not count.
    """
    for span, most in MOST_CHANGES.items():
        rows = yield WHEN, {"server": server, "revision": newest + 1 - most}
        if rows and now - span < (changed_at := from_millis(int(rows[0][0]))) <= now:
            raise TooManyPolicyChanges(changed_at + span)
    for span, most in MOST_CHANGES.items():
        recent = {
            "since": to_millis(now - span),
            "at": to_millis(now),
            "skip": round(most * SHARE_OF_ONE_MODERATOR) - 1,
        }
        if rows := (yield WHEN_BY_ONE, {"server": server, "by": by, **recent}):
            raise TooManyPolicyChanges(from_millis(int(rows[0][0])) + span, by_one=True)


def _whole(texts: Sequence[str]) -> list[Document]:
    """The documents of `texts`, which begin with the newest: each is undone from the one after it."""
    documents: list[Document] = []
    for text in texts:
        documents.append(undone(documents[-1] if documents else {}, text))
    return documents
