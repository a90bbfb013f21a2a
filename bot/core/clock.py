"""The time, as an argument: whoever needs to know it is handed a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Now, aware, in UTC."""

RESERVE_SECONDS = 1.5
"""For the database. Discord voids an interaction without a first answer after 3 s; half is left for the answer."""

CLOCKS_APART = timedelta(minutes=2)
"""Between the clocks of two processes: what is from further in the future was written by a clock that ran ahead."""
