"""Who finds which picture by its button, and what is painted once more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.errors import DatabaseBusy
from bot.core.generation.earlier_pictures import EarlierPictures, idea_of
from bot.core.generation.errors import GenerationForgotten, PromptErased
from bot.core.generation.model import Generation, ImageSpec, Request, Shape, State
from tests.core.factories import CHOICES, DETAILED, NOON, caller, operator
from tests.core.services import FakeGenerations

ADA, BOB, ELSEWHERE = caller(2), caller(7), caller(7, server=8)
FOX = Generation(Request(1, ADA, ImageSpec("a fox", 2, Shape.WIDE)), State.DELIVERED, NOON)
OPERATOR = operator(choices=CHOICES)


def with_spec(generation: Generation, spec: ImageSpec) -> Generation:
    return replace(generation, request=replace(generation.request, spec=spec))


def earlier(*generations: Generation) -> EarlierPictures:
    return EarlierPictures(FakeGenerations(*generations), OPERATOR)


async def test_whose_idea_it_was_is_known_where_somebody_else_paints_it_again() -> None:
    assert (await earlier(FOX).idea(1, BOB)).by == ADA.member
    assert (await earlier(FOX).idea(1, ADA)).by is None
    assert (await earlier(FOX).idea(1, BOB)).spec == FOX.request.spec


def test_an_idea_stays_whose_it_was_and_is_nobodys_once_they_are_erased() -> None:
    bobs = replace(FOX, request=replace(FOX.request, caller=BOB, idea_by=ADA.member))
    assert idea_of(bobs, BOB.member, OPERATOR).by == ADA.member
    assert idea_of(bobs, ADA.member, OPERATOR).by == BOB.member
    erased = replace(FOX, request=replace(FOX.request, caller=caller(0)))
    assert idea_of(erased, BOB.member, OPERATOR).by is None
    asked = with_spec(FOX, ImageSpec("", 2))  # for that, and still counted
    assert idea_of(asked, BOB.member, OPERATOR).by is None


async def test_a_picture_of_another_server_and_a_private_one_of_another_member_are_not_found() -> None:
    secret = with_spec(FOX, replace(FOX.request.spec, private=True))
    for generation, who in ((FOX, ELSEWHERE), (secret, BOB)):
        with pytest.raises(GenerationForgotten):
            await earlier(generation).get(1, who)
    assert await earlier(secret).get(1, caller(2, server=8)) == secret
    with pytest.raises(GenerationForgotten):
        await earlier(FOX).get(2, ADA)


async def test_an_erased_prompt_can_be_looked_at_and_not_painted_again() -> None:
    erased = with_spec(FOX, ImageSpec("", 2))
    assert await earlier(erased).get(1, ADA) == erased
    with pytest.raises(PromptErased):
        await earlier(erased).idea(1, ADA)


def test_a_model_counts_as_it_does_today() -> None:
    cheap_then = with_spec(FOX, ImageSpec("a fox", model=DETAILED.model, weight=1))
    assert idea_of(cheap_then, ADA.member, OPERATOR).spec.weight == DETAILED.weight
    gone = with_spec(FOX, ImageSpec("a fox", model="maker/gone", weight=5))
    assert idea_of(gone, ADA.member, OPERATOR).spec == gone.request.spec


async def test_a_database_that_does_not_answer_in_time_is_said_to_be_busy() -> None:
    class Slow(FakeGenerations):
        async def get(self, id: int) -> Generation | None:
            await asyncio.sleep(60)
            return await super().get(id)

    with pytest.raises(DatabaseBusy):
        await EarlierPictures(Slow(FOX), OPERATOR, seconds=0.01).get(1, ADA)
