"""A process that stands still while others go on: what it still pays, and what becomes of what it has bought."""

from __future__ import annotations

import os
import signal

import pytest

from bot.core.limits.meters import BOT_METER
from sandbox.bot_process import BotProcess
from tests.end_to_end.audit import audited_state, settled_state
from tests.end_to_end.conftest import Setup, log_line
from tests.end_to_end.crash_points import expire_leases
from tests.patience import until


async def taken_over_from(setup: Setup, url: str, frozen: BotProcess, state: str = "submitted") -> None:
    """While `frozen` stands still for longer than a lease, another copy finishes what it had begun."""
    os.kill(frozen.pid, signal.SIGSTOP)
    await expire_leases(url)
    heir = await setup.start_bot(DATABASE_URL=url)
    await log_line(heir, f"claimed, whose lease had expired or been given up: {state}")
    await settled_state(url)
    # Its leases have run out in the database alone. By its own clocks it may still show progress, over what has come.
    for one in setup.discord.interactions.all:
        one.expire_token()
    os.kill(frozen.pid, signal.SIGCONT)


async def test_a_process_that_stood_still_while_it_waited_to_repeat_an_order_pays_nothing(
    setup: Setup, database_url: str
) -> None:
    setup.images.inject_fault("rate_limited_briefly")
    frozen = await setup.start_bot(DATABASE_URL=database_url)
    asking = setup.ada.begin("imagine", prompt="a fox")
    await until(lambda: len(setup.images.requests) == 1)
    await taken_over_from(setup, database_url, frozen)
    await log_line(frozen, "another process has taken it over")
    reply = await asking.finished()
    assert "None of your images were used." in reply.text
    assert (len(setup.images.requests), setup.images.paid) == (1, 0)


async def test_an_answer_that_reaches_a_process_that_stood_still_is_kept_and_counted(
    setup: Setup, database_url: str
) -> None:
    setup.images.latency = 1
    frozen = await setup.start_bot(DATABASE_URL=database_url)
    asking = setup.ada.begin("imagine", prompt="a fox")
    await until(lambda: len(setup.images.requests) == 1)
    await taken_over_from(setup, database_url, frozen)
    await log_line(frozen, "paid for, but another process has taken it over")
    assert "None of your images were used." in (await asking.finished()).text
    recorded = await settled_state(database_url)
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [1]
    assert len((await setup.ada.use("gallery")).attachments) == 1


async def test_a_part_that_reaches_a_process_that_stood_still_is_kept_beside_what_another_delivered(
    setup: Setup, database_url: str
) -> None:
    setup.images.latency = 1
    setup.images.pictures_inside = True
    one_by_one = {
        "IMAGE_MODEL": "blackforestlabs/flux-2-pro",
        "REVISE_PROMPTS": "never",
        "IMAGE_CONCURRENCY": "1",
    }
    frozen = await setup.start_bot(DATABASE_URL=database_url, **one_by_one)
    asking = setup.ada.begin("imagine", prompt="a fox", images=3)
    await until(lambda: len(setup.images.requests) == 2)
    await taken_over_from(setup, database_url, frozen, "paid")
    await log_line(frozen, "paid for, but another process has taken it over")
    assert len((await asking.finished()).attachments) == 1
    assert len((await setup.ada.use("gallery")).attachments) == 1
    recorded = await settled_state(database_url)
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [2]
    assert "today**: 1 of 10 used" in (await setup.ada.use("usage")).text
    assert len(setup.images.requests) == 2


@pytest.mark.parametrize(("limit", "attempts"), [("200", 3), ("2", 2), ("1", 1)])
async def test_every_attempt_that_was_billed_is_on_the_bots_limit_and_none_is_made_beyond_it(
    setup: Setup, database_url: str, limit: str, attempts: int
) -> None:
    """A proxy that fails after the image API has billed."""
    await setup.start_bot(DATABASE_URL=database_url, BOT_DAILY_LIMIT=limit)
    setup.images.inject_fault("billed_bad_gateway", 9)
    reply = await setup.ada.imagine("a fox")
    assert "None of your images were used." in reply.text
    assert setup.images.paid == len(setup.images.requests) == attempts
    recorded = await audited_state(database_url, setup.images, setup.discord, setup.failure_limits)
    assert list(recorded.attempts.values()) == [attempts]
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [attempts]
    assert "today**: 0 of 10 used" in (await setup.ada.use("usage")).text


async def test_attempts_that_cost_nothing_are_on_record_and_on_nobodys_limit(
    setup: Setup, database_url: str
) -> None:
    await setup.start_bot(DATABASE_URL=database_url)
    for fault in ("internal_error", "gone_404", "rate_limited_briefly"):
        setup.images.inject_fault(fault)
    assert (await setup.ada.imagine("a fox")).attachments
    recorded = await audited_state(database_url, setup.images, setup.discord, setup.failure_limits)
    assert list(recorded.attempts.values()) == [len(setup.images.requests)] == [4]
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [1]
