"""Paid images that Discord accepts by no route, and its error codes then."""

from __future__ import annotations

from bot.interactions.discord_errors import ANSWERS, NextAttempt
from sandbox.discord import ShownMessage
from sandbox.discord.rest.traffic import RecordedRequest
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.patience import PATIENCE

WAYS = ("edit_original", "edit_message", "send_message", "open_direct")
DEAD = [answer for answer in ANSWERS if answer.next_attempt is NextAttempt.NEXT_WAY]


def is_upload(asked: RecordedRequest) -> bool:
    return asked.headers["Content-Type"].startswith("multipart")


async def until_asked(setup: Setup, route: str, times: int) -> None:
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: len(traffic.of(route)) == times, PATIENCE)


async def test_a_picture_that_no_way_takes_is_counted_once_and_waits_in_the_gallery(setup: Setup) -> None:
    bot = await setup.start_bot(DAILY_LIMIT="20")
    setup.left_open = "nobody can be told either"
    for number, answer in enumerate(DEAD, start=1):
        for way in WAYS:
            setup.discord.faults.fail(way, status=answer.status, code=answer.code or 0, times=None)
        setup.ada.begin("imagine", prompt=f"a fox {number}")
        await until_asked(setup, "open_direct", number)
        for way in WAYS[:-1]:
            uploads = [asked for asked in setup.discord.traffic.of(way) if is_upload(asked)]
            assert len(uploads) == number, (way, answer)
        await log_line(bot, "kept for /gallery")
        setup.discord.faults.clear()
    assert (await setup.ada.use("gallery")).attachments
    assert (await settled_state(setup.database_url)).outcomes == {"kept": len(DEAD)}
    assert f"today**: {len(DEAD)} of " in (await setup.ada.use("usage")).text
    assert setup.images.paid == len(DEAD)


async def test_in_a_channel_that_is_deleted_meanwhile_the_member_gets_it_alone(setup: Setup) -> None:
    await setup.start_bot()
    setup.left_open = "the message went with its channel"
    art = setup.tea_house.channel("art")
    held = setup.discord.faults.hold("edit_original")
    setup.ada.begin("imagine", prompt="a fox", channel=art)
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: bool(traffic.of("edit_original")), PATIENCE)
    setup.tea_house.delete(art)
    held.set()
    messages = setup.discord.messages
    await messages.changes.wait_for(lambda: bool(messages.by_channel.get(setup.ada.dm.id)), PATIENCE)
    [written] = [ShownMessage(message) for message in messages.by_channel[setup.ada.dm.id].values()]
    assert len(written.attachments) == 1
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text
    assert setup.images.paid == 1
