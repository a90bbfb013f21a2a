"""What is remembered for members for a while, in memory: after a restart, or in another process, it is gone."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

MOST_OF_ONE = 10
"""Of one member: nobody's are forgotten for another's many."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[ValueT]):
    value: ValueT
    until: float


class MemberMemory(Generic[KeyT, ValueT]):
    """Values by their keys, each for its own member, for `kept_seconds` after it was kept last; `most_kept` in all."""

    def __init__(
        self, kept_seconds: float, most_kept: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept_seconds = kept_seconds
        self._most_kept = most_kept
        self._clock = clock
        self._kept: OrderedDict[tuple[int, KeyT], _Kept[ValueT]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, member: int, key: KeyT, value: ValueT) -> None:
        now = self._clock()
        self._kept[member, key] = _Kept(value, now + self._kept_seconds)
        self._kept.move_to_end((member, key))
        own = [other for other in self._kept if other[0] == member]
        for oldest in own[:-MOST_OF_ONE]:
            del self._kept[oldest]
        while len(self._kept) > self._most_kept or next(iter(self._kept.values())).until < now:
            self._kept.popitem(last=False)

    def find(self, member: int, key: KeyT) -> ValueT | None:
        """None for what is gone, or somebody else's."""
        kept = self._kept.get((member, key))
        return kept.value if kept and self._clock() < kept.until else None

    def take(self, member: int, key: KeyT) -> ValueT | None:
        """As `find`, and forget it: a button that is pressed twice does its work once."""
        value = self.find(member, key)
        self._kept.pop((member, key), None)
        return value

    def _forget_where(self, is_meant: Callable[[tuple[int, KeyT], ValueT], bool]) -> None:
        for key in [key for key, kept in self._kept.items() if is_meant(key, kept.value)]:
            del self._kept[key]
