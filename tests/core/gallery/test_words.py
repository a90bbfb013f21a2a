"""What of a prompt is stored to be searched, and what a search means."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.gallery.words import (
    MOST_READ,
    MOST_SEARCHED,
    MOST_TYPED,
    SearchedWords,
    joined_words,
    searched_words,
    stored_words,
)


@pytest.mark.parametrize(
    ("prompt", "stored"),
    [
        ("A red Fox, in_snow!", " a red fox in snow "),
        ("Ünïcödé ﬁne ÇA", " unicode fine ca "),
        ("İstanbul ısı", " istanbul isi "),
        ("雪国", " 雪国 国 "),
        ("cat猫x", " cat 猫 x "),
        ("", ""),
        ("!? — …", ""),
        ("हिन्दी", " हनद "),
        ("a" * 60, f" {'a' * 40} "),
    ],
)
def test_a_prompt_is_stored_without_accents_case_and_signs(prompt: str, stored: str) -> None:
    assert stored_words(prompt) == stored


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", SearchedWords()),
        ("red fox", SearchedWords(("red ", "fox"), ("red",), "fox")),
        ("fox", SearchedWords(("fox",), (), "fox")),
        ("x", SearchedWords(("x ",), ("x",))),
        ("猫", SearchedWords(("猫",), (), "猫")),
        ("雪国 fox", SearchedWords(("雪国 ", "fox"), ("雪国",), "fox")),
        ("雪国の", SearchedWords(("雪国 国の ",), ("雪国", "国の"))),
    ],
)
def test_a_search_is_for_all_words_and_the_beginning_of_the_last(typed: str, meant: SearchedWords) -> None:
    assert searched_words(typed) == meant


@given(st.text(max_size=200), st.data())
def test_every_prompt_is_found_by_any_few_of_its_words(prompt: str, data: st.DataObject) -> None:
    words = prompt.split()
    chosen = data.draw(st.lists(st.sampled_from(words), max_size=3)) if words else []
    stored = stored_words(prompt)
    assert all(f" {phrase}" in stored for phrase in searched_words(" ".join(chosen)).phrases)


def test_no_more_is_read_than_a_search_or_a_prompt_may_have() -> None:
    assert joined_words("!" * MOST_TYPED + "fox") == ""
    assert searched_words("\ufdfa" * 9 + "!" * MOST_TYPED + "fox") == searched_words("\ufdfa" * 9)
    assert stored_words("!" * (MOST_READ - 3) + "fox hen") == " fox "


def test_nothing_is_kept_of_the_letters_that_people_type() -> None:
    tracemalloc.start()
    try:
        for first in range(0x20000, 0x2A000, 0x800):
            stored_words("".join(map(chr, range(first, first + 0x800))))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000


@given(st.text(max_size=200))
def test_no_sign_that_a_database_would_understand_is_left(text: str) -> None:
    stored, meant = stored_words(text), searched_words(text)
    left = set("".join((stored, *meant.phrases, *meant.words, meant.prefix or "")))
    assert not left & set("'\"\\%_:*&|!()<>^#\0")
    assert stored.split() == [word for word in stored.split(" ") if word]
    assert len(meant.phrases) <= MOST_SEARCHED
