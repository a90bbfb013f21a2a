"""The real bot as a process, while its database is slow or gone."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import uuid
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.diagnostics.database import database_findings
from tests.databases import run_sql
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.patience import PATIENCE


class DatabaseProxy:
    """Stands between a bot and PostgreSQL, and can be cut."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._delay = 0.0
        self._awaited: bytes | None = None
        self._unheard: asyncio.StreamWriter | None = None
        self.swallowed = 0

    async def start(self, port: int = 0) -> str:
        """The URL of the same database through the proxy."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self._port = self._server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        parameters = "&".join(one for one in self._parts.query.split("&") if not one.startswith("host="))
        return f"postgresql://{user}@127.0.0.1:{self._port}{self._parts.path}?{parameters}"

    def stall(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._flowing.clear()

    def slow_down(self, seconds: float) -> None:
        """What the database says takes so long to arrive."""
        self._delay = seconds

    def swallow_the_answer_to_a_commit_of(self, statement: str) -> None:
        """The next transaction with that in it is committed, and its connection cut before anybody hears so."""
        self._awaited = statement.encode()

    async def restart(self, seconds: float) -> None:
        """As a server that is gone for so long: every connection ends, and no new one is taken."""
        await self.cut()
        await asyncio.sleep(seconds)
        await self.come_back()

    async def come_back(self) -> None:
        await self.start(self._port)

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self._connect()
        self._open |= {writer, back}
        if self._server is None or not self._server.is_serving():  # cut while this one was being made
            for made in (writer, back):
                made.transport.abort()
        await asyncio.gather(self._pump_asked(reader, back, writer), self._pump(there, writer))

    async def _pump_asked(
        self, reader: asyncio.StreamReader, there: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        """What the bot says, until it says what was waited for."""
        begun = False
        while data := await self._read(reader):
            begun = begun or (self._awaited is not None and self._awaited in data)
            if begun and b"COMMIT" in data:
                self._awaited = None
                self._unheard = back
            await self._pass_on(data, there)
        there.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(65536)
        except ConnectionError:
            return b""

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        await asyncio.sleep(self._delay)
        writer.write(data)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        socket_folder = parse_qs(self._parts.query).get("host")
        if socket_folder:
            return await asyncio.open_unix_connection(
                f"{socket_folder[0]}/.s.PGSQL.{self._parts.port or 5432}"
            )
        return await asyncio.open_connection(self._parts.hostname, self._parts.port)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await self._read(reader):
            if writer is self._unheard:  # so it is committed
                self.swallowed += 1
                writer.transport.abort()
                return
            await self._pass_on(data, writer)
        writer.close()


async def test_without_its_database_the_bot_apologises_privately_and_buys_nothing(
    setup: Setup, postgres_url: str
) -> None:
    setup.left_open = "the database never comes back"
    proxy = DatabaseProxy(postgres_url)
    bot = await setup.start_bot(DATABASE_URL=await proxy.start())
    assert (await setup.ada.imagine("a fox")).attachments
    await proxy.cut()
    imagine, usage = await asyncio.gather(setup.ada.imagine("a fox"), setup.ada.use("usage"))
    assert "Nothing was counted." in imagine.text
    assert usage.text == "My database isn't responding. Try again in a few minutes."
    for reply in (imagine, usage):
        assert reply.ephemeral
        assert (reply.acknowledged_after or 99) < 3
    assert setup.images.paid == 1
    assert bot.running
    await bot.kill()  # it would try for a while to write down what it could not


async def test_an_outage_of_the_database_is_told_once_and_so_is_its_end(
    setup: Setup, postgres_url: str
) -> None:
    office = setup.tea_house.channel("operators")
    proxy = DatabaseProxy(postgres_url)
    bot = await setup.start_bot(DATABASE_URL=await proxy.start(), OPERATOR_CHANNEL_ID=str(office.id))
    await proxy.cut()
    await log_line(bot, "The database isn't responding")
    await proxy.come_back()
    await log_line(bot, "The database is responding again")
    async with asyncio.timeout(PATIENCE):
        while len(told := setup.discord.messages.by_channel.get(office.id, {})) < 2:  # noqa: ASYNC110 — it has no signal
            await asyncio.sleep(0.02)
    begun, over = (message.content for message in told.values())
    assert "isn't responding" in begun
    assert "is responding again" in over
    loud = [line for line in bot.log if '"level": "warning"' in line or '"level": "error"' in line]
    assert len(loud) <= 3, loud
    assert not any("Traceback" in line for line in bot.log)
    assert (await setup.ada.imagine("a fox")).attachments
    await settled_state(postgres_url)
    await proxy.cut()


async def test_a_role_that_may_not_create_tables_ends_the_bot_with_what_check_says(
    setup: Setup, postgres_server: str
) -> None:
    name = f"bot_{uuid.uuid4().hex}"
    url = postgres_server.replace("/postgres?", f"/{name}?").replace("postgres:@", f"{name}:@")
    await run_sql(postgres_server, f"CREATE ROLE {name} LOGIN", f"CREATE DATABASE {name} TEMPLATE template0")
    code, log = await setup.failing_bot(DATABASE_URL=url)
    assert code == 78
    [finding] = await database_findings(url)
    assert "permission denied for schema public" in finding.sentence
    assert f"Database: {finding.sentence}" in log
    assert "Traceback" not in log


@pytest.mark.skipif(sys.platform != "linux", reason="only there a limit can be set for another process")
async def test_a_disk_that_takes_no_more_is_told_and_so_is_its_having_room_again(setup: Setup) -> None:
    bot = await setup.start_bot()
    limit_files(bot.pid, 0)
    refused = await setup.ada.imagine("a fox")
    assert "my database isn't responding" in refused.text
    await log_line(bot, "The database isn't responding")
    limit_files(bot.pid, None)
    await log_line(bot, "The database is responding again")
    assert (await setup.ada.imagine("a fox")).attachments


def limit_files(process: int, size: int | None) -> None:
    """No file of that process may become larger than so many bytes: like a full disk, it can still be read."""
    if sys.platform == "linux":
        import resource

        _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most if size is None else size, most))


async def test_a_database_that_is_slow_gets_a_private_answer_in_time_and_takes_nothing(setup: Setup) -> None:
    bot = await setup.start_bot()
    await setup.ada.imagine(
        "an owl"
    )  # so that what she prefers is known, and it is the reservation that waits
    with closing(sqlite3.connect(setup.folder / "imagine.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = await setup.ada.imagine("a fox")
        assert reply.ephemeral
        assert "very busy" in reply.text
        assert (reply.acknowledged_after or 99) < 3
    await log_line(bot, "its images are returned")
    usage = await setup.ada.use("usage")
    assert "today**: 1 of 10 used" in usage.text
    assert len(setup.images.requests) == 1


async def test_a_database_that_falls_silent_leaves_nobody_without_an_answer(
    setup: Setup, postgres_url: str
) -> None:
    proxy = DatabaseProxy(postgres_url)
    await setup.start_bot(DATABASE_URL=await proxy.start())
    proxy.stall()
    replies = await asyncio.gather(setup.ada.imagine("a fox"), setup.ada.use("usage"))
    for reply in replies:
        assert reply.ephemeral
        assert "very busy" in reply.text
    await proxy.cut()
    assert setup.images.requests == []
