"""What a picture costs by the API's own list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.budgets import CREDITS_PER_DOLLAR, Estimate
from bot.imaging.models import lookup
from bot.imaging.prices import MOST_DOLLARS, estimate_of, listed_prices
from bot.imaging.servers import Server


def units(*units: dict[str, Any], kind: str = "fixed", **more: Any) -> dict[str, Any]:
    return {"pricing": {"kind": kind, "currency": "USD", "units": list(units), **more}}


@pytest.mark.parametrize(
    ("row", "prices"),
    [
        (units({"name": "image", "measure": "output", "price": 0.026, "per": 1}), (0.026, 0.026)),
        (units({"name": "image", "price": "26", "per": 1000}), (0.026, 0.026)),
        (
            units(
                kind="variants",
                variants=[{"resolution": "1k", "price": 0.04}, {"resolution": "2k", "price": 0.06}],
            ),
            (0.04, 0.06),
        ),
        (
            units(
                {"name": "image", "measure": "input", "price": 9, "per": 1}, {"name": "image", "price": 0.05}
            ),
            (0.05, 0.05),
        ),
        (units({"name": "input tokens", "price": 5, "per": 1_000_000}), None),
        ({"pricing": {"kind": "variable"}}, None),
        ({"pricing": {"image": "0.04", "prompt": "0.00002"}}, (0.04, 0.04)),
        ({"pricing": {"per_image_unit": 0.0005}}, (0.0005, 0.0005)),
        ({"pricing": {"currency": "EUR", "price": 1}}, None),
        (units({"name": "image", "price": -1}, {"name": "image", "price": 1e9}), None),
        (units({"name": "image", "price": 1, "per": 0}), None),
        ({"pricing": "0.04"}, None),
        ({}, None),
    ],
)
def test_a_price_is_that_of_one_picture_in_dollars(
    row: dict[str, Any], prices: tuple[float, float] | None
) -> None:
    assert listed_prices(row) == prices


NAMES = ["pricing", "price", "per", "units", "unit", "currency", "variants", "image", "name"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=30,
)


@given(pricing=JSON)
def test_whatever_stands_there_is_a_price_within_reason_or_none(pricing: Any) -> None:
    prices = listed_prices({"pricing": pricing})
    assert prices is None or 0 < prices[0] <= prices[1] <= MOST_DOLLARS


LISTED = {"pricing": {"kind": "variants", "variants": [{"price": 0.04}, {"price": 0.06}]}}


@pytest.mark.parametrize(
    ("model", "inputs", "row", "dollars"),
    [
        ("x-ai/grok-2-image", 0, None, 0.0735),
        ("x-ai/grok-2-image", 0, LISTED, 0.06),
        ("x-ai/grok-2-image", 0, {"pricing": {}}, 0.0735),
        ("nobody/knows-it", 0, None, 0.07),
        ("nobody/knows-it", 0, LISTED, 0.06),
        ("nobody/knows-it", 2, LISTED, 0.06),
    ],
)
def test_a_picture_is_expected_to_cost_the_dearest_price_of_the_list_else_what_is_known_of_the_model(
    model: str, inputs: int, row: dict[str, Any] | None, dollars: float
) -> None:
    estimate = estimate_of(lookup(model, Server.AIML_API), inputs, listed_prices(row) if row else None)
    assert estimate == Estimate(model, inputs, round(dollars * CREDITS_PER_DOLLAR))


def test_pictures_that_go_in_come_on_top() -> None:
    model = lookup("grok-imagine-image-2.0", Server.XAI)
    alone, made_of_three = (estimate_of(model, inputs, listed_prices(LISTED)).credits for inputs in (0, 3))
    known = [model.family.dollars_for(inputs) or 0 for inputs in (0, 3)]
    assert alone == round(0.06 * CREDITS_PER_DOLLAR)
    assert made_of_three - alone == round((known[1] - known[0]) * CREDITS_PER_DOLLAR) > 0
