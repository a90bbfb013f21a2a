"""The two processes that are compared, each with a Discord and an image API of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sandbox.bot_process import BOT, BotProcess
from sandbox.discord import Discord, Member, Reply
from sandbox.images import ImageApi

BASELINE = (str(Path(__file__).with_name("baseline.py")),)
COMMANDS = {"baseline": BASELINE, "bot": BOT}
UNLIMITED = {
    "DAILY_LIMIT": "unlimited",
    "DAILY_LIMIT_CEILING": "unlimited",
    "BOT_DAILY_LIMIT": "unlimited",
    "LOG_LEVEL": "INFO",
}
"""All else as it is where an operator sets nothing."""
IMAGINE = "x-ai/grok-imagine-image"
"""A model that does not revise prompts by itself."""
WIDE_OPEN = {**UNLIMITED, "IMAGE_CONCURRENCY": "500"}


class BenchmarkBot:
    """One running bot, and the member who keeps it busy."""

    def __init__(self, discord: Discord, images: ImageApi, process: BotProcess, member: Member) -> None:
        self.discord = discord
        self.images = images
        self.process = process
        self.member = member

    async def at_once(self, count: int) -> tuple[list[Reply], float]:
        """The replies to `count` simultaneous commands, and seconds until the last one was delivered."""
        self.discord.clear_history()
        begin = time.perf_counter()
        replies = await asyncio.gather(*(self.member.imagine(f"a fox {n}", within=120) for n in range(count)))
        took = time.perf_counter() - begin
        assert all(reply.attachments for reply in replies), next(r for r in replies if not r.attachments)
        return list(replies), took

    def cpu_seconds(self) -> float:
        """User and system time of the process so far. Linux only."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def running_bot(
    name: str, latency: float = 0.0, settings: Mapping[str, str] = WIDE_OPEN
) -> AsyncIterator[BenchmarkBot]:
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(Discord())
        images = await stack.enter_async_context(ImageApi(style="plain", latency=latency))
        images.balance = 1e9
        member = discord.server("Tea House").member("Ada")
        process = BotProcess(discord, images, settings, command=COMMANDS[name])
        await stack.enter_async_context(process)
        yield BenchmarkBot(discord, images, process, member)


@asynccontextmanager
async def both(latency: float = 0.0) -> AsyncIterator[tuple[BenchmarkBot, BenchmarkBot]]:
    """Baseline and bot, warmed up."""
    async with running_bot("baseline", latency) as baseline, running_bot("bot", latency) as bot:
        for one in (baseline, bot):
            await one.at_once(5)
        yield baseline, bot
