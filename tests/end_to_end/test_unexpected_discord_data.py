"""The bot as a process, while Discord sends malformed or unknown data: the next command gets its image."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.bot_process import BotProcess
from tests.end_to_end.conftest import Setup, log_line

HTML = b"<html><title>Just a moment...</title></html>"
ODD_ANSWERS = [b"", b"{}", b"null", b"[]", b"[null]", b'"odd"', b'{"id": null}', HTML]
NEW_SHAPE = b'{"id": "7", "channel_id": "8", "embeds": [[]], "poll": 1, "attachments": null, "flags": "new"}'
EVENTS: list[tuple[str, Any]] = [
    ("ENTITLEMENT_CREATE", {"sku_id": "a", "type": {}}),
    ("GUILD_CREATE", {"id": "x", "roles": [{"id": "y"}]}),
    ("GUILD_DELETE", None),
    ("GUILD_ROLE_CREATE", {"guild_id": "1", "role": {"id": "no number"}}),
    ("MESSAGE_CREATE", []),
    ("INTERACTION_CREATE", None),
    ("INTERACTION_CREATE", {"id": "1", "token": "t", "type": 2}),
    ("USER_UPDATE", {}),
    ("SOMETHING_NEW", 7),
]


async def untroubled(setup: Setup, bot: BotProcess) -> None:
    assert (await setup.ada.imagine("a fox")).attachments
    assert bot.running
    assert not [line for line in bot.log if "Traceback" in line]


async def test_events_and_frames_of_any_shape(setup: Setup) -> None:
    bot = await setup.start_bot()
    for name, data in EVENTS:
        setup.discord.gateway.dispatch(name, data, None)
    for message in ("what?", {}, {"op": 77}, {"op": 0, "t": "READY", "d": {}}, {"op": 9, "d": None}):
        setup.discord.gateway.send_json(message)
    setup.discord.gateway.send_frame("")
    setup.discord.gateway.send_frame(b"no zlib\x00\x00\xff\xff")
    await untroubled(setup, bot)
    assert setup.discord.gateway.identifies <= 2


async def test_an_interaction_with_more_than_the_library_knows_has_a_picture(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.discord.interactions.alter_payload = lambda payload: {
        **payload,
        "entitlements": [{"new": "shape"}],
        "member": {**payload["member"], "roles": ["not-a-number"]},
    }
    await untroubled(setup, bot)
    assert any("could not be read as it was sent" in line for line in bot.log)


async def test_a_picture_arrives_where_discord_does_not_say_how_large_it_may_be(setup: Setup) -> None:
    bot = await setup.start_bot()
    limits: list[Any] = [None, 0, -1, "10"]
    setup.discord.interactions.alter_payload = lambda payload: {**payload, "attachment_size_limit": limits[0]}
    while limits:
        await untroubled(setup, bot)
        del limits[0]


async def test_a_command_for_servers_alone_paints_nothing_in_a_direct_message(setup: Setup) -> None:
    """As one that an older bot registered would."""
    await setup.start_bot()

    def directly(payload: dict[str, Any]) -> dict[str, Any]:
        here = {name: value for name, value in payload.items() if name not in {"guild", "guild_id", "member"}}
        channel = {"id": payload["channel_id"], "type": 1, "recipients": []}
        return {**here, "user": payload["member"]["user"], "context": 1, "channel": channel}

    setup.discord.interactions.alter_payload = directly
    assert "out of date" in (await setup.ada.imagine("a fox")).text
    assert "out of date" in (await setup.ada.use("usage")).text
    assert "keeps" in (await setup.ada.use("privacy info")).text
    assert setup.images.requests == []


async def test_answers_of_any_shape(setup: Setup) -> None:
    bot = await setup.start_bot()
    for body in ODD_ANSWERS:
        kind = "text/html" if body is HTML else "application/json"
        for route in ("callback", "edit_original", "get_original"):
            setup.discord.faults.respond(route, body, content_type=kind, after_effect=True)
        asking = setup.ada.begin("imagine", prompt="a fox")
        await asking.acknowledged(10)
        setup.discord.faults.clear()
        await asking.finished()
        assert bot.running, body
    assert (await setup.ada.imagine("a fox")).attachments


@pytest.mark.parametrize("route", ["callback", "edit_original"])
async def test_what_discord_carried_out_is_no_failure_whatever_it_answers(setup: Setup, route: str) -> None:
    bot = await setup.start_bot(DAILY_LIMIT="20")
    for number, body in enumerate((*ODD_ANSWERS, NEW_SHAPE), start=1):
        kind = "text/html" if body is HTML else "application/json"
        setup.discord.faults.respond(route, body, content_type=kind, after_effect=True)
        reply = await setup.ada.imagine("a fox")
        assert f"{number} of 20 images" in reply.text, body
        assert reply.attachments, body
        assert setup.images.paid == number
        setup.discord.faults.respond("callback", body, content_type=kind, after_effect=True)
        assert "Your pictures" in (await setup.ada.use("gallery")).text
    assert not [line for line in bot.log if "Traceback" in line]


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": "1", "type": 15}', b'[{"id": "1", "type": 0}]'])
async def test_what_discord_is_asked_and_answers_in_another_shape_counts_as_not_answered(
    setup: Setup, body: bytes
) -> None:
    operators = setup.tea_house.channel("operators")
    setup.discord.faults.respond("channel", body)
    bot = await setup.start_bot(OPERATOR_CHANNEL_ID=str(operators.id))
    post = setup.tea_house.thread("post", parent=setup.tea_house.channel("forum"))
    moderator = setup.tea_house.member("Mod")
    moderator.permit(manage_guild=True)
    await moderator.use("limits role", role=setup.tea_house.role("Painter"), images=5)
    for route in ("channel", "guild", "guild_channels"):
        setup.discord.faults.respond(route, body, times=None)
    assert (await setup.ada.imagine("a fox", channel=post)).attachments
    assert "## Image limits" in (await moderator.use("limits show")).text
    setup.discord.faults.respond("command_permissions", body, times=None)
    assert "Discord didn't tell me" in (await moderator.use("limits show")).text
    assert not [line for line in bot.log if "Traceback" in line]


async def test_a_command_of_another_version_has_one_sentence_and_one_line(setup: Setup) -> None:
    bot = await setup.start_bot()
    asked = [
        setup.ada.begin("draw", forged=True, prompt="a fox"),
        setup.ada.begin("imagine", forged=True, prompt="a fox", mood="old"),
        setup.ada.begin("imagine", forged=True),
        setup.ada.begin("limits", forged=True),
    ]
    replies = await asyncio.gather(*(one.finished() for one in asked))
    for reply in replies:
        assert reply.ephemeral
        assert "This command is out of date. Nothing was counted or changed. Reload Discord" in reply.text
    await log_line(bot, "left over")
    await untroubled(setup, bot)


async def test_a_form_that_cannot_be_read_has_one_sentence_and_no_traceback(setup: Setup) -> None:
    bot = await setup.start_bot()
    picture = await setup.ada.imagine("a fox")
    prompt = next(one["custom_id"] for one in picture.components if one.get("label") == "Edit prompt")
    odd: list[Any] = [
        7,
        [7],
        [{"type": 18, "component": None}],
        [{"type": 1, "components": [{"custom_id": "a"}]}],
    ]
    odd += [[{"type": 18, "component": {"custom_id": "prompt", "type": 3, "values": 7}}]]

    def with_odd_fields(payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "data": {**payload["data"], "components": odd[0]}} if odd else payload

    setup.discord.interactions.alter_payload = with_odd_fields
    while odd:
        assert "couldn't read" in (await setup.ada.forge_submit(prompt, source=picture)).text
        del odd[0]
    await untroubled(setup, bot)


async def test_commands_that_somebody_removed_are_back_after_a_start(setup: Setup) -> None:
    bot = await setup.start_bot()
    await bot.terminate()
    setup.discord.commands.replace([], None)
    await untroubled(setup, await setup.start_bot())


async def test_a_start_that_cannot_read_the_commands_is_a_start(setup: Setup) -> None:
    await (await setup.start_bot()).terminate()
    setup.discord.faults.fail("list_commands", status=403)
    bot = await setup.start_bot()
    await log_line(bot, "could not be compared: HTTP 403")
    await untroubled(setup, bot)


async def test_buttons_forms_and_suggestions_of_another_version_are_answered(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.ada.permit(manage_guild=True)
    pressed, chosen, sent, typed = await asyncio.gather(
        setup.ada.forge_press("panel:of-long-ago:7"),
        setup.ada.forge_press("menu:of-long-ago", values=["one"]),
        setup.ada.forge_submit("form:of-long-ago", field="my words"),
        setup.ada.suggestions("limits set", "of_long_ago", "x"),
    )
    assert "This button is from another version of me" in pressed.text
    assert "This button is from another version of me" in chosen.text
    assert "This form is from another version of me" in sent.text
    assert "out of date" in typed[0]["name"]
    await untroubled(setup, bot)
