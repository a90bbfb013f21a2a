"""A member's own earlier prompts are found by what is typed, and by what stands for one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import DatabaseBusy
from bot.core.generation.earlier_prompts import LATEST, EarlierPrompt, EarlierPrompts, is_reference
from bot.core.generation.errors import PromptForgotten
from bot.core.generation.model import Generation, ImageSpec, InputImage, Request, State
from tests.core.factories import NOON, caller
from tests.core.services import FakeGenerations

MEMBER, OTHER = 2, 7


def asked(id: int, prompt: str, member: int = MEMBER, *, edit: bool = False) -> Generation:
    inputs = (InputImage("http://pictures/1", "image/png"),) if edit else ()
    return Generation(Request(id, caller(member), ImageSpec(prompt, inputs=inputs)), State.DELIVERED, NOON)


async def found(typed: str, *generations: Generation, edits: bool = False, most: int = 25) -> list[str]:
    earlier = EarlierPrompts(FakeGenerations(*generations))
    return [one.text for one in await earlier.matching(MEMBER, typed, most, edits=edits)]


FOX, HEN, WOLF = asked(1, "A red fox in the snow"), asked(2, "a hen"), asked(3, "a wolf in the snow")


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("", ["a wolf in the snow", "a hen", "A red fox in the snow"]),
        ("sno", ["a wolf in the snow", "A red fox in the snow"]),
        ("SNOW  fo", ["A red fox in the snow"]),
        ("a fox and a hen", []),
        ("A  HEN", []),
    ],
)
async def test_every_word_that_is_typed_has_to_be_in_it_and_the_newest_comes_first(
    typed: str, texts: list[str]
) -> None:
    assert await found(typed, FOX, HEN, WOLF) == texts


async def test_what_was_asked_for_again_and_again_is_offered_once() -> None:
    assert await found("hen", HEN, asked(4, "A  hen "), asked(5, "a hen house")) == ["a hen house", "A  hen "]


async def test_no_more_are_found_than_there_is_room_for() -> None:
    many = [asked(id, f"fox {id}") for id in range(10)]
    assert await found("fox", *many, most=3) == ["fox 9", "fox 8", "fox 7"]


async def test_only_the_latest_are_looked_through() -> None:
    many = [asked(id, f"fox {id}") for id in range(LATEST + 1)]
    assert len(await found("fox", *many, most=LATEST + 1)) == LATEST


async def test_nobody_is_offered_what_somebody_else_or_an_erased_member_asked_for() -> None:
    assert await found("", asked(1, "a secret", OTHER), asked(2, "")) == []


async def test_what_was_said_of_a_picture_is_offered_where_pictures_are_changed_and_nowhere_else() -> None:
    both = asked(1, "a fox"), asked(2, "make it blue", edit=True)
    assert await found("", *both) == ["a fox"]
    assert await found("", *both, edits=True) == ["make it blue"]


async def test_a_reference_becomes_the_prompt_that_it_stands_for() -> None:
    earlier = EarlierPrompts(FakeGenerations(FOX))
    reference = EarlierPrompt(FOX.id, "").reference
    assert is_reference(reference)
    assert await earlier.resolve(MEMBER, reference) == "A red fox in the snow"


@pytest.mark.parametrize(
    "typed", ["a fox", "earlier prompt", "an earlier prompt 1", "earlier prompt 1 and a fox"]
)
async def test_what_is_no_reference_is_painted_as_it_was_typed(typed: str) -> None:
    assert not is_reference(typed)
    assert await EarlierPrompts(FakeGenerations(FOX)).resolve(MEMBER, typed) == typed


@pytest.mark.parametrize("id", [FOX.id, 99, 0, 2**63, 10**20 - 1])
async def test_a_reference_to_somebody_elses_prompt_or_to_none_gives_nothing(id: int) -> None:
    earlier = EarlierPrompts(FakeGenerations(FOX))
    with pytest.raises(PromptForgotten):
        await earlier.resolve(OTHER, EarlierPrompt(id, "").reference)


async def test_a_reference_to_an_erased_prompt_gives_nothing() -> None:
    erased = replace(FOX, request=replace(FOX.request, spec=ImageSpec("")))
    with pytest.raises(PromptForgotten):
        await EarlierPrompts(FakeGenerations(erased)).resolve(MEMBER, EarlierPrompt(FOX.id, "").reference)


class Silent(FakeGenerations):
    async def get(self, id: int) -> Generation | None:  # never answers
        raise TimeoutError


async def test_a_database_that_does_not_answer_in_time_is_busy() -> None:
    with pytest.raises(DatabaseBusy):
        await EarlierPrompts(Silent()).resolve(MEMBER, EarlierPrompt(FOX.id, "").reference)
