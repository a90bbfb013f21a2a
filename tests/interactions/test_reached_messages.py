"""Whose presses are remembered, and for how long."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.core.generation.errors import MenuForgotten
from bot.interactions.member_memory import MOST_OF_ONE
from bot.interactions.reached_messages import KEPT_SECONDS, MOST_KEPT, Address, ReachedMessages


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        client = discord.Client(intents=discord.Intents.none())
        session: Any = SimpleNamespace()  # nothing is sent
        client.http._HTTPClient__session = session  # type: ignore[attr-defined]
        self.messages = ReachedMessages(client, self.clock)

    def press(self, member: int, message: int) -> None:
        press: Any = SimpleNamespace(user=SimpleNamespace(id=member), application_id=1, token="t")
        self.messages.keep(press, message)

    def knows(self, member: int, message: int) -> bool:
        reached = self.messages.at(Address(5, message, private=True, bot_is_there=True), member)
        return reached._webhook is not None


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_press_speaks_for_its_own_member_and_message_as_long_as_its_token_is_good(scene: Scene) -> None:
    scene.press(1, 10)
    assert scene.knows(1, 10)
    assert not scene.knows(2, 10)
    assert not scene.knows(1, 11)
    scene.clock.now = KEPT_SECONDS
    assert not scene.knows(1, 10)


def test_nobodys_menu_is_forgotten_for_anothers_many(scene: Scene) -> None:
    scene.press(1, 1)
    for message in range(10, 12 + MOST_OF_ONE):
        scene.press(2, message)
    assert scene.knows(1, 1)
    assert not scene.knows(2, 10)
    assert scene.knows(2, 12)
    for member in range(3, 3 + MOST_KEPT):
        scene.press(member, 1)
    assert not scene.knows(1, 1)
    assert len(scene.messages._presses) == MOST_KEPT


async def test_without_a_press_a_private_message_is_not_looked_for(scene: Scene) -> None:
    reached = scene.messages.at(Address(5, 10, private=True, bot_is_there=True), 1)
    with pytest.raises(MenuForgotten):
        await reached.fetch()
    with pytest.raises(MenuForgotten):
        await reached.delete()
