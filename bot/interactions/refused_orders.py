"""Orders that were refused, for the button below the refusal: nothing of them is on record."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.core.generation.earlier_pictures import Idea
from bot.interactions.member_memory import MemberMemory

KEPT_SECONDS = 3600.0
MOST_KEPT = 300
"""Their prompts have 4,000 characters at the very most, and as a rule less than a hundred."""


class RefusedOrders(MemberMemory[int, Idea]):
    """By the ids of the interactions that they were given by."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(KEPT_SECONDS, MOST_KEPT, clock)
        self._erased: OrderedDict[int, int] = OrderedDict()

    def keep(self, member: int, key: int, value: Idea) -> None:
        if key > max(self._erased.get(one, 0) for one in (member, value.by or member)):
            super().keep(member, key, value)

    def erase(self, member: int, by: int) -> None:
        """All of before that interaction, of theirs, and of others who had their picture before them; also what another
        process was faster to refuse, and this one still does.
        """
        self._forget_where(lambda key, idea: member in {key[0], idea.by})
        self._erased[member] = by
        self._erased.move_to_end(member)
        if len(self._erased) > MOST_KEPT:
            self._erased.popitem(last=False)
