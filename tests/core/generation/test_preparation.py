"""What is asked for, and what a member likes, becomes what is painted, by what a server offers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.generation.model import NO_WISHES, ImageSpec, Wishes
from bot.core.generation.service import prepared
from bot.core.limits.offer import Offer, Requirement
from bot.core.limits.styles import Style

NOIR = Style("Noir", after=", film noir")
OFFER = Offer((NOIR,), {}, Requirement.OPTIONAL, Requirement.OPTIONAL)
FOX = ImageSpec("a fox")
LIKED = Wishes("NOIR", spoiler=True)
LONGEST = len("a fox, film noir")


def test_what_a_member_likes_is_used_where_it_is_offered() -> None:
    assert prepared(FOX, OFFER, LIKED, LONGEST) == replace(FOX, style=NOIR, spoiler=True)
    assert prepared(FOX, OFFER, NO_WISHES, LONGEST) is FOX


@pytest.mark.parametrize("spoiler", [Requirement.FORBIDDEN, Requirement.REQUIRED])
def test_what_is_not_offered_or_settled_is_left_to_the_server(spoiler: Requirement) -> None:
    offer = replace(OFFER, own={"noir": None}, spoiler=spoiler)
    assert prepared(FOX, offer, LIKED, LONGEST) == replace(FOX, spoiler=spoiler is Requirement.REQUIRED)


def test_a_style_that_is_only_liked_keeps_no_prompt_from_being_painted() -> None:
    assert prepared(FOX, OFFER, Wishes("Noir"), LONGEST - 1) is FOX


def test_what_is_asked_for_goes_before_what_is_liked() -> None:
    oil = replace(FOX, style=Style("Oil"))
    assert prepared(oil, OFFER, Wishes("Noir"), LONGEST) == oil
