"""What a picture costs by the API's own list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imaging.prices import MOST_DOLLARS, listed_prices


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
