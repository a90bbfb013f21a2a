"""The moderators' log: what arrives in their channel, and that nothing there is in anybody's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.limits.policy import LogLevel, LogRule, Policy
from bot.storage.engine.opening import open_database
from bot.storage.policies import SqlPolicies
from sandbox.discord import ShownMessage
from sandbox.discord.state.guilds import Channel
from sandbox.discord.state.permissions import EVERYONE, Permission
from tests.core.factories import word_list
from tests.end_to_end import crash_points
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.end_to_end.crash_points import Point
from tests.patience import PATIENCE, until


async def decide(setup: Setup, url: str = "", **decisions: object) -> None:
    """As a moderator would, through another process."""
    async with open_database(url or setup.database_url) as database:

        def edit(policy: Policy) -> Policy:
            return replace(policy, **decisions)  # type: ignore[arg-type]  # by the name of the field

        await SqlPolicies(database).change(setup.tea_house.id, edit, 1, datetime.now(UTC))


async def log_into(
    setup: Setup, channel: Channel, level: LogLevel = LogLevel.EVERYTHING, url: str = ""
) -> None:
    await decide(setup, url, log=LogRule(channel.id, level))


def written(setup: Setup, channel: Channel) -> list[ShownMessage]:
    return [
        ShownMessage(message) for message in setup.discord.messages.by_channel.get(channel.id, {}).values()
    ]


async def entries(setup: Setup, channel: Channel, count: int) -> list[str]:
    """The text of the entries, once there are so many."""

    def found() -> list[str]:
        return [embed.text for message in written(setup, channel) for embed in message.embeds]

    await setup.discord.messages.changes.wait_for(lambda: len(found()) >= count, PATIENCE)
    return found()


async def test_a_delivered_picture_is_told_with_who_what_where_and_what_it_cost(setup: Setup) -> None:
    await setup.start_bot()
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    reply = await setup.ada.imagine("a *bold* fox @everyone", 2)
    [entry] = await entries(setup, channel, 1)
    assert reply.message
    link = f"/{setup.tea_house.id}/{setup.tea_house.general.id}/{reply.message.id}"
    assert f"**2 images** for <@{setup.ada.id}> in <#{setup.tea_house.general.id}>" in entry
    assert link in entry
    assert r"> a \*bold\* fox \@everyone" in entry
    assert "$0.1470" in entry
    [message] = written(setup, channel)
    assert message.pings == frozenset()


async def test_refusals_and_failures_are_told_with_their_reasons(setup: Setup) -> None:
    await setup.start_bot(DAILY_LIMIT="1")
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel, LogLevel.PROBLEMS)
    setup.images.inject_fault("moderated_400")
    await setup.ada.imagine("a failure")
    await setup.ada.imagine("a fox")
    await setup.ada.imagine("a second fox")
    failed, refused = await entries(setup, channel, 2)
    assert "**Failed**" in failed
    assert "a failure" in failed
    assert "safety filter" in failed
    assert "not counted, may have been billed" in failed
    assert "**Refused**" in refused
    assert "a second fox" in refused
    assert "The member's limit of 1 image a day: 1 used, 1 more needed." in refused


async def test_what_two_copies_refuse_is_told_once(setup: Setup, postgres_url: str) -> None:
    copies = [await setup.start_bot(DATABASE_URL=postgres_url, DAILY_LIMIT="0") for _ in range(2)]
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel, url=postgres_url)
    await setup.ada.imagine("a fox")
    await until(lambda: any("another process has answered it" in line for bot in copies for line in bot.log))
    assert [await bot.terminate() for bot in copies] == [0, 0]
    assert len(await entries(setup, channel, 1)) == 1


async def test_a_picture_that_could_not_be_shown_is_told_as_one_that_waits_in_the_gallery(
    setup: Setup,
) -> None:
    await setup.start_bot()
    setup.left_open = "nobody can be told either"
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel, LogLevel.PROBLEMS)
    for way in ("edit_original", "edit_message", "open_direct"):
        setup.discord.faults.fail(way, status=403, code=50001, times=None)
    setup.discord.faults.fail("send_message", status=403, code=50001, times=1)
    setup.ada.begin("imagine", prompt="a fox")
    [entry] = await entries(setup, channel, 1)
    assert "**Failed**" in entry
    assert "there was no place to show it: it waits in </gallery:" in entry
    assert entry.endswith("(1 image, still counted, may have been billed)")


@pytest.mark.parametrize(
    "point",
    [crash_points.delivered_response_lost, crash_points.delivered_unrecorded, crash_points.delivering],
)
async def test_what_was_delivered_around_a_kill_is_told_once(setup: Setup, point: Point) -> None:
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    crash = await point(setup, setup.database_url)
    await crash.kill()
    bot = await setup.start_bot()
    reply = await crash.asking.finished()
    await settled_state(setup.database_url)
    assert await bot.terminate() == 0
    [entry] = await entries(setup, channel, 1)
    assert reply.message
    assert f"**1 image** for <@{setup.ada.id}>" in entry
    assert f"/{reply.message.id})" in entry
    assert entry.endswith("image · $0.0735")


async def test_moderators_read_the_forbidden_word_that_the_member_does_not(setup: Setup) -> None:
    await setup.start_bot()
    channel = setup.tea_house.channel("log")
    await decide(setup, words=word_list("ban*"), log=LogRule(channel.id))
    reply = await setup.ada.imagine("a banana")
    [entry] = await entries(setup, channel, 1)
    assert r"Blocked word: “ban\*”" in entry
    assert "ban" not in reply.text.split("\n")[0]


async def test_one_member_who_tries_again_and_again_is_told_once_and_then_as_a_number(setup: Setup) -> None:
    bot = await setup.start_bot(DAILY_LIMIT="0")
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    await asyncio.gather(*(setup.ada.imagine(f"fox {number}") for number in range(13)))
    await setup.tea_house.member("Bob").imagine("a cat")
    assert await bot.terminate() == 0
    first, bobs, folded = await entries(setup, channel, 3)
    assert "×" not in first
    assert "a cat" in bobs
    assert "×12" in folded


async def test_a_channel_that_is_gone_is_in_nobodys_way_and_told_once(setup: Setup) -> None:
    bot = await setup.start_bot()
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    setup.tea_house.delete(channel)
    for number in range(3):
        assert (await setup.ada.imagine(f"fox {number}")).attachments
    await log_line(bot, "does not let me write its log (404, 10003)")
    another = setup.tea_house.channel("another log")
    await log_into(setup, another)
    await setup.ada.imagine("a last fox")
    await setup.discord.messages.changes.wait_for(
        lambda: any("a last fox" in message.text for message in written(setup, another)), PATIENCE
    )
    # The last of the three may be noted only after the new channel was chosen.
    lost = 4 - len(await entries(setup, another, 1))
    assert (written(setup, another)[0].content or "").startswith(f"{lost} earlier event")
    assert len([line for line in bot.log if "does not let me write" in line]) == 1


async def test_a_channel_without_permission_is_in_nobodys_way(setup: Setup) -> None:
    bot = await setup.start_bot()
    channel = setup.tea_house.channel("log")
    channel.bot_permissions = EVERYONE & ~Permission.EMBED_LINKS
    await log_into(setup, channel)
    assert (await setup.ada.imagine("a fox")).attachments
    await log_line(bot, "does not let me write its log (403, 50013)")


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "on the panel"])
async def test_a_channel_that_is_chosen_again_once_it_is_open_is_written_to_at_once(
    setup: Setup, *, typed: bool
) -> None:
    bot = await setup.start_bot()
    channel = setup.tea_house.channel("log")
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    await log_into(setup, channel)
    channel.bot_permissions = EVERYONE & ~Permission.EMBED_LINKS
    await setup.ada.imagine("a fox")
    await log_line(bot, "does not let me write its log (403, 50013)")
    channel.bot_permissions = EVERYONE
    if typed:
        answer = await mo.use("limits log", options={"channel": channel})
    else:
        answer = await mo.submit(await mo.press(await mo.use("limits show"), "Log channel"))
    await answer.interaction.changes.wait_for(lambda: "**Nothing was changed**" in answer.text, PATIENCE)
    await setup.ada.imagine("a hare")
    [entry] = await entries(setup, channel, 1)
    assert "a hare" in entry


async def test_a_discord_that_does_not_take_the_entry_holds_up_no_picture(setup: Setup) -> None:
    await setup.start_bot()
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    held = setup.discord.faults.hold("send_message")
    replies = await asyncio.gather(*(setup.ada.imagine(f"fox {number}") for number in range(5)))
    assert all(reply.attachments for reply in replies)
    held.set()
    assert len(await entries(setup, channel, 5)) == 5
    assert len(written(setup, channel)) <= 3  # those that waited came together


async def test_without_a_log_channel_nothing_is_written(setup: Setup) -> None:
    bot = await setup.start_bot()
    await setup.ada.imagine("a fox")
    assert await bot.terminate() == 0
    assert not setup.discord.traffic.of("send_message")
