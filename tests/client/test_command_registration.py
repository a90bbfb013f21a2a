"""Discord has the bot's commands after each start, whatever happened to them; and nothing is registered needlessly."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.client.command_registration import Registration, different
from sandbox.discord import Discord
from tests.sandbox.discord.discord_py_client import logged_in

OURS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "commands.json").read_text(encoding="utf-8")
)


class KeyValueStore:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value


class Scene:
    """Somebody who registers the golden commands at a look-alike."""

    def __init__(self, look_alike: Discord, client: discord.Client) -> None:
        self.look_alike, self.store = look_alike, KeyValueStore()
        self.registration = Registration(client.http, look_alike.state.bot.id, self.store, OURS)

    @property
    def names(self) -> set[str]:
        return {one["name"] for one in self.look_alike.commands.registered()}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Discord() as look_alike, logged_in(look_alike) as client:
        yield Scene(look_alike, client)


def at_discord() -> list[dict[str, Any]]:
    """As Discord tells them: with ids and versions, with what it fills in, in another order."""
    added = {"id": "1", "application_id": "2", "version": "3", "handler": None, "name_localizations": None}
    told = [{**one, **added, "description_localizations": {}, "guild_id": None} for one in OURS]
    for one in told:
        if one["default_member_permissions"] is not None:
            one["default_member_permissions"] = str(one["default_member_permissions"])
        one["options"] = [
            {**option, "autocomplete": option.get("autocomplete", False)} for option in one.get("options", [])
        ]
    return told[::-1]


def test_what_discord_adds_makes_no_difference() -> None:
    assert not different(OURS, at_discord())


@pytest.mark.parametrize(
    "change",
    [
        lambda commands: commands.pop(),
        lambda commands: commands.append({"name": "draw", "type": 1, "description": "Of an older bot"}),
        lambda commands: commands[-1].update(description="Something else"),
        lambda commands: commands[0].update(default_member_permissions="8"),
        lambda commands: commands[0].update(contexts=[0, 1]),
        lambda commands: commands[0].update(nsfw=True),
        lambda commands: commands[0].update(name_localizations={"de": "male"}),
        lambda commands: next(one for one in commands if one["name"] == "imagine")["options"].pop(),
        lambda commands: next(one for one in commands if one["name"] == "imagine")["options"][0].update(
            max_length=5
        ),
    ],
)
def test_whatever_a_person_would_notice_makes_one(change: Any) -> None:
    theirs = at_discord()
    change(theirs)
    assert different(OURS, theirs)
    assert len(different(OURS, theirs)) == 1


async def test_commands_that_somebody_removed_are_registered_again(scene: Scene) -> None:
    assert await scene.registration.tried()
    assert scene.names == {one["name"] for one in OURS}
    assert await scene.registration.tried()
    assert scene.look_alike.commands.syncs == 1
    scene.look_alike.commands.replace([], None)
    assert await scene.registration.tried()
    assert scene.names == {one["name"] for one in OURS}


async def test_what_discord_writes_in_its_own_way_is_registered_once(scene: Scene) -> None:
    commands = scene.look_alike.commands
    assert await scene.registration.tried()

    def in_its_own_way() -> None:
        commands.replace([{**one, "nsfw": True} for one in OURS], None)

    in_its_own_way()
    body = json.dumps(commands.registered()).encode()
    scene.look_alike.faults.respond("sync_commands", body, after_effect=True)
    assert await scene.registration.tried()
    in_its_own_way()
    syncs = commands.syncs
    assert await scene.registration.tried()
    assert commands.syncs == syncs


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"[7]", b'"x"', b"<html>", b'[{"type": [], "name": {}}]']
)
async def test_an_odd_answer_is_no_failure_and_asked_for_again(scene: Scene, body: bytes) -> None:
    scene.look_alike.faults.respond("list_commands", body)
    done = await scene.registration.tried()
    assert done == bool(scene.names)
    assert await scene.registration.tried()
    assert scene.names == {one["name"] for one in OURS}


async def test_commands_that_discord_does_not_take_are_an_error_and_not_sent_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.look_alike.faults.fail("sync_commands", status=400)
    assert await scene.registration.tried()
    assert [
        record.levelno for record in caplog.records if record.name == "bot.client.command_registration"
    ] == [logging.ERROR]
