"""What waits to be written into the servers' logs: bounded, each server in its turn."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.moderator_log.deduplication import Entry

MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes to one server now, oldest first; `lost`: how many events before these could not be delivered."""

    server: int
    entries: tuple[Entry, ...]
    lost: int


class Backlog:
    """At most `most` entries. What is too much is taken from the server that has the most, its oldest first."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._waiting: OrderedDict[int, deque[Entry]] = OrderedDict()
        self._lost: Counter[int] = Counter()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._waiting.setdefault(entry.event.server, deque()).append(entry)
            self._size += 1
            if self._size > self._most:
                # The oldest of the busiest server.
                server = max(self._waiting, key=lambda one: len(self._waiting[one]))
                self._lost[server] += self._waiting[server].popleft().times
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
        return Batch(server, entries, self._lost.pop(server, 0))

    def lose(self, batch: Batch) -> None:
        """Count `batch` as lost; the next batch of that server carries the number."""
        if lost := batch.lost + sum(entry.times for entry in batch.entries):
            self._lost[batch.server] += lost
