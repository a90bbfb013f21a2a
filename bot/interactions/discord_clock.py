"""What time it is by Discord's clock, which made the ids of interactions; the host's own may be wrong by any amount."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

log = logging.getLogger(__name__)

WORTH_SAYING = timedelta(seconds=30)
"""Discord's header is cut to the second, and an answer may be long on its way."""


class DiscordClock:
    """Set by the `Date` header of every answer, and carried on by a monotonic clock; until the first, the host's."""

    def __init__(
        self,
        host: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._monotonic = monotonic
        self._heard: tuple[datetime, float] | None = None
        self._last: str | None = None
        self._warned = False

    def heard(self, date: str | None) -> None:
        """`date` as HTTP writes it; what can't be read is passed over, and so is the same second once more."""
        if date == self._last:
            return
        self._last = date
        try:
            then = parsedate_to_datetime(date or "")
        except ValueError:
            return
        if then.tzinfo is None:
            return
        self._heard = then, self._monotonic()
        ahead = self._host() - then
        if not self._warned and abs(ahead) >= WORTH_SAYING:
            self._warned = True
            log.warning(
                "this machine's clock is %.0f s %s Discord's: days and resets begin at the wrong time until it is set",
                abs(ahead).total_seconds(),
                "ahead of" if ahead > timedelta() else "behind",
            )

    def now(self) -> datetime:
        if self._heard is None:
            return self._host()
        then, at = self._heard
        return then + timedelta(seconds=self._monotonic() - at)
