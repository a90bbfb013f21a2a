"""Where a command was given: what holds for a channel holds in its threads."""

from __future__ import annotations

import pytest

from bot.core.limits.policy import ChannelMode, ChannelRule
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.conftest import Setup
from tests.end_to_end.test_log_channel import decide
from tests.patience import PATIENCE

UNKNOWN, HIDDEN = "can't tell right now which channel", "can't see the one that this thread is in"
AGE_RESTRICTED_ONLY = ChannelRule(age_restricted_only=True)


async def test_a_thread_of_an_age_restricted_channel_is_age_restricted(setup: Setup) -> None:
    await setup.start_bot()
    await decide(setup, channels=AGE_RESTRICTED_ONLY)
    late = setup.tea_house.thread("late", parent=setup.tea_house.channel("night", nsfw=True))
    early = setup.tea_house.thread("early")
    assert (await setup.ada.imagine("a fox", channel=late)).attachments
    refused = await setup.ada.imagine("a fox", channel=early)
    assert refused.ephemeral
    assert "age-restricted channels only" in refused.text


async def test_a_category_on_the_list_holds_in_the_threads_of_its_channels(setup: Setup) -> None:
    await setup.start_bot()
    category = 4321
    await decide(setup, channels=ChannelRule(ChannelMode.ONLY, frozenset({category})))
    studio = setup.tea_house.channel("studio")
    studio.category_id = category
    assert (await setup.ada.imagine("a fox", channel=studio)).attachments
    assert (await setup.ada.imagine("a fox", channel=setup.tea_house.thread("t", parent=studio))).attachments
    refused = await setup.ada.imagine("a fox", channel=setup.tea_house.thread("t"))
    assert "only in" in refused.text


async def test_discord_is_asked_once_for_a_threads_parent_and_never_for_a_channel(setup: Setup) -> None:
    await setup.start_bot()
    for _ in range(2):
        await setup.ada.imagine("a fox")
    assert not setup.discord.traffic.of("channel")
    thread, sibling = setup.tea_house.thread("one"), setup.tea_house.thread("another")
    for place in (thread, thread, sibling):
        assert (await setup.ada.imagine("a fox", channel=place)).attachments
    assert len(setup.discord.traffic.of("channel")) == 1


async def test_where_the_bot_may_not_view_what_a_thread_is_in_it_says_which_permission_that_takes_and_where(
    setup: Setup,
) -> None:
    await setup.start_bot()
    await decide(setup, channels=AGE_RESTRICTED_ONLY)
    night = setup.tea_house.channel("night", nsfw=True)
    night.deny_bot(view_channel=True)
    thread = setup.tea_house.thread("late", parent=night)
    refused = await setup.ada.imagine("a fox", channel=thread)
    assert f"allow me **View Channel** in the settings of <#{night.id}>" in refused.text
    usage = await setup.ada.use("usage", channel=thread)
    assert f"I need **View Channel** in <#{night.id}>" in usage.text
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    explained = await mo.use("limits explain", channel=thread, options={"member": setup.ada})
    assert f"Allow me **View Channel** in the settings of <#{night.id}>" in explained.text


async def test_a_discord_that_is_slow_to_say_keeps_nobody_waiting_and_lets_nobody_in(setup: Setup) -> None:
    await setup.start_bot()
    await decide(setup, channels=AGE_RESTRICTED_ONLY)
    night = setup.tea_house.channel("night", nsfw=True)
    thread = setup.tea_house.thread("late", parent=night)
    held = setup.discord.faults.hold("channel")
    refused = await setup.ada.imagine("a fox", channel=thread)
    assert UNKNOWN in refused.text
    assert (refused.finished_after or 9) < setup.discord.deadlines.first_response
    held.set()
    await setup.discord.traffic.changes.wait_for(lambda: _answered(setup), PATIENCE)
    assert (await setup.ada.imagine("a fox", channel=thread)).attachments


async def test_a_parent_that_the_bot_may_not_see_counts_as_not_age_restricted(setup: Setup) -> None:
    await setup.start_bot()
    night = setup.tea_house.channel("night", nsfw=True)
    thread = setup.tea_house.thread("late", parent=night)
    setup.discord.faults.fail("channel", status=403)
    assert (await setup.ada.imagine("a fox", channel=thread)).attachments
    await decide(setup, channels=AGE_RESTRICTED_ONLY)
    assert HIDDEN in (await setup.ada.imagine("a fox", channel=thread)).text


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("mode", [ChannelMode.EXCEPT, ChannelMode.ONLY])
async def test_a_thread_is_closed_where_its_parent_may_be_and_cannot_be_asked_about(
    setup: Setup, mode: ChannelMode, status: int
) -> None:
    await setup.start_bot()
    await decide(setup, channels=ChannelRule(mode, frozenset({4321})))
    studio = setup.tea_house.channel("studio")
    studio.category_id = 4321
    thread = setup.tea_house.thread("t", parent=studio)
    for _ in range(5):  # discord.py repeats what fails with 5xx
        setup.discord.faults.fail("channel", status=status)
    refused = await setup.ada.imagine("a fox", channel=thread)
    assert refused.ephemeral
    assert (HIDDEN if status == 403 else UNKNOWN) in refused.text
    assert "try again in the channel itself" in refused.text.lower()


async def test_a_thread_is_open_where_its_parent_is_not_asked_about(setup: Setup) -> None:
    await setup.start_bot()
    studio = setup.tea_house.channel("studio")
    await decide(setup, channels=ChannelRule(ChannelMode.ONLY, frozenset({studio.id})))
    setup.discord.faults.fail("channel", status=403)
    thread = setup.tea_house.thread("t", parent=studio)
    assert (await setup.ada.imagine("a fox", channel=thread)).attachments


def _answered(setup: Setup) -> bool:
    return all(asked.answered_at is not None for asked in setup.discord.traffic.of("channel"))
