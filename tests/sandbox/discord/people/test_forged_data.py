"""Interactions whose data Discord's client would not send."""

from __future__ import annotations

from typing import Any

from sandbox.discord import PendingInteraction
from tests.sandbox.discord.conftest import Scene

ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go:1"}]}


async def shown(scene: Scene, **more: Any) -> PendingInteraction:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="here", components=[ROW], **more)
    return asking


async def test_a_press_of_what_only_another_sees(scene: Scene) -> None:
    asking = await shown(scene, flags=64)
    scene.bob.begin_forged_press(asking.reply, "Go")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (event["data"]["custom_id"], event["data"]["component_type"]) == ("go:1", 2)
    assert event["member"]["user"]["id"] == str(scene.bob.id)
    assert event["message"]["content"] == "here"


async def test_a_press_of_what_the_message_has_not(scene: Scene) -> None:
    asking = await shown(scene)
    scene.bob.begin_forged_press(asking.reply, "go:2")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (event["data"]["custom_id"], event["message"]["id"]) == (
        "go:2",
        str(asking.reply.message.id if asking.reply.message else 0),
    )


async def test_a_press_on_no_message_at_all(scene: Scene) -> None:
    scene.bob.begin_forged_press("go:3", values=[scene.ada])
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["data"]["custom_id"] == "go:3"
    assert (event["data"]["component_type"], event["data"]["values"]) == (5, [str(scene.ada.id)])
    assert str(scene.ada.id) in event["data"]["resolved"]["members"]
    assert event["message"]["author"]["id"] == str(scene.bot.id)


async def test_a_press_from_another_server(scene: Scene) -> None:
    asking, elsewhere = await shown(scene), scene.discord.server("Elsewhere")
    eve = elsewhere.member("Eve")
    eve.begin_forged_press(asking.reply, "Go")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["guild_id"] == str(elsewhere.id)
    assert event["message"]["channel_id"] == str(scene.server.general.id)
    eve.begin_forged_press(asking.reply, "Go", channel=scene.server.general)
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (event["guild_id"], event["channel_id"]) == (str(elsewhere.id), str(scene.server.general.id))


async def test_a_form_that_was_never_opened(scene: Scene) -> None:
    scene.discord.deadlines.first_response = 0.01
    painters = scene.server.role("Painters")
    reply = await scene.bob.forge_submit("edit:1", limit="9", all=True, who=[painters, scene.ada])
    assert reply.state == "no answer"
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (event["type"], event["data"]["custom_id"]) == (5, "edit:1")
    sent = {row["component"]["custom_id"]: row["component"] for row in event["data"]["components"]}
    assert (sent["limit"]["value"], sent["all"]["value"]) == ("9", True)
    assert (sent["who"]["type"], sent["who"]["values"]) == (7, [str(painters.id), str(scene.ada.id)])
    assert set(event["data"]["resolved"]) == {"roles", "members", "users"}
