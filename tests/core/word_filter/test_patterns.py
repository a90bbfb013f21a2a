"""Looking for forbidden words takes time in proportion to the prompt, whatever the prompt and the words."""

from __future__ import annotations

import time

import pytest

from bot.core.word_filter.word_list import WordList
from tests.core.word_filter.hostile_words import LISTS, REPEATED, of_different_characters, prompt_of


@pytest.fixture(params=LISTS)
def hostile(request: pytest.FixtureRequest) -> WordList:
    return LISTS[request.param]


def taken(words: WordList, prompt: str) -> float:
    began = time.thread_time()
    words.found_in(prompt)
    return time.thread_time() - began


@pytest.mark.parametrize("repeated", REPEATED, ids=ascii)
def test_a_hostile_prompt_takes_no_longer_than_its_length(hostile: WordList, repeated: str) -> None:
    hostile.found_in("")
    # Far above what it takes (`dev.py bench --only words`), and far below what trying every combination would take.
    assert taken(hostile, prompt_of(repeated)) < 0.5


def test_a_prompt_of_different_characters_takes_no_longer_either(hostile: WordList) -> None:
    hostile.found_in("")
    assert taken(hostile, of_different_characters()) < 0.5


def test_the_longest_lists_are_made_ready_in_no_time(hostile: WordList) -> None:
    assert taken(WordList((*hostile.patterns, "not made before")), "") < 0.5
