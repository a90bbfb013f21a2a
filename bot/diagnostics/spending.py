"""What pictures cost: how many the balance is enough for, and what a day can cost at most."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

from bot.core.limits.budgets import CREDITS_PER_DOLLAR
from bot.core.limits.meters import Period
from bot.diagnostics.models import dollars
from bot.diagnostics.report import Finding, Mark
from bot.imaging.catalogue import Listings
from bot.imaging.models import Model
from bot.imaging.models_in_use import ModelsInUse
from bot.imaging.prices import estimate_of
from bot.imaging.probe import Inspection, KeyState
from bot.settings.settings import Settings
from bot.storage.counters import SqlCounters
from bot.storage.engine.migrate import dry_run
from bot.storage.engine.opening import open_database
from bot.storage.operator_clock import running_windows


def dollars_each(settings: Settings, listings: Listings) -> float:
    """What a picture by the first model that is served will probably cost."""
    models = ModelsInUse.of(settings).painting
    first = next((model for model in models if listings.is_served(model.id) is not False), models[0])
    return _dollars(first, 0, listings)


def dollars_at_most(settings: Settings, listings: Listings) -> float:
    """What an image costs where it costs most, of all that members can have painted or changed; one of a model whose
    pictures count as several images, its part of that.
    """
    in_use, weights = ModelsInUse.of(settings), (choice.weight for choice in settings.image_choices)
    asked = [(model, 0, 1) for model in in_use.image_models]
    asked += [(model, 0, weight) for model, weight in zip(in_use.choices, weights, strict=True)]
    asked += [(model, model.family.edit.most, 1) for model in in_use.edit_models if model.family.edit]
    served = [one for one in asked if listings.is_served(one[0].id) is not False] or asked
    return max(_dollars(model, inputs, listings) / weight for model, inputs, weight in served)


def _dollars(model: Model, inputs: int, listings: Listings) -> float:
    return estimate_of(model, inputs, listings.prices_of(model.id)).credits / CREDITS_PER_DOLLAR


def balance_finding(inspection: Inspection, each: float) -> Finding:
    """`each`: US dollars of a picture."""
    balance = inspection.balance
    if balance is None and inspection.key is KeyState.REJECTED:
        return Finding(Mark.UNKNOWN, "Balance", "can't be checked without a working key")
    if balance is None:
        return Finding(Mark.UNKNOWN, "Balance", "this API doesn't say")
    in_dollars = balance.currency == "USD"
    money = f"${balance.amount:,.2f}" if in_dollars else f"{balance.amount:,.2f} {balance.currency}"
    if balance.amount < each:
        return Finding(Mark.FAILS, "Balance", f"{money}: not enough for an image; top it up")
    if not in_dollars:
        return Finding(Mark.WORKS, "Balance", money)
    return Finding(
        Mark.WORKS, "Balance", f"{money}, about {_images(balance.amount, each)} at ${dollars(each)} each"
    )


def spending_finding(settings: Settings, each: float, most: float) -> Finding:
    """What bounds a day and a month; US dollars of a picture: `each` as a rule, `most` at the dearest."""
    bounds = list[str]()
    if settings.bot_daily_limit is not None:
        cost = dollars(settings.bot_daily_limit * most)
        dearest = "an image" if most == each else "the dearest image"
        bounds.append(f"about ${cost} a day, by BOT_DAILY_LIMIT and ${dollars(most)} {dearest}")
    for budget, period, name in (
        (settings.bot_daily_budget, "day", "BOT_DAILY_BUDGET"),
        (settings.bot_monthly_budget, "month", "BOT_MONTHLY_BUDGET"),
    ):
        if budget is not None:
            amount = budget / CREDITS_PER_DOLLAR
            if 0 < amount < each:
                sentence = (
                    f"{name} is ${dollars(amount)}, and an image costs ${dollars(each)}: nobody gets any"
                )
                return Finding(Mark.FAILS, "Spending", sentence)
            bounds.append(f"${dollars(amount)} a {period}, {_images(amount, each)}, by {name}")
    if not bounds:
        sentence = "nothing bounds what a day can cost: set BOT_DAILY_LIMIT, or BOT_DAILY_BUDGET in dollars"
        return Finding(Mark.UNKNOWN, "Spending", sentence)
    return Finding(Mark.WORKS, "Spending", f"at most {'; and '.join(bounds)}")


async def budget_findings(settings: Settings) -> list[Finding]:
    """How much of the budgets is used, where there are any and the bot has been started with them."""
    budgets = settings.operator.budgets
    if budgets.daily is None and budgets.monthly is None:
        return []
    async with open_database(settings.database_url, migrating=False) as database:
        schema, newest = await dry_run(database)
        if schema != newest:
            return []
        budgets = replace(budgets, running=await running_windows(database, budgets.zone))
        readings = [
            it.reading for it in await SqlCounters(database, budgets=budgets).budgets(datetime.now(UTC))
        ]
    used = [
        f"${dollars(it.used / CREDITS_PER_DOLLAR)} of ${dollars((it.meter.limit or 0) / CREDITS_PER_DOLLAR)} "
        f"{'today' if it.meter.period is Period.DAY else 'this month'}"
        for it in readings
    ]
    if any(it.left == 0 for it in readings):
        return [
            Finding(
                Mark.UNKNOWN, "Budget", f"used up: {', '.join(used)}; /imagine is refused until that is over"
            )
        ]
    return [Finding(Mark.WORKS, "Budget", f"used so far: {', '.join(used)}")]


def _images(amount: float, each: float) -> str:
    # Not one too few where a price such as 0.07 is a little less, or more, in binary.
    images = math.floor(amount / each + 1e-9)
    return "1 image" if images == 1 else f"{images:,} images"
