"""A process that was asked to stop, and two processes at once, as during every deploy."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import datetime

import pytest

from sandbox.discord import PendingInteraction
from tests.end_to_end.audit import RecordedState, audited_state, settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.end_to_end.crash_points import expire_leases, one_part_paid
from tests.end_to_end.test_database_trouble import DatabaseProxy
from tests.end_to_end.test_log_channel import entries, log_into
from tests.patience import PATIENCE, until

MEMBERS = 6
LOOKS = 3
"""How often a bot asks in a row for an answer that it does not find."""


def crowd(setup: Setup) -> list[PendingInteraction]:
    """Each of them asks at the same time, and every process hears of it."""
    members = [setup.tea_house.member(f"Member {number}") for number in range(MEMBERS)]
    return [member.begin("imagine", prompt="a fox") for member in members]


async def all_painted_once(setup: Setup, url: str, asked: list[PendingInteraction]) -> RecordedState:
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in asked))
    assert [len(reply.attachments) for reply in replies] == [1] * MEMBERS
    assert setup.images.paid == MEMBERS
    recorded = await audited_state(url, setup.images, setup.discord)
    assert recorded.outcomes == {"delivered": MEMBERS}
    return recorded


async def test_during_a_deploy_every_command_is_carried_out_once(setup: Setup, postgres_url: str) -> None:
    old = await setup.start_bot(DATABASE_URL=postgres_url)
    await setup.start_bot(DATABASE_URL=postgres_url)
    setup.images.latency = 0.5
    before = crowd(setup)
    await until(lambda: len(setup.images.requests) == MEMBERS)
    assert await old.terminate() == 0
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in before))
    assert [len(reply.attachments) for reply in replies] == [1] * MEMBERS
    assert setup.images.paid == MEMBERS
    setup.images.paid = 0
    after = crowd(setup)
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in after))
    assert [len(reply.attachments) for reply in replies] == [1] * MEMBERS
    assert setup.images.paid == MEMBERS
    recorded = await settled_state(postgres_url)
    assert recorded.outcomes == {"delivered": 2 * MEMBERS}


async def test_while_the_old_copy_finishes_the_new_one_paints_what_both_hear_of(
    setup: Setup, postgres_url: str
) -> None:
    setup.images.latency = 6
    old = await setup.start_bot(DATABASE_URL=postgres_url)
    first = setup.ada.begin("imagine", prompt="a slow fox")
    await until(lambda: len(setup.images.requests) == 1)
    setup.images.latency = 0.2
    await setup.start_bot(DATABASE_URL=postgres_url)
    os.kill(old.pid, signal.SIGTERM)
    await log_line(old, "still running")
    members = [setup.tea_house.member(f"Member {number}") for number in range(10)]
    asked = [member.begin("imagine", prompt="a fox") for member in members]
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in [first, *asked]))
    assert [len(reply.attachments) for reply in replies] == [1] * 11
    assert setup.images.paid == 11
    assert await old.ended() == 0


@pytest.mark.parametrize("cut_off", [False, True])
async def test_what_one_copy_refused_the_other_neither_paints_nor_overwrites(
    setup: Setup, postgres_url: str, cut_off: bool
) -> None:
    """One has found the image API without credit, the other has not asked it yet, and is slower to answer."""
    knowing = await setup.start_bot(DATABASE_URL=postgres_url)
    setup.images.balance = 0
    await setup.ada.imagine("a fox")
    await log_line(knowing, "balance is used up")
    proxy = DatabaseProxy(postgres_url)
    unknowing = await setup.start_bot(DATABASE_URL=await proxy.start())
    proxy.slow_down(0.02)
    if cut_off:  # the other's acknowledgement, which then finds an answer when it is sent again
        setup.discord.faults.delay("callback", 0)
        setup.discord.faults.cut("callback")
    reply = await setup.ada.imagine("a fox")
    assert "out of credit" in reply.text
    await log_line(unknowing, "another process has answered it; its images are returned")
    assert "out of credit" in reply.text
    assert len(setup.images.requests) == 1
    await proxy.cut()


async def test_a_refusal_that_is_cut_off_and_finds_another_copys_acknowledgement_is_none(
    setup: Setup, postgres_url: str
) -> None:
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel, url=postgres_url)
    copies = [
        await setup.start_bot(DATABASE_URL=postgres_url, ALLOWED_SERVERS=servers)
        for servers in (str(setup.tea_house.id + 1), str(setup.tea_house.id))
    ]
    for number in range(5):  # one at least, on a busy machine: else the refusal is repeated first each time
        setup.discord.faults.cut("callback")
        if (await setup.ada.imagine(f"fox {number}")).attachments:
            break
    else:
        pytest.fail("the refusal was repeated before the other's acknowledgement each time")
    assert [await bot.terminate() for bot in copies] == [0, 0]
    [entry] = [text for text in await entries(setup, channel, 1) if f"fox {number}" in text]
    assert "**1 image**" in entry


async def test_what_two_copies_take_for_their_own_one_carries_out(setup: Setup, postgres_url: str) -> None:
    """The acknowledgement of one is cut off, and finds the other's when it is sent again."""
    copies = [await setup.start_bot(DATABASE_URL=postgres_url) for _ in range(2)]
    setup.ada.permit(manage_guild=True)
    bob = setup.tea_house.member("Bob")
    setup.discord.faults.cut("callback")
    begun = setup.ada.begin("limits member", member=bob, action="top up", images=3)
    await until(lambda: any("another process has answered it" in line for one in copies for line in one.log))
    assert "0 → 3" in (await begun.finished()).text
    usage = await setup.ada.use("usage", member=bob)
    assert "of 13 used" in usage.text


async def test_what_a_killed_process_had_paid_its_neighbour_delivers(setup: Setup, postgres_url: str) -> None:
    """Which of two takes a command is chance, so the neighbour comes when all of them are taken."""
    first = await setup.start_bot(DATABASE_URL=postgres_url)
    setup.images.inject_fault("picture_hang", MEMBERS)
    asked = crowd(setup)
    await until(lambda: len(setup.images.downloads) == MEMBERS)
    second = await setup.start_bot(DATABASE_URL=postgres_url)
    await first.kill()
    await expire_leases(postgres_url)
    await all_painted_once(setup, postgres_url, asked)
    assert second.running


async def test_of_many_neighbours_one_delivers_each(setup: Setup, postgres_url: str) -> None:
    first = await setup.start_bot(DATABASE_URL=postgres_url)
    setup.images.inject_fault("picture_hang", MEMBERS)
    asked = crowd(setup)
    await until(lambda: len(setup.images.downloads) == MEMBERS)
    await first.kill()
    await expire_leases(postgres_url)
    await asyncio.gather(*(setup.start_bot(DATABASE_URL=postgres_url) for _ in range(3)))
    await all_painted_once(setup, postgres_url, asked)
    assert [one.reply.edits for one in asked] == [1] * MEMBERS


async def test_a_living_process_is_robbed_of_nothing(setup: Setup, postgres_url: str) -> None:
    setup.images.latency = 4.0  # the neighbour looks twice meanwhile
    first = await setup.start_bot(DATABASE_URL=postgres_url)
    asked = crowd(setup)
    await until(lambda: len(setup.images.requests) == MEMBERS)
    second = await setup.start_bot(DATABASE_URL=postgres_url)
    await all_painted_once(setup, postgres_url, asked)
    assert first.running
    assert not [line for line in second.log if "claimed, whose lease" in line]


async def test_a_new_process_takes_over_as_soon_as_it_is_connected(setup: Setup) -> None:
    """discord.py would wait two seconds for the servers that Discord tells a bot with intents of."""
    for _ in range(5):  # one at least, on a busy machine: whoever waited would be as slow each time
        bot = await setup.start_bot()
        await log_line(bot, "ready as")
        lines = [json.loads(line) for line in bot.log if line.startswith("{")]
        at = {line["message"][:8]: datetime.fromisoformat(line["time"]) for line in lines}
        if (at["ready as"] - at["logging "]).total_seconds() < 1.9:
            return
        await bot.terminate()
    pytest.fail("each start waited")


async def test_what_does_not_finish_in_time_is_finished_by_the_next_start(
    setup: Setup, database_url: str
) -> None:
    settings = {"DATABASE_URL": database_url, "SHUTDOWN_GRACE_SECONDS": "0"}
    bot = await setup.start_bot(**settings)
    setup.images.inject_fault("picture_hang")
    asking = setup.ada.begin("imagine", prompt="a fox")
    await until(lambda: bool(setup.images.downloads))
    assert await bot.terminate() == 0
    assert asking.reply.state == "thinking"
    await setup.start_bot(**settings)
    assert (await asking.finished(within=PATIENCE)).attachments
    assert setup.images.paid == 1
    await audited_state(database_url, setup.images, setup.discord)


async def test_of_what_does_not_finish_in_time_the_next_start_delivers_the_part_that_was_painted(
    setup: Setup, database_url: str
) -> None:
    setup.images.pictures_inside = True
    scene = await one_part_paid(setup, database_url, SHUTDOWN_GRACE_SECONDS="0")
    assert await scene.bot.terminate() == 0
    await setup.start_bot(DATABASE_URL=database_url)
    reply = await scene.asking.finished(within=PATIENCE)
    assert len(reply.attachments) == 1
    assert "1 of 10" in reply.text
    assert "2 pictures couldn't be painted or downloaded, and weren't counted." in reply.text
    assert setup.images.paid == 3
    await audited_state(database_url, setup.images, setup.discord)


async def test_an_acknowledgement_that_discord_carries_out_after_the_next_start_has_looked_is_not_left_standing(
    setup: Setup, database_url: str
) -> None:
    settings = {"DATABASE_URL": database_url, "SHUTDOWN_GRACE_SECONDS": "0"}
    bot = await setup.start_bot(**settings)
    setup.discord.deadlines.first_response = 60.0
    setup.discord.clock.stop()  # however long a start takes, the command stays young
    acknowledging = setup.discord.faults.hold("callback")
    asking = setup.ada.begin("imagine", prompt="a fox")
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: bool(traffic.of("callback")), PATIENCE)
    assert await bot.terminate() == 0
    looks = [setup.discord.faults.hold("get_original") for _ in range(LOOKS)]
    await setup.start_bot(**settings)
    for number, look in enumerate(looks, 1):
        await traffic.changes.wait_for(lambda: len(traffic.of("get_original")) == number, PATIENCE)  # noqa: B023
        setup.discord.advance_clock(1)  # a bot sets its own by each second that it reads for the first time
        look.set()
    await traffic.changes.wait_for(lambda: traffic.of("get_original")[-1].status == 404, PATIENCE)
    acknowledging.set()
    assert (await asking.finished(within=PATIENCE)).attachments
    assert setup.images.paid == 1
    await audited_state(database_url, setup.images, setup.discord)


async def test_what_was_bought_and_not_answered_when_it_stopped_is_told_by_the_next_start(
    setup: Setup, database_url: str
) -> None:
    settings = {"DATABASE_URL": database_url, "SHUTDOWN_GRACE_SECONDS": "0"}
    bot = await setup.start_bot(**settings)
    setup.images.inject_fault("hang")
    asking = setup.ada.begin("imagine", prompt="a fox")
    await until(lambda: setup.images.paid == 1)
    assert await bot.terminate() == 0
    await setup.start_bot(**settings)
    assert (
        "I was restarted while painting this. None of your images were used."
        in (await asking.finished()).text
    )
    recorded = await audited_state(database_url, setup.images, setup.discord)
    assert recorded.outcomes == {"unknown": 1}
    assert len(setup.images.requests) == 1


@pytest.mark.parametrize("signals", [[signal.SIGTERM] * 3, [signal.SIGINT, signal.SIGINT, signal.SIGTERM]])
async def test_however_often_it_is_asked_to_stop_it_finishes_refuses_and_says_goodbye(
    setup: Setup, signals: list[signal.Signals]
) -> None:
    bot = await setup.start_bot()
    setup.images.latency = 1.5
    asking = setup.ada.begin("imagine", prompt="a fox")
    await until(lambda: bool(setup.images.requests))
    for number in signals:
        os.kill(bot.pid, number)
    await log_line(bot, "still running")
    refused = await setup.ada.imagine("a cat")
    assert refused.ephemeral
    assert "I'm restarting. Nothing was counted. Try again in a minute." in refused.text
    assert (await asking.finished()).attachments
    assert await bot.ended() == 0
    # Discord keeps the session of a bot that did not say goodbye (1000).
    gateway = setup.discord.gateway
    await gateway.changes.wait_for(lambda: not gateway.sessions, PATIENCE)
    assert setup.images.paid == 1


async def test_a_commit_that_is_cut_off_takes_nothing_from_anybody(setup: Setup, postgres_url: str) -> None:
    proxy = DatabaseProxy(postgres_url)
    await setup.start_bot(DATABASE_URL=await proxy.start())
    proxy.swallow_the_answer_to_a_commit_of("INSERT INTO generation")
    reply = await setup.ada.imagine("a fox")
    assert reply.ephemeral
    assert "Nothing was counted." in reply.text
    assert proxy.swallowed == 1
    recorded = await settled_state(postgres_url)
    recorded.audit(setup.images)
    assert recorded.outcomes == {"refunded": 1}
    assert set(recorded.used.values()) == {0}
    assert setup.images.requests == []
    await proxy.cut()


async def test_what_is_being_answered_when_it_is_asked_to_stop_is_answered(setup: Setup) -> None:
    bot = await setup.start_bot()
    setup.discord.faults.delay("callback", 1.0)
    asking = setup.ada.begin("gallery")
    traffic = setup.discord.traffic
    await traffic.changes.wait_for(lambda: bool(traffic.of("callback")), PATIENCE)
    assert await bot.terminate() == 0
    assert "There are none yet" in (await asking.finished()).text


async def test_a_command_that_comes_while_the_moderators_log_is_finished_is_refused(setup: Setup) -> None:
    channel = setup.tea_house.channel("log")
    await log_into(setup, channel)
    bot = await setup.start_bot()
    held, traffic = setup.discord.faults.hold("send_message"), setup.discord.traffic
    await setup.ada.imagine("a fox")
    await traffic.changes.wait_for(lambda: bool(traffic.of("send_message")), PATIENCE)
    os.kill(bot.pid, signal.SIGTERM)
    await asyncio.sleep(1.0)  # it waits for two seconds
    refused = await setup.ada.imagine("a cat")
    assert "I'm restarting" in refused.text
    assert await bot.ended() == 0
    held.set()
