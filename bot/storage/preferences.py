"""What members prefer, as JSON in a row of theirs; in SQL that both engines speak."""

from __future__ import annotations

import json
from datetime import datetime

from bot.core.generation.model import Shape
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.storage.engine.protocol import Database, Transaction, in_transaction, storable, to_millis

GET = "SELECT document FROM preference WHERE member = :member"
PUT = """
INSERT INTO preference (member, document, changed_at) VALUES (:member, :document, :at)
ON CONFLICT (member) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at
"""
DROP = "DELETE FROM preference WHERE member = :member RETURNING member"
# Of members of whom nothing else is on record any more.
SWEEP = """
DELETE FROM preference WHERE member IN (
    SELECT member FROM preference AS old WHERE changed_at < :before
    AND NOT EXISTS (SELECT 1 FROM generation WHERE generation.member = old.member)
    ORDER BY changed_at LIMIT :count
) RETURNING member
"""


class SqlPreferences:
    """Implements `bot.core.preferences.preferences.PreferenceStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction(synchronous=False)  # not `reading`: a command would wait for whoever reads a million rows
    def of(self, member: int) -> Transaction[Preferences]:
        return preferences_of(member)

    @in_transaction()
    def put(self, member: int, preferences: Preferences, now: datetime) -> Transaction[None]:
        if preferences == NO_PREFERENCES:
            yield DROP, {"member": member}
        else:
            yield PUT, {"member": member, "document": encode(preferences), "at": to_millis(now)}


def preferences_of(member: int) -> Transaction[Preferences]:
    rows = yield GET, {"member": member}
    return decode(rows[0][0]) if rows else NO_PREFERENCES


def erase_preferences(member: int) -> Transaction[bool]:
    """Whether there were any."""
    return bool((yield DROP, {"member": member}))


def sweep_preferences(before: datetime, at_most: int) -> Transaction[int]:
    rows = yield SWEEP, {"before": to_millis(before), "count": at_most}
    return len(rows)


def encode(preferences: Preferences) -> str:
    """A format of its own, that a rename in the code never changes."""
    wanted: dict[str, object] = {}
    if preferences.shape:
        wanted["shape"] = preferences.shape.value
    if preferences.style:
        wanted["style"] = storable(preferences.style)
    if preferences.private:
        wanted["private"] = True
    if preferences.spoiler:
        wanted["spoiler"] = True
    if not preferences.revise:
        wanted["revise"] = False
    if preferences.language:
        wanted["language"] = preferences.language
    return json.dumps(wanted, ensure_ascii=False)


def decode(document: str) -> Preferences:
    """Raises ValueError, TypeError where it can't be read."""
    wanted = json.loads(document)
    shape = wanted.get("shape")
    return Preferences(
        next((one for one in Shape if one.value == shape), None),  # a later version may know more
        wanted.get("style"),
        wanted.get("private", False),
        wanted.get("spoiler", False),
        wanted.get("revise", True),
        wanted.get("language"),
    )
