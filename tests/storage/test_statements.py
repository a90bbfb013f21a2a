"""No statement scans a table that grows: both engines are asked how they would carry each out."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import asyncpg

import bot.storage
from bot.storage.engine.opening import open_database
from bot.storage.engine.postgres import numbered
from tests.databases import run_sql

VERBS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
SMALL = {"schema_migration", "erasure", "note", "sqlite_master", "pg_tables"}
"""What was applied, who asked to be erased in the last weeks, a handful of values; and the engines' own."""
FEW = {"generation_unfinished"}
"""Partial indexes: all that is in them is what runs just now."""
DERIVED = {"decided", "newest", "found", "quoted", "budget", "latest", "CONSTANT"}
"""Not tables, but what a statement makes itself."""
SELDOM = {"bot.storage.policies.CLEAR_METERS", "bot.storage.policies.MOVE_METERS"}
"""When a server moves its day: all its meters, of which no index knows."""
EXPLAIN = """
CREATE FUNCTION plan_of(statement TEXT) RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE plan JSON;
BEGIN
    EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' || statement INTO plan;
    RETURN plan;
END $$
"""


def statements() -> dict[str, str]:
    """Every constant of the storage that is one, by its name; one with `_` before it is a part, or an engine's own."""
    modules = [import_module(f"bot.storage.{module.name}") for module in iter_modules(bot.storage.__path__)]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper()
        and name[0] != "_"
        and isinstance(value, str)
        and VERBS.match(value)
        and "{" not in value
        if f"{module.__name__}.{name}" not in SELDOM
    }


def test_there_are_statements_to_ask_about() -> None:
    assert {"bot.storage.charges.TAKE", "bot.storage.privacy.COUNTERS"} <= set(statements())


async def test_sqlite_scans_no_table(sqlite_url: str) -> None:
    async with open_database(sqlite_url):
        pass
    with closing(sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))) as connection:
        connection.create_function("epoch_millis", 0, lambda: 0)
        plans = {name: _sqlite_plan(connection, text) for name, text in statements().items()}
    assert {name: scans for name, plan in plans.items() if (scans := [it for it in plan if _scans(it)])} == {}


def _sqlite_plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    parameters = dict.fromkeys(re.findall(r"(?<!:):([a-z_]+)", statement), 1)
    return [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def _scans(detail: str) -> bool:
    """`SCAN x` reads all of it, if by an index; `SEARCH x USING …` reads a part."""
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", detail)
    return found is not None and found[1] not in SMALL | DERIVED and found[2] not in FEW


async def test_postgres_scans_no_table(postgres_url: str) -> None:
    async with open_database(postgres_url):
        pass
    await run_sql(postgres_url, EXPLAIN)
    connection = await asyncpg.connect(postgres_url)
    try:
        # The tables are empty: so only what can't be done otherwise is a scan.
        await connection.execute("SET enable_seqscan = off")
        plans = {
            name: json.loads(await connection.fetchval("SELECT plan_of($1)", numbered(text)[0]))[0]["Plan"]
            for name, text in statements().items()
        }
    finally:
        await connection.close()
    assert {
        name: scans
        for name, plan in plans.items()
        if (scans := [it for it in _nodes(plan) if _reads_all(it)])
    } == {}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {key: value for key, value in plan.items() if key != "Plans"}
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _reads_all(node: dict[str, Any]) -> bool:
    match node["Node Type"]:
        case "Seq Scan":
            return node["Relation Name"] not in SMALL
        case "Index Scan" | "Index Only Scan" | "Bitmap Index Scan":
            on_small = node.get("Relation Name") in SMALL
            return "Index Cond" not in node and node["Index Name"] not in FEW and not on_small
        case _:
            return False
