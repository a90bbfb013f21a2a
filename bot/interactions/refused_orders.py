"""Orders that were refused, for the button below the refusal: nothing of them is on record."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.generation.earlier_pictures import Idea

KEPT_SECONDS = 3600.0
MOST_KEPT = 300
"""Their prompts have 4,000 characters at the very most, and as a rule less than a hundred."""
MOST_OF_ONE = 10
"""Of one member: nobody's order is forgotten for another's many."""


@dataclass(frozen=True, slots=True)
class _Order:
    member: int
    idea: Idea
    until: float


class RefusedOrders:
    """In memory, by the id of the interaction, for an hour and for whoever gave it: after a restart they are gone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[int, _Order] = OrderedDict()

    def keep(self, id: int, member: int, idea: Idea) -> None:
        self._kept[id] = _Order(member, idea, self._clock() + KEPT_SECONDS)
        own = [other for other, order in self._kept.items() if order.member == member]
        for oldest in own[:-MOST_OF_ONE]:
            del self._kept[oldest]
        while len(self._kept) > MOST_KEPT or next(iter(self._kept.values())).until < self._clock():
            self._kept.popitem(last=False)

    def find(self, id: int, member: int) -> Idea | None:
        """None for what is gone, or somebody else's."""
        order = self._kept.get(id)
        return order.idea if order and order.member == member and self._clock() < order.until else None

    def forget(self, member: int) -> None:
        """All that this member gave."""
        for id in [id for id, order in self._kept.items() if order.member == member]:
            del self._kept[id]

    def take(self, id: int, member: int) -> Idea | None:
        """As `find`, and forget it: a button that is pressed twice paints once."""
        idea = self.find(id, member)
        if idea:
            del self._kept[id]
        return idea
