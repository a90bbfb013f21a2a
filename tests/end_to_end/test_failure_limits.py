"""Orders that come to nothing although the operator pays for them, and their limits."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.limits.meters import BOT_METER
from sandbox.discord import PendingInteraction
from tests.end_to_end.audit import audited_state
from tests.end_to_end.conftest import Stage
from tests.patience import PATIENCE

CONCURRENCY = 4


VILE = "something vile"


@pytest.mark.parametrize(
    ("prompt", "at_once"),
    [(VILE, True), (VILE, False), (f"{VILE}. Generated image rejected by content moderation.", False)],
)
async def test_a_member_whose_prompts_are_rejected_does_not_spend_everybodys_day(
    stage: Stage, database_url: str, prompt: str, at_once: bool
) -> None:
    await stage.start_bot(
        DATABASE_URL=database_url,
        DAILY_LIMIT="100",
        BOT_DAILY_LIMIT="20",
        FAILED_DAILY_LIMIT="5",
        IMAGE_CONCURRENCY=str(CONCURRENCY),
    )
    stage.images.inject_fault("moderated_400", 100)
    if at_once:
        begun: list[PendingInteraction] = [stage.ada.begin("imagine", prompt=prompt) for _ in range(20)]
        await asyncio.gather(*(one.finished(within=PATIENCE) for one in begun))
    else:
        for _ in range(6):
            await stage.ada.imagine(prompt)
        last = await stage.ada.imagine(prompt)
        assert last.ephemeral
        assert "came to nothing" in last.text
        assert "Nothing was counted." in last.text
        assert "failed today" in (await stage.ada.use("usage")).text
    assert 5 <= stage.images.paid <= 5 - 1 + CONCURRENCY
    stage.images.clear_faults()
    assert (await stage.tea_house.member("Bob").imagine("a fox")).attachments
    recorded = await audited_state(database_url, stage.images, stage.discord)
    assert [used for (name, _), used in recorded.used.items() if name == BOT_METER] == [stage.images.paid]


async def test_many_accounts_of_one_server_do_not_spend_everybodys_day(stage: Stage) -> None:
    elsewhere = stage.discord.server("Elsewhere")
    await stage.start_bot(BOT_DAILY_LIMIT="20", SERVER_FAILED_DAILY_LIMIT="6", IMAGE_CONCURRENCY="2")
    stage.images.inject_fault("moderated_400", 100)
    members = [stage.tea_house.member(f"Member {number}") for number in range(15)]
    begun = [member.begin("imagine", prompt="something vile") for member in members]
    replies = await asyncio.gather(*(one.finished(within=PATIENCE) for one in begun))
    assert 6 <= stage.images.paid <= 6 - 1 + 2
    assert sum("Too many images came to nothing" in reply.text for reply in replies) >= 1
    stage.images.clear_faults()
    assert (await elsewhere.member("Bob").imagine("a fox")).attachments
