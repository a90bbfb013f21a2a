"""Those who ask for much hold up nobody who wants a picture; small here, and large in `bench/scale.py`."""

from __future__ import annotations

import asyncio

from bench.scale import CROWD, BusyServer, Engine, busy_server
from sandbox.discord import Reply
from tests.end_to_end.conftest import BUSY

TRIES = 20
"""A machine with much else to do tells some of so many that it is very busy, within Discord's three seconds too."""


async def test_beside_those_who_ask_for_much_everybody_gets_their_picture_in_time(
    database_url: str,
) -> None:
    name = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
    async with busy_server(Engine(name, database_url), generations=20_000, counters=10_000) as one:
        asking = asyncio.create_task(one.heavy_commands())
        crowd = await asyncio.gather(*(replies_until_painted(one, f"a fox {n}") for n in range(CROWD)))
        show, erased, *galleries = await asking
        assert all(replies[-1].attachments for replies in crowd)
        assert max(reply.acknowledged_after or 99 for replies in crowd for reply in replies) < 3
        assert [len(gallery.attachments) for gallery in galleries] == [10] * len(galleries)
        assert show.attachments
        assert "the text of 100 prompts" in erased.text


async def replies_until_painted(one: BusyServer, prompt: str) -> list[Reply]:
    replies = [await one.ada.imagine(prompt, within=120)]
    while BUSY in replies[-1].text and len(replies) < TRIES:
        replies.append(await one.ada.imagine(prompt, within=120))
    return replies


async def test_whoever_asks_for_much_twelve_times_at_once_gets_it_once(sqlite_url: str) -> None:
    async with busy_server(Engine("SQLite", sqlite_url), generations=100, counters=10) as one:
        begun = [one.eve.begin("gallery") for _ in range(12)]
        replies = await asyncio.gather(*(asked.finished(within=60) for asked in begun))
        assert sum(bool(reply.attachments) for reply in replies) == 1
        told = [reply for reply in replies if not reply.attachments]
        assert all(
            reply.ephemeral and "still working on what you asked for last" in reply.text for reply in told
        )
        assert (await one.eve.use("gallery")).attachments
