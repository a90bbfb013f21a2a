"""“Report this picture”: from the menu of a message to the moderators' log."""

from __future__ import annotations

from bot.core.policy import LogLevel
from tests.end_to_end.conftest import Stage
from tests.end_to_end.test_log_channel import decide, entries, log_into

REPORT = "Report this picture"


async def test_a_report_reaches_the_moderators_with_who_whose_where_and_why(stage: Stage) -> None:
    await stage.start_bot()
    channel = stage.tea_house.channel("log")
    await log_into(stage, channel, LogLevel.PROBLEMS)
    bob = stage.tea_house.member("Bob")
    picture = await stage.ada.imagine("a fox")
    form = await bob.use_on(picture, REPORT)
    thanks = await bob.submit(form, reason="not *nice* @everyone")
    assert thanks.ephemeral
    assert "Thanks!" in thanks.text
    [entry] = await entries(stage, channel, 1)
    assert f"**Reported** by <@{bob.id}>" in entry
    assert f"<@{stage.ada.id}>'s picture" in entry
    assert picture.message
    assert f"/{stage.tea_house.general.id}/{picture.message.id}" in entry
    assert r"> not \*nice\* \@everyone" in entry


async def test_a_second_report_of_the_same_picture_is_not_taken(stage: Stage) -> None:
    await stage.start_bot()
    await log_into(stage, stage.tea_house.channel("log"))
    bob = stage.tea_house.member("Bob")
    picture = await stage.ada.imagine("a fox")
    await bob.submit(await bob.use_on(picture, REPORT))
    again = await bob.use_on(picture, REPORT)
    assert again.ephemeral
    assert "already" in again.text


async def test_without_a_log_the_member_hears_that_nobody_would_read_it(stage: Stage) -> None:
    await stage.start_bot()
    picture = await stage.ada.imagine("a fox")
    refused = await stage.ada.use_on(picture, REPORT)
    assert refused.ephemeral
    assert "haven't set up a place for reports" in refused.text
    assert refused.modal is None


async def test_a_log_that_is_switched_off_while_the_form_is_filled_in_is_said_too(stage: Stage) -> None:
    await stage.start_bot()
    await log_into(stage, stage.tea_house.channel("log"))
    picture = await stage.ada.imagine("a fox")
    form = await stage.ada.use_on(picture, REPORT)
    await decide(stage, log=None)
    refused = await stage.ada.submit(form, reason="a long story")
    assert "haven't set up a place for reports" in refused.text
    assert "a long story" in refused.text


async def test_only_the_bots_own_pictures_can_be_reported_to_it(stage: Stage) -> None:
    await stage.start_bot(DAILY_LIMIT="0")
    await log_into(stage, stage.tea_house.channel("log"))
    sentence = await stage.ada.imagine("a fox")
    refused = await stage.ada.use_on(sentence, REPORT)
    assert refused.ephemeral
    assert "You can only report pictures I made" in refused.text
