"""What is on record of a picture that somebody has before them, and painting it once more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from bot.core.errors import DatabaseBusy
from bot.core.generation.errors import GenerationForgotten, PromptErased
from bot.core.generation.generations import Generations
from bot.core.generation.model import NO_WISHES, Generation, ImageSpec, Wishes
from bot.core.limits.policy import Operator
from bot.core.place import Caller, InServer, Place

FIND_SECONDS = 0.5
"""Of the 3 s that Discord gives for a first answer: reserving takes 1.5 s of them, of an edit 2.2 s."""


@dataclass(frozen=True, slots=True)
class Idea:
    """What to paint; `by`: the member whose picture it was, where it is painted once more and that is somebody else.

    `wishes`: what the member likes besides, of an order that nobody has decided about yet.
    """

    spec: ImageSpec
    by: int | None = None
    wishes: Wishes = NO_WISHES


class EarlierPictures:
    """Generations by the ids that stand in buttons. What a button says is not believed: who may see the picture is."""

    def __init__(self, generations: Generations, operator: Operator, seconds: float = FIND_SECONDS) -> None:
        self._generations = generations
        self._operator = operator
        self._seconds = seconds

    async def get(self, id: int, caller: Caller[Place]) -> Generation:
        """Raises GenerationForgotten, also for one that `caller` may not see; DatabaseBusy, DatabaseUnavailable."""
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._generations.get(id)
        except TimeoutError:
            raise DatabaseBusy from None
        if found is None or not is_seen_by(caller, found):
            raise GenerationForgotten
        return found

    async def idea(self, id: int, caller: Caller[Place]) -> Idea:
        """Raises PromptErased besides."""
        found = await self.get(id, caller)
        if not found.request.spec.prompt:
            raise PromptErased
        return idea_of(found, caller.member, self._operator)


def is_seen_by(caller: Caller[Place], generation: Generation) -> bool:
    """Their own everywhere; others' where they were painted, unless they were painted privately."""
    return generation.request.caller.member == caller.member or is_seen_at(caller.place, generation)


def is_seen_at(place: Place, generation: Generation) -> bool:
    """By everybody who is there."""
    return not generation.request.spec.private and _where(generation.request.caller.place) == _where(place)


def _where(place: Place) -> tuple[type[Place], int]:
    """The whole of a server; of a direct place, of which there is no more to be known, its channel."""
    return type(place), place.server if isinstance(place, InServer) else place.channel


def idea_of(generation: Generation, member: int, operator: Operator) -> Idea:
    """The same order, for `member`, by what the operator's models count today.

    A model that is offered no more is left in it: the rules refuse it, in words of their own. Once the prompt is erased
    it is nobody's idea: its member may have asked for that, and is not to be named again.
    """
    spec, first = generation.request.spec, generation.request.caller.member
    weights = {one.model: one.weight for one in operator.choices}
    weight = weights.get(spec.model, spec.weight) if spec.model else 1
    by = first if first != member else generation.request.idea_by
    nobodys = by in {0, member} or not spec.prompt
    return Idea(replace(spec, weight=weight), None if nobodys else by)
