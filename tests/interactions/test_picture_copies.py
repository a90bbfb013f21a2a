"""Pictures that messages show are fetched for a turn that others wait for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.client.bot import ImagineBot
from bot.core.generation.errors import CopyUnavailable, DeliveryFailed
from bot.core.generation.model import Picture
from bot.interactions.picture_copies import fetch_shown, send_copy
from tests.core.factories import operator
from tests.core.services import services
from tests.end_to_end.test_routing import KeepsNothing
from tests.patience import PATIENCE


async def as_it_is(picture: Picture, _: int) -> Picture:
    return picture


async def test_while_discord_holds_everything_back_a_copy_ends_and_so_does_its_turn() -> None:
    """As it does for up to an hour, where it wants a pause of everything that the bot asks for."""
    held = asyncio.Event()

    async def never(_: object) -> None:
        await held.wait()
        raise TimeoutError

    async def at_once(link: str) -> Picture:
        return Picture(link.encode(), "image/png")

    file = SimpleNamespace(
        id=3, filename="a.png", url="a", content_type="image/png", description=None, is_spoiler=lambda: False
    )
    message: Any = SimpleNamespace(embeds=[], attachments=[file])
    client, member = SimpleNamespace(create_dm=never), SimpleNamespace(id=2)
    interaction: Any = SimpleNamespace(id=1, user=member, locale="en-US", client=client)
    async with ImagineBot(services(operator()), KeepsNothing()) as bot:
        quick = replace(bot.services, fetch_shown=at_once, fit=as_it_is)
        with pytest.raises(DeliveryFailed):
            async with asyncio.timeout(PATIENCE):
                await send_copy(interaction, quick, message, None, seconds=0.05)
        held.set()
        await asyncio.sleep(0)


async def test_however_slowly_discord_hands_pictures_out_the_turn_ends() -> None:
    async def slowly(link: str) -> Picture:
        await asyncio.sleep(0.03)
        return Picture(link.encode(), "image/png")

    async with ImagineBot(services(operator()), KeepsNothing()) as bot:
        slow = replace(bot.services, fetch_shown=slowly, fit=as_it_is)
    assert [one.content for one in await fetch_shown(slow, "ab", 9)] == [b"a", b"b"]
    with pytest.raises(CopyUnavailable):
        await fetch_shown(slow, "abcdefghij", 9, seconds=0.1)
