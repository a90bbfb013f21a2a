"""Pictures that messages show are fetched for a turn that others wait for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.client.bot import ImagineBot
from bot.core.generation.errors import CopyUnavailable
from bot.core.generation.model import Picture
from bot.interactions.picture_copies import fetch_shown
from tests.core.factories import operator
from tests.core.services import services
from tests.end_to_end.test_routing import KeepsNothing


async def test_however_slowly_discord_hands_pictures_out_the_turn_ends() -> None:
    async def slowly(link: str) -> Picture:
        await asyncio.sleep(0.03)
        return Picture(link.encode(), "image/png")

    async def as_it_is(picture: Picture, _: int) -> Picture:
        return picture

    async with ImagineBot(services(operator()), KeepsNothing()) as bot:
        slow = replace(bot.services, fetch_shown=slowly, fit=as_it_is)
    assert [one.content for one in await fetch_shown(slow, "ab", 9)] == [b"a", b"b"]
    with pytest.raises(CopyUnavailable):
        await fetch_shown(slow, "abcdefghij", 9, seconds=0.1)
