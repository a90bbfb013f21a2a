"""Who sees a picture, by what was asked for and what the operator and the moderators decided: every combination."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.core.errors import Refusal
from bot.core.generation.model import ImageSpec, Wishes
from bot.core.generation.service import prepared
from bot.core.limits.errors import PrivateNotAllowed, SpoilerNotAllowed
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import Operator, Policy
from bot.core.limits.rules import terms_for
from tests.core.factories import NOON, caller, operator

OPTIONAL, REQUIRED, FORBIDDEN = Requirement
EVERY = list(product(Requirement, Requirement, (False, True), (False, True)))


def painted(policy: Policy, decided: Operator, asked: ImageSpec, wishes: Wishes) -> ImageSpec:
    """Raises a Refusal."""
    terms = terms_for(policy, decided, caller(), NOON)
    spec = prepared(asked, terms.offer, wishes, 100)
    terms.check(None, 1, private=spec.private, spoiler=spec.spoiler)
    return spec


@pytest.mark.parametrize(("operators", "servers", "asked", "also"), EVERY)
def test_nothing_that_was_asked_for_privately_is_painted_for_everybody(
    operators: Requirement, servers: Requirement, asked: bool, also: bool
) -> None:
    decided, policy = replace(operator(), private=operators), Policy(private=servers)
    holds = servers if operators is OPTIONAL else operators
    spec = ImageSpec("a fox", private=asked, spoiler=also)
    if asked and holds is FORBIDDEN:
        with pytest.raises(PrivateNotAllowed):
            painted(policy, decided, spec, Wishes())
    else:
        assert painted(policy, decided, spec, Wishes()) == replace(spec, private=asked or holds is REQUIRED)


@pytest.mark.parametrize(("operators", "servers", "asked", "wished"), EVERY)
def test_what_was_asked_for_as_a_spoiler_is_one_or_refused_and_what_was_only_wished_for_is_painted(
    operators: Requirement, servers: Requirement, asked: bool, wished: bool
) -> None:
    decided, policy = replace(operator(), spoiler=operators), Policy(spoiler=servers)
    holds = servers if operators is OPTIONAL else operators
    spec, wishes = ImageSpec("a fox", spoiler=asked), Wishes(spoiler=wished)
    found: bool | type[Refusal]
    try:
        found = painted(policy, decided, spec, wishes).spoiler
    except Refusal as refusal:
        found = type(refusal)
    assert (
        found
        == {
            OPTIONAL: asked or wished,
            REQUIRED: True,
            FORBIDDEN: SpoilerNotAllowed if asked else False,
        }[holds]
    )
