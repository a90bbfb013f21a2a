"""Waiting for a slow bot, and what a timeout reports."""

from __future__ import annotations

import pytest

from sandbox.discord import ReplyTimeout
from tests.sandbox.discord.conftest import Scene


async def test_a_reply_that_does_not_come_says_what_was_seen(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    with pytest.raises(ReplyTimeout, match=r"/imagine was not finished within 0.01 s.*thinking"):
        await asking.finished(within=0.01)


async def test_a_reply_can_be_watched_while_it_changes(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    for place in ("third in line", "second in line"):
        await scene.bot.edit(event, content=place)
    reply = await asking.wait_for(lambda reply: "second" in reply.text)
    assert reply.edits == 2


async def test_a_follow_up_can_be_waited_for(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="here")
    await scene.bot.call("POST", f"/webhooks/{scene.bot.id}/{event['token']}", {"content": "and there"})
    assert (await asking.followed_up()).content == "and there"


async def test_what_is_over_can_be_forgotten(scene: Scene) -> None:
    over, open_ = (scene.ada.begin("imagine", prompt="a fox") for _ in range(2))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 4, content="here")
    await over.finished()
    scene.discord.clear_history()
    assert scene.discord.interactions.all == [open_.interaction]
    assert scene.discord.traffic == []
    later = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(later, 4, content="still answered"))[0] == 200
