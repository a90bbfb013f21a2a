"""What members say of pictures, for those who hear them instead of seeing them: checked as a prompt is."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.limits.policy_store import PolicyStore
from bot.core.word_filter.errors import ForbiddenWord
from bot.core.word_filter.search import WordSearch


class AltTexts:
    """Everybody may read them: what moderators block in prompts is blocked in them, too."""

    def __init__(self, policies: PolicyStore, search: WordSearch) -> None:
        self._policies = policies
        self._search = search

    async def check(self, texts: Iterable[str], server: int | None, member: int) -> None:
        """Raises ForbiddenWord, PromptCheckBusy, DatabaseUnavailable. Without a `server` there are no moderators."""
        if server is None:
            return
        words = (await self._policies.of(server)).policy.words
        found = await self._search.first_in("\n".join(texts), words, server, member)
        if found is not None:
            raise ForbiddenWord(found)
