"""What showing progress costs: the places of a long line, and the pictures that come meanwhile."""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter, process_time

from bench.measurements import Measurement
from bench.processes import running_bot
from bot.core.fair_limiter import FairLimiter, Turn

WAITING, SERVERS = 1000, 100
AT_ONCE = 100
QUICK_SECONDS, SLOW_SECONDS = 1.0, 6.0
"""How long the image API takes: too short for any progress to be shown, and long enough for two edits of each reply."""


async def progress(rounds: int) -> list[Measurement]:
    return [await _places(rounds), *(await _pictures_meanwhile(rounds))]


async def _places(rounds: int) -> Measurement:
    """Each time that the line has moved, everybody's place is found out at once."""
    limiter, taken = FairLimiter(1), []
    await Turn(limiter, 0, 0).acquire()
    turns = [Turn(limiter, number % SERVERS, number % (SERVERS * 5)) for number in range(WAITING)]
    waiting = [asyncio.create_task(turn.acquire()) for turn in turns]
    await asyncio.sleep(0)
    for _ in range(rounds):
        one_more = asyncio.create_task(Turn(limiter, 0, 1).acquire())
        await asyncio.sleep(0)
        begun = process_time()
        assert {turn.place for turn in turns} <= set(range(1, WAITING + rounds + 1))
        taken.append(1000 * (process_time() - begun))
        waiting.append(one_more)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    found = min(taken)
    return Measurement(f"places of {WAITING:,} in line", "-", f"{found:.2f} ms", found, 5, "ms of CPU")


async def _pictures_meanwhile(rounds: int) -> list[Measurement]:
    """From the image API's answer to the last picture, and the bot's CPU for each: without progress, and with it."""
    beyond: list[list[float]] = [[], []]
    cpu: list[list[float]] = [[], []]
    async with running_bot("bot") as bot:
        await bot.at_once(20)
        for _ in range(rounds):
            for number, latency in enumerate((QUICK_SECONDS, SLOW_SECONDS)):
                bot.images.latency = latency
                before, begun = bot.cpu_seconds(), perf_counter()
                await bot.at_once(AT_ONCE)
                beyond[number].append(perf_counter() - begun - latency)
                cpu[number].append(1000 * (bot.cpu_seconds() - before) / AT_ONCE)
    (quiet, shown), (idle, busy) = (map(median, it) for it in (beyond, cpu))
    name = f"{AT_ONCE} at once, progress shown of each"
    return [
        Measurement(
            f"{name}: beyond the API", f"{quiet:.2f} s", f"{shown:.2f} s", shown / quiet, 1.3, "times"
        ),
        Measurement(f"{name}: CPU", f"{idle:.2f} ms", f"{busy:.2f} ms", busy / idle, 2, "times"),
    ]
