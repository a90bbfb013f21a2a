"""What pictures cost, in credits of the image API: estimated before they are bought, known once it says so. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.generation.model import Cost, Order
from bot.core.limits.budgets import CREDITS_PER_DOLLAR

MOST_BELIEVED = 10 * CREDITS_PER_DOLLAR
"""Of one picture, or of one revision of a prompt. No model costs a tenth of it, so an answer that says more is taken
for one that says nothing: by a slip of the image API, nobody could paint until the month is over.
"""


@dataclass(frozen=True, slots=True)
class Price:
    """What one picture by `model` has cost, made of so many `inputs`."""

    model: str
    inputs: int
    credits: int


def share_of(credits: int, images: int, of: int) -> int:
    """What so many `images` cost where all `of` them cost `credits`, rounded up."""
    return -(-credits * images // of)


def cost_of(images: int, estimate: int, spent: int, credits: int | None, priced: int) -> Cost:
    """What a generation of so many `images`, which were expected to cost `estimate`, has cost in the end.

    `spent`: images that may have been paid for, in all attempts together. For `priced` of them the image API has said
    `credits`, or nothing (None).
    """
    if credits is not None and credits > MOST_BELIEVED * max(1, priced):
        credits = None
    unpriced = max(0, spent - priced) if credits is not None else spent
    return Cost((credits or 0) + share_of(estimate, unpriced, images), estimated=unpriced > 0)


def price_paid(order: Order, model: str, inputs: int) -> Price | None:
    """What one picture of `order`, for which `model` was asked, has cost.

    None where the answer does not say, or has fewer pictures than it was asked for: for those it may have cost nothing.
    """
    pictures = order.priced or len(order.sources)
    if not order.credits or not pictures or len(order.sources) < pictures:
        return None
    each = share_of(order.credits, 1, pictures)
    return Price(model, inputs, each) if each <= MOST_BELIEVED else None
