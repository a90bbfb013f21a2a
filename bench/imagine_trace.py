"""Which functions one `/imagine` enters, from the gateway's event to the settled row.

The bot runs as a process of its own, started by `bench/traced_bot.py`. After one command to warm up, `ROUNDS` commands
run one at a time, and a function counts if each of them entered it: what happens to run at the same time as one of
them, such as a heartbeat or the polling of recovery, does not. A function is a code object of `bot/` or `cogs/`. The
bodies of modules and classes, comprehensions, generator expressions, lambdas and the methods that dataclasses generate
are not counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal

from bench.processes import WIDE_OPEN
from bench.traced_bot import TRACE
from sandbox.bot_process import BotProcess
from sandbox.discord import Discord, Member
from sandbox.images import ImageApi

ROUNDS = 3
SETTLED = 1.0
"""Seconds from the delivered picture to the end of a trace: the row is settled long before."""

TRACED = ("-m", "bench.traced_bot")

Function = tuple[str, str]
"""The path of the file from the root of the project, and the qualified name."""


async def imagine() -> list[Function]:
    """In the order in which they were first entered."""
    async with Discord() as discord, ImageApi(style="plain") as images:
        images.balance = 1e9
        member = discord.server("Tea House").member("Ada")
        async with BotProcess(discord, images, WIDE_OPEN, command=TRACED) as process:
            first, *others = [await trace(process, member) for _ in range(1 + ROUNDS)][1:]
    return [function for function in first if all(function in other for other in others)]


async def trace(process: BotProcess, member: Member) -> list[Function]:
    os.kill(process.pid, signal.SIGUSR1)
    reply = await member.imagine("a fox")
    assert reply.attachments, reply
    await asyncio.sleep(SETTLED)
    before = len(process.log)
    os.kill(process.pid, signal.SIGUSR2)
    await process.log_changes.wait_for(
        lambda: any(line.startswith(TRACE) for line in process.log[before:]), 10
    )
    [line] = [line.removeprefix(TRACE) for line in process.log[before:] if line.startswith(TRACE)]
    return [(file, name) for file, name in json.loads(line)]
