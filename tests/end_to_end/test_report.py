"""“Report this picture”: from the menu of a message to the moderators' log."""

from __future__ import annotations

from bot.core.limits.policy import LogLevel
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_limits import shows
from tests.end_to_end.test_log_channel import entries, log_into

REPORT = "Report this picture"


async def test_a_report_reaches_the_moderators_with_who_whose_where_and_why(setup: Setup) -> None:
    await setup.start_bot()
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel, LogLevel.PROBLEMS)
    bob = setup.tea_house.member("Bob")
    picture = await setup.ada.imagine("a fox")
    form = await bob.use_on(picture, REPORT)
    thanks = await bob.submit(form, reason="not *nice* @everyone")
    assert thanks.ephemeral
    assert "Thanks!" in thanks.text
    [entry] = await entries(setup, channel, 1)
    assert f"**Reported** by <@{bob.id}>" in entry
    assert f"<@{setup.ada.id}>'s picture" in entry
    assert picture.message
    assert f"/{setup.tea_house.general.id}/{picture.message.id}" in entry
    assert r"> not \*nice\* \@everyone" in entry


async def test_a_report_that_two_copies_receive_is_thanked_for(setup: Setup, postgres_url: str) -> None:
    copies = [await setup.start_bot(DATABASE_URL=postgres_url) for _ in range(2)]
    bob = setup.tea_house.member("Bob")
    for number in range(3):
        picture = await setup.ada.imagine("a fox")
        form = await bob.use_on(picture, REPORT)
        setup.discord.faults.delay("callback", 0.5)  # whichever copy is the first
        thanks = await bob.submit(form)
        assert "kept for the moderators" in thanks.text, number
    assert all(bot.running for bot in copies)


async def test_a_second_report_of_the_same_picture_is_not_taken(setup: Setup) -> None:
    await setup.start_bot()
    await log_into(setup, setup.tea_house.channel("log"))
    bob = setup.tea_house.member("Bob")
    picture = await setup.ada.imagine("a fox")
    await bob.submit(await bob.use_on(picture, REPORT))
    again = await bob.use_on(picture, REPORT)
    assert again.ephemeral
    assert "already" in again.text


async def test_without_a_log_a_report_waits_for_the_moderators_in_their_settings(setup: Setup) -> None:
    await setup.start_bot()
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    bob = setup.tea_house.member("Bob")
    first, second = await setup.ada.imagine("a fox"), await setup.ada.imagine("an owl")
    thanks = await bob.submit(await bob.use_on(first, REPORT), reason="not *nice*")
    assert thanks.ephemeral
    assert "kept for the moderators" in thanks.text
    await bob.submit(await bob.use_on(second, REPORT))
    panel = await mo.use("limits show")
    assert "🚩 **2 reports waiting**" in panel.text
    await shows(await mo.press(panel, "See reports"), "## Reports waiting (2)")
    assert f"<@{setup.ada.id}>'s picture" in panel.text
    assert r"not \*nice\*" in panel.text
    assert first.message
    await shows(await mo.press(panel, f"limits:dismiss:{first.message.id}:0"), "**Dismissed**: 1 report")
    await shows(await mo.press(panel, "Dismiss all"), "None are waiting.")
    await shows(await mo.press(panel, "All settings"), "## Image limits")
    assert "waiting" not in panel.text
    again = await bob.use_on(first, REPORT)
    assert "already reported" in again.text


async def test_a_member_can_neither_read_nor_dismiss_reports(setup: Setup) -> None:
    await setup.start_bot()
    bob = setup.tea_house.member("Bob")
    picture = await setup.ada.imagine("a fox")
    await bob.submit(await bob.use_on(picture, REPORT))
    assert picture.message
    for custom_id in (
        "limits:reports:0",
        f"limits:dismiss:{picture.message.id}:0",
        "limits:dismiss-all:9999999999999",
    ):
        refused = await setup.ada.forge_press(custom_id)
        assert "Only moderators" in refused.text
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    assert "🚩 **1 report waiting**" in (await mo.use("limits show")).text


async def test_only_the_bots_own_pictures_can_be_reported_to_it(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="0")
    await log_into(setup, setup.tea_house.channel("log"))
    sentence = await setup.ada.imagine("a fox")
    refused = await setup.ada.use_on(sentence, REPORT)
    assert refused.ephemeral
    assert "You can only report pictures I made" in refused.text
