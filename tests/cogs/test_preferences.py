"""The form of `/preferences`: what Discord takes, and sent back untouched it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.client.bot import ImagineBot
from bot.core.errors import InvalidOption
from bot.core.generation.model import Shape
from bot.core.preferences.preferences import NO_PREFERENCES, Preferences
from bot.interactions.modals import Answers, read
from bot.interactions.services import Services
from cogs.preferences import AS_WRITTEN, NONE, preferences_form, preferred
from sandbox.discord.limits.modals import check_modal
from sandbox.discord.people.modal_data import modal_submit_data
from tests.core.factories import operator
from tests.core.services import services
from tests.test_commands import FakeKeyValueStore


def offering(*, revises: bool = True, shapes: frozenset[Shape] = frozenset(Shape)) -> Services:
    bot = ImagineBot(services(operator(revises=revises), shapes=shapes), FakeKeyValueStore())
    return bot.services


def filled_in(before: Preferences, offer: Services, **given: Any) -> Preferences:
    modal = dict(preferences_form(before, offer).to_dict())
    check_modal(modal)
    answers = read(modal_submit_data(modal, given, forged=False)["components"])
    return preferred(before, answers, offer)


@pytest.mark.parametrize(
    "before", [NO_PREFERENCES, Preferences(Shape.TALL, revise=False), Preferences(Shape.SQUARE, "Noir", True)]
)
async def test_sent_back_untouched_it_changes_nothing(before: Preferences) -> None:
    assert filled_in(before, offering()) == before


async def test_each_field_changes_what_it_is_about() -> None:
    offer = offering()
    assert filled_in(NO_PREFERENCES, offer, shape="wide") == Preferences(Shape.WIDE)
    assert filled_in(NO_PREFERENCES, offer, wishes=[AS_WRITTEN]) == Preferences(revise=False)
    assert filled_in(Preferences(Shape.WIDE, revise=False), offer, shape=NONE, wishes=[]) == NO_PREFERENCES


async def test_what_is_not_offered_is_not_asked_for_and_stays_as_it_was() -> None:
    before, offer = Preferences(Shape.WIDE, revise=False), offering(shapes=frozenset({Shape.TALL}))
    assert filled_in(before, offering(revises=False)) == before
    assert filled_in(before, offer).revise is False


@pytest.mark.parametrize(
    "given", [{"shape": ("round",)}, {"shape": ()}, {"language": ("xx",)}, {"language": ("",)}]
)
async def test_what_no_client_sends_is_refused(given: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InvalidOption):
        preferred(NO_PREFERENCES, Answers(given, {}), offering())
