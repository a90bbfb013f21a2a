"""2,000 generations while much goes wrong, by chance from a printed seed; nothing is lost, and nothing is left over.

`SOAK_SEED=7` runs the same again, `SOAK_GENERATIONS=20000` longer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
from collections.abc import Callable, Sequence
from statistics import median

from sandbox.bot_process import BotProcess
from sandbox.discord import Discord, Member
from sandbox.images import ImageApi
from tests.end_to_end.books import audited
from tests.end_to_end.conftest import Stage

log = logging.getLogger(__name__)

GENERATIONS = int(os.environ.get("SOAK_GENERATIONS", "2000"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
AT_ONCE = 10
MEMBERS = 60
LIMIT = 60  # so that towards the end some have used theirs up
GROWTH = 6.0
"""MiB, from the second to the last third: 1,300 generations that each kept 5 KiB would show."""

OF_THE_API = [
    "moderated_400",
    "moderated_data_null",
    "invalid_request",
    "rate_limited_briefly",
    "internal_error",
    "bad_gateway",
    "unavailable",
    "reset",
    "cut_short",
    "html",
    "broken_json",
    "no_usage",
    "forbidden_origin",
    "picture_missing",
    "picture_reset",
    "picture_truncated",
    "picture_bomb",
    "picture_redirect_away",
]
LEFT_OVER = (
    "was never awaited",
    "never retrieved",
    "Task was destroyed",
    "Unclosed",
    "ResourceWarning",
    "unforeseen failure",
)


def misfortunes(stage: Stage, chance: random.Random) -> list[Callable[[], object]]:
    """One of each kind, to choose from."""
    faults, gateway = stage.discord.faults, stage.discord.gateway
    return [
        lambda: stage.images.misbehave(chance.choice(OF_THE_API)),
        lambda: stage.images.misbehave(chance.choice(OF_THE_API)),
        lambda: faults.next("edit_original", status=chance.choice([500, 502, 503])),
        lambda: faults.next("edit_original", status=413),
        lambda: faults.cut(chance.choice(["callback", "edit_original"]), after_effect=chance.random() < 0.5),
        lambda: faults.rate_limit(chance.choice(["callback", "edit_original"]), retry_after=0.1),
        gateway.drop,
        gateway.ask_to_reconnect,
        lambda: None,
    ]


async def test_much_goes_wrong_and_nothing_is_lost_or_left_over(stage: Stage, database_url: str) -> None:
    log.warning("SOAK_SEED=%d SOAK_GENERATIONS=%d", SEED, GENERATIONS)  # shown where it fails
    chance = random.Random(SEED)
    bot = await stage.start_bot(
        DATABASE_URL=database_url,
        DAILY_LIMIT=str(LIMIT),
        BOT_DAILY_LIMIT="unlimited",
        IMAGE_TIMEOUT_SECONDS="5",
        PYTHONDEVMODE="1",
    )
    crowd = [stage.tea_house.member(f"Member {number}") for number in range(MEMBERS)]
    stage.images.balance = 1e6  # US dollars
    memory = []
    for _ in range(GENERATIONS // AT_ONCE):
        await stage.discord.bot_connected()
        chance.choice(misfortunes(stage, chance))()
        await ask(crowd, chance)
        await settle_down(stage.discord, stage.images)
        memory.append(resident_mebibytes(bot))
    books = await audited(database_url, stage.images, stage.discord)
    assert books.outcomes.total() > 0.9 * GENERATIONS  # the others found their limit reached
    assert growth(memory) < GROWTH
    assert await bot.terminate() == 0
    assert [line for line in bot.log if any(sign in line for sign in LEFT_OVER)] == []


def resident_mebibytes(bot: BotProcess) -> float:
    return bot.resident_mebibytes() if sys.platform == "linux" else 0.0


def growth(memory: Sequence[float]) -> float:
    """From the second third to the last; during the first the allocator and the caches fill up."""
    third = len(memory) // 3
    return median(memory[-third:]) - median(memory[third : 2 * third])


async def ask(crowd: list[Member], chance: random.Random) -> None:
    """Ten members at once, some of them for several pictures; all are answered, one way or another."""
    asked = [
        member.begin("imagine", prompt="a fox", images=chance.choice([1, 1, 1, 2, 4]))
        for member in chance.sample(crowd, AT_ONCE)
    ]
    replies = await asyncio.gather(*(one.finished(within=60) for one in asked))
    assert [reply for reply in replies if not (reply.attachments or reply.text)] == []


async def settle_down(discord: Discord, images: ImageApi) -> None:
    """A misfortune that met nobody must not wait for the next ten."""
    discord.faults.clear()
    images.behave()
