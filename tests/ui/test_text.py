"""Hostile text stays text, whatever its length."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.word_filter.prompt_text import BIDI_CONTROLS
from bot.ui.text import cut, disarm, plain, quote, snowflake, units

ANY_TEXT = st.text(st.characters(), max_size=300)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("**bold** __under__", r"\*\*bold\*\* \_\_under\_\_"),
        ("`code` ```block```", r"\`code\` \`\`\`block\`\`\`"),
        ("@everyone <@123> <#1>", r"\@everyone \<\@123\> \<\#1\>"),
        ("[click](https://evil.example)", r"\[click\]\(https\://evil.example\)"),
        ("<t:0:R> <:emoji:1>", r"\<t\:0\:R\> \<\:emoji\:1\>"),
        ("# title", r"\# title"),
        ("1. list", r"1\. list"),
        ("||spoiler||", r"\|\|spoiler\|\|"),
        ("back\\slash", r"back\\slash"),
        ("a\nb\u202ec", "a bc"),
    ],
)
def test_markdown_mentions_and_links_are_shown_and_do_nothing(hostile: str, harmless: str) -> None:
    assert disarm(hostile) == harmless


@given(ANY_TEXT)
def test_disarming_loses_nothing_that_can_be_seen(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", disarm(text)) == plain(text)
    assert not BIDI_CONTROLS.intersection(disarm(text))
    disarm(text).encode()


@given(ANY_TEXT, st.integers(1, 400))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert units(short) <= limit
    assert short == text or short.endswith("…")


def test_a_cut_never_splits_an_emoji() -> None:
    assert cut("🦊🦊🦊", 5) == "🦊🦊…"


@given(st.one_of(ANY_TEXT, st.text("*_`\\[]()🦊", max_size=300)), st.integers(20, 200))
def test_a_quote_fits_and_no_escape_is_cut_in_two(text: str, limit: int) -> None:
    quoted = quote(text, limit)
    assert units(quoted) <= limit
    assert quoted.startswith("> ")
    assert not re.search(r"(?<!\\)(?:\\\\)*\\$", quoted.removesuffix("…"))


def test_a_long_quote_keeps_as_much_as_fits() -> None:
    assert len(quote("x" * 5000, 1000)) == 1000
    assert quote("*" * 300, 21) == quote("*" * 300, 22) == "> " + r"\*" * 9 + "…"
    assert len(quote("*" * 5000, 1000)) > 950


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("1", 1),
        (7, 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("0", None),
        ("-1", None),
        (" 1", None),
        ("²", None),
        ("٣", None),
        ("1" * 5000, None),
        ("", None),
        (True, None),
        (1.0, None),
        (None, None),
        ([], None),
    ],
)
def test_an_id_is_a_positive_number_that_a_database_can_store(given: object, read: int | None) -> None:
    assert snowflake(given) == read
