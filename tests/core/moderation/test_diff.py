"""Which differences between two policies are drastic."""

from __future__ import annotations

import pytest

from bot.core.limits.meters import Limit
from bot.core.moderation.diff import is_drastic


@pytest.mark.parametrize(
    ("before", "after", "drastic"),
    [
        (5, 49, False),
        (5, 50, True),
        (10, 59, False),
        (10, 60, True),
        (10, 99, True),
        (20, 99, False),
        (0, 9, False),
        (0, 10, True),
        (5, None, True),
        (None, None, False),
        (None, 5, False),
        (50, 5, False),
    ],
)
def test_ten_times_as_much_or_many_more_or_no_end_is_drastic(
    before: Limit, after: Limit, drastic: bool
) -> None:
    assert is_drastic(before, after) is drastic
