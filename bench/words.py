"""Looking for blocked words: the longest list and the worst prompt, and what everybody else notices of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from statistics import quantiles

from bench.measurements import Measurement
from bot.core.word_filter.search import WordSearch
from bot.core.word_filter.word_list import WordList, sort_words
from tests.core.word_filter.hostile_words import (
    LISTS,
    LONGEST_PROMPT,
    REPEATED,
    of_different_characters,
    of_look_alikes,
    prompt_of,
)

GROK = 1024  # characters that the usual model takes: whatever is longer is refused before it is searched
SERVERS = 20
FEWEST_TRIES = 5  # whatever else the machine does, one of them is let through
USUAL = (
    "A red fox on a bicycle in front of a lighthouse at dawn, oil on canvas, warm light, very detailed sky"
)
FIRST = "bcdfghjklmnprstvwyzq"
SECOND = ("ang", "ett", "imm", "oll", "upp", "ask", "ent", "iff", "onk", "urd")


async def words(rounds: int) -> list[Measurement]:
    return [
        _usual_search(rounds),
        *(_worst_search(length, rounds, most) for length, most in ((GROK, 10), (LONGEST_PROMPT, 20))),
        _worst_list(rounds),
        await _stall(rounds),
    ]


def _worst_search(length: int, rounds: int, most: float) -> Measurement:
    """CPU time of the slowest pair of a list and a prompt; each at its best of so many rounds."""
    taken = max(
        min(_milliseconds(listed, prompt) for _ in range(max(rounds, FEWEST_TRIES)))
        for listed in LISTS.values()
        for prompt in _prompts(length)
    )
    name = f"worst search, {length:,} characters"
    return Measurement(name, "-", f"{taken:.1f} ms", taken, most, "ms of CPU")


def _usual_search(rounds: int) -> Measurement:
    """A prompt as people write them, and a long list of ordinary words."""
    listed = sort_words("\n".join(f"{first}{second}er" for first in FIRST for second in SECOND))[0]
    taken = min(_milliseconds(listed, USUAL) for _ in range(rounds))
    return Measurement(
        f"{len(listed.patterns)} words, {len(USUAL)} characters",
        "-",
        f"{taken:.2f} ms",
        taken,
        1,
        "ms of CPU",
    )


def _worst_list(rounds: int) -> Measurement:
    """What it takes to make a list ready that was just edited."""
    taken = max(
        min(_milliseconds(WordList((*listed.patterns, f"round{number}q")), "") for number in range(rounds))
        for listed in LISTS.values()
    )
    return Measurement("longest list made ready", "-", f"{taken:.1f} ms", taken, 80, "ms of CPU")


async def _stall(rounds: int) -> Measurement:
    """By how much the event loop is late while twenty servers have the worst prompts searched all the time."""
    search, listed, prompt = WordSearch(60), LISTS["all letters"], of_different_characters(GROK)
    low = await _late(rounds)

    async def keep_searching(server: int) -> None:
        while True:
            await search.first_in(prompt, listed, server, member=server)

    searching = [asyncio.create_task(keep_searching(server)) for server in range(SERVERS)]
    high = await _late(rounds)
    for task in searching:
        task.cancel()
    await asyncio.gather(*searching, return_exceptions=True)
    return Measurement("event loop late, p95", f"{low:.1f} ms", f"{high:.1f} ms", high - low, 8, "ms more")


async def _late(rounds: int) -> float:
    late = list[float]()
    for _ in range(100 * rounds):
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(1000 * (time.perf_counter() - begun) - 1)
    return quantiles(late, n=20)[-1]


def _prompts(length: int) -> Iterator[str]:
    yield of_different_characters(length)
    yield of_look_alikes(length)
    yield from (prompt_of(repeated, length) for repeated in REPEATED)


def _milliseconds(listed: WordList, prompt: str) -> float:
    begun = time.process_time()
    listed.found_in(prompt)
    return 1000 * (time.process_time() - begun)
