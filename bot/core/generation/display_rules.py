"""How pictures may be shown once they are there: behind a spoiler or not, and what is said of them to those who hear
them instead of seeing them.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.generation.errors import SpoilerRequired
from bot.core.limits.errors import SpoilerNotAllowed
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Operator
from bot.core.limits.policy_store import PolicyStore
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.search import WordSearch


class DisplayRules:
    """What operator and moderators decided for new pictures holds for what members make of them afterwards.

    Without a `server` there are no moderators. Raises DatabaseUnavailable.
    """

    def __init__(self, policies: PolicyStore, operator: Operator, search: WordSearch) -> None:
        self._policies = policies
        self._operator = operator
        self._search = search

    async def spoiler(self, server: int | None, *, moderates: bool) -> Requirement:
        """Moderators may make an exception of a single picture from what they decided themselves."""
        operators = self._operator.spoiler
        if server is None or moderates or operators is not Requirement.OPTIONAL:
            return operators
        return (await self._policies.in_force(server)).spoiler

    async def check_spoiler(self, server: int | None, *, spoiler: bool, moderates: bool) -> None:
        """Raises SpoilerRequired, SpoilerNotAllowed."""
        required = await self.spoiler(server, moderates=moderates)
        if required is Requirement.REQUIRED and not spoiler:
            raise SpoilerRequired
        if required is Requirement.FORBIDDEN and spoiler:
            raise SpoilerNotAllowed

    async def check_alt_texts(self, texts: Iterable[str], server: int | None, member: int) -> None:
        """Everybody may read them: what is blocked in prompts is blocked in them, too.

        Raises ForbiddenWord, PromptCheckBusy.
        """
        if server is None:
            return
        words = (await self._policies.in_force(server)).words
        found = await self._search.first_in("\n".join(texts), words, server, member)
        if found is not None:
            raise ForbiddenWord(found)
