"""Who speaks to Discord without having been asked waits for a client that can, whichever it is."""

from __future__ import annotations

import asyncio

import discord

from bot.interactions.connection import DiscordConnection
from tests.patience import PATIENCE


def client() -> discord.Client:
    return discord.Client(intents=discord.Intents.none())


async def test_whoever_waits_is_called_as_soon_as_the_client_is_ready() -> None:
    connection, one = DiscordConnection(), client()
    waiting = asyncio.create_task(connection.gateway())
    connection.logged_in(one)
    assert await asyncio.wait_for(connection.rest(), PATIENCE) is one
    assert not waiting.done()
    connection.ready()
    assert await asyncio.wait_for(waiting, PATIENCE) is one


async def test_after_an_outage_it_is_the_next_client_that_is_waited_for() -> None:
    connection, one, other = DiscordConnection(), client(), client()
    connection.logged_in(one)
    connection.ready()
    connection.closed()
    rest, gateway = asyncio.create_task(connection.rest()), asyncio.create_task(connection.gateway())
    await asyncio.sleep(0)
    assert not rest.done()
    assert not gateway.done()
    connection.logged_in(other)
    connection.ready()
    assert await rest is await gateway is other


async def test_a_client_that_is_closed_in_the_moment_in_which_it_was_ready_is_not_spoken_through() -> None:
    connection, one, other = DiscordConnection(), client(), client()
    waiting = asyncio.create_task(connection.gateway())
    await asyncio.sleep(0)
    connection.logged_in(one)
    connection.ready()
    connection.closed()
    await asyncio.sleep(0)
    assert not waiting.done()
    connection.logged_in(other)
    connection.ready()
    assert await asyncio.wait_for(waiting, PATIENCE) is other
