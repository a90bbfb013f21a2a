"""The operator's budgets: taken by the estimate, settled by the cost, whatever comes late or never; on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.core.generation.costs import Price
from bot.core.generation.errors import LeaseLost, NoBudgetForRetry
from bot.core.generation.ledger import Settlement, Step
from bot.core.generation.model import (
    Cost,
    ImageSpec,
    InputImage,
    Order,
    PromptRevision,
    Request,
    Source,
    State,
)
from bot.core.limits.budgets import USUAL_PRICE, BudgetReading, Budgets, Estimate
from bot.core.limits.errors import BudgetReached, LimitReached
from bot.core.limits.meters import Limit, MeterReading, Period, Scope, windows_at, windows_to_end
from bot.storage.budgets import MISSED_AT_ONCE, SqlBudgetStore
from bot.storage.counters import SqlCounters
from bot.storage.engine.protocol import Database, Row, Transaction, one_statement
from bot.storage.generations import SqlGenerations
from bot.storage.ledger import SqlLedger
from tests.core.factories import NOON
from tests.storage.factories import caller, request, rules, used

UTC = ZoneInfo("UTC")
CENT = 20_000
SEVEN_CENTS = 7 * CENT
DOLLAR = 100 * CENT
GROK = Estimate("x-ai/grok-2-image", 0, SEVEN_CENTS)


class Money:
    """A database's budgets, spent by one process."""

    def __init__(self, database: Database, daily: Limit = DOLLAR, monthly: Limit = None) -> None:
        self.database = database
        self.budgets = Budgets(daily, monthly, UTC)
        self.ledger = SqlLedger(database, budgets=self.budgets)

    async def reserve(self, images: int = 1, estimate: Estimate = GROK, inputs: int = 0) -> Request:
        made = request(images)
        if inputs:
            pictures = (InputImage("https://cdn.example/1.png", "image/png"),) * inputs
            made = Request(made.id, caller(), ImageSpec("bluer", images, inputs=pictures))
        await self.ledger.reserve(made, rules(None), NOON, estimate)
        return made

    async def submit(self, made: Request, at_risk: int | None = None) -> None:
        spent = made.spec.count if at_risk is None else at_risk
        await self.ledger.advance(made.id, Step(State.SUBMITTED, spent=spent), NOON)

    async def pay(self, made: Request, credits: int | None, price: Price | None = None) -> None:
        order = Order("grok", (Source("http://pictures/1"),) * made.spec.count, credits)
        step = Step(State.PAID, order=order, priced=made.spec.count, price=price)
        await self.ledger.advance(made.id, step, NOON)

    async def settle(
        self, made: Request, state: State, spent: int | None = None, credits: int | None = None
    ) -> None:
        refund = 0 if state is State.DELIVERED else made.spec.count
        assert await self.ledger.settle(made.id, Settlement(state, refund, credits, spent=spent), NOON)

    async def spent(self, budgets: Budgets | None = None) -> tuple[int, int]:
        """In credits: today, this month."""
        limited = Budgets(1, 1, UTC) if budgets is None else budgets
        day, month = await SqlCounters(self.database, budgets=limited).budgets(NOON)
        return day.reading.used, month.reading.used


@pytest.fixture
def money(database: Database) -> Money:
    return Money(database)


async def row_of(database: Database, made: Request) -> Mapping[str, object]:
    names = ("estimate", "credits", "cost", "cost_estimated", "budget_day", "budget_month")
    statement = f"SELECT {', '.join(names)} FROM generation WHERE id = {made.id}"
    rows: list[Row] = list(await database.run(partial(one_statement, statement, {})))
    return dict(zip(names, rows[0], strict=True))


async def test_a_reservation_takes_the_estimate_from_the_day_and_the_month(money: Money) -> None:
    made = await money.reserve(3)
    assert await money.spent() == (3 * SEVEN_CENTS, 3 * SEVEN_CENTS)
    assert await row_of(money.database, made) == {
        "estimate": 3 * SEVEN_CENTS,
        "credits": None,
        "cost": 3 * SEVEN_CENTS,
        "cost_estimated": None,
        "budget_day": "2026-11-23",
        "budget_month": "2026-11",
    }


@pytest.mark.parametrize("state", [State.DELIVERED, State.REFUNDED])
async def test_what_a_chat_model_has_cost_is_counted_in_the_end_also_where_no_picture_came_of_it(
    money: Money, state: State
) -> None:
    made = await money.reserve()
    step = Step(State.SUBMITTED, spent=1, revision=PromptRevision("a red fox", 204))
    await money.ledger.advance(made.id, step, NOON)
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)
    if state is State.DELIVERED:
        await money.pay(made, SEVEN_CENTS)
    await money.settle(made, state, spent=0)
    cost = 204 + (SEVEN_CENTS if state is State.DELIVERED else 0)
    assert await money.spent() == (cost, cost)


@pytest.mark.parametrize(
    ("daily", "monthly", "period"),
    [
        (2 * SEVEN_CENTS, None, Period.DAY),
        (None, 2 * SEVEN_CENTS, Period.MONTH),
        (SEVEN_CENTS, 1, Period.DAY),
    ],
)
async def test_what_does_not_fit_on_a_budget_is_refused_and_takes_nothing_from_anything(
    database: Database, counters: SqlCounters, daily: Limit, monthly: Limit, period: Period
) -> None:
    money = Money(database, daily, monthly)
    with pytest.raises(BudgetReached) as caught:
        await money.reserve(3)
    reached = caught.value
    assert (reached.meter.scope, reached.meter.period) == (Scope.BUDGET, period)
    assert (reached.used, reached.asked, reached.images) == (0, 3 * SEVEN_CENTS, 3)
    assert await money.spent() == (0, 0)
    assert await used(counters) == [0] * 5


async def test_a_refusal_says_how_many_images_would_still_fit(database: Database) -> None:
    money = Money(database, 5 * SEVEN_CENTS)
    await money.reserve(2)
    with pytest.raises(BudgetReached) as caught:
        await money.reserve(4)
    assert caught.value.fitting == 3
    await money.reserve(3)
    with pytest.raises(BudgetReached) as caught:
        await money.reserve(1)
    assert caught.value.fitting == 0


async def test_a_limit_of_images_is_told_before_a_budget(database: Database) -> None:
    money = Money(database, 0)
    with pytest.raises(LimitReached):
        await money.ledger.reserve(request(3), rules(2), NOON, GROK)


@pytest.mark.parametrize("real", [0, 1, 2 * CENT, SEVEN_CENTS, SEVEN_CENTS + 1, 3 * DOLLAR])
async def test_the_estimate_is_corrected_by_what_the_answer_says_whatever_the_limit(
    money: Money, real: int
) -> None:
    made = await money.reserve(1)
    await money.submit(made)
    await money.pay(made, real)
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)
    await money.settle(made, State.DELIVERED)
    assert await money.spent() == (real, real)
    row = await row_of(money.database, made)
    assert (row["credits"], row["cost"], row["cost_estimated"]) == (real, real, 0)


async def test_a_cost_that_no_picture_has_is_not_believed(money: Money) -> None:
    made = await money.reserve(1)
    await money.submit(made)
    await money.pay(made, 10**15)
    await money.settle(made, State.DELIVERED)
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)
    assert (await row_of(money.database, made))["cost_estimated"] == 1


async def test_where_nobody_says_what_it_has_cost_the_estimate_stands_and_is_marked(money: Money) -> None:
    made = await money.reserve(2)
    await money.submit(made)
    await money.pay(made, None)
    await money.settle(made, State.DELIVERED)
    assert await money.spent() == (2 * SEVEN_CENTS, 2 * SEVEN_CENTS)
    row = await row_of(money.database, made)
    assert (row["credits"], row["cost"], row["cost_estimated"]) == (None, 2 * SEVEN_CENTS, 1)


@pytest.mark.parametrize("credits", [10 * DOLLAR + 1, 10**15, 10**30])
async def test_a_cost_that_no_revision_has_is_not_believed(money: Money, credits: int) -> None:
    made = await money.reserve(1)
    step = Step(State.SUBMITTED, spent=1, revision=PromptRevision("a red fox", credits))
    await money.ledger.advance(made.id, step, NOON)
    await money.pay(made, 2 * CENT)
    assert await money.ledger.settle(made.id, Settlement(State.DELIVERED, 0), NOON) == Cost(2 * CENT, False)
    assert await money.spent() == (2 * CENT, 2 * CENT)


async def test_asking_for_better_words_counts_on_top_of_the_pictures_even_where_none_came(
    money: Money,
) -> None:
    painted, refused = await money.reserve(1), await money.reserve(1)
    for made in (painted, refused):
        step = Step(State.SUBMITTED, spent=1, revision=PromptRevision("a red fox", 204))
        await money.ledger.advance(made.id, step, NOON)
    await money.pay(painted, 2 * CENT)
    delivered = await money.ledger.settle(painted.id, Settlement(State.DELIVERED, 0), NOON)
    nothing = await money.ledger.settle(refused.id, Settlement(State.REFUNDED, 1), NOON)
    assert await money.spent() == (2 * CENT + 204 + 204,) * 2
    assert delivered == Cost(2 * CENT, estimated=False)
    assert nothing == Cost(0, estimated=False)
    recorded = SqlGenerations(money.database)
    assert [it and it.cost for it in [await recorded.get(painted.id), await recorded.get(refused.id)]] == [
        delivered,
        nothing,
    ]


async def test_asking_for_better_words_counts_once_where_the_order_was_cancelled_meanwhile(
    money: Money,
) -> None:
    made = await money.reserve(2)
    await money.ledger.count_revision(made.id, 204)
    assert await money.spent() == (2 * SEVEN_CENTS,) * 2, "whoever has it by now may ask, and submit it"
    assert await SqlLedger(money.database, budgets=money.budgets).cancel(made.id, NOON)
    await asyncio.gather(*(money.ledger.count_revision(made.id, 204) for _ in range(5)))
    assert await money.spent() == (204, 204)
    row = await row_of(money.database, made)
    assert (row["cost"], row["cost_estimated"]) == (204, 0)
    recorded = await SqlGenerations(money.database).get(made.id)
    assert recorded
    assert (recorded.revision, recorded.cost) == (PromptRevision(None, 204), Cost(0, estimated=False))


async def test_what_is_on_record_of_better_words_is_not_counted_again(money: Money) -> None:
    made = await money.reserve(1)
    step = Step(State.SUBMITTED, spent=1, revision=PromptRevision("a red fox", 204))
    await money.ledger.advance(made.id, step, NOON)
    await money.settle(made, State.REFUNDED)
    await money.ledger.count_revision(made.id, 999)
    assert await money.spent() == (204, 204)


async def test_a_cost_that_no_revision_has_is_not_believed_of_a_cancelled_order_either(money: Money) -> None:
    made = await money.reserve(1)
    assert await money.ledger.cancel(made.id, NOON)
    await money.ledger.count_revision(made.id, 10**15)
    assert await money.spent() == (0, 0)


async def test_what_was_certainly_not_bought_goes_back_once(money: Money) -> None:
    made, other = await money.reserve(2), await money.reserve(1)
    await money.submit(made)
    settling = [money.ledger.settle(made.id, Settlement(State.REFUNDED, 2, spent=0), NOON) for _ in range(10)]
    assert sorted(map(bool, await asyncio.gather(*settling))) == [False] * 9 + [True]
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)
    row = await row_of(money.database, made)
    assert (row["cost"], row["cost_estimated"]) == (0, 0)
    assert (await row_of(money.database, other))["cost"] == SEVEN_CENTS


async def test_it_goes_back_to_the_day_that_it_was_taken_from(money: Money) -> None:
    made = await money.reserve(1)
    tomorrow = NOON + timedelta(days=1)
    later = request(1)
    await money.ledger.reserve(later, rules(None), tomorrow, GROK)
    await money.ledger.settle(made.id, Settlement(State.REFUNDED, 1), tomorrow)
    assert await money.spent() == (0, SEVEN_CENTS)
    day, _ = await SqlCounters(money.database, budgets=Budgets(1, 1, UTC)).budgets(tomorrow)
    assert day.reading.used == SEVEN_CENTS


async def test_it_goes_back_to_where_it_was_taken_from_after_the_operator_has_chosen_another_zone(
    money: Money,
) -> None:
    made = await money.reserve(1)
    elsewhere = SqlLedger(money.database, budgets=Budgets(DOLLAR, None, ZoneInfo("Pacific/Kiritimati")))
    await money.ledger.release(made.id, -1)
    await elsewhere.claim_expired((), 10)
    await elsewhere.settle(made.id, Settlement(State.REFUNDED, 1), NOON)
    assert await money.spent() == (0, 0)


async def test_every_attempt_that_may_have_been_billed_is_booked_on_the_budget_too(money: Money) -> None:
    made = await money.reserve(2)
    for images in (2, 4, 6, 6):
        await money.submit(made, images)
        assert await money.spent() == (images * SEVEN_CENTS, images * SEVEN_CENTS)
    await money.pay(made, 2 * CENT)  # of the attempt that was answered
    await money.settle(made, State.DELIVERED, spent=6)
    assert await money.spent() == (2 * CENT + 4 * SEVEN_CENTS,) * 2
    assert (await row_of(money.database, made))["cost_estimated"] == 1


async def test_an_attempt_that_does_not_fit_on_the_budget_is_not_made(database: Database) -> None:
    money = Money(database, 5 * SEVEN_CENTS)
    made, other = await money.reserve(2), await money.reserve(2)
    await money.submit(made)
    with pytest.raises(NoBudgetForRetry):
        await money.submit(made, 4)
    assert await money.spent() == (4 * SEVEN_CENTS, 4 * SEVEN_CENTS)
    await money.settle(other, State.REFUNDED)
    await money.submit(made, 4)
    assert await money.spent() == (4 * SEVEN_CENTS, 4 * SEVEN_CENTS)


def asking(model: str, credits: int) -> Step:
    return Step(State.SUBMITTED, spent=2, estimate=Estimate(model, 0, credits), pictures=2)


async def test_a_dearer_model_in_its_place_is_taken_before_it_is_asked(database: Database) -> None:
    money = Money(database, 20 * CENT)
    made = await money.reserve(2)
    await money.ledger.advance(made.id, asking("dear", 10 * CENT), NOON)
    assert await money.spent() == (20 * CENT, 20 * CENT)
    with pytest.raises(NoBudgetForRetry):
        await money.ledger.advance(made.id, asking("dearer", 11 * CENT), NOON)
    assert await money.spent() == (20 * CENT, 20 * CENT)


async def test_what_a_model_in_its_place_has_cost_before_is_what_it_is_expected_to(money: Money) -> None:
    before, made = await money.reserve(1), await money.reserve(2)
    await money.pay(before, 9 * CENT, Price("dear", 0, 9 * CENT))
    await money.settle(before, State.DELIVERED)
    await money.ledger.advance(made.id, asking("dear", 1), NOON)
    assert await money.spent() == ((9 + 18) * CENT,) * 2


async def test_a_cheaper_model_in_its_place_takes_no_more(money: Money) -> None:
    made = await money.reserve(2)
    await money.ledger.advance(made.id, asking("cheap", CENT), NOON)
    assert await money.spent() == (2 * SEVEN_CENTS, 2 * SEVEN_CENTS)


async def test_what_the_apis_log_says_is_the_cost_of_all_attempts(money: Money) -> None:
    made = await money.reserve(1)
    for at_risk in (1, 2, 3):
        await money.submit(made, at_risk)
    await money.settle(made, State.UNKNOWN, spent=3, credits=2 * CENT)
    assert await money.spent() == (2 * CENT, 2 * CENT)
    assert (await row_of(money.database, made))["cost_estimated"] == 0


async def test_an_answer_that_comes_after_the_end_corrects_what_was_counted(money: Money) -> None:
    unknown, refunded = await money.reserve(1), await money.reserve(2)
    await money.submit(unknown)
    await money.settle(unknown, State.UNKNOWN, spent=1)
    await money.settle(refunded, State.REFUNDED)
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)
    for made, credits in ((unknown, 2 * CENT), (refunded, 5 * CENT), (refunded, 9 * CENT)):
        with pytest.raises(LeaseLost):
            await money.pay(made, credits)
    assert await money.spent() == (7 * CENT, 7 * CENT)
    assert (await row_of(money.database, refunded))["cost_estimated"] == 0


async def test_an_answer_that_comes_late_and_says_no_cost_is_estimated(money: Money) -> None:
    refunded = await money.reserve(2)
    await money.settle(refunded, State.REFUNDED)
    with pytest.raises(LeaseLost):
        await money.pay(refunded, None)
    assert await money.spent() == (2 * SEVEN_CENTS, 2 * SEVEN_CENTS)
    assert (await row_of(money.database, refunded))["cost_estimated"] == 1


async def test_an_answer_that_comes_to_a_process_that_has_lost_it_is_settled_by_the_other(
    money: Money,
) -> None:
    made = await money.reserve(1)
    await money.submit(made)
    other = SqlLedger(money.database, budgets=money.budgets)
    await money.ledger.release(made.id, -1)
    assert await other.claim_expired((), 10)
    with pytest.raises(LeaseLost):
        await money.pay(made, 3 * CENT)
    await other.settle(made.id, Settlement(State.UNKNOWN, 1, spent=1), NOON)
    assert await money.spent() == (3 * CENT, 3 * CENT)


async def test_the_last_price_that_was_paid_is_what_the_next_picture_is_expected_to_cost(
    money: Money,
) -> None:
    for credits in (2 * CENT, 3 * CENT, 3 * CENT):
        made = await money.reserve(2)
        await money.submit(made)
        await money.pay(made, 2 * credits, Price(GROK.model, 0, credits))
        await money.settle(made, State.DELIVERED)
    before, _ = await money.spent()
    elsewhere = Money(money.database)  # another copy of the bot
    await elsewhere.reserve(2)
    assert (await money.spent())[0] - before == 6 * CENT


async def test_a_price_is_expected_again_for_a_day_and_whoever_pays_it_again_renews_it(money: Money) -> None:
    """Of a picture that is more than the budget none would be bought any more, so nothing would ever correct it."""

    def after(hours: int) -> datetime:
        return NOON + timedelta(hours=hours)

    made = await money.reserve(1)
    for hours in (0, 2):
        step = Step(State.PAID, order=Order("grok", ()), price=Price(GROK.model, 0, 2 * DOLLAR))
        await money.ledger.advance(made.id, step, after(hours))
    for hours in (13, 25):
        with pytest.raises(BudgetReached):
            await money.ledger.reserve(request(1), rules(None), after(hours), GROK)
    await money.ledger.reserve(request(1), rules(None), after(27), GROK)


async def test_each_model_and_each_number_of_pictures_to_be_changed_has_a_price_of_its_own(
    money: Money,
) -> None:
    made = await money.reserve(1)
    await money.pay(made, CENT, Price(GROK.model, 0, CENT))
    edited = await money.reserve(1, Estimate(GROK.model, 2, 4 * CENT), inputs=2)
    other = await money.reserve(1, Estimate("flux", 0, 5 * CENT))
    same = await money.reserve(1)
    assert [(await row_of(money.database, it))["estimate"] for it in (edited, other, same)] == [
        4 * CENT,
        5 * CENT,
        CENT,
    ]


async def test_where_nothing_is_known_a_picture_is_expected_to_cost_seven_cents(money: Money) -> None:
    made = request(2)
    await money.ledger.reserve(made, rules(None), NOON)
    assert await money.spent() == (2 * USUAL_PRICE, 2 * USUAL_PRICE)
    assert USUAL_PRICE == SEVEN_CENTS


async def test_a_budget_that_was_raised_or_lowered_holds_for_what_is_reserved_next(
    database: Database,
) -> None:
    await Money(database, SEVEN_CENTS).reserve(1)
    await Money(database, 2 * SEVEN_CENTS).reserve(1)
    with pytest.raises(BudgetReached):
        await Money(database, SEVEN_CENTS).reserve(1)
    assert await Money(database).spent() == (2 * SEVEN_CENTS, 2 * SEVEN_CENTS)


def as_the_version_before(*statements: str) -> partial[Transaction[None]]:
    def steps() -> Transaction[None]:
        for statement in statements:
            yield statement, {}

    return partial(steps)


RESERVED_BEFORE = """
UPDATE generation SET estimate = NULL, cost = NULL, budget_day = NULL, budget_month = NULL
"""
NOTHING_COUNTED = "DELETE FROM meter WHERE name = 'budget'"


async def test_what_the_version_before_has_reserved_is_counted_before_it_is_bought(
    database: Database,
) -> None:
    """A copy of it may run during a deploy; it knows of no budgets."""
    money = Money(database, 3 * SEVEN_CENTS)
    made = await money.reserve(2)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED))
    await money.submit(made)
    assert await money.spent() == (2 * SEVEN_CENTS, 2 * SEVEN_CENTS)
    await money.pay(made, 2 * CENT)
    await money.settle(made, State.DELIVERED)
    assert await money.spent() == (2 * CENT, 2 * CENT)


async def test_what_the_version_before_has_reserved_is_not_bought_where_it_does_not_fit(
    database: Database,
) -> None:
    money = Money(database, SEVEN_CENTS)
    made = await money.reserve(1)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED))
    await money.reserve(1)
    with pytest.raises(NoBudgetForRetry):
        await money.submit(made)
    await money.settle(made, State.REFUNDED)
    assert await money.spent() == (SEVEN_CENTS, SEVEN_CENTS)


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNKNOWN, State.REFUNDED])
async def test_what_the_version_before_has_reserved_is_counted_when_it_is_settled(
    database: Database, state: State
) -> None:
    money = Money(database)
    made = await money.reserve(1)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED))
    await money.settle(made, state)
    counted = 0 if state is State.REFUNDED else USUAL_PRICE
    assert await money.spent() == (counted, counted)


SETTLED_BEFORE = """
UPDATE generation SET state = '{state}', settled_at = reserved_at, spent = {spent}, refunded = {refunded}
"""


@pytest.mark.parametrize("reserved_before", [False, True])
@pytest.mark.parametrize(
    ("state", "credits", "counted"),
    [
        (State.DELIVERED, 3 * CENT, 3 * CENT),
        (State.DELIVERED, None, 2 * SEVEN_CENTS),
        (State.UNKNOWN, None, 2 * SEVEN_CENTS),
        (State.REFUNDED, None, 0),
    ],
)
async def test_what_the_version_before_has_settled_is_counted_afterwards_once(
    database: Database, state: State, credits: int | None, counted: int, *, reserved_before: bool
) -> None:
    money = Money(database)
    made = await money.reserve(2)
    await money.submit(made)
    await money.pay(made, credits)
    if reserved_before:
        await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED))
    spent = 0 if state is State.REFUNDED else 2
    settled = SETTLED_BEFORE.format(state=state.value, spent=spent, refunded=2 - spent)
    await database.run(as_the_version_before(settled))
    stores = [SqlBudgetStore(database, money.budgets) for _ in range(3)]
    found = await asyncio.gather(*(store.count_missed(NOON) for store in stores))
    assert sorted(found) == [0, 0, 1]
    assert await money.spent() == (counted, counted)
    row = await row_of(database, made)
    assert (row["cost"], row["cost_estimated"]) == (counted, int(bool(spent) and credits is None))


async def test_what_was_settled_before_the_month_began_is_left_alone(database: Database) -> None:
    money = Money(database)
    await money.reserve(2)
    settled = SETTLED_BEFORE.format(state="delivered", spent=2, refunded=0)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED, settled))
    assert await SqlBudgetStore(database, money.budgets).count_missed(NOON + timedelta(days=30)) == 0
    assert await money.spent() == (0, 0)


async def test_what_was_settled_before_the_operator_chose_another_zone_is_on_no_day_since(
    database: Database,
) -> None:
    money = Money(database)
    await money.reserve(2)
    settled = SETTLED_BEFORE.format(state="delivered", spent=2, refunded=0)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED, settled))
    days_later = NOON + timedelta(days=3)
    elsewhere = ZoneInfo("Pacific/Kiritimati")
    running = windows_to_end(windows_at(days_later, UTC), UTC, days_later)
    budgets = Budgets(DOLLAR, DOLLAR, elsewhere, running)
    assert await SqlBudgetStore(database, budgets).count_missed(days_later) == 1
    day, month = await SqlCounters(database, budgets=budgets).budgets(days_later)
    assert (day.reading.used, month.reading.used) == (0, 2 * USUAL_PRICE)


async def test_what_is_painted_just_now_is_not_missed(database: Database) -> None:
    money = Money(database)
    made = await money.reserve(2)
    await money.submit(made)
    assert await SqlBudgetStore(database, money.budgets).count_missed(NOON) == 0


async def test_a_backlog_is_counted_in_batches(database: Database) -> None:
    money = Money(database, None)
    for _ in range(MISSED_AT_ONCE + 1):
        await money.reserve(1)
    settled = SETTLED_BEFORE.format(state="delivered", spent=1, refunded=0)
    await database.run(as_the_version_before(RESERVED_BEFORE, NOTHING_COUNTED, settled))
    store = SqlBudgetStore(database, money.budgets)
    assert [await store.count_missed(NOON) for _ in range(3)] == [MISSED_AT_ONCE, 1, 0]
    assert await money.spent() == ((MISSED_AT_ONCE + 1) * USUAL_PRICE,) * 2


async def test_an_alert_is_the_first_of_its_window_and_limit_in_one_process(database: Database) -> None:
    def budget(limit: int, at: datetime = NOON) -> BudgetReading:
        day, _ = Budgets(limit, None, UTC).meters(at)
        return BudgetReading(MeterReading(day, limit), 1)

    store = SqlBudgetStore(database, Budgets(1, None, UTC))
    tomorrow = NOON + timedelta(days=1)
    told = [
        await asyncio.gather(*(store.is_first_alert(budget(limit, at), percent) for _ in range(3)))
        for limit, at, percent in (
            (100, NOON, 80),
            (100, NOON, 100),
            (1000, NOON, 80),  # it was raised
            (90, NOON, 80),
            (100, tomorrow, 80),
            (2000, NOON, 80),  # by a copy whose clock is slow
        )
    ]
    assert [sum(one) for one in told] == [1, 1, 1, 0, 1, 0]
