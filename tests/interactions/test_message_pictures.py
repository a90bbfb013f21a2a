"""Which pictures of a message are offered to be changed."""

from __future__ import annotations

from io import BytesIO

import discord

from bot.interactions.message_pictures import offered
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
