"""Orders that come to nothing although the operator pays for them, and their limits."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.limits.meters import BOT_METER
from sandbox.discord import PendingInteraction
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Setup
from tests.patience import PATIENCE

CONCURRENCY = 4


VILE = "something vile"


@pytest.mark.parametrize(
    ("prompt", "at_once"),
    [(VILE, True), (VILE, False), (f"{VILE}. Generated image rejected by content moderation.", False)],
)
async def test_a_member_whose_prompts_are_rejected_does_not_spend_everybodys_day(
    setup: Setup, database_url: str, prompt: str, at_once: bool
) -> None:
    await setup.start_bot(
        DATABASE_URL=database_url,
        DAILY_LIMIT="100",
        BOT_DAILY_LIMIT="20",
        FAILED_DAILY_LIMIT="5",
        IMAGE_CONCURRENCY=str(CONCURRENCY),
    )
    setup.images.inject_fault("moderated_400", 100)
    if at_once:
        begun: list[PendingInteraction] = [setup.ada.begin("imagine", prompt=prompt) for _ in range(20)]
        await asyncio.gather(*(one.finished(within=PATIENCE) for one in begun))
    else:
        for _ in range(6):
            await setup.ada.imagine(prompt)
        last = await setup.ada.imagine(prompt)
        assert last.ephemeral
        assert "came to nothing" in last.text
        assert "Nothing was counted." in last.text
        assert "failed today" in (await setup.ada.use("usage")).text
    assert 5 <= setup.images.paid <= 5 - 1 + CONCURRENCY
    setup.images.clear_faults()
    assert (await setup.tea_house.member("Bob").imagine("a fox")).attachments
    recorded = await audited_state(database_url, setup.images, setup.discord)
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [setup.images.paid]


async def test_many_accounts_of_one_server_do_not_spend_everybodys_day(setup: Setup) -> None:
    elsewhere = setup.discord.server("Elsewhere")
    await setup.start_bot(BOT_DAILY_LIMIT="20", SERVER_FAILED_DAILY_LIMIT="6", IMAGE_CONCURRENCY="2")
    setup.images.inject_fault("moderated_400", 100)
    members = [setup.tea_house.member(f"Member {number}") for number in range(15)]
    begun = [member.begin("imagine", prompt="something vile") for member in members]
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in begun))
    assert 6 <= setup.images.paid <= 6 - 1 + 2
    assert sum("Too many images came to nothing" in reply.text for reply in replies) >= 1
    setup.images.clear_faults()
    assert (await elsewhere.member("Bob").imagine("a fox")).attachments
