"""Where there is no server, or one without the bot: what is offered, what the bot is sent, and what it may do."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import RefusedByDiscord
from tests.sandbox.discord.conftest import Scene
from tests.sandbox.discord.raw_bot import command, option

MESSAGE, DEFER = 4, 5
EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}


@pytest.fixture
async def scene(scene: Scene) -> Scene:
    await scene.bot.register({**command("imagine", option("prompt", required=True)), **EVERYWHERE})
    return scene


async def event(scene: Scene) -> dict[str, Any]:
    return await scene.socket.hear_event("INTERACTION_CREATE")


async def test_in_a_direct_message_the_bot_is_sent_no_server(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox", channel=scene.ada.dm)
    sent = await event(scene)
    assert (sent["context"], sent["authorizing_integration_owners"]) == (1, {"0": "0"})
    assert "guild_id" not in sent
    assert "member" not in sent
    assert sent["channel"]["type"] == 1


async def test_who_has_not_got_the_bot_is_offered_nothing_where_it_is_not(scene: Scene) -> None:
    between = scene.ada.private_channel(scene.bob)
    elsewhere = scene.discord.server("Elsewhere")
    elsewhere.remove_bot()
    there = elsewhere.member("Ada", user=scene.ada)
    for ada, channel in ((scene.ada, between), (there, elsewhere.general)):
        with pytest.raises(RefusedByDiscord):
            ada.begin("imagine", prompt="a fox", channel=channel)
        ada.install_bot()
        ada.begin("imagine", prompt="a fox", channel=channel)
        ada.install_bot(installed=False)


async def test_a_command_that_is_for_servers_alone_is_not_offered_to_who_has_the_bot(scene: Scene) -> None:
    await scene.bot.register({**command("imagine", option("prompt")), "integration_types": [0]})
    scene.ada.install_bot()
    with pytest.raises(RefusedByDiscord):
        scene.ada.begin("imagine", prompt="a fox", channel=scene.ada.private_channel(scene.bob))


async def test_in_a_server_without_the_bot_only_the_token_opens_the_channel(scene: Scene) -> None:
    elsewhere = scene.discord.server("Elsewhere")
    elsewhere.remove_bot()
    ada = elsewhere.member("Ada", user=scene.ada)
    ada.install_bot()
    asking = ada.begin("imagine", prompt="a fox")
    sent = await event(scene)
    assert sent["guild_id"] == str(elsewhere.id)
    assert sent["authorizing_integration_owners"] == {"1": str(ada.id)}
    await scene.bot.respond(sent, DEFER)
    await scene.bot.edit(sent, content="a fox it is")
    reply = await asking.finished()
    assert (reply.content, reply.ephemeral) == ("a fox it is", False)
    assert reply.message
    path = f"/channels/{elsewhere.general.id}"
    assert (await scene.bot.call("GET", f"{path}/messages/{reply.message.id}"))[1]["code"] == 50001
    assert (await scene.bot.call("POST", f"{path}/messages", {"content": "x"}))[1]["code"] == 50001


async def test_between_people_the_bot_is_no_recipient(scene: Scene) -> None:
    scene.ada.install_bot()
    scene.ada.begin("imagine", prompt="a fox", channel=scene.ada.private_channel(scene.bob))
    sent = await event(scene)
    assert (sent["context"], sent["channel"]["type"]) == (2, 1)
    status, body = await scene.bot.call("GET", f"/channels/{sent['channel_id']}")
    assert (status, body["code"]) == (403, 50001)


async def test_where_external_apps_are_not_allowed_every_answer_is_private(scene: Scene) -> None:
    elsewhere = scene.discord.server("Elsewhere")
    elsewhere.remove_bot()
    elsewhere.revoke(elsewhere.everyone, use_external_apps=True)
    ada = elsewhere.member("Ada", user=scene.ada)
    ada.install_bot()
    asking = ada.begin("imagine", prompt="a fox")
    await scene.bot.respond(await event(scene), DEFER)
    reply = await asking.acknowledged()
    assert reply.ephemeral


@pytest.mark.parametrize("has_bot", [True, False])
async def test_after_five_follow_ups_there_is_room_for_more_only_where_the_bot_is(
    scene: Scene, has_bot: bool
) -> None:
    server = scene.discord.server("Elsewhere")
    if not has_bot:
        server.remove_bot()
    ada = server.member("Ada", user=scene.ada)
    ada.install_bot()
    ada.begin("imagine", prompt="a fox")
    sent = await event(scene)
    await scene.bot.respond(sent, MESSAGE, content="one")
    path = f"/webhooks/{scene.bot.id}/{sent['token']}"
    for _ in range(5):
        assert (await scene.bot.call("POST", path, {"content": "more"}))[0] == 200
    status, body = await scene.bot.call("POST", path, {"content": "more"})
    assert (status, body.get("code")) == ((200, None) if has_bot else (400, 40094))


async def test_who_presses_a_button_of_somebodys_bot_is_not_who_has_it(scene: Scene) -> None:
    elsewhere = scene.discord.server("Elsewhere")
    elsewhere.remove_bot()
    ada, bob = (elsewhere.member(one.name, user=one) for one in (scene.ada, scene.bob))
    ada.install_bot()
    asking = ada.begin("imagine", prompt="a fox")
    button = {"type": 2, "style": 1, "label": "Again", "custom_id": "again"}
    row = {"type": 1, "components": [button]}
    await scene.bot.respond(await event(scene), MESSAGE, content="a fox", components=[row])
    bob.begin_press(await asking.finished(), "Again")
    pressed = await event(scene)
    assert pressed["member"]["user"]["id"] == str(bob.id)
    assert pressed["authorizing_integration_owners"] == {"1": str(ada.id)}
