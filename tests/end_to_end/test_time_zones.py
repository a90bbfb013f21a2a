"""A day that has begun goes on to its end, whoever changes the time zone."""

from __future__ import annotations

from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup

ZONES = ("UTC", "Pacific/Kiritimati", "Etc/GMT+12")
"""At any time, two of them call today differently."""


async def test_another_time_zone_of_the_operator_gives_no_second_day(setup: Setup) -> None:
    for first, zone in enumerate(ZONES):
        async with setup.bot(DAILY_LIMIT="1", DAY_TIME_ZONE=zone):
            reply = await setup.ada.imagine("a fox")
        assert bool(reply.attachments) == (first == 0)


async def test_another_time_zone_of_the_server_gives_no_second_day_and_says_when_it_holds(
    setup: Setup,
) -> None:
    await setup.start_bot(DAILY_LIMIT="1")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    assert (await setup.ada.imagine("a fox")).attachments
    for zone in ZONES[1:]:
        told = await mo.use("limits set", time_zone=zone)
        assert "the running day goes on until then" in told.text
        assert "You've used your 1 image for today." in (await setup.ada.imagine("a fox")).text
    assert "takes effect" in (await mo.use("limits show")).text
