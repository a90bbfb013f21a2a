"""A chat model revises a prompt before it is painted: who asks it, and when nobody does.

Nothing of this fails a generation, or delays it by more than REVISION_SECONDS: whatever goes wrong, the member's own
prompt is painted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.core.errors import BotError
from bot.core.fair_limiter import FairLimiter, Turn
from bot.core.generation.model import PromptRevision, Request
from bot.core.generation.revision_text import (
    LONGEST_TO_REVISE,
    RevisionFailed,
    RevisionRefused,
    RevisionUnusable,
    instruction_for,
    length_asked_for,
    message_for,
    revised_prompt,
)
from bot.core.retries import Backoff
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList

log = logging.getLogger(__name__)

REVISION_SECONDS = 4.0
"""That an order waits for its prompt, once it has its turn."""
ANSWER_SECONDS = 3.75
"""For one prompt, whichever models are asked: one that does not reason takes a second or two. Less than an order waits,
so that a chat model which is too slow is found to be, and not only left.
"""
FAILURES_IN_A_ROW = 3
"""Of the service. After so many it is left alone for a while."""
UNUSABLE_IN_A_ROW = 10
"""Answers that can't be used. Prompts may be the reason, so a few of one member must not end it for everybody."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 3600.0


class WhenToRevise(StrEnum):
    """What the operator decided."""

    AUTO = "auto"  # where the model that paints does not revise prompts by itself
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What a chat model says, not empty; `credits` where the API says what it cost."""

    text: str
    credits: int | None = None


class ChatModel(Protocol):
    """What can put a prompt into other words."""

    async def answer(self, instruction: str, message: str) -> ChatAnswer:
        """Of the first model that answers, within ANSWER_SECONDS. Raises RevisionFailed."""
        ...


class _Pauses:
    """A small circuit breaker: what keeps failing is left alone, and then tried with one prompt at a time.

    `clock` in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = self._unusable = 0
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._until: float | None = None

    def admit(self) -> bool:
        """Whether the chat model may be asked now."""
        if self._until is None:
            return True
        if self._clock() < self._until:
            return False
        self._until = self._clock() + self._backoff.pause()  # meanwhile no other prompt is tried
        return True

    def succeeded(self) -> None:
        self._failures = self._unusable = 0
        if self._until is not None:
            self._until = None
            self._backoff.reset()
            log.info("the chat model answers again: prompts are revised")

    def failed(self, failure: RevisionFailed) -> None:
        if isinstance(failure, RevisionRefused):
            return
        if isinstance(failure, RevisionUnusable):
            self._unusable += 1
        else:
            self._failures += 1
        if self._until is None and (
            self._failures >= FAILURES_IN_A_ROW or self._unusable >= UNUSABLE_IN_A_ROW
        ):
            pause = self._backoff.pause()
            self._until = self._clock() + pause
            log.warning(
                "the chat model that revises prompts keeps failing, and is not asked for %.0f s; prompts are painted "
                "as they are written: %s",
                pause,
                failure,
            )


class Revisions:
    """Has prompts revised by `chat`, as far as the operator, the server and the member want it.

    `concurrency` in prompts, `clock` in seconds; `answer_within` and `seconds` as ANSWER_SECONDS and REVISION_SECONDS.
    """

    def __init__(
        self,
        chat: ChatModel | None,
        when: WhenToRevise,
        search: WordSearch,
        *,
        concurrency: int = 64,
        clock: Callable[[], float] = time.monotonic,
        answer_within: float = ANSWER_SECONDS,
        seconds: float = REVISION_SECONDS,
    ) -> None:
        self._answer_within = answer_within
        self._chat = chat
        self.when = when if chat else WhenToRevise.NEVER
        self._search = search
        self._limiter = FairLimiter(concurrency)
        self._pauses = _Pauses(clock)
        self.seconds = seconds

    def wording_of(self, request: Request, words: WordList, *, allowed: bool = True) -> Wording | None:
        """Of a generation that was reserved while these `words` were blocked; `allowed` by the server's moderators.
        None where the member's own words are painted, whatever the model.
        """
        wanted = allowed and request.spec.revise and self.when is not WhenToRevise.NEVER
        return Wording(self, request, words) if wanted else None

    async def revise(
        self, request: Request, words: WordList, longest: int, asked: asyncio.Event
    ) -> PromptRevision:
        """For a model that takes so many characters; `asked` is set once it may cost something.

        Raises nothing but when it is cancelled.
        """
        if self._chat is None or len(request.spec.painted) > min(LONGEST_TO_REVISE, longest):
            return PromptRevision(None)
        try:
            async with Turn(self._limiter, request.caller.tenant, request.caller.member):
                if not self._pauses.admit():
                    return PromptRevision(None)
                asked.set()
                revision = await self._ask(self._chat, request, longest)
            self._pauses.succeeded()
            return await self._searched(revision, request, words)
        except RevisionFailed as failure:
            self._pauses.failed(failure)
            log.info("generation %d is painted as it is written: %s", request.id, failure)
            return PromptRevision(None, failure.credits)
        except Exception:  # a mistake of ours must not cost a member their picture
            log.exception("generation %d is painted as it is written", request.id)
            return PromptRevision(None)

    async def _ask(self, chat: ChatModel, request: Request, longest: int) -> PromptRevision:
        """Raises RevisionFailed."""
        prompt, edit = request.spec.painted, bool(request.spec.inputs)
        instruction = instruction_for(length_asked_for(prompt, longest), edit=edit)
        try:
            async with asyncio.timeout(self._answer_within):
                answer = await chat.answer(instruction, message_for(prompt))
        except TimeoutError:
            raise RevisionFailed(
                f"the chat model has not answered within {self._answer_within:g} s"
            ) from None
        try:
            return PromptRevision(revised_prompt(answer.text, prompt, instruction, longest), answer.credits)
        except RevisionFailed as failure:
            failure.credits = answer.credits
            raise

    async def _searched(self, revision: PromptRevision, request: Request, words: WordList) -> PromptRevision:
        """Raises RevisionRefused."""
        caller, text = request.caller, revision.prompt or ""
        try:
            found = await self._search.first_in(text, words, caller.tenant, caller.member)
        except BotError as busy:
            raise RevisionRefused(
                f"it could not be searched for blocked words: {busy}", revision.credits
            ) from busy
        if found is not None:
            raise RevisionRefused("a word in it is blocked in this server", revision.credits)
        return revision


class Wording:
    """The words that one generation is painted by: the member's, or the chat model's.

    `revision`: what came of having the prompt revised; None while nobody asked, or needs the answer.
    """

    def __init__(self, revisions: Revisions, request: Request, words: WordList) -> None:
        self._revisions = revisions
        self._request = request
        self._words = words
        self._asking: asyncio.Task[PromptRevision] | None = None
        self._asked = asyncio.Event()
        self.revision: PromptRevision | None = None

    def begin(self, longest: int, *, revises: bool) -> None:
        """Ask now, for a model that takes so many characters; nobody waits for the answer before `prompt_for`."""
        if self._is_revised_for(revises=revises):
            self._ask(longest)

    async def prompt_for(self, longest: int, *, revises: bool) -> str:
        """What a model is asked to paint that takes so many characters; in no more time than a revision may take."""
        own = self._request.spec.painted
        if not self._is_revised_for(revises=revises):
            self.revision = None
            return own
        asking = self._ask(longest)
        done, _ = await asyncio.wait({asking}, timeout=self._revisions.seconds)
        if not done:
            asking.cancel()
        self.revision = asking.result() if done and not asking.cancelled() else PromptRevision(None)
        if self.revision.prompt is not None and len(self.revision.prompt) > longest:  # made for another model
            self.revision = PromptRevision(None, self.revision.credits)
        return self.revision.prompt or own

    def _is_revised_for(self, *, revises: bool) -> bool:
        return not (revises and self._revisions.when is WhenToRevise.AUTO)

    def _ask(self, longest: int) -> asyncio.Task[PromptRevision]:
        """Once, for the first model that is to be revised for."""
        if self._asking is None:
            revising = self._revisions.revise(self._request, self._words, longest, self._asked)
            self._asking = asyncio.create_task(revising, name=f"revision of generation {self._request.id}")
        return self._asking

    async def credits(self) -> int | None:
        """What it has cost to ask, where the API says so. Nobody needs the answer any more: a question that still waits
        for its turn is not sent; one that was sent is billed all the same, so its answer is waited for.
        """
        if self._asking is None:
            return None
        if not self._asked.is_set():
            self._asking.cancel()
        await asyncio.wait({self._asking})
        return None if self._asking.cancelled() else self._asking.result().credits

    def close(self) -> None:
        """Nobody needs the answer any more."""
        if self._asking is not None:
            self._asking.cancel()
