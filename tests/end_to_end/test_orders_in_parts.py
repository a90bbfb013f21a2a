"""A model that makes one picture at a time: a command for several is several requests, and one order all the same."""

from __future__ import annotations

from sandbox.discord import Reply
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Setup, log_line

ONE_BY_ONE = "google/nano-banana-2"


def counter(reply: Reply) -> list[str]:
    return reply.embeds[0].fields[0].value.splitlines()


async def test_what_takes_several_requests_is_one_reply(setup: Setup) -> None:
    bot = await setup.start_bot(IMAGE_MODEL=ONE_BY_ONE)
    setup.images.latency = 0.3
    reply = await setup.ada.imagine("foxes", 4)
    assert (len(reply.attachments), counter(reply)) == (4, ["4 of 10 images"])
    assert setup.images.paid == setup.images.peak_concurrency == 4
    await log_line(bot, "4 of 4 images by google/nano-banana-2")
    recorded = await audited_state(setup.database_url, setup.images, setup.discord)
    assert [*recorded.attempts.values()] == [4]


async def test_of_several_requests_one_that_fails_costs_the_member_nothing(setup: Setup) -> None:
    await setup.start_bot(IMAGE_MODEL=ONE_BY_ONE)
    setup.images.inject_fault("data_null")
    reply = await setup.ada.imagine("foxes", 4)
    assert (len(reply.attachments), counter(reply)) == (
        3,
        ["3 of 10 images", "1 picture couldn't be painted or downloaded, and wasn't counted."],
    )
    recorded = await audited_state(setup.database_url, setup.images, setup.discord)
    assert [*recorded.images.values()] == [(4, 1)]
    assert setup.images.paid == 4
