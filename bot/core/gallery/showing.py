"""Showing a picture once more, where whoever asked for it is now: nothing is painted, and nothing counted."""

from __future__ import annotations

from bot.core.clock import Clock
from bot.core.generation.errors import NotYourPicture, PromptErased
from bot.core.generation.model import Generation
from bot.core.limits.errors import OnlyPrivateHere
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import NOTHING_DECIDED, Operator
from bot.core.limits.policy_store import PolicyStore
from bot.core.limits.rules import check_served, terms_for
from bot.core.place import Caller, Place
from bot.core.word_filter.search import WordSearch


class Showings:
    """Decides by the rules of the place, as if the picture were asked for there now; but by no counter."""

    def __init__(self, policies: PolicyStore, operator: Operator, search: WordSearch, clock: Clock) -> None:
        self._policies = policies
        self._operator = operator
        self._search = search
        self._clock = clock

    async def is_spoiler(self, generation: Generation, caller: Caller[Place]) -> bool:
        """Whether its pictures have to be hidden until somebody clicks on them.

        Raises a Refusal where they may not be shown there: NotYourPicture, OnlyPrivateHere, PromptErased where there
        are blocked words and no prompt to look for them in, and what a new order of them would be refused for.
        """
        spec = generation.request.spec
        if generation.request.caller.member != caller.member:
            raise NotYourPicture
        check_served(self._operator, caller.place)
        server = caller.place.server
        policy = NOTHING_DECIDED if server is None else (await self._policies.of(server)).policy
        if policy.words.patterns and not spec.prompt:
            raise PromptErased
        found = await self._search.first_in(spec.painted, policy.words, caller.tenant, caller.member)
        terms = terms_for(policy, self._operator, caller, self._clock())
        terms.check(found, 1, spoiler=spec.spoiler)
        if terms.offer.private is Requirement.REQUIRED:
            raise OnlyPrivateHere
        return spec.spoiler or terms.offer.spoiler is Requirement.REQUIRED
