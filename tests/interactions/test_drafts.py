"""What was typed into a refused form comes back, or is said to be gone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interactions.drafts import CODE, KEPT_SECONDS, MOST_KEPT, Drafts
from bot.interactions.modals import Answers

ROOM = 55
SHORT = Answers({"daily": ("many",), "monthly": ()}, {})
LONG = Answers({"reason": ("because " * 30,), "member": ("7",)}, {})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drafts(clock: Clock) -> Drafts:
    return Drafts(clock)


@given(
    given=st.dictionaries(
        st.from_regex("[a-z_]{1,9}", fullmatch=True),
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=99), min_size=1, max_size=3
        ),
        max_size=5,
    )
)
def test_whatever_was_typed_comes_back(given: dict[str, list[str]]) -> None:
    drafts = Drafts()
    code = drafts.keep(1, Answers(given, {}), ROOM)
    assert len(code) <= ROOM
    assert re.fullmatch(CODE, code)
    found = drafts.find(1, code)
    assert found is not None
    assert {field: list(values) for field, values in found.given.items()} == given


def test_nobodys_draft_is_forgotten_for_anothers_many(drafts: Drafts) -> None:
    code = drafts.keep(1, LONG, ROOM)
    codes = [drafts.keep(2, LONG, ROOM) for _ in range(MOST_KEPT)]
    assert drafts.find(1, code) == LONG
    assert drafts.find(2, codes[-1]) == LONG
    assert drafts.find(2, codes[0]) is None


def test_what_is_short_needs_no_memory(drafts: Drafts) -> None:
    code = drafts.keep(1, SHORT, ROOM)
    found = Drafts().find(2, code)
    assert found is not None
    assert (found.text("daily"), found.text("monthly")) == ("many", "")


def test_what_is_long_is_gone_for_others_in_another_process_and_after_a_while(
    drafts: Drafts, clock: Clock
) -> None:
    code = drafts.keep(1, LONG, ROOM)
    assert drafts.find(1, code) == LONG
    assert drafts.find(2, code) is None
    assert Drafts().find(1, code) is None
    clock.now = KEPT_SECONDS
    assert drafts.find(1, code) is None


def test_no_more_is_held_than_there_is_room_for(drafts: Drafts) -> None:
    codes = [drafts.keep(owner, LONG, ROOM) for owner in range(MOST_KEPT + 5)]
    assert [drafts.find(owner, codes[owner]) for owner in range(5)] == [None] * 5
    assert drafts.find(5, codes[5]) == LONG


@pytest.mark.parametrize("code", ["", "&&=", "!", "!zz", "a", "%ff=%ff"])
def test_a_forged_code_is_nothing_that_was_typed(drafts: Drafts, code: str) -> None:
    found = drafts.find(1, code)
    assert found is None or not any(text.isdigit() for values in found.given.values() for text in values)
