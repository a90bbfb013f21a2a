"""The commands as Discord gets them: a rename or a lost bound becomes a visible diff of the golden file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from discord import app_commands

from bot.client.bot import ImagineBot, command_payload
from bot.core.generation.model import Shape
from bot.core.limits.offer import Requirement
from bot.core.limits.policy import LONGEST_COOLDOWN, MOST_IMAGES, Operator
from bot.core.limits.styles import LONGEST_STYLE_NAME
from bot.imaging.models_in_use import LONGEST_PROMPT
from bot.interactions.command_text import CommandTranslator
from bot.ui.sentences import IN_ENGLISH, LOCALES
from tests.core.factories import CHOICES, operator
from tests.core.services import services

GOLDEN = Path(__file__).parent / "golden" / "commands.json"
OPERATOR = operator(revises=True)
OWN = {"prompt", "images"}
BARE = replace(operator(), private=Requirement.FORBIDDEN, spoiler=Requirement.REQUIRED)
"""Of an operator who leaves nothing but the styles open, which servers may add."""
SLASH = 1  # Discord's type of a command
INTEGER = 4  # Discord's type of an option


class FakeKeyValueStore:
    async def get(self, name: str) -> str | None:
        raise NotImplementedError

    async def put(self, name: str, value: str) -> None:
        raise NotImplementedError


async def payload(
    most_images: int = 4,
    longest_prompt: int = LONGEST_PROMPT,
    decided: Operator = OPERATOR,
    shapes: frozenset[Shape] = frozenset(Shape),
) -> Sequence[dict[str, object]]:
    found = services(decided, most_images=most_images, longest_prompt=longest_prompt, shapes=shapes)
    bot = ImagineBot(found, FakeKeyValueStore())
    async with bot:
        await bot.load_commands()
        return await command_payload(bot.tree)


async def test_the_commands_are_the_ones_in_the_golden_file() -> None:
    assert json.loads(json.dumps(await payload())) == json.loads(GOLDEN.read_text(encoding="utf-8"))


async def test_discord_itself_keeps_the_operators_bounds() -> None:
    [imagine] = [
        command for command in await payload(2, 1024, operator(), frozenset()) if command["name"] == "imagine"
    ]
    options = imagine["options"]
    assert isinstance(options, list)
    assert {option["name"]: (option.get("max_length"), option.get("max_value")) for option in options} == {
        "prompt": (1024, None),
        "images": (None, 2),
        "style": (LONGEST_STYLE_NAME, None),
        "private": (None, None),
        "spoiler": (None, None),
    }


@pytest.mark.parametrize(
    ("decided", "shapes", "options"),
    [
        (BARE, frozenset(), {}),
        (BARE, frozenset({Shape.TALL, Shape.SQUARE}), {"shape": ["Square", "Tall"]}),
        (replace(BARE, choices=CHOICES), frozenset(), {"model": ["Fast", "Detailed · counts as 3 images"]}),
        (replace(BARE, revises=True), frozenset(), {"revise": ["yes", "no"]}),
        (
            replace(BARE, private=Requirement.OPTIONAL),
            frozenset(),
            {"private": ["yes: only you see it", "no"]},
        ),
        (
            replace(BARE, spoiler=Requirement.OPTIONAL),
            frozenset(),
            {"spoiler": ["yes: hidden until somebody clicks on it", "no"]},
        ),
    ],
)
async def test_only_what_there_is_to_choose_is_an_option(
    decided: Operator, shapes: frozenset[Shape], options: dict[str, list[str]]
) -> None:
    commands: Any = {command["name"]: command for command in await payload(decided=decided, shapes=shapes)}
    offered = {one["name"]: one for one in commands["imagine"]["options"] if one["name"] not in OWN}
    assert offered.pop("style")["autocomplete"]
    assert {name: [it["name"] for it in one["choices"]] for name, one in offered.items()} == options
    assert not any(one["required"] for one in offered.values())
    limits = {one["name"]: one for one in commands["limits"]["options"]}
    asked = {name: name in options for name in ("model", "revise", "private", "spoiler")}
    assert {name: name in limits for name in asked} == asked
    [what] = limits["reset"]["options"]
    resettable = {choice["value"] for choice in what["choices"]} & {"models", "revise", "private", "spoiler"}
    assert resettable == {{"model": "models"}.get(name, name) for name in asked if asked[name]}


async def test_discord_itself_keeps_a_servers_decisions_inside_the_ceilings() -> None:
    decided = operator(ceiling=50, per_prompt=4, at_once=3, cooldown=30)
    [limits] = [command for command in await payload(decided=decided) if command["name"] == "limits"]
    options = limits["options"]
    assert isinstance(options, list)
    typed = {command["name"]: {one["name"]: one for one in command.get("options", [])} for command in options}
    numbers = {name: one for name, one in typed["set"].items() if one["type"] == INTEGER}
    assert {name: (one["min_value"], one["max_value"]) for name, one in numbers.items()} == {
        "daily": (0, 50),
        "monthly": (0, MOST_IMAGES),
        "server_daily": (0, MOST_IMAGES),
        "server_monthly": (0, MOST_IMAGES),
        "images_per_prompt": (1, 4),
        "prompts_at_once": (1, 3),
        "cooldown": (30, LONGEST_COOLDOWN),
    }
    assert [choice["value"] for choice in typed["set"]["unlimited"]["choices"]] == [
        "monthly",
        "server_daily",
        "server_monthly",
    ]
    assert typed["role"]["images"]["max_value"] == typed["member"]["images"]["max_value"] == 50


async def test_each_name_that_is_typed_can_be_translated() -> None:
    def names(command: Mapping[str, Any]) -> Iterator[str]:
        yield command["name"]
        for option in command.get("options", ()):
            yield from names(option)

    slash = [command for command in await payload() if command["type"] == SLASH]
    typed = {name for command in slash for name in names(command)}
    assert {name: IN_ENGLISH(f"name.{name}") for name in typed} == {name: name for name in typed}


def write_catalogue(folder: Path, locale: str, sentences: Mapping[str, str]) -> None:
    catalogue = Catalog(locale=locale)
    for code, text in sentences.items():
        catalogue.add(code, text)
    path = folder / locale / "LC_MESSAGES" / "bot.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)


async def test_a_language_with_a_catalogue_has_the_commands_in_its_words(tmp_path: Path) -> None:
    english = LOCALES / "en" / "LC_MESSAGES" / "bot.mo"
    (tmp_path / "en" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "en" / "LC_MESSAGES" / "bot.mo").write_bytes(english.read_bytes())
    german = {
        "command.imagine": "Male ein Bild",
        "command.imagine.images": "1 bis {most} Bilder",
        "name.prompt": "text",
    }
    write_catalogue(tmp_path, "de", german)
    bot = ImagineBot(services(OPERATOR, most_images=4, longest_prompt=1024), FakeKeyValueStore())
    async with bot:
        await bot.load_commands()
        command = bot.tree.get_command("imagine")
        assert isinstance(command, app_commands.Command)
        translated = await command.get_translated_payload(bot.tree, CommandTranslator(tmp_path))
    assert translated["description_localizations"] == {"de": "Male ein Bild"}
    assert translated["name_localizations"] == {"de": "imagine"}
    prompt, images, *_ = translated["options"]
    assert prompt["name_localizations"] == {"de": "text"}
    assert images["description_localizations"] == {"de": "1 bis 4 Bilder"}


async def test_where_the_operator_opens_it_all_but_the_moderators_commands_are_offered_everywhere() -> None:
    everywhere = replace(OPERATOR, direct_daily=5)
    offered = {str(one["name"]): one for one in await payload(decided=everywhere)}
    of_servers = {name for name, one in offered.items() if one["integration_types"] == [0]}
    assert of_servers == {"limits", IN_ENGLISH("menu.report")}
    for name, one in offered.items():
        assert one["contexts"] == ([0] if name in of_servers else [0, 1, 2]), name
