"""What the operator is told, in the log and in a channel of theirs."""

from __future__ import annotations

from decimal import Decimal

from bot.core.health.alerts import (
    Alert,
    BalanceLow,
    BudgetLow,
    BudgetUsedUp,
    DatabaseBack,
    DatabaseLost,
    OutageBegan,
    OutageEnded,
)
from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.ui.sentences import IN_ENGLISH, Sentences


def alert_words(alert: Alert, say: Sentences = IN_ENGLISH) -> str:
    """One paragraph. What others said stands in it as they said it: it is redacted before it is shown."""
    match alert:
        case OutageBegan(trouble=trouble, detail=detail):
            return say(f"alert.outage_began.{trouble}", detail=detail)
        case OutageEnded(trouble=trouble, seconds=seconds):
            return say(f"alert.outage_ended.{trouble}", duration=_duration(seconds, say))
        case BalanceLow(amount=amount, currency=currency, threshold=threshold):
            return say(
                "alert.balance_low",
                amount=Decimal(f"{amount:.2f}"),
                currency=currency,
                threshold=Decimal(f"{threshold:.2f}"),
            )
        case BudgetLow(period=period) | BudgetUsedUp(period=period):
            return say(
                f"alert.budget_{'low' if isinstance(alert, BudgetLow) else 'used_up'}.{period}",
                used=_dollars(alert.used),
                limit=_dollars(alert.limit),
            )
        case DatabaseLost(detail=detail):
            return say("alert.database_lost", detail=detail)
        case DatabaseBack(seconds=seconds):
            return say("alert.database_back", duration=_duration(seconds, say))


def _dollars(credits: int) -> Decimal:
    return Decimal(f"{credits / CREDITS_PER_DOLLAR:.2f}")


def _duration(seconds: float, say: Sentences) -> str:
    """In one unit, roughly."""
    if seconds < 120:
        return say("duration.seconds", count=round(seconds))
    if seconds < 7200:
        return say("duration.minutes", count=round(seconds / 60))
    return say("duration.hours.tenths", number=Decimal(f"{seconds / 3600:.1f}"))
