"""A process that stands still while others go on: what it still pays, and what becomes of what it has bought."""

from __future__ import annotations

import os
import signal

from bot.core.limits import BOT_METER
from sandbox.bot_process import BotProcess
from tests.end_to_end.books import settled
from tests.end_to_end.conftest import Stage, log_line
from tests.end_to_end.crash_points import leases_run_out, until


async def taken_over_from(stage: Stage, url: str, frozen: BotProcess) -> None:
    """While `frozen` stands still for longer than a lease, another copy finishes what it had begun."""
    os.kill(frozen.pid, signal.SIGSTOP)
    await leases_run_out(url)
    heir = await stage.start_bot(DATABASE_URL=url)
    await log_line(heir, "taken over, submitted")
    await settled(url)
    os.kill(frozen.pid, signal.SIGCONT)


async def test_a_process_that_stood_still_while_it_waited_to_repeat_an_order_pays_nothing(
    stage: Stage, database_url: str
) -> None:
    stage.images.misbehave("rate_limited_briefly")
    frozen = await stage.start_bot(DATABASE_URL=database_url)
    asking = stage.ada.begin("imagine", prompt="a fox")
    await until(lambda: len(stage.images.requests) == 1)
    await taken_over_from(stage, database_url, frozen)
    await log_line(frozen, "another process has taken it over")
    reply = await asking.finished()
    assert "It was not counted." in reply.text
    assert (len(stage.images.requests), stage.images.paid) == (1, 0)


async def test_an_answer_that_reaches_a_process_that_stood_still_is_kept_and_counted(
    stage: Stage, database_url: str
) -> None:
    stage.images.latency = 1
    frozen = await stage.start_bot(DATABASE_URL=database_url)
    asking = stage.ada.begin("imagine", prompt="a fox")
    await until(lambda: len(stage.images.requests) == 1)
    await taken_over_from(stage, database_url, frozen)
    await log_line(frozen, "paid after another process had taken it over")
    assert "It was not counted." in (await asking.finished()).text
    books = await settled(database_url)
    assert [used for (name, _), used in books.used.items() if name == BOT_METER] == [1]
    assert len((await stage.ada.use("gallery")).attachments) == 1
