"""What is measured, one function a figure: baseline and bot take turns, medians are compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from bench.processes import IMAGINE, UNLIMITED, BenchmarkBot, both, running_bot


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` is what `target` bounds; `baseline` and `bot` are what it was made of."""

    name: str
    baseline: str
    bot: str
    value: float
    target: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.value <= self.target


class MeasurementSkipped(Exception):
    """Carries the reason: this machine lacks what the measurement takes."""


async def acknowledgement(rounds: int) -> list[Measurement]:
    async with both() as (baseline, bot):
        times: dict[BenchmarkBot, list[float]] = {baseline: [], bot: []}
        for _ in range(rounds):
            for one, seen in times.items():
                [reply], _ = await one.at_once(1)
                seen.append(1000 * (reply.acknowledged_after or 0))
    figures = list[Measurement]()
    for name, target, of in (
        ("single command, acknowledged", 1, median),
        ("the same, at p95", 3, percentile_95),
    ):
        low, high = of(times[baseline]), of(times[bot])
        figures.append(Measurement(name, f"{low:.2f} ms", f"{high:.2f} ms", high - low, target, "ms later"))
    return figures


def percentile_95(values: Sequence[float]) -> float:
    """Of a twentieth of the values, the least one."""
    return sorted(values)[-1 - len(values) // 20]


async def burst(rounds: int) -> list[Measurement]:
    async with both(latency=0.5) as (baseline, bot):
        times: dict[BenchmarkBot, list[float]] = {baseline: [], bot: []}
        for _ in range(rounds):
            for one, seen in times.items():
                _, took = await one.at_once(20)
                seen.append(took)
    low, high = median(times[baseline]), median(times[bot])
    return [
        Measurement("burst of 20, all delivered", f"{low:.3f} s", f"{high:.3f} s", high / low, 1.5, "times")
    ]


async def crowd(rounds: int) -> list[Measurement]:
    latency = 0.5
    async with both(latency) as (baseline, bot):
        times: dict[BenchmarkBot, list[float]] = {baseline: [], bot: []}
        latest: dict[BenchmarkBot, list[float]] = {baseline: [], bot: []}
        for _ in range(rounds):
            for one, seen in times.items():
                replies, took = await one.at_once(500)
                seen.append(took - latency)
                latest[one].append(max(reply.acknowledged_after or 99 for reply in replies))
    low, high = median(times[baseline]), median(times[bot])
    last_low, last_high = max(latest[baseline]), max(latest[bot])
    return [
        Measurement(
            "500 at once, last acknowledged", f"{last_low:.2f} s", f"{last_high:.2f} s", last_high, 3, "s"
        ),
        Measurement(
            "500 at once, beyond the API's time", f"{low:.2f} s", f"{high:.2f} s", high / low, 1.6, "times"
        ),
    ]


async def defaults(rounds: int) -> list[Measurement]:
    """Each round by a process that has just been started, as the bot has yet to find out how much the API takes.

    The baseline has no limit; where it is so fast that its orders overlap, the bot is held against the least that 64
    places (`IMAGE_CONCURRENCY`) need: 200 orders in four rounds.
    """
    count, places, latency = 200, 64, 0.5
    least = ceil(count / places) * latency
    times: dict[str, list[float]] = {"baseline": [], "bot": []}
    for _ in range(rounds):
        for name, seen in times.items():
            async with running_bot(name, latency, UNLIMITED) as one:
                await one.at_once(5)
                _, took = await one.at_once(count)
                seen.append(took)
    low, high = median(times["baseline"]), median(times["bot"])
    return [
        Measurement(
            "200 at default settings", f"{low:.2f} s", f"{high:.2f} s", high / max(low, least), 1.3, "times"
        ),
    ]


async def revision(rounds: int) -> list[Measurement]:
    """The bot beside itself: without and with a chat model that revises each prompt in 0.3 s."""
    chat_seconds, count, latency = 0.3, 200, 0.5
    never, auto = ({**UNLIMITED, "IMAGE_MODEL": IMAGINE, "REVISE_PROMPTS": it} for it in ("never", "auto"))
    async with running_bot("bot", settings=never) as without, running_bot("bot", settings=auto) as revising:
        revising.images.chat_latency = chat_seconds
        acknowledged: dict[BenchmarkBot, list[float]] = {without: [], revising: []}
        took: dict[BenchmarkBot, list[float]] = {without: [], revising: []}
        crowd: dict[BenchmarkBot, list[float]] = {without: [], revising: []}
        for one in took:
            await one.at_once(5)
        for _ in range(rounds):
            for one, seen in took.items():
                [reply], seconds = await one.at_once(1)
                acknowledged[one].append(1000 * (reply.acknowledged_after or 0))
                seen.append(1000 * seconds)
        for one, seen in crowd.items():
            one.images.latency = latency
            await one.at_once(64)  # it finds out how much the image API takes
            for _ in range(1 + rounds // 20):
                seen.append((await one.at_once(count))[1])
    low, high = median(acknowledged[without]), median(acknowledged[revising])
    plain, revised = median(took[without]), median(took[revising])
    short, long = median(crowd[without]), median(crowd[revising])
    beyond = revised - plain - 1000 * chat_seconds
    return [
        Measurement("revised, acknowledged", f"{low:.2f} ms", f"{high:.2f} ms", high - low, 1, "ms later"),
        Measurement(
            "revised, beyond the chat's 300 ms",
            f"{plain:.1f} ms",
            f"{revised:.1f} ms",
            beyond,
            15,
            "ms later",
        ),
        Measurement(
            "200 at once, all of them revised", f"{short:.2f} s", f"{long:.2f} s", long / short, 1.3, "times"
        ),
    ]


async def cpu(rounds: int) -> list[Measurement]:
    batch = 100
    async with both() as (baseline, bot):
        spent: dict[BenchmarkBot, list[float]] = {baseline: [], bot: []}
        for _ in range(rounds):
            for one, seen in spent.items():
                before = one.cpu_seconds()
                await one.at_once(batch)
                seen.append(1000 * (one.cpu_seconds() - before) / batch)
    low, high = median(spent[baseline]), median(spent[bot])
    return [Measurement("CPU per /imagine", f"{low:.2f} ms", f"{high:.2f} ms", high / low, 1.4, "times")]


async def memory(rounds: int) -> list[Measurement]:
    """`rounds` batches of ten after a warm-up: a leak shows as growth from the first third to the last.

    Ten at a time, because after hundreds the allocator keeps now more and now less, and a leak would hide in that.
    """
    async with running_bot("baseline") as baseline, running_bot("bot") as bot:
        await asyncio.sleep(2)
        low, high = baseline.process.resident_mebibytes(), bot.process.resident_mebibytes()
        for _ in range(50):
            await bot.at_once(10)
        seen = [await _after_a_batch(bot) for _ in range(rounds)]
    third = max(1, rounds // 3)
    early, late = median(seen[:third]), median(seen[-third:])
    over = f"memory, over {10 * rounds} generations"
    return [
        Measurement("memory at rest", f"{low:.1f} MiB", f"{high:.1f} MiB", high - low, 12, "MiB more"),
        Measurement(over, "-", f"{late:.1f} MiB", late - early, 4, "MiB more"),
    ]


async def _after_a_batch(one: BenchmarkBot) -> float:
    await one.at_once(10)
    return one.process.resident_mebibytes()


async def start(rounds: int) -> list[Measurement]:
    times: dict[str, list[float]] = {"baseline": [], "bot": []}
    for _ in range(rounds):
        for name, seen in times.items():
            begin = time.perf_counter()
            async with running_bot(name):
                seen.append(time.perf_counter() - begin)
    low, high = median(times["baseline"]), median(times["bot"])
    return [Measurement("start to ready", f"{low:.2f} s", f"{high:.2f} s", high - low, 0.5, "s more")]
