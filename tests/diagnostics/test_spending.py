"""How much of the budgets is used, by `check`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.diagnostics.report import Mark
from bot.diagnostics.spending import budget_findings
from bot.settings.settings import Settings, read_settings
from bot.storage.engine.opening import open_database
from bot.storage.ledger import SqlLedger
from tests.storage.factories import request, rules


def settings_for(url: str, **budgets: str) -> Settings:
    required = {"DISCORD_TOKEN": "a.b.c", "IMAGE_API_KEY": "key", "DATABASE_URL": url}
    return read_settings({**required, **budgets})


async def test_what_is_used_of_each_budget_is_said_in_dollars(sqlite_url: str) -> None:
    settings = settings_for(sqlite_url, BOT_DAILY_BUDGET="1", BOT_MONTHLY_BUDGET="20.50")
    now = datetime.now(UTC)
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database, budgets=settings.operator.budgets)
        await ledger.reserve(request(6), rules(now=now), now)
    [finding] = await budget_findings(settings)
    assert (finding.mark, finding.sentence) == (
        Mark.WORKS,
        "used so far: $0.42 of $1.00 today, $0.42 of $20.50 this month",
    )


async def test_a_budget_that_is_used_up_is_said_to_keep_members_from_painting(sqlite_url: str) -> None:
    settings = settings_for(sqlite_url, BOT_DAILY_BUDGET="0.07")
    now = datetime.now(UTC)
    async with open_database(sqlite_url) as database:
        ledger = SqlLedger(database, budgets=settings.operator.budgets)
        await ledger.reserve(request(1), rules(now=now), now)
    [finding] = await budget_findings(settings)
    assert finding.mark is Mark.UNKNOWN
    assert finding.sentence == "used up: $0.07 of $0.07 today; /imagine is refused until that is over"


@pytest.mark.parametrize("budget", ["unlimited", "5"])
async def test_without_a_budget_or_a_start_there_is_nothing_to_say(sqlite_url: str, budget: str) -> None:
    settings = settings_for(sqlite_url, BOT_DAILY_BUDGET=budget)
    assert await budget_findings(settings) == []
