"""What a picture costs by the image API's own list of models. Pure.

AI/ML API has a block `pricing` of the `kind` fixed, variants (by resolution or quality) or variable, with a `price` for
so many (`per`) of a unit; OpenRouter has `pricing.image`, and DeepInfra `pricing.per_image_unit` or the like.
https://docs.aimlapi.com/api-references/service-endpoints/complete-model-list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.limits.budgets import CREDITS_PER_DOLLAR, Estimate
from bot.imaging.models import Model
from bot.imaging.order_parser import number_of

MOST_DOLLARS = 100.0
"""A picture: beyond any price list."""
_DEEPEST = 5
_MOST = 50  # rows that are looked at
_BY_NAME = ("image", "per_image", "per_image_unit", "image_price")
# What else has a price: https://docs.aimlapi.com gives some models by what goes in, too.
_NOT_A_PICTURE = (
    "token",
    "second",
    "minute",
    "character",
    "input",
    "megapixel",
    "step",
    "audio",
    "video",
    "request",
)


def listed_prices(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """The lowest and the highest price of one picture, in US dollars, by a row of the list; None where it has none."""
    pricing = row.get("pricing", row.get("price"))
    if isinstance(pricing, dict) and str(pricing.get("currency", "USD")).upper() != "USD":
        return None
    prices = [dollars for dollars in _prices(pricing, _DEEPEST) if 0 < dollars <= MOST_DOLLARS]
    return (min(prices), max(prices)) if prices else None


def estimate_of(model: Model, inputs: int, listed: tuple[float, float] | None) -> Estimate:
    """What one picture by `model`, made of so many others, will probably cost: the highest of its `listed_prices`, else
    by what is known of the model.

    A list with one price says nothing of the pictures that go in: what is known of those comes on top.
    """
    dollars = known = model.family.dollars_for(inputs)
    if listed:
        alone = model.family.dollars_for(0)
        dollars = listed[1] + (max(0.0, known - alone) if inputs and known and alone else 0.0)
    if dollars is None:
        return Estimate(model.id, inputs)
    return Estimate(model.id, inputs, round(dollars * CREDITS_PER_DOLLAR))


def _prices(value: Any, deeper: int) -> Iterator[float]:
    if isinstance(value, list):
        for one in value[:_MOST] if deeper else ():
            yield from _prices(one, deeper - 1)
    if not isinstance(value, dict):
        return
    if "price" in value and not isinstance(value["price"], dict | list):
        per = number_of(value.get("per", 1))
        price = number_of(value["price"])
        if price is not None and per and per > 0 and _is_of_a_picture(value):
            yield price / per
        return
    for name in _BY_NAME:
        if (price := number_of(value.get(name))) is not None:
            yield price
    for one in list(value.values())[:_MOST] if deeper else ():
        if isinstance(one, dict | list):
            yield from _prices(one, deeper - 1)


def _is_of_a_picture(row: Mapping[str, Any]) -> bool:
    """What names no unit is the price of what the model makes."""
    words = " ".join(
        value.lower()
        for name in ("unit", "units", "name", "measure", "type", "per_unit")
        if isinstance(value := row.get(name), str)
    )
    return not any(word in words for word in _NOT_A_PICTURE)
