"""Faults on demand."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.sandbox.discord.conftest import Scene


async def test_a_fault_lasts_as_often_as_was_said(scene: Scene) -> None:
    scene.discord.faults.fail("current_user", status=503, times=2)
    answers = [(await scene.bot.call("GET", "/users/@me"))[0] for _ in range(3)]
    assert answers == [503, 503, 200]
    assert [asked.status for asked in scene.discord.traffic.of("current_user")] == [503, 503, 200]


async def test_a_fault_concerns_its_route_only(scene: Scene) -> None:
    scene.discord.faults.fail("current_user", status=500)
    assert (await scene.bot.call("GET", "/gateway"))[0] == 200


async def test_a_failure_may_come_after_the_effect(scene: Scene) -> None:
    scene.discord.faults.fail("callback", status=500, after_effect=True)
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(event, 5))[0] == 500
    assert (await asking.acknowledged()).state == "thinking"
    assert (await scene.bot.respond(event, 5))[1]["code"] == 40060


@pytest.mark.parametrize(("after_effect", "state"), [(False, "waiting"), (True, "thinking")])
async def test_a_connection_may_be_cut_before_or_after_the_effect(
    scene: Scene, after_effect: bool, state: str
) -> None:
    scene.discord.faults.cut("callback", after_effect=after_effect)
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    with pytest.raises(aiohttp.ClientConnectionError):
        await scene.bot.respond(event, 5)
    assert asking.reply.state == state
    assert scene.discord.traffic.of("callback")[0].status is None


async def test_a_rate_limit_is_told_as_discord_tells_it(scene: Scene) -> None:
    scene.discord.faults.rate_limit("current_user", retry_after=1.5)
    status, headers, body = await scene.bot.call_fully("GET", "/users/@me")
    assert (status, body["retry_after"], body["global"]) == (429, 1.5, False)
    assert headers["Content-Type"] == "application/json"
    assert headers["Via"]
    assert headers["Retry-After"] == "2"
    assert headers["X-RateLimit-Reset-After"] == "1.500"
    assert "X-RateLimit-Global" not in headers


async def test_a_global_rate_limit_says_that_it_is_one(scene: Scene) -> None:
    scene.discord.faults.rate_limit("current_user", is_global=True)
    _, headers, body = await scene.bot.call_fully("GET", "/users/@me")
    assert (body["global"], headers["X-RateLimit-Global"]) == (True, "true")


async def test_the_ban_of_an_address_has_no_via(scene: Scene) -> None:
    scene.discord.faults.rate_limit("current_user", retry_after=60, via=False)
    status, headers, _ = await scene.bot.call_fully("GET", "/users/@me")
    assert (status, headers["Retry-After"]) == (429, "60")
    assert "Via" not in headers


async def test_a_request_can_be_held_until_it_is_let_go(scene: Scene) -> None:
    held = scene.discord.faults.hold("current_user")
    asking = asyncio.ensure_future(scene.bot.call("GET", "/users/@me"))
    assert (await scene.bot.call("GET", "/gateway"))[0] == 200
    assert not asking.done()
    held.set()
    assert (await asking)[0] == 200


async def test_a_held_first_answer_misses_the_three_seconds(scene: Scene) -> None:
    held = scene.discord.faults.hold("callback")
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    answering = asyncio.ensure_future(scene.bot.respond(event, 5))
    asking.miss_deadline()
    held.set()
    assert (await answering)[1]["code"] == 10062


async def test_a_wrong_token_is_unauthorized(scene: Scene) -> None:
    status, body = await scene.bot.call("GET", "/users/@me", token="wrong")
    assert (status, body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_all_traffic_is_written_down(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    await scene.bot.edit(event, content="done")
    await asking.finished()
    [callback], [edit] = (scene.discord.traffic.of(name) for name in ("callback", "edit_original"))
    assert (callback.method, callback.body) == ("POST", {"type": 5, "data": {}})
    assert (edit.method, edit.body, edit.status) == ("PATCH", {"content": "done"}, 200)
    assert callback.at <= edit.at


async def test_the_gateway_can_be_out_of_order(scene: Scene) -> None:
    scene.discord.faults.fail("websocket", status=503)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        await scene.bot.open()
    assert (await (await scene.bot.open()).hear())["op"] == 10
