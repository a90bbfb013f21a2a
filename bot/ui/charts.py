"""A bar chart in text, for a code block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

BAR_WIDTH = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar_chart(days: Sequence[tuple[str, int]]) -> str:
    """One line a day, from `(ISO date, count)`: weekday and day of the month, a bar, the count."""
    most = max((count for _, count in days), default=0)
    number_width = len(str(most))
    return "\n".join(f"{_label(day)} {_bar(count, most)} {count:>{number_width}}" for day, count in days)


def _label(day: str) -> str:
    return f"{date.fromisoformat(day):%a %d}"


def _bar(count: int, most: int) -> str:
    if most == 0:
        return " " * BAR_WIDTH
    whole, rest = divmod(round(8 * BAR_WIDTH * count / most), 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(BAR_WIDTH)
