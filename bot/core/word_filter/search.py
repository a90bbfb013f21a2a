"""Searches prompts for blocked words outside of the event loop.

One at a time, the servers in rotation, and of each member only one in line: a member who sends prompts without end
delays only themselves.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakValueDictionary

from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.word_filter.errors import PromptCheckBusy
from bot.core.word_filter.word_list import WordList

SEARCH_SECONDS = 0.8
"""A search takes milliseconds, but waits for those before it. What is left of a command's 1.5 s is for the database."""


class WordSearch:
    """One thread: several would only take the interpreter from the event loop, and from each other."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._limiter = FairLimiter(1)
        # Weak: a lock exists as long as somebody holds it or waits for it.
        self._members: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="words")

    async def first_in(self, prompt: str, words: WordList, server: int, member: int) -> str | None:
        """The entry of the list that `prompt` contains (of several, any one). Raises PromptCheckBusy."""
        if not words.patterns:
            return None
        one_of_member = self._members.setdefault(member, asyncio.Lock())
        try:
            async with asyncio.timeout(self._seconds), one_of_member, Turn(self._limiter, server, member):
                return await asyncio.get_running_loop().run_in_executor(self._thread, words.found_in, prompt)
        except TimeoutError as error:
            raise PromptCheckBusy from error
