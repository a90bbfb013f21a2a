"""Deliveries that fail before anything is asked of Discord."""

from __future__ import annotations

import discord
import pytest

from bot.core.generation.errors import PicturesLost
from bot.core.generation.model import ImageSpec, Painting, Picture, Request
from bot.interactions.replies import DiscordReply
from bot.interactions.sending import UploadBudget
from tests.core.factories import caller

FOX = Request(id=1, caller=caller(), spec=ImageSpec("a fox"), token="t")


@pytest.mark.parametrize("failure", [PicturesLost(), ZeroDivisionError()])
async def test_a_delivery_that_fails_for_a_reason_of_its_own_is_not_tried_again(failure: Exception) -> None:
    tried = []

    async def fit(picture: Picture, _limit: int) -> Picture:
        tried.append(picture)
        raise failure

    client = discord.Client(intents=discord.Intents.none())
    delivery = DiscordReply(client, FOX, fit, UploadBudget(), upload_limit=1)
    painting = Painting((Picture(b"too large", "image/png"),), "grok-2-image")
    with pytest.raises(type(failure)):
        await delivery.deliver("a fox", painting, ())
    assert len(tried) == 1
