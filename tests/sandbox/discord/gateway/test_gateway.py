"""The gateway's protocol: hello, identify, heartbeats, resume, close codes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.discord import Discord
from tests.patience import PATIENCE
from tests.sandbox.discord.conftest import Scene
from tests.sandbox.discord.raw_bot import RawBot, RawSocket, command

HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 1, 2, 6, 7, 9, 10, 11


async def test_a_connection_begins_with_hello(bot: RawBot) -> None:
    hello = await (await bot.open()).hear()
    assert (hello["op"], hello["d"]["heartbeat_interval"]) == (HELLO, 41250)


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 15}, 4014),
        ({"shard": [2, 2]}, 4010),
    ],
)
async def test_a_wrong_identity_is_hung_up_on(bot: RawBot, identity: dict[str, Any], code: int) -> None:
    socket = await bot.identify(**identity)
    assert (await socket.hear())["closed"] == code


@pytest.mark.parametrize(
    ("said", "code"), [('{"op": 99}', 4001), ("what?", 4002), ('{"op": 3, "d": {}}', 4003)]
)
async def test_nonsense_is_hung_up_on(bot: RawBot, said: str, code: int) -> None:
    socket = await bot.open()
    await socket.hear()
    await socket.socket.send_str(said)
    assert (await socket.hear())["closed"] == code


async def test_identifying_twice_is_hung_up_on(scene: Scene) -> None:
    await scene.socket.say(IDENTIFY, {"token": scene.discord.token, "intents": 0})
    assert (await scene.socket.hear())["closed"] == 4005


async def test_heartbeats_are_acknowledged(scene: Scene) -> None:
    await scene.socket.say(HEARTBEAT, None)
    assert (await scene.socket.hear())["op"] == ACK
    assert scene.discord.gateway.heartbeats == 1


async def test_a_connection_without_heartbeats_is_cut(discord: Discord, bot: RawBot) -> None:
    discord.gateway.heartbeat_seconds = 0.02
    socket = await bot.identify()
    assert (await socket.hear_event("READY"))["v"] == 10
    assert (await socket.hear())["op"] is None


async def test_servers_are_described_to_those_who_asked_for_them(discord: Discord, bot: RawBot) -> None:
    discord.server("Tea House")
    curious = await bot.identify(intents=1)
    assert (await curious.hear_event("READY"))["guilds"][0]["unavailable"] is True
    assert (await curious.hear_event("GUILD_CREATE"))["name"] == "Tea House"
    modest = await bot.identify(intents=0)
    await modest.hear_event("READY")
    await modest.say(HEARTBEAT, None)
    assert (await modest.hear())["op"] == ACK


async def test_a_bot_learns_of_a_new_server(discord: Discord, bot: RawBot) -> None:
    socket = await bot.identify(intents=1)
    await socket.hear_event("READY")
    discord.server("Coffee House")
    assert (await socket.hear_event("GUILD_CREATE"))["name"] == "Coffee House"


async def test_a_compressed_stream_says_the_same(discord: Discord, bot: RawBot) -> None:
    discord.server("Tea House")
    socket = await bot.identify("?v=10&encoding=json&compress=zlib-stream", intents=1)
    assert (await socket.hear_event("READY"))["session_id"]
    assert (await socket.hear_event("GUILD_CREATE"))["name"] == "Tea House"


async def _resume(scene: Scene, session_id: str, sequence: int) -> RawSocket:
    socket = await scene.bot.open()
    await socket.hear()
    await socket.say(RESUME, {"token": scene.discord.token, "session_id": session_id, "seq": sequence})
    return socket


async def _session_id(scene: Scene) -> str:
    return next(iter(scene.discord.gateway.sessions))


async def test_what_happened_during_a_break_is_told_on_resuming(scene: Scene) -> None:
    session, heard = await _session_id(scene), scene.socket.sequence
    scene.discord.gateway.drop()
    await scene.discord.bot_gone(PATIENCE)
    scene.ada.begin("imagine", prompt="meanwhile")
    socket = await _resume(scene, session, heard)
    event = await socket.hear()
    assert (event["t"], event["s"]) == ("INTERACTION_CREATE", heard + 1)
    assert (await socket.hear())["t"] == "RESUMED"
    assert scene.discord.gateway.resumes == 1


async def test_what_was_heard_is_not_told_again(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="before")
    await scene.socket.hear_event("INTERACTION_CREATE")
    scene.discord.gateway.drop()
    await scene.discord.bot_gone(PATIENCE)
    socket = await _resume(scene, await _session_id(scene), scene.socket.sequence)
    assert (await socket.hear())["t"] == "RESUMED"


async def test_an_unknown_session_cannot_be_resumed(scene: Scene) -> None:
    socket = await _resume(scene, "never was", 1)
    said = await socket.hear()
    assert (said["op"], said["d"]) == (INVALID_SESSION, False)


async def test_a_sequence_from_the_future_is_hung_up_on(scene: Scene) -> None:
    socket = await _resume(scene, await _session_id(scene), 999)
    assert (await socket.hear())["closed"] == 4007


async def test_a_bot_that_says_goodbye_gives_its_session_up(scene: Scene) -> None:
    session = await _session_id(scene)
    await scene.socket.socket.close(code=1000)
    await scene.discord.bot_gone(PATIENCE)
    socket = await _resume(scene, session, 1)
    assert (await socket.hear())["op"] == INVALID_SESSION


async def test_discord_may_ask_for_a_reconnection(scene: Scene) -> None:
    scene.discord.gateway.request_reconnect()
    assert (await scene.socket.hear())["op"] == RECONNECT


async def test_both_sessions_of_a_shard_get_every_interaction_and_the_first_answer_wins(scene: Scene) -> None:
    other = await scene.bot.identify()
    await other.hear_event("READY")
    scene.ada.begin("imagine", prompt="a fox")
    mine = await scene.socket.hear_event("INTERACTION_CREATE")
    theirs = await other.hear_event("INTERACTION_CREATE")
    assert mine["id"] == theirs["id"]
    assert (await scene.bot.respond(theirs, 5))[0] == 200
    assert (await scene.bot.respond(mine, 5))[1]["code"] == 40060


async def test_a_server_belongs_to_one_shard(discord: Discord, bot: RawBot) -> None:
    server = discord.server("Tea House")
    shard = (server.id >> 22) % 2
    sockets = [await bot.identify(shard=[number, 2]) for number in (0, 1)]
    for socket in sockets:
        await socket.hear_event("READY")
    await bot.register(command("imagine"))
    server.member("Ada").begin("imagine")
    assert await sockets[shard].hear_event("INTERACTION_CREATE")
    await sockets[1 - shard].say(HEARTBEAT, None)
    assert (await sockets[1 - shard].hear())["op"] == ACK


async def test_too_many_events_are_hung_up_on(scene: Scene) -> None:
    for _ in range(121):
        await scene.socket.say(HEARTBEAT, None)
    said = await scene.socket.hear()
    while said["op"] is not None:
        said = await scene.socket.hear()
    assert said["closed"] == 4008


async def test_the_gateway_says_where_it_is_and_how_many_starts_are_left(scene: Scene) -> None:
    status, body = await scene.bot.call("GET", "/gateway/bot")
    assert (status, body["url"]) == (200, scene.discord.gateway_url)
    assert body["session_start_limit"]["remaining"] == 999


async def test_being_ready_means_connected_and_registered(discord: Discord, bot: RawBot) -> None:
    ready = asyncio.ensure_future(discord.bot_ready(PATIENCE))
    await bot.identify()
    await discord.bot_connected(PATIENCE)
    assert not ready.done()
    await bot.register(command("imagine"))
    await ready
