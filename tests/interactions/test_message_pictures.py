"""Which pictures of a message are offered to be changed."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.core.generation.errors import PictureForgotten
from bot.interactions.message_pictures import MOST_KEPT, MessagePictures, offered
from sandbox.discord import Discord
from tests.interactions.test_rest_guard import guarded

PNG = b"\x89PNG\r\n\x1a\n"


def file(name: str) -> discord.File:
    return discord.File(BytesIO(PNG), name)


async def test_what_was_uploaded_is_offered_once_and_what_is_elsewhere_is_not() -> None:
    async with Discord() as look_alike, guarded(look_alike) as client:
        channel = look_alike.server("Tea House").general
        embeds = [
            discord.Embed(title="of this message").set_image(url="attachment://fox.png"),
            discord.Embed(title="the same again").set_image(url="attachment://fox.png"),
            discord.Embed(title="elsewhere").set_image(url="https://example.org/cat.png"),
            discord.Embed(title="small").set_thumbnail(url="attachment://small.png"),
            discord.Embed(title="none"),
        ]
        files = [file(name) for name in ("fox.png", "small.png", "owl.jpg", "notes.txt")]
        place = client.get_partial_messageable(channel.id)
        sent = await place.send(embeds=embeds, files=files)
        links = {one.filename: one.url for one in look_alike.messages.get(channel.id, sent.id).attachments}
        found = offered(await place.fetch_message(sent.id))
    assert [(one.name, one.image.url) for one in found] == [
        ("owl.jpg", links["owl.jpg"]),
        ("fox.png", links["fox.png"]),
    ]


async def test_the_copy_of_what_was_changed_is_not_offered_beside_the_spoiler_that_became_of_it() -> None:
    async with Discord() as look_alike, guarded(look_alike) as client:
        place = client.get_partial_messageable(look_alike.server("Tea House").general.id)
        for names, expected in (
            (("imagine-1.png", "original.jpg"), ["imagine-1.png"]),
            (("original.jpg", "owl.png"), ["original.jpg", "owl.png"]),
        ):
            sent = await place.send(files=[file(name) for name in names])
            assert [one.name for one in offered(await place.fetch_message(sent.id))] == expected


async def test_no_picture_is_forgotten_for_the_many_messages_that_another_member_opens() -> None:
    async with Discord() as look_alike, guarded(look_alike) as client:
        channel = client.get_partial_messageable(look_alike.server("Tea House").general.id)
        message = await channel.send(files=[file("fox.png")])
        pictures = MessagePictures(client)
        expected = pictures.keep(1, message)
        for number in range(MOST_KEPT):
            another = copy(message)
            another.id = number
            pictures.keep(2, another)
        permissions = discord.Permissions.none()  # so that Discord is not asked

        async def of(member: int, message: int) -> Any:
            asking: Any = SimpleNamespace(
                user=SimpleNamespace(id=member), permissions=permissions, guild_id=1, _integration_owners={}
            )
            return await pictures.of(asking, channel.id, message)

        assert await of(1, message.id) == expected
        assert await of(2, MOST_KEPT - 1) == expected
        with pytest.raises(PictureForgotten):
            await of(2, 0)
