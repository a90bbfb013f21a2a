"""Attachments of a message: uploaded, described, shown in an embed, downloaded again."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.discord import PendingInteraction, Upload
from tests.sandbox.discord.conftest import Scene
from tests.sandbox.discord.raw_bot import command, option


def png(width: int = 4, height: int = 3) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(into, "PNG")
    return into.getvalue()


def form(payload: dict[str, Any], *files: tuple[str, bytes]) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", json.dumps(payload))
    for index, (name, content) in enumerate(files):
        data.add_field(
            f"files[{index}]", io.BytesIO(content), filename=name, content_type="application/octet-stream"
        )
    return data


async def deferred(scene: Scene) -> tuple[PendingInteraction, str]:
    asking = scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    await scene.bot.respond(event, 5)
    return asking, scene.bot.original(event)


async def test_a_picture_in_an_embed_can_be_fetched(scene: Scene) -> None:
    asking, path = await deferred(scene)
    picture = png()
    payload = {
        "embeds": [{"image": {"url": "attachment://fox.png", "description": "A fox"}}],
        "attachments": [{"id": 0, "filename": "fox.png", "description": "A red fox"}],
    }
    status, body = await scene.bot.call("PATCH", path, data=form(payload, ("fox.png", picture)))
    assert status == 200
    assert body["attachments"] == []
    drawn = body["embeds"][0]["image"]
    assert (drawn["width"], drawn["height"], drawn["description"]) == (4, 3, "A fox")
    assert await scene.bot.fetch(drawn["url"]) == ("image/png", picture)
    reply = await asking.finished()
    [seen] = reply.attachments
    assert (seen.filename, seen.description, seen.content_type) == ("fox.png", "A red fox", "image/png")
    assert seen.data == picture
    assert reply.embeds[0].image is seen


async def test_the_alt_text_of_an_attachment_is_not_that_of_the_embed_that_draws_it(scene: Scene) -> None:
    _, path = await deferred(scene)
    payload = {
        "embeds": [{"image": {"url": "attachment://fox.png"}}],
        "attachments": [{"id": 0, "filename": "fox.png", "description": "A red fox"}],
    }
    _, body = await scene.bot.call("PATCH", path, data=form(payload, ("fox.png", png())))
    assert "description" not in body["embeds"][0]["image"]


async def test_an_alt_text_of_more_than_1024_characters_is_refused(scene: Scene) -> None:
    _, path = await deferred(scene)
    image = {"url": "https://example.com/fox.png", "description": 1025 * "x"}
    status, body = await scene.bot.call("PATCH", path, json={"embeds": [{"image": image}]})
    assert (status, body["code"]) == (400, 50035)


async def test_data_that_looks_like_a_boundary_arrives_whole(scene: Scene) -> None:
    asking, path = await deferred(scene)
    tricky = b"\r\n--\r\n\r\n--boundary--\r\n" * 50 + b"\r\n"
    await scene.bot.call("PATCH", path, data=form({"attachments": [{"id": 0}]}, ("a.bin", tricky)))
    assert (await asking.finished()).attachments[0].data == tricky


async def test_a_file_over_the_limit_of_the_server_is_too_large(scene: Scene) -> None:
    scene.server.guild.upload_limit = 1000
    asking, path = await deferred(scene)
    status, body = await scene.bot.call("PATCH", path, data=form({}, ("a.bin", bytes(1001))))
    assert (status, body["code"]) == (413, 40005)
    assert asking.reply.state == "thinking"
    assert (await scene.bot.call("PATCH", path, data=form({}, ("a.bin", bytes(1000)))))[0] == 200


async def test_the_limit_is_told_with_the_interaction(scene: Scene) -> None:
    scene.server.guild.upload_limit = 1000
    scene.ada.begin("imagine", prompt="a fox")
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    assert event["attachment_size_limit"] == 1000


async def test_an_edit_keeps_what_it_does_not_name(scene: Scene) -> None:
    asking, path = await deferred(scene)
    await scene.bot.call("PATCH", path, data=form({"content": "one"}, ("a.png", png()), ("b.png", png())))
    [first, second] = asking.reply.attachments
    await scene.bot.call("PATCH", path, {"content": "two"})
    assert asking.reply.attachments == [first, second]
    await scene.bot.call("PATCH", path, {"attachments": [{"id": str(second.id)}]})
    assert asking.reply.attachments == [second]
    await scene.bot.call("PATCH", path, {"attachments": []})
    assert (asking.reply.attachments, asking.reply.content) == ([], "two")


@pytest.mark.parametrize(
    ("sent", "kept"), [("a fox.png", "a_fox.png"), ("../../etc/passwd", ".._.._etc_passwd")]
)
async def test_a_file_name_is_made_harmless(scene: Scene, sent: str, kept: str) -> None:
    asking, path = await deferred(scene)
    await scene.bot.call("PATCH", path, data=form({}, (sent, b"x")))
    assert asking.reply.attachments[0].filename == kept


async def test_a_body_that_is_no_json_is_told_so(scene: Scene) -> None:
    _, path = await deferred(scene)
    status, body = await scene.bot.call("PATCH", path, data=b"{nonsense")
    assert (status, body["code"]) == (400, 50109)


async def test_a_message_sent_twice_with_one_nonce_is_one_message(scene: Scene) -> None:
    path = f"/channels/{scene.server.general.id}/messages"
    sent = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    first = (await scene.bot.call("POST", path, sent))[1]
    second = (await scene.bot.call("POST", path, sent))[1]
    assert first["id"] == second["id"]
    assert len((await scene.bot.call("GET", path))[1]) == 1


async def test_a_channel_that_the_bot_may_not_write_in_says_so(scene: Scene) -> None:
    channel = scene.server.channel("rules")
    channel.bot_permissions = 1 << 10
    path = f"/channels/{channel.id}/messages"
    assert (await scene.bot.call("POST", path, {"content": "x"}))[1]["code"] == 50013
    channel.bot_permissions = 0
    assert (await scene.bot.call("POST", path, {"content": "x"}))[1]["code"] == 50001


async def test_mentions_ping_only_whom_they_are_allowed_to(scene: Scene) -> None:
    asking, path = await deferred(scene)
    bob, painters = str(scene.bob.id), str(scene.server.role("Painters").id)
    content = f"@everyone <@{bob}> <@&{painters}> `<@{scene.ada.id}>`"
    every = {"parse": ["users", "roles", "everyone"]}
    await scene.bot.call("PATCH", path, {"content": content, "allowed_mentions": every})
    assert asking.reply.pings == {bob}, "@everyone and roles take a permission"
    scene.server.general.allow_bot(mention_everyone=True)
    await scene.bot.call("PATCH", path, {"content": content, "allowed_mentions": every})
    assert asking.reply.pings == {"everyone", bob, painters}
    await scene.bot.call("PATCH", path, {"content": content})
    assert asking.reply.pings == {bob}, "an answer to an interaction pings users only by itself"
    await scene.bot.call("PATCH", path, {"content": content, "allowed_mentions": {"parse": []}})
    assert asking.reply.pings == frozenset()
    both = {"parse": ["users"], "users": [bob]}
    status, body = await scene.bot.call("PATCH", path, {"content": content, "allowed_mentions": both})
    assert (status, list(body["errors"])) == (400, ["allowed_mentions"])


async def test_files_that_are_too_large_together_are_too_large(scene: Scene) -> None:
    _, path = await deferred(scene)
    nine = bytes(9 * 1024 * 1024)
    files = [(f"{number}.bin", nine) for number in range(3)]
    assert (await scene.bot.call("PATCH", path, data=form({}, *files)))[1]["code"] == 40005
    assert (await scene.bot.call("PATCH", path, data=form({}, *files[:2])))[0] == 200


async def test_a_link_is_good_for_a_day_and_only_as_it_was_signed(scene: Scene) -> None:
    shown = scene.ada.say("look", Upload("fox.png", png()))
    [attached] = shown.attachments
    assert await scene.bot.fetch(attached.url) == ("image/png", attached.data)
    forged = attached.url.replace("fox.png", "cat.png"), attached.url.partition("?")[0]
    assert [(await scene.bot.fetch(url))[0] for url in forged] == ["text/plain", "text/plain"]
    scene.discord.advance_clock(24 * 60 * 60)
    assert (await scene.bot.fetch(attached.url))[0] == "text/plain"


async def test_whoever_is_shown_a_message_gets_links_that_are_good(scene: Scene) -> None:
    asking, path = await deferred(scene)
    payload = {"embeds": [{"image": {"url": "attachment://fox.png"}}]}
    await scene.bot.call("PATCH", path, data=form(payload, ("fox.png", png())))
    reply = await asking.finished()
    old = reply.attachments[0].url
    scene.discord.advance_clock(2 * 24 * 60 * 60)
    assert reply.message is not None
    where = f"/channels/{reply.message.channel.id}/messages/{reply.message.id}"
    _, message = await scene.bot.call("GET", where)
    link = message["embeds"][0]["image"]["url"]
    assert link != old
    assert await scene.bot.fetch(link) == ("image/png", reply.attachments[0].data)
    assert reply.embeds[0].image is reply.attachments[0]


async def test_a_file_given_to_a_command_is_in_no_message(scene: Scene) -> None:
    await scene.bot.register(command("edit", option("picture", kind=11)))
    scene.ada.begin("edit", picture=Upload("fox.png", png()))
    event = await scene.socket.hear_event("INTERACTION_CREATE")
    [given] = event["data"]["resolved"]["attachments"].values()
    assert given["ephemeral"]
    assert "/ephemeral-attachments/" in given["url"]
    assert (given["width"], given["height"], given["size"]) == (4, 3, len(png()))


async def test_a_thumbnail_is_no_attachment_beside_the_embed(scene: Scene) -> None:
    asking, path = await deferred(scene)
    payload = {"embeds": [{"description": "A fox", "thumbnail": {"url": "attachment://small.png"}}]}
    _, body = await scene.bot.call("PATCH", path, data=form(payload, ("small.png", png())))
    assert body["attachments"] == []
    reply = await asking.finished()
    assert reply.embeds[0].thumbnail is reply.attachments[0]


async def test_the_host_of_attachments_can_fail_like_any_route(scene: Scene) -> None:
    [attached] = scene.ada.say("look", Upload("fox.png", png())).attachments
    scene.discord.faults.fail("attachment", status=503)
    assert (await scene.bot.fetch(attached.url))[0] == "application/json"
    assert await scene.bot.fetch(attached.url) == ("image/png", attached.data)
    statuses = [one.status for one in scene.discord.traffic if one.route == "attachment"]
    assert statuses == [503, 200]


async def test_a_message_of_a_member_has_a_menu_with_their_pictures(scene: Scene) -> None:
    await scene.bot.register({"name": "Edit this picture", "type": 3})
    shown = scene.bob.say("look", Upload("fox.png", png()), Upload("cat.png", png()))
    scene.ada.begin_on(shown, "Edit this picture")
    data = (await scene.socket.hear_event("INTERACTION_CREATE"))["data"]
    [message] = data["resolved"]["messages"].values()
    assert [one["filename"] for one in message["attachments"]] == ["fox.png", "cat.png"]
    assert (message["author"]["username"], data["target_id"]) == ("bob", message["id"])


async def test_an_upload_that_is_not_listed_among_others_is_in_no_message(scene: Scene) -> None:
    _, path = await deferred(scene)
    files = ("a.png", png()), ("b.png", png())
    _, body = await scene.bot.call("PATCH", path, data=form({"attachments": [{"id": 1}]}, *files))
    assert [file["filename"] for file in body["attachments"]] == ["b.png"]


async def test_a_file_is_a_spoiler_by_its_mark_or_for_good_by_its_name(scene: Scene) -> None:
    _, path = await deferred(scene)
    payload = {"attachments": [{"id": 0, "is_spoiler": True}, {"id": 1}, {"id": 2}]}
    files = ("a.png", png()), ("SPOILER_b.png", png()), ("c.png", png())
    _, body = await scene.bot.call("PATCH", path, data=form(payload, *files))
    assert [file.get("flags") for file in body["attachments"]] == [1 << 3, 1 << 3, None]
    off = [{"id": file["id"], "is_spoiler": False} for file in body["attachments"]]
    _, body = await scene.bot.call("PATCH", path, {"attachments": off})
    assert [file.get("flags") for file in body["attachments"]] == [None, 1 << 3, None]
    wrong = [{"id": off[0]["id"], "is_spoiler": "yes"}]
    status, body = await scene.bot.call("PATCH", path, {"attachments": wrong})
    assert (status, body["code"]) == (400, 50035)


async def test_the_alt_text_of_a_file_that_is_there_can_be_changed_and_its_name_cannot(scene: Scene) -> None:
    _, path = await deferred(scene)
    _, body = await scene.bot.call("PATCH", path, data=form({"attachments": [{"id": 0}]}, ("a.png", png())))
    [file] = body["attachments"]
    described = {"id": file["id"], "description": "A fox", "filename": "b.png"}
    _, body = await scene.bot.call("PATCH", path, {"attachments": [described]})
    assert [(it["description"], it["filename"]) for it in body["attachments"]] == [("A fox", "a.png")]
    _, body = await scene.bot.call("PATCH", path, {"attachments": [{"id": file["id"]}]})
    assert body["attachments"][0]["description"] == "A fox"


async def test_a_file_that_an_embed_draws_is_an_attachment_once_the_embed_has_another_link(
    scene: Scene,
) -> None:
    _, path = await deferred(scene)
    image = {"url": "attachment://fox.png"}
    _, body = await scene.bot.call(
        "PATCH", path, data=form({"embeds": [{"image": image}]}, ("fox.png", png()))
    )
    assert body["attachments"] == []
    _, body = await scene.bot.call("PATCH", path, {"content": "look"})
    assert body["attachments"] == []
    again = {"url": body["embeds"][0]["image"]["url"]}
    _, body = await scene.bot.call("PATCH", path, {"embeds": [{"image": again}]})
    assert [file["filename"] for file in body["attachments"]] == ["fox.png"]
    _, body = await scene.bot.call("PATCH", path, {"embeds": [{"image": image}]})
    assert body["attachments"] == []
    _, body = await scene.bot.call("PATCH", path, {"embeds": [{"title": "A fox"}]})
    assert [file["filename"] for file in body["attachments"]] == ["fox.png"]
