"""Each fault that can be injected from the page, and its effect on the look-alikes."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.discord.gateway.opcodes import Op
from sandbox.images import ImageApi, faults
from sandbox.page.environment import LATENCY
from sandbox.page.fault_descriptions import GROUPS
from sandbox.page.faults import ROUTES
from tests.patience import PATIENCE
from tests.sandbox.page.conftest import Scene

GROK = "x-ai/grok-2-image"


def image_api(scene: Scene) -> ImageApi:
    assert scene.environment.images is not None
    return scene.environment.images


async def make(scene: Scene, action: str, /, **sent: Any) -> None:
    assert await scene.tab.act(action, scene.person("Ada"), **sent) == (200, {})


async def status(scene: Scene) -> dict[str, Any]:
    """What the drawer is told next of how things stand."""
    scene.tab.seen.pop("status", None)
    await scene.tab.look(scene.person("Ada"))
    await make(scene, "say", text="hello")
    await scene.tab.until(lambda: scene.tab.messages)
    status: dict[str, Any] = scene.tab.seen["status"]
    return status


async def refused(scene: Scene, action: str, /, **sent: Any) -> str:
    status, said = await scene.tab.act(action, scene.person("Ada"), **sent)
    assert status == 200
    return str(said["refused"])


async def heard(scene: Scene, op: Op) -> dict[str, Any]:
    """The next packet of that kind which the gateway sends to the bot."""
    async with asyncio.timeout(PATIENCE):
        while (packet := await scene.socket.hear())["op"] != op:
            pass
    return packet


async def test_a_picture_takes_as_long_as_one_says(scene: Scene) -> None:
    await make(scene, "latency", seconds=7.5)
    assert image_api(scene).latency == 7.5
    assert "between 0 and 60" in await refused(scene, "latency", seconds=61)


async def test_rewriting_a_prompt_takes_as_long_as_one_says(scene: Scene) -> None:
    await make(scene, "chat-latency", seconds=7.5)
    assert image_api(scene).chat_latency == 7.5
    assert "between 0 and 60" in await refused(scene, "chat-latency", seconds=61)


async def ordered(scene: Scene, model: str) -> tuple[int, str]:
    """How an order of a picture ends."""
    images = image_api(scene)
    headers = {"Authorization": f"Bearer {images.key}"}
    order = {"model": model, "prompt": "a fox"}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.post(f"{images.url}/images/generations", json=order) as answer,
    ):
        return answer.status, await answer.text()


async def listed(scene: Scene, model: str) -> bool:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{image_api(scene).url}/models", params={"id": model}) as answer,
    ):
        return bool((await answer.json())["data"])


@pytest.mark.parametrize(
    ("how", "status", "words", "is_listed"),
    [
        ("retired", 404, f"Model {GROK} not found", False),
        ("withdrawn", 404, f"Model {GROK} not found", True),
        ("no-channels", 503, f"no available channels for model {GROK}", True),
    ],
)
async def test_the_model_that_paints_is_gone_also_for_who_waits_for_it_until_all_are_back(
    scene: Scene, how: str, status: int, words: str, is_listed: bool
) -> None:
    images = image_api(scene)
    assert "Ask for a picture first" in await refused(scene, "model-gone", how=how)
    images.latency = 0.2
    in_flight = asyncio.create_task(ordered(scene, GROK))
    while not images.requests:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await make(scene, "model-gone", how=how)
    for found in (await in_flight, await ordered(scene, GROK)):
        assert found[0] == status
        assert words in found[1]
    assert images.paid == 0
    assert await listed(scene, GROK) is is_listed
    assert f"{GROK} is gone already" in await refused(scene, "model-gone", how=how)
    assert "cannot be" in await refused(scene, "model-gone", how="burnt")
    await make(scene, "models-back")
    assert (await ordered(scene, GROK))[0] == 200


async def test_the_balance_is_what_one_says(scene: Scene) -> None:
    await make(scene, "balance", dollars=3)
    assert image_api(scene).balance == 3


async def test_every_fault_is_offered_and_as_many_happen_as_one_asked_for(scene: Scene) -> None:
    assert sorted(name for group in GROUPS for name in group.descriptions) == sorted(faults.ALL)
    for name in faults.ALL:
        await make(scene, "inject-fault", name=name, times=2)
    assert image_api(scene).pending_faults == 2 * len(faults.ALL)


async def test_an_image_api_that_is_down_answers_nobody_until_it_is_back(scene: Scene) -> None:
    async with aiohttp.ClientSession() as client:
        await make(scene, "outage", down=True)
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get(f"{image_api(scene).url}/models")
        await make(scene, "outage", down=False)
        async with client.get(f"{image_api(scene).url}/models") as answer:
            assert answer.status == 200


async def test_the_drawer_is_told_how_the_image_api_fares_and_what_is_still_to_come(scene: Scene) -> None:
    for action, sent in (
        ("latency", {"seconds": 9}),
        ("balance", {"dollars": 0}),
        ("outage", {"down": True}),
        ("inject-fault", {"name": "reset", "times": 5}),
        ("discord", {"route": "followup", "kind": "503", "times": 2}),
    ):
        await make(scene, action, **sent)
    told = await status(scene)
    usual = {"chatLatency": 0, "gone": []}
    assert told["images"] == {"latency": 9, "balance": 0, "down": True, **usual}
    assert told["planned"] == 7


async def test_all_is_well_again_when_one_says_so(scene: Scene) -> None:
    await make(scene, "latency", seconds=9)
    await make(scene, "chat-latency", seconds=9)
    await make(scene, "balance", dollars=0)
    image_api(scene).withdrawn.add("x-ai/grok-2-image")
    await make(scene, "outage", down=True)
    await make(scene, "inject-fault", name="reset")
    await make(scene, "discord", route="any", kind="500")
    await make(scene, "clear-faults")
    told = await status(scene)
    usual = {"latency": LATENCY, "chatLatency": 0, "balance": 100, "gone": []}
    assert told["images"] == {**usual, "down": False}
    assert told["planned"] == 0
    async with aiohttp.ClientSession() as client, client.get(f"{image_api(scene).url}/models") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("route", ROUTES)
async def test_the_next_requests_of_a_route_fail_as_one_says(scene: Scene, route: str) -> None:
    faults = scene.environment.discord.faults
    for kind in ("429", "500", "cut", "delay"):
        await make(scene, "discord", route=route, kind=kind, times=1)
    limited, failed, cut, late = (faults.take(route) for _ in range(4))
    assert limited is not None
    assert (limited.status, limited.retry_after) == (429, 2.0)
    assert failed is not None
    assert failed.status == 500
    assert cut is not None
    assert cut.cut
    assert late is not None
    assert late.delay == 4.0
    assert faults.take(route) is None
    assert "between 500 and 599" in await refused(scene, "discord", route=route, kind="200")


async def test_the_connection_is_cut(scene: Scene) -> None:
    await make(scene, "gateway", do="drop")
    await scene.environment.discord.bot_gone(PATIENCE)
    assert scene.environment.discord.gateway.sessions


async def test_a_session_is_forgotten(scene: Scene) -> None:
    await make(scene, "gateway", do="invalidate")
    assert not scene.environment.discord.gateway.sessions
    assert (await heard(scene, Op.INVALID_SESSION))["d"] is False


async def test_the_bot_is_asked_to_reconnect(scene: Scene) -> None:
    await make(scene, "gateway", do="reconnect")
    await heard(scene, Op.RECONNECT)
    assert await refused(scene, "gateway", do="explode") == "The gateway cannot 'explode'"


async def test_no_answer_is_taken_once_the_15_minutes_are_over(scene: Scene) -> None:
    options = {"prompt": "a fox"}
    using = asyncio.create_task(scene.tab.act("use", scene.person("Ada"), command="imagine", options=options))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    await using
    await make(scene, "expire-tokens")
    status, said = await scene.bot.edit(event, content="a fox")
    assert (status, said["code"]) == (401, 50027)


async def test_nonsense_about_the_bot_is_refused(scene: Scene) -> None:
    assert await refused(scene, "bot", copy="third", do="start") == "There is no copy 'third'"
    assert await refused(scene, "bot", copy="first", do="dance") == "A bot cannot be told to 'dance'"
