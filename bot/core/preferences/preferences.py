"""The use case behind `/preferences`: what a member wants in every server, where a command does not say otherwise."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.clock import RESERVE_SECONDS, Clock
from bot.core.errors import DatabaseBusy
from bot.core.generation.model import Shape

KEPT_SECONDS = 60.0
"""How long they are used before the database is asked again: another process may have changed them."""
MOST_KEPT = 10_000
"""Members, whether they have any preferences or not: some 100 bytes each."""
CHANGE_SECONDS = 15.0
"""From when any process may begin to change them until each that does so is done: Discord's 3 s for the first answer,
and the database's 5 s for each of two transactions, with room to spare.
"""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`style` is a name, which not every server has a style of. `revise`: whether a chat model may revise prompts.
    `language` is a locale as Discord writes it; None: that of the member's Discord.
    """

    shape: Shape | None = None
    style: str | None = None
    private: bool = False
    spoiler: bool = False
    revise: bool = True
    language: str | None = None


NO_PREFERENCES = Preferences()


class PreferenceStore(Protocol):
    """Raises DatabaseUnavailable."""

    async def of(self, member: int) -> Preferences:
        """NO_PREFERENCES where there are none."""
        ...

    async def put(self, member: int, preferences: Preferences, now: datetime) -> None: ...


class MemberPreferences:
    """Reads each member's preferences at most once in KEPT_SECONDS: every command asks for them."""

    def __init__(
        self,
        store: PreferenceStore,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        read_seconds: float = RESERVE_SECONDS,
    ) -> None:
        """`read_seconds`: what reading takes is gone of the time that there is for reserving."""
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._read_seconds = read_seconds
        self._kept: OrderedDict[int, tuple[float, Preferences | None]] = OrderedDict()
        """Until when; None: they are read each time until then."""
        self._changes = 0

    async def of(self, member: int) -> Preferences:
        """Raises DatabaseUnavailable, and DatabaseBusy where it would take too long: for a picture that is to be
        private must not become public.
        """
        until, kept = self._kept.get(member, (0.0, None))
        is_due = self._monotonic() >= until
        if kept is not None and not is_due:
            return kept
        before = self._changes
        try:
            async with asyncio.timeout(self._read_seconds):
                preferences = await self._store.of(member)
        except TimeoutError:
            raise DatabaseBusy from None
        if is_due and self._changes == before:  # else they may have been read before they were changed
            self._keep(member, preferences, KEPT_SECONDS)
        return preferences

    async def change(self, member: int, preferences: Preferences) -> None:
        """Raises DatabaseUnavailable; they may have been changed all the same."""
        try:
            await self._store.put(member, preferences, self._clock())
        finally:
            self.forget(member)

    def forget(self, member: int) -> None:
        """They are being changed or erased, here or by another process: what is read meanwhile may be from before."""
        self._changes += 1
        self._keep(member, None, CHANGE_SECONDS)

    def _keep(self, member: int, preferences: Preferences | None, seconds: float) -> None:
        self._kept[member] = self._monotonic() + seconds, preferences
        self._kept.move_to_end(member)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
