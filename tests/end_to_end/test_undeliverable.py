"""Paid images that Discord accepts by no route, and its error codes then."""

from __future__ import annotations

from bot.interactions.discord_errors import ANSWERS, Then
from sandbox.discord import ShownMessage
from sandbox.discord.rest.traffic import RecordedRequest
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Stage, log_line
from tests.patience import PATIENCE

WAYS = ("edit_original", "edit_message", "send_message", "open_direct")
DEAD = [answer for answer in ANSWERS if answer.then is Then.NEXT]


def is_upload(asked: RecordedRequest) -> bool:
    return asked.headers["Content-Type"].startswith("multipart")


async def until_asked(stage: Stage, route: str, times: int) -> None:
    traffic = stage.discord.traffic
    await traffic.changes.wait_for(lambda: len(traffic.of(route)) == times, PATIENCE)


async def test_a_picture_that_no_way_takes_is_counted_once_and_waits_in_the_gallery(stage: Stage) -> None:
    bot = await stage.start_bot(DAILY_LIMIT="20")
    stage.left_open = "nobody can be told either"
    for number, answer in enumerate(DEAD, start=1):
        for way in WAYS:
            stage.discord.faults.fail(way, status=answer.status, code=answer.code or 0, times=None)
        stage.ada.begin("imagine", prompt=f"a fox {number}")
        await until_asked(stage, "open_direct", number)
        for way in WAYS[:-1]:
            uploads = [asked for asked in stage.discord.traffic.of(way) if is_upload(asked)]
            assert len(uploads) == number, (way, answer)
        await log_line(bot, "kept for /gallery")
        stage.discord.faults.clear()
    assert (await stage.ada.use("gallery")).attachments
    assert (await settled_state(stage.database_url)).outcomes == {"kept": len(DEAD)}
    assert f"today**: {len(DEAD)} of " in (await stage.ada.use("usage")).text
    assert stage.images.paid == len(DEAD)


async def test_in_a_channel_that_is_deleted_meanwhile_the_member_gets_it_alone(stage: Stage) -> None:
    await stage.start_bot()
    stage.left_open = "the message went with its channel"
    art = stage.tea_house.channel("art")
    held = stage.discord.faults.hold("edit_original")
    stage.ada.begin("imagine", prompt="a fox", channel=art)
    traffic = stage.discord.traffic
    await traffic.changes.wait_for(lambda: bool(traffic.of("edit_original")), PATIENCE)
    stage.tea_house.delete(art)
    held.set()
    messages = stage.discord.messages
    await messages.changes.wait_for(lambda: bool(messages.by_channel.get(stage.ada.dm.id)), PATIENCE)
    [written] = [ShownMessage(message) for message in messages.by_channel[stage.ada.dm.id].values()]
    assert len(written.attachments) == 1
    assert "today**: 1 of 10 used" in (await stage.ada.use("usage")).text
    assert stage.images.paid == 1
