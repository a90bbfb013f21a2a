"""What people write into a field, and what it means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits.policy import LONGEST_COOLDOWN, MOST_IMAGES, UNDECIDED, Decision, Setting
from bot.core.moderation.errors import InvalidInput
from bot.ui.limits.number_input import read_count, read_decision, read_span, suggested_spans, written


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", UNDECIDED),
        ("  ", UNDECIDED),
        ("Default", UNDECIDED),
        ("unlimited", None),
        (" UNLIMITED ", None),
        ("∞", None),
        ("off", 0),
        ("0", 0),
        ("10", 10),
        (" 10 ", 10),
        ("1,000", 1000),
        ("1 000", 1000),
        ("1.000", 1000),
        ("1\u202f000", 1000),
        ("100'000", 100_000),
        ("007", 7),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, meaning: Decision) -> None:
    assert read_decision(Setting.DAILY, text) == meaning


@pytest.mark.parametrize(
    "text", ["12abc", "-1", "1.5", "1,00", "1e3", "ten", "٣", "9" * 5000, "1,000,", "none"]
)
def test_what_is_no_number_is_refused_with_what_was_written(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_decision(Setting.DAILY, text)
    assert caught.value.text == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("30s", 30),
        ("5 min", 300),
        ("1h 30min", 5400),
        ("1 h, 5 s", 3605),
        ("off", 0),
        ("None", 0),
    ],
)
def test_a_pause_is_seconds_unless_it_says_otherwise(text: str, seconds: int) -> None:
    assert read_decision(Setting.COOLDOWN, text) == seconds


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", timedelta(days=1)),
        (" ", timedelta(days=1)),
        ("for good", None),
        ("Permanent", None),
        ("1h", timedelta(hours=1)),
        ("90 min", timedelta(minutes=90)),
        ("1.5 h", timedelta(minutes=90)),
        ("an hour", timedelta(hours=1)),
        ("2 months", timedelta(days=60)),
        ("3 days", timedelta(days=3)),
        ("2w", timedelta(weeks=2)),
        ("12H", timedelta(hours=12)),
        ("1 day 12 hours", timedelta(hours=36)),
    ],
)
def test_a_block_lasts_as_long_as_it_says(text: str, span: timedelta | None) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize(
    "text", ["3", "3 moons", "soon", "3 days ago", "99999 weeks", "-3 days", "999999999999 d"]
)
def test_a_span_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_span(text)


def test_a_top_up_is_a_number_and_nothing_else() -> None:
    assert read_count("5") == 5
    for text in ("", "unlimited", "default"):
        with pytest.raises(InvalidInput):
            read_count(text)


@given(value=st.one_of(st.just(UNDECIDED), st.none(), st.integers(0, MOST_IMAGES)))
def test_what_a_field_shows_reads_back_as_the_same(value: Decision) -> None:
    assert read_decision(Setting.MONTHLY, written(Setting.MONTHLY, value)) == value


@given(seconds=st.integers(0, LONGEST_COOLDOWN))
def test_a_pause_that_a_field_shows_reads_back_as_the_same(seconds: int) -> None:
    assert read_decision(Setting.COOLDOWN, written(Setting.COOLDOWN, seconds)) == seconds


@pytest.mark.parametrize("text", ["0", "0 min", "0 h 0 s"])
def test_a_block_of_no_time_is_no_block(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_span(text)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("1h", ["1h"]),
        ("2 days", ["2 days"]),
        ("perm", ["permanent"]),
        ("3", ["3 min", "3 h", "3 days", "3 weeks", "30 days"]),
        ("1 d", ["1 d", "1 day"]),
        ("1", ["1 min", "1 h", "1 day", "1 week", "10 min"]),
        ("soon", []),
    ],
)
def test_what_is_typed_is_offered_as_it_is_understood(text: str, offered: list[str]) -> None:
    assert list(suggested_spans(text)) == offered


@given(text=st.text(max_size=40))
def test_every_span_that_is_offered_can_be_read(text: str) -> None:
    for span in suggested_spans(text):
        read_span(span)


def test_before_anything_is_typed_the_ordinary_spans_are_offered() -> None:
    assert "permanent" in suggested_spans("")
    assert "1 day" in suggested_spans("")
