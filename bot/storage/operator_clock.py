"""The operator's time zone from one start to the next: after another one, what had begun goes on to its end."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.core.limits.meters import Windows, windows_at, windows_to_end
from bot.storage.engine.protocol import Database, Transaction
from bot.storage.key_value_store import GET, PUT, SqlKeyValueStore
from bot.storage.policy_document import decode_running, decode_zone, encode_running

NAME = "clock"


async def operators_clock(database: Database, zone: ZoneInfo, now: datetime) -> Windows | None:
    """What had begun when `zone` was not yet the operator's; written down for the next start.

    Raises DatabaseUnavailable.
    """
    return await database.run(partial(_exchange, zone, now), exclusive=True)


async def running_windows(database: Database, zone: ZoneInfo) -> Windows | None:
    """The same, as it was written down at the last start; None where that was with another zone, or there was none.

    Raises DatabaseUnavailable.
    """
    noted = await SqlKeyValueStore(database).get(NAME)
    known = json.loads(noted) if noted else {}
    is_running = known.get("zone") == zone.key and known.get("running")
    return decode_running(known["running"]) if is_running else None


def _exchange(zone: ZoneInfo, now: datetime) -> Transaction[Windows | None]:
    rows = yield GET, {"name": NAME}
    running = None
    if rows:
        known = json.loads(rows[0][0])
        running = decode_running(known["running"]) if known["running"] else None
        if known["zone"] == zone.key:
            return running
        if before := decode_zone(known["zone"]):
            running = windows_to_end(windows_at(now, before, running), before, now)
    written = {"zone": zone.key, "running": encode_running(running) if running else None}
    yield PUT, {"name": NAME, "value": json.dumps(written)}
    return running
