"""Messages: edited after the token expired, deleted by people, linked to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.discord import PendingInteraction, Permission, RefusedByDiscord
from tests.sandbox.discord.conftest import Scene


async def answered(scene: Scene, kind: int = 4, **data: Any) -> tuple[PendingInteraction, dict[str, Any]]:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, kind, **data)
    return asking, event


def path_of(asking: PendingInteraction) -> str:
    message = asking.reply.message
    assert message is not None
    return f"/channels/{message.channel.id}/messages/{message.id}"


async def test_an_edit_by_the_bots_own_token_ends_the_thinking(scene: Scene) -> None:
    asking, event = await answered(scene, 5)
    asking.reply.expire_token()
    assert (await scene.bot.edit(event, content="late"))[1]["code"] == 50027
    waiting = asyncio.create_task(asking.finished())
    await scene.bot.call("PATCH", path_of(asking), {"content": "late, but here"})
    reply = await waiting
    assert (reply.state, reply.content) == ("done", "late, but here")


@pytest.mark.parametrize(("taken", "code"), [("view_channel", 50001), ("attach_files", None)])
async def test_an_edit_asks_for_the_channel_and_not_for_the_right_to_write(
    scene: Scene, taken: str, code: int | None
) -> None:
    asking, _ = await answered(scene, 5)
    scene.server.general.deny_bot(send_messages=True, **{taken: True})
    status, body = await scene.bot.call("PATCH", path_of(asking), {"content": "late"})
    assert (status, body.get("code")) == ((403, code) if code else (200, None))


async def test_a_moderator_deletes_a_reply_and_every_way_to_it_ends(scene: Scene) -> None:
    asking, event = await answered(scene, 5)
    with pytest.raises(RefusedByDiscord, match="may not delete"):
        scene.bob.delete(asking.reply)
    waiting = asyncio.create_task(asking.finished())
    await asyncio.sleep(0)
    path = path_of(asking)
    scene.server.member("Mo", permissions=Permission.MANAGE_MESSAGES).delete(asking.reply)
    assert (await waiting).state == "deleted"
    assert (await scene.bot.edit(event, content="there?"))[1]["code"] == 10008
    for method in ("GET", "PATCH", "DELETE"):
        assert (await scene.bot.call(method, path, {"content": "there?"}))[1]["code"] == 10008


async def test_a_private_reply_is_dismissed_by_whom_it_is_for(scene: Scene) -> None:
    asking, event = await answered(scene, content="psst", flags=64)
    moderator = scene.server.member("Mo", permissions=Permission.MANAGE_MESSAGES)
    with pytest.raises(RefusedByDiscord, match="does not see"):
        moderator.delete(asking.reply)
    assert (await scene.bot.edit(event, content="psst!"))[0] == 200
    scene.ada.delete(asking.reply)
    assert (await scene.bot.edit(event, content="psst?"))[1]["code"] == 10008


async def test_a_private_reply_is_beyond_reach_once_its_token_ended(scene: Scene) -> None:
    asking, event = await answered(scene, content="psst", flags=64)
    asking.reply.expire_token()
    assert (await scene.bot.edit(event, content="late"))[1]["code"] == 50027
    assert (await scene.bot.call("PATCH", path_of(asking), {"content": "late"}))[1]["code"] == 10008


async def test_a_message_has_the_link_that_the_client_jumps_to(scene: Scene) -> None:
    asking, _ = await answered(scene, content="here")
    message = asking.reply.message
    assert message is not None
    jump = f"https://discord.com/channels/{scene.server.id}/{scene.server.general.id}/{message.id}"
    assert asking.reply.link == jump


async def test_a_channel_without_its_history_shows_no_message(scene: Scene) -> None:
    asking, _ = await answered(scene, content="here")
    scene.server.general.deny_bot(read_message_history=True)
    assert await scene.bot.call("GET", f"/channels/{scene.server.general.id}/messages") == (200, [])
    assert (await scene.bot.call("GET", path_of(asking)))[0] == 403


async def test_a_command_is_not_answered_with_a_change_of_a_message_that_is_not_there(scene: Scene) -> None:
    scene.ada.begin_forged_press("go")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(event, 7, content="changed"))[0] == 200
    reply = asyncio.create_task(scene.ada.forge_submit("form"))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(event, 7, content="changed"))[1]["code"] == 50035
    assert (await scene.bot.respond(event, 4, content="said"))[0] == 200
    assert (await reply).content == "said"
