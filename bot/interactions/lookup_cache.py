"""Looks up once what several ask for at the same time, and keeps the answers for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
AnswerT = TypeVar("AnswerT")

MOST_KEPT = 1000


class LookupCache(Generic[KeyT, AnswerT]):
    """Callers that ask for a key while it is being looked up share the answer.

    After `most_asked` look-ups of a key within the seconds that its answer is kept, the last answer is returned until
    the first of them is older than that. `kept_seconds` may depend on the answer.

    A caller that stops waiting does not cancel the look-up. What `ask` raises reaches all callers, and is not kept.
    """

    def __init__(
        self,
        ask: Callable[[KeyT], Awaitable[AnswerT]],
        kept_seconds: float | Callable[[AnswerT], float],
        most_asked: int,
    ) -> None:
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._most_asked = most_asked
        self._asking: dict[KeyT, asyncio.Task[AnswerT]] = {}
        self._kept: OrderedDict[KeyT, tuple[deque[float], AnswerT]] = OrderedDict()

    def last(self, key: KeyT) -> AnswerT | None:
        """The last answer, however long ago."""
        return self._kept[key][1] if key in self._kept else None

    async def get(self, key: KeyT) -> AnswerT:
        if key not in self._asking:
            if key in self._kept:
                times, answer = self._kept[key]
                seconds = self._kept_seconds(answer) if callable(self._kept_seconds) else self._kept_seconds
                if len(times) >= self._most_asked and time.monotonic() < times[0] + seconds:
                    return answer
            task = asyncio.create_task(self._look_up(key), name=f"look-up {key}")
            self._asking[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        task = self._asking[key]
        await asyncio.wait({task})
        return task.result()

    async def _look_up(self, key: KeyT) -> AnswerT:
        now = time.monotonic()
        answer = await self._ask(key)
        times = self._kept[key][0] if key in self._kept else deque[float](maxlen=self._most_asked)
        times.append(now)
        self._kept[key] = times, answer
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return answer

    def _done(self, key: KeyT, task: asyncio.Task[AnswerT]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not log it where nobody waits any more
