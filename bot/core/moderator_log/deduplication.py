"""Repeated events become one entry with a count, so that nobody can flood a log by repeating something."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.generation.events import Delivered, Failed, Refused
from bot.core.moderator_log.events import LogEvent, Reported
from bot.core.word_filter.errors import ForbiddenWord

FOLD_SECONDS = 60.0
MOST_FOLDS = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """`event` as it happened last, at the aware instant `at`, and how many `times` within the minute before."""

    event: LogEvent
    at: datetime
    times: int = 1


@dataclass(slots=True)
class _Fold:
    ends_at: datetime
    held: Entry | None = None


class Folds:
    """The first of a kind passes at once; the others of the next minute wait for its end and pass as one."""

    def __init__(self) -> None:
        self._open: OrderedDict[Hashable, _Fold] = OrderedDict()  # by when they end

    def take(self, event: LogEvent, now: datetime) -> list[Entry]:
        """What passes now."""
        kind = _kind(event)
        if kind is None:
            return [Entry(event, now)]
        if fold := self._open.get(kind):
            times = fold.held.times + 1 if fold.held else 1
            fold.held = Entry(event, now, times)
            return []
        self._open[kind] = _Fold(now + timedelta(seconds=FOLD_SECONDS))
        passing = [Entry(event, now)]
        if len(self._open) > MOST_FOLDS:
            _, oldest = self._open.popitem(last=False)
            passing += [oldest.held] if oldest.held else []
        return passing

    def due(self, now: datetime) -> list[Entry]:
        """Entries whose minute has ended. Each that repeated within it is held for another one."""
        passing = []
        while self._open and (fold := next(iter(self._open.values()))).ends_at <= now:
            kind, _ = self._open.popitem(last=False)
            if fold.held:
                passing.append(fold.held)
                self._open[kind] = _Fold(now + timedelta(seconds=FOLD_SECONDS))
        return passing

    def next_end(self) -> datetime | None:
        """When `due` may have something."""
        return next((fold.ends_at for fold in self._open.values()), None)

    def all(self) -> list[Entry]:
        """Everything that still waits, at once."""
        held = [fold.held for fold in self._open.values() if fold.held]
        self._open.clear()
        return held


def _kind(event: LogEvent) -> Hashable | None:
    """Events of one kind are folded; None is never."""
    match event:
        case Delivered():
            return None
        case Refused(refusal=ForbiddenWord(pattern=pattern)):
            return event.server, event.request.caller.member, pattern
        case Refused(refusal=refusal):
            return event.server, event.request.caller.member, type(refusal)
        case Failed(failure=failure):
            return event.server, event.request.caller.member, type(failure), Failed
        case Reported():
            return event.server, event.message, Reported
