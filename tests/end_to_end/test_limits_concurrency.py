"""Limits that change while commands run: whatever begins after the moderator's response uses the new one."""

from __future__ import annotations

import asyncio

import pytest

from bot.storage.engine.opening import open_database
from bot.storage.engine.protocol import Rows, Transaction
from sandbox.discord import Reply
from sandbox.discord.state.permissions import Permission
from tests.end_to_end.audit import settled_state
from tests.end_to_end.conftest import BUSY, Setup

HIGH = 60
TAKEN = """
SELECT generation.id, charge.cap FROM generation JOIN charge ON charge.generation = generation.id
WHERE generation.state = 'delivered' AND length(charge.window_key) = 10
    AND charge.meter = 'member/' || generation.server || '/' || generation.member
ORDER BY generation.id
"""


def counter(reply: Reply) -> tuple[int, int]:
    """How many images the member has used with this one, and of how many."""
    number, _, limit = reply.embeds[0].fields[0].value.removesuffix(" images").partition(" of ")
    return int(number), int(limit)


async def taken(url: str) -> dict[int, int]:
    """The limit that was in force when each generation was taken, by generation."""

    def steps() -> Transaction[Rows]:
        return (yield TAKEN, {})

    async with open_database(url, migrating=False) as database:
        return {int(id): int(cap) for id, cap in await database.run(steps)}


@pytest.mark.parametrize("low", [20, 40])
async def test_a_limit_that_is_lowered_while_fifty_commands_run_holds_from_the_answer_on(
    setup: Setup, database_url: str, low: int
) -> None:
    """20 is less than what is used by then as a rule, and 40 is more."""
    for _ in range(2):  # as while a new version takes over: both hear of each command
        await setup.start_bot(DAILY_LIMIT=str(HIGH), DATABASE_URL=database_url)
    mo = setup.tea_house.member("Mo", permissions=Permission.MANAGE_GUILD)
    early = [setup.ada.begin("imagine", prompt=f"cat {number}") for number in range(25)]
    await early[0].acknowledged()
    lowering = mo.begin("limits set", daily=low)
    during = [setup.ada.begin("imagine", prompt=f"dog {number}") for number in range(25)]
    told = (await lowering.finished()).text
    while f"→ {low}" not in told:
        assert "Nothing was changed. Try again" in told  # on a busy machine
        told = (await mo.use("limits set", daily=low)).text
    late = [setup.ada.begin("imagine", prompt=f"owl {number}") for number in range(10)]
    replies = await asyncio.gather(*(asking.finished(60) for asking in (*early, *during, *late)))

    await settled_state(database_url)
    caps, delivered = await taken(database_url), [reply for reply in replies if reply.attachments]
    assert {caps.get(asking.interaction.id, low) for asking in late} == {low}
    assert set(caps.values()) <= {HIGH, low}
    counters = {reply.interaction.id: counter(reply) for reply in delivered}
    assert {id: cap for id, (_, cap) in counters.items()} == caps
    # What the old limit still holds for may come after what the new one has been asked about.
    assert all(number <= cap for number, cap in counters.values())
    assert setup.images.paid == len(delivered) == len(caps) <= HIGH
    refused = [reply.text for reply in replies if not reply.attachments]
    assert all(text.startswith((f"You've used your {low} images", BUSY)) for text in refused)
    if not any(
        text.startswith(BUSY) for text in refused
    ):  # or what was taken for them was given back meanwhile
        assert sorted(number for number, _ in counters.values()) == list(range(1, len(caps) + 1))
        assert len(caps) >= low
