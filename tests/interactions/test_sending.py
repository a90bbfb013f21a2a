"""Through which client messages go out, and what is done to each: the commands that it names can be clicked."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import discord
from discord import Embed, ui

from bot.interactions.sending import CommandMentions, DiscordConnection, Sending, UploadBudget
from bot.ui.outgoing_message import OutgoingMessage, Upload, layout_of
from bot.ui.text import disarm
from tests.patience import PATIENCE


def known() -> CommandMentions:
    mentions = CommandMentions()
    show = {"name": "show", "type": 1, "options": [{"name": "member", "type": 6}]}
    mentions.learn(
        [
            {"name": "privacy", "id": "7", "options": [show]},
            {"name": "gallery", "id": "8", "options": [{"name": "search", "type": 3}]},
            {"name": "a", "id": "9", "options": [{"name": "b", "type": 2, "options": [show]}]},
            {"name": None},
            {},
        ]
    )
    return mentions


def test_a_command_that_discord_knows_can_be_clicked() -> None:
    said = "Look in `/gallery`, or use `/privacy show`."
    assert known().clickable(said) == "Look in </gallery:8>, or use </privacy show:7>."
    assert known().clickable("`/a b show`") == "</a b show:9>"


def test_what_is_not_a_command_of_the_bot_stays_as_it_is() -> None:
    for said in ("`/else`", "/gallery", "`/gallery", "`gallery`", "`/gallery; x`", "`/gallery search`"):
        assert known().clickable(said) == said
    assert CommandMentions().clickable("`/gallery`") == "`/gallery`"


def test_what_somebody_typed_is_never_made_a_mention() -> None:
    said = disarm("`/gallery`")
    assert known().clickable(said) == said


def test_an_embed_has_them_where_discord_draws_them_and_is_itself_unchanged() -> None:
    embed = Embed(title="`/gallery`", description="`/gallery`").add_field(
        name="`/gallery`", value="`/gallery`"
    )
    copied = known().clickable_embed(embed)
    assert (copied.description, copied.fields[0].value) == ("</gallery:8>", "</gallery:8>")
    assert (copied.title, copied.fields[0].name) == ("`/gallery`", "`/gallery`")
    assert embed.description == "`/gallery`"
    plain = Embed(description="a fox").add_field(name="`/gallery`", value="3 of 10")
    assert known().clickable_embed(plain) is plain


def test_a_group_is_no_command_that_can_be_used() -> None:
    for said in ("`/privacy`", "`/privacy delete`", "`/a`", "`/a b`"):
        assert known().clickable(said) == said


def test_no_mention_makes_an_embed_longer_than_discord_takes() -> None:
    longest = "`/privacy show`" + "x" * (1024 - len("`/privacy show`"))
    embed = known().clickable_embed(Embed().add_field(name="x", value=longest))
    assert embed.fields[0].value == longest


async def test_a_layout_has_them_in_its_texts_as_far_as_they_fit() -> None:
    first, second = ui.TextDisplay[Any]("`/gallery`"), ui.TextDisplay[Any]("`/privacy show`")
    layout = layout_of(ui.Container(first), second)
    for _ in range(2):  # a message is sent again where it did not arrive
        known().make_clickable(layout)
        assert (first.content, second.content) == ("</gallery:8>", "</privacy show:7>")
    nearly_full = ui.TextDisplay[Any]("`/gallery`" + "x" * (4000 - 2 * len("`/gallery`") - 1))
    also = ui.TextDisplay[Any]("`/gallery`")
    known().make_clickable(layout_of(nearly_full, also))
    assert (nearly_full.content[:10], also.content) == ("`/gallery`",) * 2


def client() -> discord.Client:
    return discord.Client(intents=discord.Intents.none())


async def test_whoever_waits_is_called_as_soon_as_the_client_is_ready() -> None:
    connection, one = DiscordConnection(), client()
    waiting = asyncio.create_task(connection.gateway())
    connection.logged_in(one)
    assert await asyncio.wait_for(connection.rest(), PATIENCE) is one
    assert not waiting.done()
    connection.ready()
    assert await asyncio.wait_for(waiting, PATIENCE) is one


async def test_after_an_outage_it_is_the_next_client_that_is_waited_for() -> None:
    connection, one, other = DiscordConnection(), client(), client()
    connection.logged_in(one)
    connection.ready()
    connection.closed()
    rest, gateway = asyncio.create_task(connection.rest()), asyncio.create_task(connection.gateway())
    await asyncio.sleep(0)
    assert not rest.done()
    assert not gateway.done()
    connection.logged_in(other)
    connection.ready()
    assert await rest is await gateway is other


async def test_a_client_that_is_closed_in_the_moment_in_which_it_was_ready_is_not_spoken_through() -> None:
    connection, one, other = DiscordConnection(), client(), client()
    waiting = asyncio.create_task(connection.gateway())
    await asyncio.sleep(0)
    connection.logged_in(one)
    connection.ready()
    connection.closed()
    await asyncio.sleep(0)
    assert not waiting.done()
    connection.logged_in(other)
    connection.ready()
    assert await asyncio.wait_for(waiting, PATIENCE) is other


async def test_a_picture_that_was_sent_is_out_of_memory_before_any_garbage_collection() -> None:
    sending = Sending(OutgoingMessage(files=(Upload("fox.png", b"a picture", "a fox"),)), client())

    async def upload(sending: Sending) -> None:
        for file in sending.edit_options()["attachments"]:
            file.close()  # as discord.py does once it has sent them

    await UploadBudget().carry(1, sending, upload(sending))
    sent = weakref.ref(sending.files[0].fp)
    gc.disable()
    try:
        del sending
        assert sent() is None
    finally:
        gc.enable()
