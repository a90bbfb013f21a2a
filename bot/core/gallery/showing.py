"""Showing a picture once more, where whoever asked for it is now: nothing is painted, and nothing counted."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.generation.errors import NotYourPicture, PromptErased
from bot.core.generation.model import Generation
from bot.core.limits.errors import OnCooldown, OnlyPrivateHere
from bot.core.limits.meters import Origin, Ruling
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import NOTHING_DECIDED, Operator
from bot.core.limits.policy_store import PolicyStore
from bot.core.limits.rules import check_served, terms_for
from bot.core.place import Caller, Place, is_in_server
from bot.core.word_filter.search import WordSearch

SHOWN_EVERY = timedelta(seconds=10)
"""Of one member: nothing that is shown costs them anything, and nobody else wants a channel full of it."""
MOST_KEPT = 1000


class Showings:
    """Decides by the rules of the place, as if the picture were asked for there now; but by no counter."""

    def __init__(self, policies: PolicyStore, operator: Operator, search: WordSearch, clock: Clock) -> None:
        self._policies = policies
        self._operator = operator
        self._search = search
        self._clock = clock
        self._allowed = OrderedDict[int, datetime]()

    async def allow(self, generation: Generation, caller: Caller[Place]) -> bool:
        """Whether its pictures have to be hidden until somebody clicks on them.

        Raises a Refusal where they may not be shown there now: NotYourPicture, OnlyPrivateHere, OnCooldown,
        PromptErased where there are blocked words and no prompt to look for them in, and what a new order of them
        would be refused for.
        """
        spec = generation.request.spec
        if generation.request.caller.member != caller.member:
            raise NotYourPicture
        check_served(self._operator, caller.place)
        policy = NOTHING_DECIDED
        if is_in_server(caller):
            policy = await self._policies.in_force(caller.place.server)
        if policy.words.patterns and not spec.prompt:
            raise PromptErased
        found = await self._search.first_in(spec.painted, policy.words, caller.tenant, caller.member)
        terms = terms_for(policy, self._operator, caller, self._clock())
        terms.check(found, 1, spoiler=spec.spoiler)
        if terms.offer.private is Requirement.REQUIRED:
            raise OnlyPrivateHere
        self._keep_pace(caller.member)
        return spec.spoiler or terms.offer.spoiler is Requirement.REQUIRED

    def _keep_pace(self, member: int) -> None:
        """Raises OnCooldown."""
        now = self._clock()
        last = self._allowed.get(member)
        if last is not None and (until := last + SHOWN_EVERY) > now:
            raise OnCooldown(until, Ruling(round(SHOWN_EVERY.total_seconds()), Origin.BOT))
        self._allowed[member] = now
        self._allowed.move_to_end(member)
        if len(self._allowed) > MOST_KEPT:
            self._allowed.popitem(last=False)
