"""Whoever prefers a language is answered in it, whatever their Discord speaks, once there are several."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from bot.client.bot import ImagineBot
from bot.client.payloads import whose
from bot.core.errors import DatabaseUnavailable
from bot.core.preferences.preferences import MemberPreferences, Preferences
from tests.core.factories import operator
from tests.core.fakes import noon
from tests.core.services import FakePreferenceStore, services
from tests.patience import PATIENCE
from tests.test_commands import FakeKeyValueStore

MEMBER = 2
USER = {"id": str(MEMBER), "username": "ada", "discriminator": "0", "avatar": None}
FORM: dict[str, Any] = {
    "id": "1",
    "application_id": "5",
    "type": 5,
    "token": "token",
    "version": 1,
    "user": USER,
    "channel": {"id": "4", "type": 1, "recipients": [USER]},
    "locale": "fr",
    "attachment_size_limit": 1,
    "data": {"custom_id": "x", "components": []},
}


class Down(FakePreferenceStore):
    async def of(self, member: int) -> Preferences:
        raise DatabaseUnavailable(str(member))


class Listening(ImagineBot):
    def __init__(self, store: FakePreferenceStore, locales: tuple[str, ...]) -> None:
        made = services(operator())
        super().__init__(
            lambda **needed: made(**needed, preferences=MemberPreferences(store, noon)),
            FakeKeyValueStore(),
            locales=locales,
        )
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.heard.put_nowait(str(interaction.locale))


@pytest.mark.parametrize(
    ("locales", "preferred", "heard"),
    [
        (("de", "en"), "de", "de"),
        (("de", "en"), None, "fr"),
        (("en",), "de", "fr"),
    ],
)
async def test_an_interaction_has_the_language_that_its_member_prefers(
    locales: tuple[str, ...], preferred: str | None, heard: str
) -> None:
    store = FakePreferenceStore()
    store.kept[MEMBER] = Preferences(language=preferred)
    bot = Listening(store, locales)
    async with bot:
        bot._connection.parsers["INTERACTION_CREATE"](FORM)
        assert await asyncio.wait_for(bot.heard.get(), PATIENCE) == heard


async def test_a_database_that_is_down_keeps_nothing_from_being_answered() -> None:
    bot = Listening(Down(), ("de", "en"))
    async with bot:
        bot._connection.parsers["INTERACTION_CREATE"](FORM)
        assert await asyncio.wait_for(bot.heard.get(), PATIENCE) == "fr"


@pytest.mark.parametrize(
    ("data", "member"),
    [
        (FORM, MEMBER),
        ({"member": {"user": USER}, "user": {"id": "9"}}, MEMBER),
        ({"user": {"id": "x"}}, None),
        ({"member": 3}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_whose_an_interaction_is_is_read_of_whatever_came(data: object, member: int | None) -> None:
    assert whose(data) == member
