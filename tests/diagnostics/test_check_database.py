"""A database that lets the bot in and does not let it work: `check` and `run` say the same, and what to do."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.diagnostics.database import database_findings
from bot.diagnostics.report import Finding, Mark
from bot.storage.engine.opening import open_database
from tests.databases import Switch, run_sql


@dataclass
class Host:
    """A server with a database and a role for the bot, whose rights are taken away one by one."""

    server: str
    name: str

    @property
    def admin(self) -> str:
        return self.server.replace("/postgres?", f"/{self.name}?")

    @property
    def url(self) -> str:
        return self.admin.replace("postgres:@", f"{self.name}:@")

    async def finds(self, more: str = "") -> Finding:
        [finding] = await database_findings(self.url + more)
        return finding


@pytest.fixture
async def host(postgres_server: str) -> AsyncIterator[Host]:
    name = f"bot_{uuid.uuid4().hex}"
    await run_sql(postgres_server, f"CREATE ROLE {name} LOGIN", f"CREATE DATABASE {name} TEMPLATE template0")
    yield Host(postgres_server, name)
    await run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


async def test_a_role_that_may_not_create_tables_is_found_out_before_the_start(host: Host) -> None:
    finding = await host.finds()
    assert finding.misconfigured
    assert "permission denied for schema public" in finding.sentence
    assert "GRANT USAGE, CREATE ON SCHEMA" in finding.sentence


async def test_a_role_that_may_create_tables_is_fine_and_none_is_created(host: Host) -> None:
    await run_sql(host.admin, f"GRANT CREATE ON SCHEMA public TO {host.name}")
    for _ in range(2):
        finding = await host.finds()
        assert finding.sentence == "works; its tables will be created at start"


@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE"])
async def test_a_right_on_the_tables_that_is_missing_is_found_out(host: Host, right: str) -> None:
    async with open_database(host.admin):
        pass
    grant = f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {host.name}"
    await run_sql(host.admin, grant)
    assert (await host.finds()).mark is Mark.WORKS
    await run_sql(host.admin, f"REVOKE {right} ON charge FROM {host.name}")
    finding = await host.finds()
    assert finding.misconfigured
    assert "permission denied for table charge" in finding.sentence


async def test_a_schema_that_does_not_exist_is_found_out(host: Host) -> None:
    finding = await host.finds("&options=-csearch_path%3Dnowhere")
    assert finding.misconfigured
    assert "no schema of the search path exists" in finding.sentence


async def test_a_role_that_may_not_connect_is_found_out(host: Host) -> None:
    await run_sql(host.server, f"REVOKE CONNECT ON DATABASE {host.name} FROM PUBLIC")
    finding = await host.finds()
    assert finding.misconfigured
    assert "GRANT CONNECT" in finding.sentence


async def test_connections_that_are_used_up_are_no_matter_of_a_setting(host: Host) -> None:
    await run_sql(host.server, f"ALTER ROLE {host.name} CONNECTION LIMIT 0")
    finding = await host.finds()
    assert finding.mark is Mark.FAILS
    assert not finding.misconfigured
    assert "no connection left" in finding.sentence


async def test_a_server_that_takes_no_writes_is_found_out(host: Host) -> None:
    await run_sql(
        host.admin,
        f"GRANT CREATE ON SCHEMA public TO {host.name}",
        f"ALTER ROLE {host.name} SET default_transaction_read_only = on",
    )
    finding = await host.finds()
    assert not finding.misconfigured
    assert "takes no writes" in finding.sentence


async def test_somebody_elses_tables_are_left_alone(host: Host) -> None:
    await run_sql(
        host.admin, f"GRANT CREATE ON SCHEMA public TO {host.name}", "CREATE TABLE meter (reading INT)"
    )
    finding = await host.finds()
    assert finding.misconfigured
    assert "tables that aren't the bot's" in finding.sentence


async def test_a_server_without_tls_where_tls_is_asked_for_is_found_out(host: Host) -> None:
    async with Switch(host.server) as switch:
        [finding] = await database_findings(switch.url("sslmode=require"))
    assert finding.misconfigured
    assert "sslmode=disable" in finding.sentence
