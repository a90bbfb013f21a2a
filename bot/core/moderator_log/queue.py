"""What waits to be written into the servers' logs: a bounded number of entries, each server in its turn.

`Deduplication` makes one entry of repeated events, and `EntryQueue` hands out the entries server by server.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from bot.core.generation.events import Delivered, Failed, GenerationEvent, Refused
from bot.core.limits.errors import ForbiddenWithStyle
from bot.core.moderator_log.reports import Reported
from bot.core.place import Caller, Place
from bot.core.word_filter.errors import ForbiddenWord

REPEATED_SECONDS = 60.0
MOST_KINDS = 1000
"""Of events whose repetitions are waited for; beyond that, the oldest is not waited for any longer."""
MOST_QUEUED = 500
"""Entries of all servers together."""


LogEvent: TypeAlias = GenerationEvent | Reported
"""What happened, for the moderators of a server to read."""


def caller_in(event: LogEvent) -> Caller[Place]:
    """Whoever asked for the images, or reported the picture."""
    return event.by if isinstance(event, Reported) else event.request.caller


@dataclass(frozen=True, slots=True)
class Entry:
    """`event` as it happened last, at the aware instant `at`, and how many `times` within the minute before."""

    event: LogEvent
    at: datetime
    times: int = 1

    @property
    def caller(self) -> Caller[Place]:
        return caller_in(self.event)

    @property
    def server(self) -> int:
        """Whose moderators read it."""
        return self.caller.tenant


@dataclass(slots=True)
class _Repetition:
    ends_at: float
    held: Entry | None = None


class Deduplication:
    """The first event of a kind passes at once; others of the next minute wait for its end and pass as one entry.

    So nobody can flood a log by repeating something. `now` and what is due are seconds of a monotonic clock: nothing is
    held for longer where the host's clock is set back.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[Hashable, _Repetition] = OrderedDict()  # the first that ends comes first

    def take(self, event: LogEvent, at: datetime, now: float) -> list[Entry]:
        """What passes now, of what happened `at` that instant."""
        entry = Entry(event, at)
        kind = _kind(entry)
        if kind is None:
            return [entry]
        if repetition := self._open.get(kind):
            times = repetition.held.times + 1 if repetition.held else 1
            repetition.held = replace(entry, times=times)
            return []
        self._open[kind] = _Repetition(now + REPEATED_SECONDS)
        passing = [entry]
        if len(self._open) > MOST_KINDS:
            _, oldest = self._open.popitem(last=False)
            passing += [oldest.held] if oldest.held else []
        return passing

    def due(self, now: float) -> tuple[list[Entry], float | None]:
        """Entries whose minute has ended, and when the next one ends. A repeated kind is held for another minute."""
        passing = []
        while self._open and (repetition := next(iter(self._open.values()))).ends_at <= now:
            kind, _ = self._open.popitem(last=False)
            if repetition.held:
                passing.append(repetition.held)
                self._open[kind] = _Repetition(now + REPEATED_SECONDS)
        return passing, next((repetition.ends_at for repetition in self._open.values()), None)

    def drain(self) -> list[Entry]:
        """Everything that still waits, at once."""
        held = [repetition.held for repetition in self._open.values() if repetition.held]
        self._open.clear()
        return held


def _kind(entry: Entry) -> Hashable | None:
    """Entries of one kind repeat each other; one of no kind (None) repeats none."""
    server, member = entry.server, entry.caller.member
    match entry.event:
        case Delivered():
            return None
        case Refused(refusal=ForbiddenWord(pattern=pattern) | ForbiddenWithStyle(pattern=pattern)):
            return server, member, pattern
        case Refused(refusal=refusal):
            return server, member, type(refusal)
        case Failed(failure=failure):
            return server, member, type(failure), Failed
        case Reported(message=message):
            return server, message, Reported
        case _:
            assert_never(entry.event)


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes to one server now, oldest first; `lost`: events before these that were not written, by their class."""

    server: int
    entries: tuple[Entry, ...]
    lost: Counter[type[LogEvent]]

    def problems(self) -> Batch:
        """Without delivered pictures, for a log with the level PROBLEMS: there they can't be missing, either."""
        entries = tuple(entry for entry in self.entries if not isinstance(entry.event, Delivered))
        return replace(self, entries=entries, lost=self.lost - Counter({Delivered: self.lost[Delivered]}))

    def missing_if_lost(self) -> Counter[type[LogEvent]]:
        """How many events of each class are missing from the log if this batch is not written."""
        return self.lost + _counted(self.entries)


class EntryQueue:
    """At most `most` entries: of one too many, the server with the most entries loses its oldest."""

    def __init__(self, most: int = MOST_QUEUED) -> None:
        self._most = most
        self._waiting: OrderedDict[int, deque[Entry]] = OrderedDict()
        self._lost: dict[int, Counter[type[LogEvent]]] = {}
        self._size = 0

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._waiting.setdefault(entry.server, deque()).append(entry)
            self._size += 1
            if self._size > self._most:
                server = max(self._waiting, key=lambda one: len(self._waiting[one]))
                self.lose(Batch(server, (self._waiting[server].popleft(),), Counter()))
                self._size -= 1

    def next(self, most: int) -> Batch | None:
        """Up to `most` entries of the server whose turn it is; None where nothing waits."""
        if not self._waiting:
            return None
        server, queue = self._waiting.popitem(last=False)
        entries = tuple(queue.popleft() for _ in range(min(most, len(queue))))
        self._size -= len(entries)
        if queue:
            self._waiting[server] = queue
        return Batch(server, entries, self._lost.pop(server, Counter()))

    def lose(self, batch: Batch) -> None:
        """`batch` was not written: the next one of that server has its events in `lost`."""
        if missing := batch.missing_if_lost():
            self._lost.setdefault(batch.server, Counter()).update(missing)

    def unwritten(self) -> int:
        """Events that wait or were lost, and were not mentioned in any log yet."""
        waiting = sum(_counted(queue).total() for queue in self._waiting.values())
        return waiting + sum(events.total() for events in self._lost.values())


def _counted(entries: Iterable[Entry]) -> Counter[type[LogEvent]]:
    counted: Counter[type[LogEvent]] = Counter()
    for entry in entries:
        counted[type(entry.event)] += entry.times
    return counted
