"""Components V2: what Discord takes, what it refuses, and what discord.py gets to see of them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import ui

from sandbox.discord import Discord, RestError
from sandbox.discord.limits.messages import check_message
from tests.sandbox.discord.discord_py_client import logged_in

V2 = 1 << 15


def text(content: str = "words") -> dict[str, Any]:
    return {"type": 10, "content": content}


def button(custom_id: str = "b", **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id, **more}


def section(*texts: dict[str, Any], accessory: Any = None) -> dict[str, Any]:
    return {"type": 9, "components": list(texts), "accessory": accessory or button()}


def container(*inside: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(inside), **more}


def gallery(items: int, url: str = "https://a.example/a.png", **more: Any) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": url}, **more}] * items}


def menu(kind: int, **more: Any) -> dict[str, Any]:
    return {"type": 1, "components": [{"type": kind, "custom_id": "m", **more}]}


USER = {"id": "5", "type": "user"}
OPTION = {"label": "a", "value": "a"}
LARGEST: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    ([text()] * 40, [text()] * 41),
    ([container(*[text()] * 39)], [container(*[text()] * 40)]),
    ([section(text())] * 1 + [text()] * 37, [section(text())] * 1 + [text()] * 38),
    ([text("x" * 4000)], [text("x" * 4001)]),
    ([text("x" * 2000), container(text("x" * 2000))], [text("x" * 2000), container(text("x" * 2001))]),
    ([section(*[text()] * 3)], [section(*[text()] * 4)]),
    ([section(text())], [{"type": 9, "components": [text()]}]),
    ([section(text(), accessory={"type": 11, "media": {"url": "https://a.example"}})], [section(button())]),
    ([container(section(text()))], [container(container(text()))]),
    ([container(text(), accent_color=0xFFFFFF)], [container(text(), accent_color=0x1000000)]),
    ([gallery(10)], [gallery(11)]),
    ([gallery(1, description="x" * 1024)], [gallery(1, description="x" * 1025)]),
    ([gallery(1)], [gallery(1, url="fox.png")]),
    ([{"type": 13, "file": {"url": "attachment://a"}}], [{"type": 13, "file": {"url": "https://a.example"}}]),
    ([{"type": 14, "spacing": 2}], [{"type": 14, "spacing": 3}]),
    ([text()], [button()]),
    ([text(), {**text(), "id": 7}], [{**text(), "id": 7}] * 2),
    ([menu(5, max_values=25)], [menu(5, max_values=26)]),
    ([menu(5, default_values=[USER])], [menu(6, default_values=[USER])]),
    ([menu(5, default_values=[USER], max_values=1)], [menu(5, default_values=[USER] * 2, max_values=1)]),
    ([menu(3, options=[OPTION])], [menu(3, options=[OPTION] * 2)]),
    ([menu(3, options=[OPTION], min_values=0)], [menu(3, options=[OPTION], min_values=2, max_values=1)]),
]


@pytest.mark.parametrize(("largest", "larger"), LARGEST)
def test_the_largest_layout_is_taken_and_one_more_is_not(
    largest: list[dict[str, Any]], larger: list[dict[str, Any]]
) -> None:
    check_message({"flags": V2, "components": largest}, files=0)
    with pytest.raises(RestError) as refused:
        check_message({"flags": V2, "components": larger}, files=0)
    assert (refused.value.code, list(refused.value.errors or {})) == (50035, ["components"])


def test_a_layout_needs_its_flag() -> None:
    with pytest.raises(RestError):
        check_message({"components": [text()]}, files=0)


class Panel(ui.LayoutView):
    def __init__(self, words: str = "A fox") -> None:
        super().__init__()
        gallery: ui.MediaGallery[Panel] = ui.MediaGallery(
            discord.MediaGalleryItem("attachment://fox.png", description="Red")
        )
        go: ui.Button[Panel] = ui.Button(label="Go", custom_id="go")
        box: ui.Container[Panel] = ui.Container(ui.Section(words, accessory=go), gallery, ui.Separator())
        self.add_item(box)


@pytest.fixture
async def channel() -> AsyncIterator[discord.TextChannel]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        found = await client.fetch_channel(look_alike.server("Tea House").general.id)
        assert isinstance(found, discord.TextChannel)
        yield found


def fox() -> discord.File:
    return discord.File(io.BytesIO(b"red"), "fox.png")


async def test_the_library_sees_the_layout_that_it_sent(channel: discord.TextChannel) -> None:
    sent = await channel.send(view=Panel(), file=fox())
    [box] = (await channel.fetch_message(sent.id)).components
    assert isinstance(box, discord.Container)
    [section, gallery, _] = box.children
    assert isinstance(section, discord.SectionComponent)
    assert isinstance(gallery, discord.MediaGalleryComponent)
    [shown] = gallery.items
    assert shown.media.url.startswith("http://127.0.0.1")
    assert (shown.description, section.id, box.id) == ("Red", 2, 1)
    assert sent.attachments == [], "what stands in the layout does not hang below it as well"


async def test_a_layout_stays_one_when_it_is_edited(channel: discord.TextChannel) -> None:
    sent = await channel.send(view=Panel(), file=fox())
    edited = await sent.edit(view=Panel("Two foxes"))
    [box] = edited.components
    assert isinstance(box, discord.Container)
    assert "Two foxes" in str(box.to_dict())
    for change in ({"content": "words"}, {"embed": discord.Embed(title="title")}):
        with pytest.raises(discord.HTTPException, match="50035"):
            await sent.edit(**change)


async def test_a_message_with_words_becomes_no_layout(channel: discord.TextChannel) -> None:
    sent = await channel.send("words", file=fox())
    with pytest.raises(discord.HTTPException, match="cannot be used"):
        await sent.edit(view=Panel())
    assert (await sent.edit(content=None, view=Panel())).content == ""


async def test_a_layout_shows_no_file_that_nobody_uploaded(channel: discord.TextChannel) -> None:
    with pytest.raises(discord.HTTPException, match=r"fox\.png"):
        await channel.send(view=Panel())
