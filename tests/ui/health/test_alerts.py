"""What an operator reads when something is wrong that only they can mend."""

from __future__ import annotations

import pytest

from bot.core.generation.errors import ImageApiTrouble
from bot.core.health.alerts import (
    BalanceLow,
    BudgetLow,
    BudgetUsedUp,
    DatabaseBack,
    DatabaseLost,
    OutageBegan,
    OutageEnded,
)
from bot.core.limits.meters import Period
from bot.ui.health.alerts import alert_words


@pytest.mark.parametrize(
    ("trouble", "what"),
    [
        (ImageApiTrouble.KEY, "Set a new IMAGE_API_KEY"),
        (ImageApiTrouble.CREDIT, "Top it up"),
        (ImageApiTrouble.MODEL, "Set IMAGE_MODEL"),
        (ImageApiTrouble.DOWN, "most orders of the last minute got no answer"),
    ],
)
def test_an_outage_says_what_it_is_what_it_means_and_what_was_said(
    trouble: ImageApiTrouble, what: str
) -> None:
    words = alert_words(OutageBegan(trouble, "401: no"))
    assert what in words
    assert words.endswith("Until that's over, /imagine is refused and nothing is counted. It said: 401: no")


@pytest.mark.parametrize(
    ("seconds", "told"), [(21, "21 s"), (119, "119 s"), (600, "10 min"), (3 * 3600, "3.0 h")]
)
def test_what_is_over_says_how_long_it_took(seconds: float, told: str) -> None:
    assert alert_words(OutageEnded(ImageApiTrouble.DOWN, seconds)) == (
        f"The image API is responding again, after {told}. /imagine works."
    )
    assert alert_words(DatabaseBack(seconds)).startswith(f"The database is responding again, after {told}.")


def test_a_database_that_is_gone_is_told_with_what_it_said() -> None:
    words = alert_words(DatabaseLost("OperationalError: database or disk is full"))
    assert words.startswith("The database isn't responding.")
    assert words.endswith("It said: OperationalError: database or disk is full")


def test_a_low_balance_is_told_with_the_number_that_it_fell_below() -> None:
    assert "down to 4.20 USD (LOW_BALANCE is 5.00)" in alert_words(BalanceLow(4.2, "USD", 5))


def test_a_budget_is_told_with_the_setting_that_it_is_and_in_dollars() -> None:
    assert alert_words(BudgetLow(Period.DAY, 1_640_000, 2_000_000)) == (
        "Little is left of BOT_DAILY_BUDGET: $0.82 of $1.00, with what is being painted. When it's used up, /imagine "
        "is refused until the day is over."
    )
    used_up = alert_words(BudgetUsedUp(Period.MONTH, 2_100_000_000, 2_000_000_000))
    assert used_up.startswith(
        "BOT_MONTHLY_BUDGET is used up: $1,050.00 of $1,000.00, with what is being painted."
    )
