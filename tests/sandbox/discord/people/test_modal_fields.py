"""Every field of a modal, opened by a discord.py bot, filled in by people, and read by the bot again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.bot_process import BotProcess, Start
from sandbox.discord import Discord, Member, RefusedByDiscord, Server, Upload
from tests.patience import PATIENCE
from tests.sandbox.discord.raw_bot import NoImages

SCRIPT = str(Path(__file__).parent.with_name("modal_bot.py"))


@dataclass
class Scene:
    server: Server
    ada: Member
    bob: Member


@pytest.fixture
async def scene(discord: Discord, start: Start) -> AsyncIterator[Scene]:
    server = discord.server("Tea House")
    discord.reply_timeout = PATIENCE
    async with BotProcess(discord, NoImages(), command=(SCRIPT,), start=start):
        yield Scene(server, server.member("Ada"), server.member("Bob"))


async def test_menus_of_a_form_arrive_with_what_stands_behind_them(scene: Scene) -> None:
    painters = scene.server.role("Painters")
    form = await scene.ada.use("fill", chosen=scene.ada)
    untouched = json.loads((await scene.ada.submit(form, colour="red")).content)
    assert untouched == {"text": "words", "colour": ["red"], "who": ["ada"], "role": [], "where": []}
    form = await scene.ada.use("fill", chosen=scene.ada)
    filled = await scene.ada.submit(
        form,
        text="a T-Rex",
        colour="red",
        who=[scene.bob, scene.ada],
        role=painters,
        where=scene.server.general,
    )
    assert json.loads(filled.content) == {
        "text": "a T-Rex",
        "colour": ["red"],
        "who": ["bob", "ada"],
        "role": ["Painters"],
        "where": ["general"],
    }


async def test_who_left_meanwhile_is_in_no_menu_any_more(scene: Scene) -> None:
    form = await scene.ada.use("fill", chosen=scene.bob)
    scene.bob.leave()
    assert json.loads((await scene.ada.submit(form, colour="red")).content)["who"] == []
    scene.ada.leave()
    with pytest.raises(RefusedByDiscord, match="not in Tea House"):
        scene.ada.begin_submit(form, {"colour": "red"})


async def test_the_client_does_not_send_what_a_form_does_not_take(scene: Scene) -> None:
    form = await scene.ada.use("fill", chosen=scene.ada)
    wrong: list[dict[str, object]] = [
        {},
        {"colour": "green"},
        {"colour": "red", "text": ""},
        {"colour": "red", "text": "x" * 21},
        {"colour": "red", "who": scene.server.general},
        {"colour": "red", "who": [scene.ada, scene.bob, scene.server.owner]},
        {"colour": "red", "other": "x"},
    ]
    for fields in wrong:
        with pytest.raises(RefusedByDiscord):
            scene.ada.begin_submit(form, fields)


async def test_a_form_opened_from_a_layout_changes_that_layout(scene: Scene) -> None:
    shown = await scene.ada.use("panel")
    assert shown.text == "Nothing yet"
    form = await scene.bob.press(shown, "Open")
    for fields in ({}, {"size": "huge"}, {"size": "large", "days": ["sun"]}, {"size": "large", "days": []}):
        with pytest.raises(RefusedByDiscord):
            scene.bob.begin_submit(form, fields)
    picture = Upload("fox.png", b"red")
    await scene.bob.submit(form, size="large", days=["tue", "mon"], sure=True, file=[picture])
    assert json.loads(shown.text) == ["large", ["mon", "tue"], True, [["fox.png", 3]]]
