"""The week as bars."""

from __future__ import annotations

from bot.ui.charts import BAR_WIDTH, bar_chart


def test_the_best_day_fills_the_width_and_the_others_are_in_proportion() -> None:
    lines = bar_chart([("2026-11-21", 10), ("2026-11-22", 5), ("2026-11-23", 0)]).split("\n")
    assert lines == [
        "Sat 21 " + "█" * BAR_WIDTH + " 10",
        "Sun 22 " + "█" * 10 + " " * 10 + "  5",
        "Mon 23 " + " " * BAR_WIDTH + "  0",
    ]


def test_a_week_without_images_is_a_week_without_bars() -> None:
    assert bar_chart([("2026-11-23", 0)]) == "Mon 23 " + " " * BAR_WIDTH + " 0"


def test_a_count_too_small_for_a_whole_block_is_still_seen() -> None:
    first, _ = bar_chart([("2026-11-22", 1), ("2026-11-23", 100)]).split("\n")
    assert first.startswith("Sun 22 ▎")
