"""Discord's rules for answering an interaction: once, within 3 seconds, with a token of 15 minutes."""

from __future__ import annotations

from tests.sandbox.discord.conftest import Scene

MESSAGE, DEFER, DEFER_UPDATE, CHOICES, MODAL = 4, 5, 6, 8, 9
EPHEMERAL = 64


async def test_a_deferred_reply_thinks_until_it_is_edited(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, DEFER)
    reply = await asking.acknowledged()
    assert (reply.state, reply.text, reply.finished_after) == ("thinking", "is thinking…", None)
    await scene.bot.edit(event, content="a fox it is")
    reply = await asking.finished()
    assert (reply.state, reply.content, reply.ephemeral) == ("done", "a fox it is", False)
    assert reply.acknowledged_after is not None
    assert reply.finished_after is not None
    assert 0 < reply.acknowledged_after <= reply.finished_after < 3


async def test_a_second_answer_is_refused_with_40060(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(event, DEFER))[0] == 200
    status, body = await scene.bot.respond(event, MESSAGE, content="me too")
    assert (status, body["code"]) == (400, 40060)
    assert (await asking.acknowledged()).state == "thinking"


async def test_an_answer_after_three_seconds_comes_too_late(scene: Scene) -> None:
    scene.discord.deadlines.first_response = 0.02
    reply = await scene.ada.use("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (reply.state, reply.text) == ("no answer", "The application did not respond")
    status, body = await scene.bot.respond(event, DEFER)
    assert (status, body["code"]) == (404, 10062)


async def test_a_test_need_not_wait_for_the_three_seconds(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    asking.miss_deadline()
    assert (await asking.finished()).state == "no answer"
    assert (await scene.bot.respond(event, DEFER))[1]["code"] == 10062


async def test_a_wrong_token_answers_nothing(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    status, body = await scene.bot.respond({**event, "token": "x"}, DEFER)
    assert (status, body["code"]) == (404, 10062)


async def test_the_token_ends_after_fifteen_minutes(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, DEFER)
    asking.expire_token()
    status, body = await scene.bot.edit(event, content="late")
    assert (status, body["code"]) == (401, 50027)
    assert asking.reply.state == "thinking"


async def test_a_public_reply_can_be_edited_as_a_message_after_the_token_ended(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    _, body = await scene.bot.respond(event, DEFER)
    asking.expire_token()
    message = body["resource"]["message"]
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    status, _ = await scene.bot.call("PATCH", path, {"content": "late, but here"})
    assert (status, asking.reply.content) == (200, "late, but here")


async def test_an_ephemeral_reply_is_no_message_of_the_channel(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    _, body = await scene.bot.respond(event, MESSAGE, content="psst", flags=EPHEMERAL)
    reply = await asking.finished()
    assert reply.ephemeral
    assert scene.ada.sees(reply)
    assert not scene.bob.sees(reply)
    message = body["resource"]["message"]
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    assert (await scene.bot.call("GET", path))[1]["code"] == 10008


async def test_after_a_public_deferral_the_ephemeral_flag_is_ignored(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, DEFER)
    await scene.bot.edit(event, content="secret?", flags=EPHEMERAL)
    reply = await asking.finished()
    assert not reply.ephemeral
    assert scene.bob.sees(reply)


async def test_the_first_follow_up_after_a_deferral_edits_it(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, DEFER)
    path = f"/webhooks/{scene.bot.id}/{event['token']}"
    await scene.bot.call("POST", path, {"content": "first", "flags": EPHEMERAL})
    await scene.bot.call("POST", path, {"content": "second", "flags": EPHEMERAL})
    reply = await asking.finished()
    assert (reply.content, reply.ephemeral) == ("first", False)
    assert [(one.content, one.ephemeral) for one in reply.followups] == [("second", True)]


async def test_nothing_can_be_edited_before_the_first_answer(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.edit(event, content="early"))[1]["code"] == 10015


async def test_a_deleted_reply_is_gone(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, DEFER)
    assert (await scene.bot.call("DELETE", scene.bot.original(event)))[0] == 204
    assert (await asking.finished()).state == "deleted"
    assert (await scene.bot.edit(event, content="still there?"))[1]["code"] == 10008


async def test_a_command_cannot_be_answered_as_a_button_is(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    for kind in (DEFER_UPDATE, CHOICES, 99):
        status, body = await scene.bot.respond(event, kind)
        assert (status, body["code"]) == (400, 50035)
        assert "type" in body["errors"]


async def test_without_with_response_the_answer_is_empty(scene: Scene) -> None:
    scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    path = f"/interactions/{event['id']}/{event['token']}/callback"
    assert await scene.bot.call("POST", path, {"type": DEFER}) == (204, b"")


async def test_a_refused_first_answer_may_be_tried_again(scene: Scene) -> None:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert (await scene.bot.respond(event, MESSAGE, content="x" * 2001))[1]["code"] == 50035
    assert (await scene.bot.respond(event, MESSAGE, content=""))[1]["code"] == 50006
    assert (await scene.bot.respond(event, MESSAGE, content="x" * 2000))[0] == 200
    assert (await asking.finished()).state == "done"
