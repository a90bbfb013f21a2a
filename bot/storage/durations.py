"""How long generations took, by the journal: what a progress bar is drawn against."""

from __future__ import annotations

from bot.storage.engine.protocol import Database, Transaction, in_transaction

MOST = 50
# Where a request was repeated, or an order took several, `submitted_at` says when the last one was sent.
LAST_DURATIONS = """
SELECT settled_at - submitted_at FROM generation
WHERE model = :model AND state = 'delivered' AND attempts = 1
ORDER BY settled_at DESC LIMIT :most
"""


class SqlDurations:
    """Implements `bot.core.generation.progress.Durations`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @in_transaction(reading=True)
    def last(self, model: str) -> Transaction[list[float]]:
        rows = yield LAST_DURATIONS, {"model": model, "most": MOST}
        # By the clocks of two hosts, where one has taken over what another began.
        return [
            milliseconds / 1000 for (milliseconds,) in rows if milliseconds is not None and milliseconds > 0
        ]
