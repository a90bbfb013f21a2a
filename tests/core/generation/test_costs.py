"""What a generation has cost: as the image API says, else as it was estimated."""

from __future__ import annotations

import pytest

from bot.core.generation.costs import MOST_BELIEVED, Price, cost_of, price_paid, share_of
from bot.core.generation.model import Cost, Order, Source

PICTURES = tuple(Source(f"https://pictures.example/{n}") for n in range(4))


@pytest.mark.parametrize(
    ("spent", "credits", "priced", "cost"),
    [
        (0, None, 4, Cost(0, estimated=False)),  # nothing was bought
        (4, None, 4, Cost(400, estimated=True)),
        (4, 372, 4, Cost(372, estimated=False)),
        (4, 0, 4, Cost(0, estimated=False)),
        (8, 372, 4, Cost(772, estimated=True)),  # an attempt before it may have been billed
        (3, 180, 2, Cost(280, estimated=True)),  # of three requests, two have said what they cost
        (2, 180, 2, Cost(180, estimated=False)),
        (1, 180, 4, Cost(180, estimated=False)),
        (12, 500, 12, Cost(500, estimated=False)),  # the API's log knows of all attempts
        (4, 4 * MOST_BELIEVED, 4, Cost(4 * MOST_BELIEVED, estimated=False)),
        (4, 4 * MOST_BELIEVED + 1, 4, Cost(400, estimated=True)),
        (0, 1, 0, Cost(1, estimated=False)),
    ],
)
def test_what_the_answers_say_counts_and_the_rest_is_estimated(
    spent: int, credits: int | None, priced: int, cost: Cost
) -> None:
    assert cost_of(4, 400, spent, credits, priced) == cost


def test_a_share_is_rounded_up() -> None:
    assert [share_of(100, images, 3) for images in (0, 1, 2, 3)] == [0, 34, 67, 100]


@pytest.mark.parametrize(
    ("order", "credits"),
    [
        (Order("m", PICTURES, 400), 100),
        (Order("m", PICTURES[:3], 300, priced=3), 100),
        (Order("m", PICTURES, 400, priced=2), 200),  # more than were asked for
        (Order("m", PICTURES[:3], 300, priced=4), None),  # moderation took one: nobody knows at what price
        (Order("m", PICTURES, None), None),
        (Order("m", PICTURES, 0), None),  # it may be billed later
        (Order("m", (), 400), None),
        (Order("m", PICTURES[:1], MOST_BELIEVED), MOST_BELIEVED),
        (Order("m", PICTURES[:1], MOST_BELIEVED + 1), None),
    ],
)
def test_what_one_picture_has_cost_is_what_the_next_one_is_expected_to(
    order: Order, credits: int | None
) -> None:
    expected = None if credits is None else Price("asked for", 2, credits)
    assert price_paid(order, "asked for", 2) == expected
