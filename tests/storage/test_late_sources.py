"""Where the sources go that came to a process which had lost its generation."""

from __future__ import annotations

import pytest

from bot.core.generation.model import State
from bot.storage.generations import columns_with_late

A, B, AB, ABC = (
    '[["a", null]]',
    '[["b", null]]',
    '[["a", null], ["b", null]]',
    '[["a", null], ["b", null], ["c", null]]',
)
C, BC = '[["c", null]]', '[["b", null], ["c", null]]'


@pytest.mark.parametrize(
    ("state", "on_record", "late", "recorded", "becomes"),
    [
        # Nothing of it is on record.
        (State.SUBMITTED, (None, None), A, 0, (A, None)),
        (State.UNKNOWN, (None, None), A, 0, (A, None)),
        (State.REFUNDED, (None, None), A, 0, (A, None)),
        (
            State.REFUNDED,
            (None, None),
            None,
            0,
            (None, None),
        ),  # it counts, though nothing is left to be shown
        # A further part of what was on record, and may have been erased since.
        (State.SUBMITTED, (A, None), B, 1, (AB, None)),
        (State.DELIVERED, (None, None), B, 1, (B, None)),
        (State.UNDELIVERED, (AB, None), C, 2, (ABC, None)),
        # What is paid may be delivered just now.
        (State.PAID, (A, None), B, 1, (A, B)),
        (State.PAID, (A, B), C, 2, (A, BC)),
        # It was written before, and only the answer to that got lost.
        (State.DELIVERED, (AB, None), B, 1, None),
        (State.PAID, (A, B), B, 1, None),
        (State.PAID, (AB, None), B, 1, None),
        (State.UNKNOWN, (A, None), A, 0, None),
        # Nothing was bought by then, or nothing can be kept.
        (State.RESERVED, (None, None), A, 1, None),
        (State.ACKNOWLEDGED, (None, None), A, 1, None),
        (State.SUBMITTED, (None, None), None, 0, None),
    ],
)
def test_what_comes_late_is_kept_once_and_apart_from_what_may_be_delivered_just_now(
    state: State,
    on_record: tuple[str | None, str | None],
    late: str | None,
    recorded: int,
    becomes: tuple[str | None, str | None] | None,
) -> None:
    columns = columns_with_late(state, *on_record, late, recorded)
    assert (columns and (columns["sources"], columns["late_sources"])) == becomes
