"""What is repeated, how often and after which pauses; and the two loops that do it."""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retries:
    """A call, and one more attempt after each of `pauses`, in seconds.

    `what` is called, `where` it is repeated, and `why` that is harmless: RELIABILITY.md has these as a table.
    With `jitter`, each pause is shortened at random, by up to half.
    """

    what: str
    where: str
    why: str
    pauses: tuple[float, ...]
    jitter: bool = False

    async def __call__(
        self,
        call: Callable[[], Awaitable[T]],
        may_be_repeated: Callable[[Exception], bool],
        *,
        seconds: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> T:
        """What the first attempt returns that does not fail. Raises what the last one raised.

        An attempt that takes longer than `seconds` is given up with TimeoutError, and not made again.
        """
        for pause in self.pauses:
            limit = asyncio.timeout(seconds)
            try:
                async with limit:
                    return await call()
            except Exception as error:
                if limit.expired() or not may_be_repeated(error):
                    raise
            await sleep(pause * (1 - 0.5 * random()) if self.jitter else pause)
        async with asyncio.timeout(seconds):
            return await call()


FIRST_ANSWER = Retries(
    "a first answer to an interaction",
    "Discord answers 5xx, or the connection is cut",
    "Discord takes one: where a repeat finds that there is one, it was this one, or a copy's, and one of both acts",
    (0.1, 0.2, 0.4, 0.8),  # together half of the 3 s that Discord waits
)
DISCORD_CALL = Retries(
    "any other call to Discord that has the same effect once or twice",
    "the connection is cut, or Discord has not yet processed the acknowledgement",
    "edits, deletions and questions; a message goes out with the generation's id as its nonce",
    (0.25, 0.5),  # what Discord answers with 5xx and 429, discord.py repeats by itself
)
DELIVERY = Retries(
    "the upload of a generation's pictures",
    "the connection is cut, or Discord calls it too large: then smaller",
    "it edits one message; no second upload begins beside one that has not ended",
    (0.5, 1.0),
)
DOWNLOAD = Retries(
    "the download of a paid picture",
    "the host fails, or what came is no whole picture",
    "a GET costs nothing",
    (1.0, 2.0),
    jitter=True,
)
READ_INPUT = Retries(
    "the download of a picture that is to be changed, for a request that has to hold it",
    "Discord's host of attachments fails",
    "a GET costs nothing, and nothing was bought yet",
    (0.5, 1.0),
)
TABLE = (FIRST_ANSWER, DISCORD_CALL, DELIVERY, DOWNLOAD, READ_INPUT)


def exponential_pause(first: float, longest: float, before: int) -> float:
    """Seconds: `first`, doubled for each of the pauses `before` it, up to `longest`."""
    return min(first * 2.0 ** min(before, 60), longest)


@dataclass(slots=True, eq=False)
class Backoff:
    """The pauses, in seconds, of something that is tried until it succeeds."""

    first: float
    longest: float
    _pauses: int = field(default=0, init=False)

    def pause(self) -> float:
        """Seconds to wait now."""
        self._pauses += 1
        return exponential_pause(self.first, self.longest, self._pauses - 1)

    def reset(self) -> None:
        """After a success."""
        self._pauses = 0
