"""The automaton agrees with a search that tries every entry at every position."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.word_filter.alphabets import (
    BLANK,
    LATER_DIGITS,
    MAYBE,
    REPEATED,
    SPACED,
    alphabet_of,
    is_letter,
)
from bot.core.word_filter.automaton import Automaton
from bot.core.word_filter.patterns import BETWEEN_SIGNS, Form, Position, forms, positions
from bot.core.word_filter.readings import readings
from bot.core.word_filter.word_list import Automata, WordList
from tests.core.word_filter.hostile_words import LISTS

LETTERS = dict(zip(MAYBE.values(), MAYBE, strict=True))
ANYWHERE = {BLANK, SPACED, *LETTERS}
FEW = (2, 3)

entries = st.text(st.sampled_from("abis123 猫сy🍆!*"), min_size=1, max_size=6).map(
    lambda it: f"*{it.strip('*')}*"
)
entries |= st.text(st.sampled_from("abis123 猫сy🍆!"), min_size=1, max_size=6)
texts = st.text(st.sampled_from("aabbiiss113 猫сy🍆!*@$|.\u3164ॐ犬☀१ी"), max_size=25)


def found_naively(form: Form, text: str) -> Iterator[int]:
    """Where the form ends, by trying every beginning."""
    line = list(positions(form))
    for start in range(len(text)):
        if may_begin(form, text, start):
            yield from ends_from(form, line, text, start)


def ends_from(form: Form, line: list[Position], text: str, start: int) -> Iterator[int]:
    reached = {-1}
    for at in range(start, len(text)):
        reached = {
            position
            for position in range(len(line))
            if (position - 1 in reached and leads(line, position, text, at, form))
            or (position in reached and stays(line[position], text[at]))
        }
        if len(line) - 1 in reached and may_end(form, text, at + 1):
            yield at + 1


def leads(line: list[Position], position: int, text: str, at: int, form: Form) -> bool:
    character = text[at]
    within = position == 0 and not form.opens and alphabet_of(form.words[0][0]) is not None
    if within and character in LATER_DIGITS.values():
        return False
    if line[position].gap:
        return character in ANYWHERE or gap(line[position], character)
    return LETTERS.get(character, character) in line[position].takes


def stays(position: Position, character: str) -> bool:
    return character in ANYWHERE or character in position.keeps or (position.gap and gap(position, character))


def gap(position: Position, character: str) -> bool:
    return character in BETWEEN_SIGNS if position.narrow else not is_letter(character)


def may_begin(form: Form, text: str, at: int) -> bool:
    alphabet = alphabet_of(form.words[0][0])
    if at == 0 or form.opens or alphabet is None:
        return True
    before = text[:at].rstrip(REPEATED)[-1:]
    if before in (SPACED, *LETTERS):
        return len(form.words[0]) not in FEW
    return before == "" or alphabet_of(before) != alphabet


def may_end(form: Form, text: str, at: int) -> bool:
    last = form.words[-1].rstrip(REPEATED)
    alphabet = alphabet_of(last[-1])
    if at == len(text) or form.goes_on or alphabet is None:
        return True
    after = text[at]
    if after in (SPACED, *LETTERS):
        return len(last) not in FEW
    return alphabet_of(after) != alphabet


@given(st.lists(entries, min_size=1, max_size=8), texts)
@example(["123"], "x123 a 123")
@example(["ass", "biss"], "a s s b i s s a")
@example(["ab"], "aaab ab")
@example(["ass"], "x0455 10455z")
@example(["ab"], "犬犬犬ab")
@example(["abc cba"], "abc☀犬☀☀cba")
@example(["abc cba"], "abc☀☀☀☀☀cba")
def test_it_finds_what_trying_everything_finds(listed: list[str], text: str) -> None:
    meanings = [forms(entry) for entry in listed]
    automaton = Automaton(meanings)
    for reading in readings(text):
        ends = {
            number: min((end for form in meaning for end in found_naively(form, reading)), default=None)
            for number, meaning in enumerate(meanings)
        }
        found = automaton.first_of([reading])
        first = min((end for end in ends.values() if end is not None), default=None)
        assert (found is None) == (first is None)
        assert found is None or ends[found] == first


def test_a_text_without_entries_and_entries_without_a_text_are_nothing() -> None:
    assert Automaton([]).first_of(["a cat"]) is None
    assert Automaton([()]).first_of(["a cat"]) is None
    assert Automaton([forms("cat")]).first_of([""]) is None


def test_the_automata_that_are_asked_are_kept_and_the_others_make_room() -> None:
    lists = [(f"cat{number}", f"dog{number}") for number in range(3)]
    size = Automata(0).of(lists[0]).bytes
    automata = Automata(most=int(2.5 * size))
    made = [automata.of(words) for words in (lists[0], lists[1], lists[0], lists[2])]
    assert made[0] is made[2]
    assert automata.of(lists[0]) is made[0]
    assert automata.of(lists[2]) is made[3]
    assert automata.of(lists[1]) is not made[1]


def test_an_automaton_that_is_larger_than_the_room_is_kept_as_the_only_one() -> None:
    automata = Automata(most=1)
    cat = automata.of(("cat",))
    assert automata.of(("cat",)) is cat
    automata.of(("dog",))
    assert automata.of(("cat",)) is not cat


@pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS)
def test_an_automaton_takes_no_more_memory_than_it_says(listed: WordList) -> None:
    meanings = [forms(entry) for entry in listed.patterns]
    Automaton(meanings).first_of(["a cat"])
    gc.collect()
    tracemalloc.start()
    try:
        automata = [Automaton(meanings) for _ in range(3)]
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / 3 <= automata[0].bytes <= taken
