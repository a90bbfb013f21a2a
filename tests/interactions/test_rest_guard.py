"""Requests that somebody gives up waiting for, over real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from discord.http import Route

from bot.interactions.discord_errors import CUT_OFF
from bot.interactions.rest_guard import (
    TIMEOUTS,
    DiscordClock,
    GuardedWebhooks,
    Requests,
    RestGuard,
    TooManyDetached,
    UnreadableAnswer,
    readable_message,
)
from sandbox.discord import Discord
from tests.patience import PATIENCE
from tests.sandbox.discord.discord_py_client import pointed_at


@asynccontextmanager
async def guarded(look_alike: Discord, guard: RestGuard | None = None) -> AsyncIterator[discord.Client]:
    guard = guard or RestGuard(DiscordClock())
    with pointed_at(look_alike):
        client = discord.Client(intents=discord.Intents.none())
        guard.guard(client.http)
        async with client:
            await client.login(look_alike.token)
            yield client
        await guard.close()


async def give_up_on(look_alike: Discord, client: discord.Client, channel: int, *, wait: float) -> None:
    look_alike.faults.rate_limit("channel", retry_after=wait, is_global=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(wait / 4):
            await client.fetch_channel(channel)


async def test_a_global_limit_that_nobody_waits_out_is_over_when_discord_said_so() -> None:
    async with Discord() as look_alike, guarded(look_alike) as client:
        server = look_alike.server("Tea House")
        await give_up_on(look_alike, client, server.channel("art").id, wait=0.4)
        async with asyncio.timeout(PATIENCE):
            await client.fetch_guild(server.id, with_counts=False)


async def test_whoever_waits_behind_a_global_limit_and_gives_up_leaves_nothing_behind() -> None:
    async with Discord() as look_alike, guarded(look_alike) as client:
        server = look_alike.server("Tea House")
        await give_up_on(look_alike, client, server.channel("art").id, wait=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.fetch_guild(server.id, with_counts=False)
        traffic = look_alike.traffic
        await traffic.changes.wait_for(lambda: len(traffic.of("channel")) == 2, PATIENCE)
        await asyncio.sleep(0.1)
        assert not traffic.of("guild")


async def test_a_gate_that_stays_closed_for_longer_than_it_was_told_is_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = RestGuard(DiscordClock(), gate_slack=0.1)
    async with Discord() as look_alike, guarded(look_alike, guard) as client:
        look_alike.faults.rate_limit("current_user", retry_after=1, is_global=True)
        asking = asyncio.create_task(client.http.request(Route("GET", "/users/@me")))
        async with asyncio.timeout(PATIENCE):
            while client.http._global_over.is_set():  # noqa: ASYNC110 — discord.py tells nobody
                await asyncio.sleep(0.01)
            await guard.close()  # cancelled from below, as nobody should
            await asyncio.gather(asking, return_exceptions=True)
            await client.http.request(Route("GET", "/users/@me"))
    assert "held back for longer" in caplog.text


async def test_a_gate_that_is_to_stay_closed_for_years_is_opened_after_an_hour() -> None:
    guard = RestGuard(DiscordClock(), gate_slack=0.1, longest_gate=0.2)
    async with Discord() as look_alike, guarded(look_alike, guard) as client:
        server = look_alike.server("Tea House")
        look_alike.faults.rate_limit("current_user", retry_after=1e9, is_global=True)
        asking = asyncio.create_task(client.http.request(Route("GET", "/users/@me")))
        async with asyncio.timeout(PATIENCE):
            while client.http._global_over.is_set():  # noqa: ASYNC110 — discord.py tells nobody
                await asyncio.sleep(0.01)
            await client.fetch_guild(server.id, with_counts=False)
        asking.cancel()


async def test_what_goes_on_with_nobody_waiting_is_bounded() -> None:
    requests, gate = Requests(most_detached=2), asyncio.Event()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await requests.run(gate.wait())
    with pytest.raises(TooManyDetached):
        await requests.run(gate.wait())
    gate.set()
    await asyncio.sleep(0.01)
    assert await requests.run(gate.wait())
    await requests.close()


async def test_an_error_that_nobody_waits_for_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise OSError("cut")

    caplog.set_level(logging.INFO)
    requests = Requests()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await requests.run(fails())
    await asyncio.sleep(0.05)
    assert not caplog.records


@asynccontextmanager
async def answering(answer: Handler) -> AsyncIterator[str]:
    """The URL of a server that answers everything so."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


def to(url: str, path: str = "/webhooks/{webhook_id}/{webhook_token}") -> Route:
    route = Route("POST", path, webhook_id=1, webhook_token="t")
    route.url = url
    return route


async def exhausting(_: web.Request) -> web.Response:
    """As an endpoint answers the last request that it takes for half a second."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "0.5"}
    return web.Response(body=b'{"id": "7"}', content_type="application/json", headers=headers)


async def test_the_lock_of_a_token_opens_whoever_gave_up_holding_it() -> None:
    webhooks = GuardedWebhooks(DiscordClock())
    async with answering(exhausting) as url, aiohttp.ClientSession() as session:

        async def give_up() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await webhooks.request(to(url), session, payload={})

        giving_up = asyncio.create_task(give_up())
        await asyncio.sleep(0.05)
        async with asyncio.timeout(PATIENCE):
            assert (await webhooks.request(to(url), session, payload={}))["id"] == "7"
        await giving_up


async def without_a_word(_: web.Request) -> web.Response:
    return web.Response(status=204)


async def nonsense(_: web.Request) -> web.Response:
    return web.Response(status=429, body=b"{}", content_type="application/json", headers={"Via": "1.1 proxy"})


async def test_a_first_answer_that_is_taken_without_a_word_is_taken() -> None:
    async with answering(without_a_word) as url, aiohttp.ClientSession() as session:
        answer = await GuardedWebhooks(DiscordClock()).request(to(url, "/callback"), session, payload={})
        assert "interaction" in answer


async def in_an_hour(_: web.Request) -> web.Response:
    body = b'{"message": "Slow down", "retry_after": 3600, "global": false}'
    return web.Response(
        status=429,
        body=body,
        content_type="application/json",
        headers={"Via": "1.1 google", "Retry-After": "3600"},
    )


async def test_a_limit_that_nobody_waits_out_is_an_answer_and_holds_no_lock() -> None:
    webhooks = GuardedWebhooks(DiscordClock())
    async with asyncio.timeout(PATIENCE), answering(in_an_hour) as url, aiohttp.ClientSession() as session:
        for _ in range(2):
            with pytest.raises(discord.HTTPException):
                await webhooks.request(to(url), session, payload={})
    async with asyncio.timeout(PATIENCE), Discord() as look_alike, guarded(look_alike) as client:
        art = look_alike.server("Tea House").channel("art")
        look_alike.faults.rate_limit("channel", retry_after=3600)
        with pytest.raises(discord.HTTPException):
            await client.fetch_channel(art.id)
        assert (await client.fetch_channel(art.id)).id == art.id


async def far_away(_: web.Request) -> web.Response:
    headers = {"Date": "Mon, 01 Jan 20260000000 00:00:00 GMT"}
    return web.Response(body=b'{"id": "7"}', content_type="application/json", headers=headers)


ODD: list[object] = [
    None,
    7,
    "odd",
    [],
    {},
    [[]],
    [None],
    {"url": 7},
    [{"id": "7"}],
    [{"components": [3, {"custom_id": 4}]}],
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_message_of_any_shape_is_read_for_what_can_be_read_of_it(odd: object) -> None:
    embed = {"description": "> a fox", "fields": [{"name": "a", "value": "b", "inline": True}], "color": 1}
    whole = {
        "id": "7",
        "embeds": [embed],
        "attachments": [{"id": "8", "filename": "a.png", "description": "A fox", "flags": 8}],
        "components": [{"type": 17, "components": [{"type": 1, "components": [{"custom_id": "more:1"}]}]}],
        "interaction_metadata": {"id": "5", "user": {"id": "6"}},
    }
    for name in (*whole, "flags", "channel_id"):
        if name != "id":
            readable_message({**whole, name: odd})
    for name in (*embed, "image", "thumbnail", "footer", "url"):
        readable_message({**whole, "embeds": [{**embed, name: odd}]})
    read = readable_message(whole)
    assert read["embeds"] == [embed]
    assert [(it["description"], it["flags"]) for it in read["attachments"]] == [("A fox", 8)]
    assert [it["components"][0]["custom_id"] for it in read["components"]] == ["more:1"]
    assert read["interaction_metadata"]["user"]["id"] == "6"


async def test_a_date_that_means_nothing_is_passed_over() -> None:
    async with answering(far_away) as url, aiohttp.ClientSession() as session:
        clock = DiscordClock()
        answer = await GuardedWebhooks(clock).request(to(url), session, payload={})
        assert answer["id"] == "7"
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_what_discord_py_trips_over_is_like_a_connection_that_was_cut() -> None:
    async with answering(nonsense) as url, aiohttp.ClientSession() as session:
        with pytest.raises(UnreadableAnswer):
            await GuardedWebhooks(DiscordClock()).request(to(url), session, payload={})
    assert issubclass(UnreadableAnswer, CUT_OFF)


def test_deadlines_grow_with_what_is_uploaded_up_to_a_limit() -> None:
    nothing, much, too_much = (TIMEOUTS.of(size).total for size in (0, 100 * 32 * 1024, 2**40))
    assert (nothing, much, too_much) == (40, 140, 300)
    assert (TIMEOUTS.of(0).sock_read, TIMEOUTS.of(1).sock_read) == (30, None)
